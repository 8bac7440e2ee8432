"""What people are told about a connection: each change of its state once, who wants to hear of it, and what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .connection import Connection


class Event(models.TextChoices):
    SIGN_IN = "sign-in", _("Needs sign-in")
    SETTING = "setting", _("Needs a setting put right")
    DOWN = "down", _("Does not answer")
    QUOTA = "quota", _("Waiting for quota")
    HELD = "held", _("Held by the brake")
    FAILED = "failed", _("A run failed")
    FIELD = "field", _("A mapping line is suspended")
    DRIFT = "drift", _("A field changed in the CRM")
    RECOVERED = "recovered", _("Goes on again")


class Alert(models.Model):
    """A trouble from its beginning to its end, or the word that the last one is over."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="alerts", verbose_name=_("connection"))
    event = models.CharField(_("what"), max_length=10, choices=Event.choices)
    at = models.DateTimeField(_("when"))
    ended_at = models.DateTimeField(_("over since"), null=True)
    details = models.JSONField(default=dict)
    """What the texts name: the CRM's words, until when quota is awaited, the run."""

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = (
            # The last word on "once per change": a second worker that saw the same change cannot insert it.
            models.UniqueConstraint(
                fields=["connection", "event"], condition=Q(ended_at__isnull=True), name="sync_alert_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.connection_id} {self.event}"


class AlertChoice(models.Model):
    """What a person wants to be mailed. Without a row: Admins everything, everybody else nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="alert_choices")
    connection = models.ForeignKey(Connection, models.CASCADE, null=True, related_name="+")
    """Empty: all that have no choice of their own."""
    events = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "connection"], name="sync_alert_choice_once"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(connection__isnull=True), name="sync_alert_choice_of_all"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.connection_id or 'all'}"


class AlertChannel(models.Model):
    """A chat room or a program that hears of changes. Its address is a secret: whoever has it can write there."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """What the sealed address is bound to."""
    sealed = models.BinaryField(editable=False)
    shown = models.CharField(_("address"), max_length=120, editable=False)
    """The address with its secret part masked."""
    events = models.JSONField(default=list)
    connection = models.ForeignKey(Connection, models.CASCADE, null=True, blank=True, verbose_name=_("connection"))
    """Empty: all."""

    class Meta:
        ordering = ("name",)
        verbose_name = _("alert channel")
        verbose_name_plural = _("alert channels")

    def __str__(self) -> str:
        return self.name


class AlertDelivery(models.Model):
    """One alert on its way to one person or channel: at least once, with a key by which the other side knows it again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        SENT = "sent", _("Delivered")
        GIVEN_UP = "given-up", _("Given up")

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    channel = models.ForeignKey(AlertChannel, models.SET_NULL, null=True, related_name="+")
    to = models.CharField(max_length=254)
    """An e-mail address or a channel's name, as it was then."""
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=255, blank=True)

    class Meta:
        verbose_name = _("alert delivery")
        verbose_name_plural = _("alert deliveries")
        constraints = (
            models.UniqueConstraint(fields=["alert", "user"], name="sync_alert_once_to_person"),
            models.UniqueConstraint(fields=["alert", "channel"], name="sync_alert_once_to_channel"),
        )
        indexes = (models.Index(fields=["due_at"], condition=Q(state="waiting"), name="sync_alert_due"),)

    def __str__(self) -> str:
        return f"{self.alert_id} {self.to}"
