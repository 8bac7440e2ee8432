"""What a customer has signed. Amount, currency and format are kept as read; MRR is derived from them."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .customer import Customer


class Period(models.TextChoices):
    DAY = "DAY", _("days")
    WEEK = "WEEK", _("weeks")
    MONTH = "MONTH", _("months")
    YEAR = "YEAR", _("years")


class Agreement(models.Model):
    class Type(models.TextChoices):
        INITIAL = "INITIAL", _("Initial")
        RENEW = "RENEW", _("Renewal")
        AMENDMENT = "AMENDMENT", _("Amendment")
        SERVICE = "SERVICE", _("Service")
        OTHER = "OTHER", _("Other")

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Pending")
        VALIDATED = "VALIDATED", _("Validated")
        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused")
        CANCELLED = "CANCELLED", _("Cancelled")
        FINISHED = "FINISHED", _("Finished")

    class Format(models.TextChoices):
        MRR = "MRR", _("MRR, per month")
        ARR = "ARR", _("ARR, per year")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="agreements", verbose_name=_("customer"))
    ref_id = models.CharField(_("external ID"), max_length=120, blank=True)
    ref_writer = models.BigIntegerField(null=True, editable=False)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices, default=Type.INITIAL)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    plan = models.CharField(_("plan"), max_length=255, blank=True)
    amount = models.DecimalField(_("amount as read"), max_digits=18, decimal_places=2, null=True, blank=True)
    amount_format = models.CharField(_("amount is"), max_length=3, choices=Format.choices, default=Format.MRR)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    mrr = models.DecimalField(_("MRR"), max_digits=18, decimal_places=2, null=True, blank=True)
    fee = models.DecimalField(_("one-time fee"), max_digits=18, decimal_places=2, null=True, blank=True)
    start_date = models.DateField(_("start"), null=True, blank=True)
    end_date = models.DateField(_("end"), null=True, blank=True)
    renewal_date = models.DateField(_("renewal"), null=True, blank=True)
    engagement = models.PositiveSmallIntegerField(_("duration"), null=True, blank=True)
    engagement_period = models.CharField(_("duration in"), max_length=5, choices=Period.choices, blank=True)
    notice = models.PositiveSmallIntegerField(_("notice"), null=True, blank=True)
    notice_period = models.CharField(_("notice in"), max_length=5, choices=Period.choices, blank=True)
    auto_renew = models.BooleanField(_("tacit renewal"), default=False)
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    touched = models.JSONField(default=dict, editable=False)
    """field → when it last changed (ISO), by whomever; of a field that is missing, creation was the last change."""
    gone_at = models.DateTimeField(_("gone from the CRM since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("-start_date", "pk")
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        indexes = (models.Index(fields=["ref_id"], name="hub_agreement_ref"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(end_date=None) | Q(start_date=None) | Q(end_date__gte=F("start_date")),
                name="hub_agreement_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return self.plan or self.ref_id or str(self.pk)

    @property
    def notice_date(self) -> date | None:
        """The last day to give notice: what happens at renewal is decided by then."""
        return self.renewal_date
