"""Customers or contacts that are given the IDs of another system, and the way back: which row, which ID, whose."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.engine.rekey import Fate as Verdict

from .paged_job import PagedJob


class ReKey(PagedJob):
    class Source(models.TextChoices):
        LINKS = "links", _("The records that a connection has linked to them")
        FIELD = "field", _("A field of your own")
        FILE = "file", _("A file with two columns: old ID; new ID")

    class State(models.TextChoices):
        LOOKING = "looking", _("Looking at every row")
        COMPARING = "comparing", _("Comparing the new IDs")
        READY = "ready", _("Not confirmed")
        WORKING = "working", _("Giving the new IDs")
        DONE = "done", _("Done")
        TAKING_BACK = "taking-back", _("Taking the new IDs back")
        TAKEN_BACK = "taken-back", _("Taken back")
        CANCELLED = "cancelled", _("Stopped before anything was changed")

    ACTIVE = (State.LOOKING, State.COMPARING, State.WORKING, State.TAKING_BACK)
    STILL = (State.WORKING, State.TAKING_BACK)

    object = models.CharField(_("data type"), max_length=20)
    source = models.CharField(_("where the new IDs come from"), max_length=10, choices=Source.choices)
    field = models.CharField(max_length=40, blank=True)
    """Hub field that holds them, `custom.<key>`."""
    file_name = models.CharField(_("file"), max_length=120, blank=True)
    connection_id = models.BigIntegerField(null=True)
    """Whose IDs they are: the owner of `ref_id` from then on; null: no connection's."""
    replaces = models.BigIntegerField(null=True)
    """The connection whose IDs give way; those that nobody owns always do."""
    connections = models.JSONField(default=list)
    """Ids of the connections that carry this data type: their syncs stand still meanwhile."""
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.LOOKING)
    after = models.PositiveBigIntegerField(default=0)
    """How far the present walk is: ids up to here are done."""
    counts = models.JSONField(default=dict)
    """verdict or step → number of rows, as the walk left them."""
    carried = models.JSONField(default=dict)
    """connection id → [links, of these with the former ID, with the new one], counted when it was confirmed."""
    why = models.CharField(_("why"), max_length=300, blank=True)
    asked_by = models.CharField(_("asked for by"), max_length=160)
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    finished_at = models.DateTimeField(_("ended"), null=True)
    taken_back_by = models.CharField(_("taken back by"), max_length=160, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("re-key")
        verbose_name_plural = _("re-keys")

    @property
    def stills(self) -> list[int] | None:
        return list(self.connections)


class ReKeyRow(models.Model):
    """What becomes of one row here, or of a line of the file that names none."""

    class Fate(models.TextChoices):
        NEW = Verdict.NEW.value, _("Gets a new ID")
        ADOPT = Verdict.ADOPT.value, _("Keeps its ID, which changes its owner")
        KEEP = Verdict.KEEP.value, _("Keeps its ID")
        UNKNOWN = Verdict.UNKNOWN.value, _("No new ID is known")
        TWICE = Verdict.TWICE.value, _("Not one ID for one row")
        TAKEN = Verdict.TAKEN.value, _("Another row has the ID")
        OWNED = Verdict.OWNED.value, _("Its ID belongs to another connection")
        UNFIT = Verdict.UNFIT.value, _("Not an ID")
        NOBODY = "nobody", _("No row here has the old ID")
        LINE = "line", _("A line of the file")

    class Step(models.TextChoices):
        WAITS = "", _("Not done yet")
        DONE = "done", _("Has the new ID")
        LEFT = "left", _("Left as it was")
        BACK = "back", _("Has its former ID again")
        KEPT = "kept", _("Not taken back")

    job = models.ForeignKey(ReKey, models.CASCADE, related_name="rows")
    hub_id = models.BigIntegerField(null=True)
    line = models.PositiveIntegerField(null=True)
    """Of the file."""
    name = models.CharField(max_length=255, blank=True)
    old_id = models.CharField(max_length=500, blank=True)
    old_owner = models.BigIntegerField(null=True)
    new_id = models.CharField(max_length=500, blank=True)
    fate = models.CharField(max_length=8, choices=Fate.choices)
    other = models.BigIntegerField(null=True)
    """The row, or of a foreign ID the connection, that stands in the way."""
    step = models.CharField(max_length=5, choices=Step.choices, blank=True, default=Step.WAITS)
    why = models.CharField(max_length=60, blank=True)
    """Code of the reason where it was left as it was, or not taken back."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["job", "hub_id"], condition=Q(hub_id__isnull=False), name="sync_rekey_row_once"
            ),
        )
        indexes = (
            models.Index(fields=["job", "fate", "id"], name="sync_rekey_walk"),
            models.Index(fields=["job", "step", "id"], name="sync_rekey_step"),
            models.Index(fields=["job", "new_id"], name="sync_rekey_new"),
            models.Index(fields=["job", "old_id"], name="sync_rekey_old"),
        )

    def __str__(self) -> str:
        return f"{self.job_id} {self.old_id} → {self.new_id}"
