"""A person at a customer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .customer import Customer
from .vocabulary import Tag


class Contact(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts", verbose_name=_("customer"))
    ref_id = models.CharField(_("contact ID"), max_length=120, blank=True)
    ref_writer = models.BigIntegerField(null=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    name_key = models.CharField(max_length=255, editable=False, default="")
    email = models.CharField(_("e-mail"), max_length=254, blank=True, help_text=_("As typed in the CRM."))
    email_key = models.CharField(max_length=254, editable=False, default="")
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    nps_score = models.SmallIntegerField(_("NPS score"), null=True, blank=True)
    is_champion = models.BooleanField(_("champion"), default=False)
    is_sponsor = models.BooleanField(_("sponsor"), default=False)
    is_key_user = models.BooleanField(_("key user"), default=False)
    is_end_user = models.BooleanField(_("end user"), default=False)
    tags = models.ManyToManyField(Tag, blank=True, verbose_name=_("tags"))
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    touched = models.JSONField(default=dict, editable=False)
    """field → when it last changed (ISO), by whomever; of a field that is missing, creation was the last change."""
    last_activity_at = models.DateTimeField(_("last activity"), null=True, blank=True)
    gone_at = models.DateTimeField(
        _("gone from the CRM since"), null=True, blank=True, help_text=_("Kept and readable; no longer synchronised.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("last_name", "first_name", "pk")
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = (
            models.Index(fields=["ref_id"], name="hub_contact_ref"),
            models.Index(fields=["email_key"], name="hub_contact_email"),
            models.Index(fields=["name_key", "id"], name="hub_contact_name"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~(Q(first_name="") & Q(last_name="") & Q(email="")), name="hub_contact_has_a_name"
            ),
            models.CheckConstraint(condition=Q(nps_score=None) | Q(nps_score__range=(0, 10)), name="hub_contact_nps"),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email
