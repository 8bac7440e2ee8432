"""Before a customer is one: leads and opportunities."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .customer import Customer
from .vocabulary import CsmOwner


class Lead(models.Model):
    ref_id = models.CharField(_("external ID"), max_length=120, blank=True)
    ref_writer = models.BigIntegerField(null=True, editable=False)
    name = models.CharField(_("name"), max_length=255)
    company = models.CharField(_("company"), max_length=255, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=80, blank=True)
    owner = models.ForeignKey(CsmOwner, models.SET_NULL, null=True, blank=True, verbose_name=_("owner"))
    converted_to = models.ForeignKey(
        Customer, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("became")
    )
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("-created_at", "pk")
        verbose_name = _("lead")
        verbose_name_plural = _("leads")

    def __str__(self) -> str:
        return self.name


class Opportunity(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="opportunities", verbose_name=_("customer"))
    ref_id = models.CharField(_("external ID"), max_length=120, blank=True)
    ref_writer = models.BigIntegerField(null=True, editable=False)
    name = models.CharField(_("name"), max_length=255)
    stage = models.CharField(_("stage"), max_length=80, blank=True)
    status = models.CharField(_("status"), max_length=5, choices=Status.choices, default=Status.OPEN)
    reason = models.CharField(_("win or loss reason"), max_length=120, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    probability = models.PositiveSmallIntegerField(_("probability, %"), null=True, blank=True)
    closes_on = models.DateField(_("closing date"), null=True, blank=True)
    next_step = models.CharField(_("next step"), max_length=255, blank=True)
    owner = models.ForeignKey(CsmOwner, models.SET_NULL, null=True, blank=True, verbose_name=_("owner"))
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("-closes_on", "pk")
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        constraints = (
            models.CheckConstraint(
                condition=Q(probability=None) | Q(probability__range=(0, 100)), name="hub_opportunity_probability"
            ),
        )

    def __str__(self) -> str:
        return self.name
