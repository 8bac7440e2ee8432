"""What goes out to a CRM: hub rows that changed here, and every write from its plan to the CRM's word about it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .connection import Connection


class HubMark(models.Model):
    """A hub row that changed, or was made or deleted, by somebody else than this connection's sync since it last looked."""

    class Kind(models.TextChoices):
        CHANGED = "changed", _("Changed")
        DELETED = "deleted", _("Deleted")

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="marks")
    object = models.CharField(max_length=20)
    """The data type (a Block's object)."""
    hub_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CHANGED)
    at = models.DateTimeField()
    seen_by = models.BigIntegerField(null=True)
    """The run that decided about it: its end forgets it, unless the row changed again."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["connection", "object", "hub_id"], name="sync_mark_once"),)

    def __str__(self) -> str:
        return f"{self.object} {self.hub_id}"


class Outbox(models.Model):
    """One write to a CRM. It leaves the table when its outcome is in the journal."""

    class Kind(models.TextChoices):
        UPDATE = "update", _("Update")
        CREATE = "create", _("Create")
        DELETE = "delete", _("Delete")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        SENT = "sent", _("Sent, answer awaited")
        DOUBTFUL = "doubtful", _("Sent, never answered")
        REFUSED = "refused", _("Refused by the CRM")

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="outbox")
    run_id = models.BigIntegerField(null=True)
    """The run that sends it."""
    object = models.CharField(max_length=20)
    hub_id = models.BigIntegerField()
    source_id = models.CharField(max_length=64, blank=True)
    """Empty while the CRM has no record of it."""
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    name = models.CharField(max_length=255, blank=True)
    before = models.JSONField(default=dict)
    """hub field → what the CRM held (engine JSON)."""
    raw = models.JSONField(default=dict)
    """hub field → what the CRM held letter by letter, where `before` does not say all of it: for taking it back."""
    after = models.JSONField(default=dict)
    """hub field → what is sent, as the hub says it."""
    payload = models.JSONField(default=dict)
    """CRM field → what is sent, as the CRM takes it (engine JSON)."""
    pairs = models.JSONField(default=dict)
    """hub field → [hub, crm, line]: what is settled once the CRM has confirmed."""
    field_reasons = models.JSONField(default=dict)
    reason_code = models.CharField(max_length=60)
    reason_params = models.JSONField(default=dict)
    actor = models.CharField(max_length=160, blank=True)
    key = models.CharField(max_length=64, blank=True)
    """Our own id of the record, written into the block's key field: the same at every attempt."""
    key_field = models.CharField(max_length=80, blank=True, db_default="")
    """The field of the CRM in which the key went out; empty: without one, or the field was lost since."""
    attempts = models.PositiveSmallIntegerField(default=0)
    """Tries since it was planned or a person asked for it, those included that waited for its customer."""
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """Not before this moment: back-off by the class of the last refusal."""
    given_up_at = models.DateTimeField(null=True)
    """Tried often enough: sent again when a person says so, or when a newer decision rewrites it."""
    error_code = models.CharField(max_length=120, blank=True)
    error_message = models.TextField(blank=True)
    error_fields = models.JSONField(default=list)

    class Meta:
        verbose_name = _("write to the CRM")
        verbose_name_plural = _("writes to the CRM")
        constraints = (
            # One write per record at a time: a newer decision rewrites the one that waits.
            models.UniqueConstraint(fields=["connection", "object", "hub_id"], name="sync_outbox_once"),
        )
        indexes = (
            models.Index(fields=["connection", "state", "id"], name="sync_outbox_walk"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="sync_outbox_due"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object} {self.hub_id}"


class Conflict(models.Model):
    """A field that both sides changed and whose rule asks a person. Gone when it is settled, however that came."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="conflicts")
    object = models.CharField(max_length=20)
    source_id = models.CharField(max_length=64)
    hub_id = models.BigIntegerField()
    name = models.CharField(max_length=255, blank=True)
    field = models.CharField(max_length=40)
    hub_value = models.JSONField(null=True)
    crm_value = models.JSONField(null=True)
    settled = models.JSONField(default=list)
    """[hub, crm] when the two last agreed; empty: they never met."""
    hub_changed_at = models.DateTimeField(null=True)
    crm_changed_at = models.DateTimeField(null=True)
    crm_changed_by = models.CharField(max_length=160, blank=True, db_default="")
    """Who changed the whole record last, as the CRM names them; empty where it does not say."""
    reason_code = models.CharField(max_length=60)
    reason_params = models.JSONField(default=dict)
    run_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    side = models.CharField(max_length=4, blank=True, db_default="")
    """hub or crm, once a person has chosen; a run that still finds the two in dispute asks again."""
    decided_by = models.CharField(max_length=160, blank=True, db_default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        constraints = (
            models.UniqueConstraint(fields=["connection", "object", "source_id", "field"], name="sync_conflict_once"),
        )
        indexes = (models.Index(fields=["object", "hub_id"], name="sync_conflict_of_hub"),)

    def __str__(self) -> str:
        return f"{self.object} {self.source_id} {self.field}"
