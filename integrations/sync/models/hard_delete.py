"""Customers that an Admin deletes for good, many at once: what goes, how far it is, and where its backup lies."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .paged_job import PagedJob


class HardDelete(PagedJob):
    """One bulk hard delete. It is cut into pages of customers, each deleted, or brought back, in one transaction."""

    class Scope(models.TextChoices):
        CONNECTION = "connection", _("All customers of a connection")
        RUN = "run", _("The customers that a run created")
        FILTER = "filter", _("A filter of the list of customers")
        LIST = "list", _("A list")

    class State(models.TextChoices):
        DRAFT = "draft", _("Not confirmed")
        BACKING_UP = "backing-up", _("Writing the backup")
        DELETING = "deleting", _("Deleting")
        DELETED = "deleted", _("Deleted")
        CHECKING = "checking", _("Looking whether it can come back")
        RESTORING = "restoring", _("Restoring")
        TYING = "tying", _("Restoring what ties customers together")
        RESTORED = "restored", _("Restored")
        CANCELLED = "cancelled", _("Stopped before anything was deleted")

    ACTIVE = (State.BACKING_UP, State.DELETING, State.CHECKING, State.RESTORING, State.TYING)
    STILL = ACTIVE
    STOPPABLE = (State.BACKING_UP, State.DELETING, State.CHECKING)
    """What comes back comes back whole: from then on it only goes on."""

    scope = models.CharField(_("what"), max_length=10, choices=Scope.choices)
    chosen = models.CharField(_("chosen by"), max_length=500, blank=True)
    """In words: which connection, run, filter or list."""
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    customers = models.PositiveIntegerField(_("customers"), default=0)
    counts = models.JSONField(default=dict)
    """What goes with them: "contacts", "agreements", "interactions", "opportunities", "links" → number."""
    connections = models.JSONField(default=list)
    """Connections whose records these are; paused by it."""
    why = models.CharField(_("why"), max_length=300, blank=True)
    asked_by = models.CharField(_("asked for by"), max_length=160)
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    finished_at = models.DateTimeField(_("ended"), null=True)
    restored_by = models.CharField(_("restored by"), max_length=160, blank=True)
    file = models.CharField(_("backup"), max_length=120, blank=True)
    """Its name in `BACKUP_DIR`; empty: there is none, or it was deleted."""
    size = models.PositiveBigIntegerField(default=0)
    """Bytes of the backup that are complete; what a killed worker left behind them is cut off."""
    in_the_way = models.JSONField(default=list)
    """Why it cannot come back: [kind, name, id of what stands there now]."""
    left = models.JSONField(default=dict)
    """What could not come back, because the console no longer has it: kind → number."""

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("bulk hard delete")
        verbose_name_plural = _("bulk hard deletes")

    @property
    def is_stoppable(self) -> bool:
        return self.state in self.STOPPABLE

    @property
    def is_restorable(self) -> bool:
        return self.state == self.State.DELETED and bool(self.file)


class HardDeletePage(models.Model):
    class Step(models.TextChoices):
        CHOSEN = "chosen", _("Chosen")
        KEPT = "kept", _("In the backup")
        DELETED = "deleted", _("Deleted")
        CHECKED = "checked", _("May come back")
        BACK = "back", _("Back")
        TIED = "tied", _("Back, with all ties")

    job = models.ForeignKey(HardDelete, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    ids = models.JSONField()
    """Hub ids of its customers."""
    step = models.CharField(max_length=8, choices=Step.choices, default=Step.CHOSEN)
    offset = models.PositiveBigIntegerField(default=0)
    length = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    """Of its piece of the backup (SHA-256): a file that was changed is not brought back."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["job", "number"], name="sync_hard_delete_page_once"),)
        indexes = (models.Index(fields=["job", "step", "number"], name="sync_hard_delete_walk"),)

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}"
