"""Something that happened between the team and a customer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .contact import Contact
from .customer import Customer


class Interaction(models.Model):
    class Type(models.TextChoices):
        EMAIL = "email", _("E-mail")
        MEETING = "meeting", _("Meeting")
        CALL = "call", _("Call")
        NOTE = "note", _("Note")
        TICKET = "ticket", _("Ticket")

    class Origin(models.TextChoices):
        HAND = "hand", _("Typed here")
        CAPTURED = "captured", _("Captured from a mailbox, a calendar or a CRM")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="interactions", verbose_name=_("customer"))
    contacts = models.ManyToManyField(Contact, blank=True, related_name="interactions", verbose_name=_("contacts"))
    ref_id = models.CharField(_("external ID"), max_length=255, blank=True)
    ref_writer = models.BigIntegerField(null=True, editable=False)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices, default=Origin.CAPTURED)
    is_incoming = models.BooleanField(_("incoming"), null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    body = models.TextField(_("text"), blank=True)
    starts_at = models.DateTimeField(_("when"))
    minutes = models.PositiveIntegerField(_("minutes"), null=True, blank=True)
    participants = models.JSONField(_("participants"), default=list, blank=True)
    """E-mail addresses, as far as the source names them."""
    contact_refs = models.JSONField(default=list, editable=False)
    """Whom the source names, by its own ids; `contacts` holds those of them that the hub has."""
    ical_uid = models.CharField(_("calendar ID"), max_length=1000, blank=True, default="", db_default="")
    """By which calendars know one meeting; all meetings of a series share it."""
    gone_at = models.DateTimeField(_("gone from the CRM since"), null=True, blank=True)
    sentiment = models.PositiveSmallIntegerField(_("sentiment"), null=True, blank=True)
    is_excluded = models.BooleanField(_("left out of scores"), default=False)
    touched = models.JSONField(default=dict, editable=False)
    """field → when it last changed (ISO), by whomever; of a field that is missing, creation was the last change."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("-starts_at", "pk")
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        indexes = (
            models.Index(fields=["customer", "-starts_at"], name="hub_interaction_when"),
            models.Index(fields=["-starts_at", "-id"], name="hub_interaction_latest"),
            models.Index(fields=["ref_id"], name="hub_interaction_ref"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(sentiment=None) | Q(sentiment__range=(1, 5)), name="hub_interaction_sentiment"
            ),
        )

    def __str__(self) -> str:
        return self.subject or self.get_type_display()
