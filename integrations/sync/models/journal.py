"""The one journal, its planned twin, and the daily totals that charts read. Append-only, no foreign keys."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.engine.plan import Action as EngineAction


class Action(models.TextChoices):
    CREATE = EngineAction.CREATE.value, _("Created")
    LINK = EngineAction.LINK.value, _("Linked")
    UPDATE = EngineAction.UPDATE.value, _("Updated")
    SETTLE = EngineAction.SETTLE.value, _("Settled")
    CHURN = EngineAction.CHURN.value, _("Churned")
    UNCHURN = EngineAction.UNCHURN.value, _("Un-churned")
    EXCLUDE = EngineAction.EXCLUDE.value, _("Excluded")
    COLLISION = EngineAction.COLLISION.value, _("Collision")
    REFUSE = EngineAction.REFUSE.value, _("Refused")
    ASK = EngineAction.ASK.value, _("Needs a decision")
    GONE = EngineAction.GONE.value, _("Gone from the CRM")
    MISS = EngineAction.MISS.value, _("Missing once")
    PUSH = EngineAction.PUSH.value, _("Updated in the CRM")
    CREATE_OUT = EngineAction.CREATE_OUT.value, _("Created in the CRM")
    DELETE_OUT = EngineAction.DELETE_OUT.value, _("Deleted in the CRM")
    RESTORE = EngineAction.RESTORE.value, _("Taken back")
    MERGE = EngineAction.MERGE.value, _("Merged here")
    DELETE = EngineAction.DELETE.value, _("Deleted here")
    UNLINK = EngineAction.UNLINK.value, _("Unlinked")


class JournalRow(models.Model):
    """One decision about one record."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        LISTED = "listed", _("Listed for a person")
        PLANNED = "planned", _("Planned")

    at = models.DateTimeField()
    run_id = models.BigIntegerField(null=True)
    connection_id = models.BigIntegerField(null=True)
    system = models.CharField(max_length=20, blank=True)
    object = models.CharField(max_length=20)
    hub_id = models.BigIntegerField(null=True)
    source_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=10, choices=Action.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    """hub field → value (engine JSON). A refused row names the field in `after` with the value it could not take."""
    field_reasons = models.JSONField(default=dict)
    """hub field → {"code", "params"}."""
    reason_code = models.CharField(max_length=60)
    reason_params = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    fields = models.CharField(max_length=500, blank=True)
    """The hub fields concerned, each with a space on both sides: what the field search looks into."""
    erases = models.BooleanField(default=False)
    actor = models.CharField(max_length=160, blank=True)
    """The person, where one did it; empty for the sync."""

    class Meta:
        abstract = True


class Change(JournalRow):
    undo = models.JSONField(default=dict)
    """What taking it back needs beside `before`: {"link": the link's former columns, "row": the row's former clerk's columns}.

    An empty link: there was none. For a push: the CRM's former values stand in `before`. {"merge": id}: this row says of
    that merge that it was taken back.
    """

    class Meta:
        ordering = ("-id",)
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = (
            models.Index(fields=["connection_id", "-id"], name="sync_change_connection"),
            models.Index(fields=["run_id", "action", "-id"], name="sync_change_run"),
            models.Index(fields=["object", "hub_id", "-id"], name="sync_change_biography"),
            models.Index(fields=["source_id", "-id"], name="sync_change_source"),
            models.Index(fields=["action", "-id"], name="sync_change_action"),
            models.Index(fields=["at"], name="sync_change_at"),
            # Rare rows among millions: without an index of their own, the log would look through all to find them.
            models.Index(fields=["-id"], condition=models.Q(erases=True), name="sync_change_erasures"),
            models.Index(fields=["-id"], condition=models.Q(outcome="refused"), name="sync_change_refusals"),
        )
        constraints = (
            # A slice that ran twice must fail rather than write the same decision twice.
            models.UniqueConstraint(
                fields=["run_id", "object", "source_id", "action"],
                condition=models.Q(run_id__isnull=False),
                name="sync_change_once_per_run",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.action} {self.object} {self.source_id}"


class PlannedChange(JournalRow):
    """What a run will do; applying moves the row into the journal."""

    rank = models.PositiveSmallIntegerField(default=0)
    """Order of application: parents, children, contacts; churn, erasure and deletion last."""
    name = models.CharField(max_length=255, blank=True)
    is_held = models.BooleanField(default=False)
    link = models.JSONField(default=dict)
    """The columns of the record's link after this decision."""
    settled = models.JSONField(default=dict)
    source_hash = models.CharField(max_length=16, blank=True)
    modified_at = models.DateTimeField(null=True)
    outward = models.JSONField(default=dict)
    """hub field → [the CRM's value, the hub's value, reason, the pair that holds once confirmed, CRM field, CRM value].

    What will go out to the CRM (engine JSON).
    """
    asks = models.JSONField(default=dict)
    """hub field → [the hub's value, the CRM's value, reason]: what a person is asked."""

    class Meta:
        verbose_name = _("planned change")
        verbose_name_plural = _("planned changes")
        indexes = (
            models.Index(fields=["run_id", "rank", "id"], name="sync_planned_walk"),
            models.Index(fields=["run_id", "action", "id"], name="sync_planned_action"),
        )
        constraints = (models.UniqueConstraint(fields=["run_id", "object", "source_id"], name="sync_planned_once"),)

    def __str__(self) -> str:
        return f"{self.run_id} {self.action} {self.source_id}"


class DailyTotal(models.Model):
    connection_id = models.BigIntegerField()
    day = models.DateField()
    object = models.CharField(max_length=20)
    action = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["connection_id", "day", "object", "action", "outcome"], name="sync_total_once"
            ),
        )
        indexes = (models.Index(fields=["day"], name="sync_total_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.action} {self.number}"
