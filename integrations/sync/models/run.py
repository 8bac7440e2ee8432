"""A run and its stage. The row is the truth; a queued task only rings for it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .connection import Connection


class Run(models.Model):
    class Kind(models.TextChoices):
        FIRST = "first", _("First sync")
        DELTA = "delta", _("Changes only")
        FULL = "full", _("Complete reading")
        PREVIEW = "preview", _("Preview")
        APPLY = "apply", _("Apply a preview")
        UNDO = "undo", _("Take back a run")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        WAITING = "waiting", _("Waiting for quota")
        HELD = "held", _("Held by the brake")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Phase(models.TextChoices):
        READ = "read", _("Reading")
        DECIDE = "decide", _("Deciding")
        APPLY = "apply", _("Applying")

    class Slot(models.TextChoices):
        REAL = "real", _("Real")
        PREVIEW = "preview", _("Preview")

    ACTIVE = (State.QUEUED, State.RUNNING, State.WAITING)

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="runs", verbose_name=_("connection"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    slot = models.CharField(max_length=10, choices=Slot.choices, default=Slot.REAL)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices, default=Phase.READ)
    version = models.PositiveIntegerField(_("under version"), default=0)
    preview = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="applied_by")
    """The preview whose rows this run applies."""
    undoes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="undone_by")
    """The run whose decisions this one takes back."""
    requested_by = models.CharField(_("asked for by"), max_length=160, blank=True)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    since = models.JSONField(default=dict)
    """object → cursor (ISO) at the start of the run; undo and preview need it."""
    until = models.DateTimeField(null=True)
    """The closed upper bound of the reading, by the source's clock."""
    # Progress.
    cursor = models.JSONField(default=dict)
    """{"step": index into steps, "steps": [...], "token": "...", "after": keyset id, "page": size, …}"""
    totals = models.JSONField(default=dict)
    """object → the source's own total, for progress and completeness."""
    counts = models.JSONField(default=dict)
    """"customers.read", "customers.create", "contacts.exclude.customer-out-of-scope"… → number."""
    calls = models.PositiveIntegerField(_("calls"), default=0)
    calls_by_kind = models.JSONField(default=dict)
    progress_at = models.DateTimeField(null=True)
    cancel_asked = models.BooleanField(default=False)
    # Lease.
    attempt = models.PositiveIntegerField(default=0)
    stuck = models.PositiveSmallIntegerField(default=0)
    """Starts in a row without progress."""
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    """Not before this moment: back-off, quota."""
    # Outcome.
    reason_code = models.CharField(max_length=60, blank=True)
    reason_params = models.JSONField(default=dict)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = (
            models.UniqueConstraint(
                fields=["connection", "slot"],
                condition=Q(state__in=["queued", "running", "waiting"]),
                name="sync_one_active_run_per_slot",
            ),
        )
        indexes = (
            models.Index(fields=["connection", "-id"], name="sync_run_latest"),
            models.Index(fields=["state", "due_at"], name="sync_run_due"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE


class Staged(models.Model):
    """A source record, or only its id, as one run saw it. No foreign keys: written by the page, dropped by the run."""

    class Evidence(models.TextChoices):
        NONE = "", _("none")
        DELETED = "deleted", _("deleted")
        OUTSIDE = "outside", _("outside the scope")
        MERGED = "merged", _("merged")
        ABSENT = "absent", _("not seen")

    run_id = models.BigIntegerField()
    object = models.CharField(max_length=20)
    source_id = models.CharField(max_length=64)
    payload = models.JSONField(null=True)
    """CRM values by field path (engine JSON); null: seen and unchanged, nothing to decide."""
    name = models.CharField(max_length=255, blank=True)
    source_hash = models.CharField(max_length=16, blank=True)
    modified_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=160, blank=True, db_default="")
    parent_id = models.CharField(max_length=64, blank=True)
    customer_ids = models.JSONField(default=list)
    evidence = models.CharField(max_length=10, blank=True, choices=Evidence.choices)
    evidence_detail = models.CharField(max_length=64, blank=True)
    """The survivor's id after a merge, or when it was deleted."""
    candidate_id = models.BigIntegerField(null=True)
    """The hub row that the merge keys found, before rivals are known."""
    match = models.JSONField(null=True)
    is_linked = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["run_id", "object", "source_id"], name="sync_staged_once"),)
        indexes = (
            models.Index(fields=["run_id", "object", "id"], name="sync_staged_walk"),
            models.Index(fields=["run_id", "object", "candidate_id"], name="sync_staged_rivals"),
        )

    def __str__(self) -> str:
        return f"{self.run_id} {self.object} {self.source_id}"


class StagedKey(models.Model):
    """The compared key values of unlinked staged records: who else claims the same value, over the whole stage."""

    run_id = models.BigIntegerField()
    object = models.CharField(max_length=20)
    field = models.CharField(max_length=40)
    value = models.CharField(max_length=500)
    source_id = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["run_id", "object", "field", "source_id"], name="sync_staged_key_once"),
        )
        indexes = (models.Index(fields=["run_id", "object", "field", "value"], name="sync_staged_key_value"),)

    def __str__(self) -> str:
        return f"{self.field}={self.value}"


class Heartbeat(models.Model):
    """A row that only a real task can advance: the one honest sign that workers work."""

    name = models.CharField(max_length=40, primary_key=True)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    restarted_at = models.DateTimeField(null=True)
    restarts = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
