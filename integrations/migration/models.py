"""A move from one CRM to HubSpot: what was chosen, how each step stands and who said so, and the evidence that is kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.sync.models import Connection
from integrations.sync.models.paged_job import PagedJob


class Move(models.Model):
    """Shared and long-lived: everybody who prepares it works on the same record, for weeks where it takes weeks."""

    class State(models.TextChoices):
        OPEN = "open", _("Under way")
        SIGNED = "signed", _("Signed")
        STOPPED = "stopped", _("Stopped")

    old = models.ForeignKey(Connection, models.PROTECT, related_name="moves_away", verbose_name=_("from"))
    new = models.ForeignKey(
        Connection, models.PROTECT, related_name="moves_here", null=True, blank=True, verbose_name=_("to")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    carrier = models.CharField(_("Super Admin who carries the connection"), max_length=254, blank=True)
    old_id_field = models.CharField(_("hub field of the old CRM ID"), max_length=40, blank=True)
    """`custom.<key>`; empty: not chosen."""
    old_id_property = models.CharField(_("HubSpot property of the old CRM ID"), max_length=100, blank=True)
    expected = models.PositiveIntegerField(_("customers expected"), null=True, blank=True)
    expected_why = models.CharField(_("why this number"), max_length=255, blank=True)
    day = models.DateTimeField(_("migration day"), null=True, blank=True)
    attendees = models.JSONField(_("attendees"), default=list, blank=True)
    """Names, as they were typed: not everybody who sits at the table has a sign-in here."""
    sample = models.JSONField(default=list, editable=False)
    """Hub ids of the customers that people look at: drawn once, so that it is the same sample before and after."""
    census = models.JSONField(default=dict, editable=False)
    """How the listing of HubSpot's companies stands; see census.py."""
    census_lease_until = models.DateTimeField(null=True, editable=False)
    census_fence = models.PositiveIntegerField(default=0, editable=False)
    """Counts who took it up: whoever was overtaken finds another number, and writes nothing."""
    kept_at = models.DateTimeField(_("snapshot taken"), null=True, editable=False)
    report = models.JSONField(default=dict, editable=False)
    """What the first who signed has read, word by word: everybody signs the same. Empty: nobody has signed."""
    closed_by = models.CharField(max_length=160, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    retired_file = models.TextField(editable=False, blank=True)
    """The configuration of the old connection, as a file, at the moment when it was retired."""
    retired_at = models.DateTimeField(null=True, editable=False)
    retired_by = models.CharField(max_length=160, blank=True, editable=False)
    created_by = models.CharField(_("begun by"), max_length=160)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("move to HubSpot")
        verbose_name_plural = _("moves to HubSpot")
        constraints = (
            # The same customers cannot move away twice at once.
            models.UniqueConstraint(fields=["old"], condition=Q(state="open"), name="migration_one_open_move"),
            # Stage A sets a HubSpot connection up from scratch: it would undo the other move's.
            models.UniqueConstraint(fields=["new"], condition=Q(state="open"), name="migration_one_move_to_hubspot"),
        )

    def __str__(self) -> str:
        return f"{self.old} → {self.new or 'HubSpot'}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class StepState(models.Model):
    """How one step stands. A step without a row was not begun."""

    class State(models.TextChoices):
        NOT_STARTED = "new", _("Not started")
        DONE = "done", _("Done")
        """A person says so."""
        VERIFIED = "verified", _("Verified")
        """It was measured, and holds."""
        FAILED = "failed", _("Failed")
        """It was measured, and does not hold."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="steps")
    step = models.CharField(max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.NOT_STARTED)
    signed_by = models.CharField(_("signed by"), max_length=160, blank=True)
    signed_at = models.DateTimeField(_("signed"), null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    measured_at = models.DateTimeField(_("measured"), null=True)
    measured_for = models.CharField(max_length=160, blank=True)
    """Who asked for it; empty: a gate, or the clock."""
    said = models.CharField(_("evidence"), max_length=500, blank=True)
    rows = models.JSONField(default=list)
    """[label, detail, address] of the records behind it, twenty at most."""
    total = models.PositiveIntegerField(default=0)
    """How many records there are behind it."""
    cure = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("step of a move")
        verbose_name_plural = _("steps of moves")
        constraints = (models.UniqueConstraint(fields=["move", "step"], name="migration_step_once"),)

    def __str__(self) -> str:
        return f"{self.move_id} {self.step}"


class Passage(models.Model):
    """A stage that was saved: which version of the HubSpot connection it is, and whether somebody opened its gate anyway."""

    class Stage(models.TextChoices):
        A = "a", _("Stage A")
        B = "b", _("Stage B")
        C = "c", _("Stage C")

    move = models.ForeignKey(Move, models.CASCADE, related_name="passages")
    stage = models.CharField(_("stage"), max_length=1, choices=Stage.choices)
    version = models.PositiveIntegerField(_("version of the configuration"))
    former = models.PositiveIntegerField(_("version before"), default=0)
    """What stood before it: where one goes back to."""
    preview_id = models.BigIntegerField(_("its preview"), null=True)
    run_id = models.BigIntegerField(_("run that applied it"), null=True)
    by = models.CharField(_("saved by"), max_length=160)
    at = models.DateTimeField(_("saved"), auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("saved stage")
        verbose_name_plural = _("saved stages")

    def __str__(self) -> str:
        return f"{self.move_id} {self.stage}"


class Override(models.Model):
    """A gate that an Admin opened although something was missing, with the reason: it goes into the report."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="overrides")
    gate = models.CharField(_("gate"), max_length=20)
    reason = models.CharField(_("why it is safe"), max_length=1000)
    missing = models.JSONField(_("what was missing"), default=list)
    """[title of the step, what was measured]."""
    steps = models.JSONField(default=list)
    """Their keys: it opens these, and nothing that turns red later."""
    by = models.CharField(_("opened by"), max_length=160)
    at = models.DateTimeField(_("opened"), auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("opened gate")
        verbose_name_plural = _("opened gates")

    def __str__(self) -> str:
        return f"{self.move_id} {self.gate}"


class Stay(models.Model):
    """A customer of the old CRM that does not move, and why: what explains that HubSpot lacks it."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="stays")
    hub_id = models.BigIntegerField()
    name = models.CharField(max_length=255)
    reason = models.CharField(_("why it stays behind"), max_length=500)
    by = models.CharField(max_length=160)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("customer that stays behind")
        verbose_name_plural = _("customers that stay behind")
        constraints = (models.UniqueConstraint(fields=["move", "hub_id"], name="migration_stay_once"),)

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    """A HubSpot company as the last census saw it: what the checks count without asking HubSpot again."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="companies")
    source_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    old_id = models.CharField(max_length=120, blank=True)
    """As HubSpot shows it."""
    old_key = models.CharField(max_length=120, blank=True)
    """The same in the form in which IDs are compared."""
    name_key = models.CharField(max_length=255, blank=True)
    domain_key = models.CharField(max_length=255, blank=True)
    stage = models.CharField(max_length=120, blank=True)
    """Its lifecycle stage, by label."""
    in_scope = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("company of the census")
        verbose_name_plural = _("companies of the census")
        constraints = (models.UniqueConstraint(fields=["move", "source_id"], name="migration_company_once"),)
        indexes = (
            models.Index(fields=["move", "old_key"], name="migration_company_old"),
            models.Index(fields=["move", "in_scope", "name_key"], name="migration_company_scope"),
        )

    def __str__(self) -> str:
        return self.name or self.source_id


class Kept(models.Model):
    """A row of the hub as it stood before stage A: to compare with, and to go back to."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="kept")
    object = models.CharField(max_length=20)
    hub_id = models.BigIntegerField()
    name = models.CharField(max_length=255, blank=True)
    values = models.JSONField(default=dict)
    """hub field → value (engine JSON)."""
    figures = models.JSONField(default=dict)
    """Of a customer: MRR by currency, number of contacts and of interactions."""

    class Meta:
        verbose_name = _("row of the snapshot")
        verbose_name_plural = _("rows of the snapshot")
        constraints = (models.UniqueConstraint(fields=["move", "object", "hub_id"], name="migration_kept_once"),)

    def __str__(self) -> str:
        return self.name


class KeptJob(PagedJob):
    """Taking the snapshot, or writing rows back from it, in the background."""

    class Kind(models.TextChoices):
        TAKE = "take", _("Taking the snapshot")
        RESTORE = "restore", _("Writing back from the snapshot")

    class State(models.TextChoices):
        WORKING = "working", _("Under way")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    ACTIVE = (State.WORKING,)
    STILL = (State.WORKING,)

    move = models.ForeignKey(Move, models.CASCADE, related_name="jobs")
    kind = models.CharField(_("what"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WORKING)
    connections = models.JSONField(default=list)
    """Ids of the connections whose syncs stand still meanwhile."""
    plan = models.JSONField(default=dict)
    """Of a restore: "object", "field", "ids" of the kept rows, "identity"; each may be missing, which means all."""
    cursor = models.JSONField(default=dict)
    """{"object": index, "after": id}: rows up to there are done."""
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    """Rows that a restore has written."""
    left = models.JSONField(default=list)
    """[name, why] of rows that could not be written back, fifty at most."""
    asked_by = models.CharField(_("asked for by"), max_length=160)
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    finished_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("snapshot job")
        verbose_name_plural = _("snapshot jobs")
        constraints = (
            models.UniqueConstraint(fields=["move"], condition=Q(state="working"), name="migration_one_kept_job"),
        )

    @property
    def stills(self) -> list[int] | None:
        return list(self.connections)


class Word(models.Model):
    """What a person says about a step beside its one signature: that a difference is right, or that they agree too."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="words")
    step = models.CharField(max_length=40)
    about = models.CharField(max_length=16, blank=True)
    """Digest of what was measured: the word counts for exactly that. Empty: for the step as such."""
    said = models.CharField(_("remark"), max_length=500, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("word on a step")
        verbose_name_plural = _("words on steps")
        constraints = (models.UniqueConstraint(fields=["move", "step", "user"], name="migration_word_once"),)

    def __str__(self) -> str:
        return f"{self.move_id} {self.step}"


class Tool(models.Model):
    """Another tool that used the old CRM's ID as its key: telephony, ticketing, a report."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="tools")
    name = models.CharField(_("tool"), max_length=120)
    key = models.CharField(_("where it keeps the ID"), max_length=255, blank=True)
    signed_by = models.CharField(_("updated by"), max_length=160, blank=True)
    signed_at = models.DateTimeField(_("updated"), null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("other tool")
        verbose_name_plural = _("other tools")
        constraints = (models.UniqueConstraint(fields=["move", "name"], name="migration_tool_once"),)

    def __str__(self) -> str:
        return self.name


class Signature(models.Model):
    """Somebody who signs the report at the end."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    name = models.CharField(_("name"), max_length=160)
    said = models.CharField(_("remark"), max_length=500, blank=True)
    at = models.DateTimeField(_("signed"), auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = (models.UniqueConstraint(fields=["move", "user"], name="migration_signed_once"),)

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """Who looks at the checklist just now, and where."""

    move = models.ForeignKey(Move, models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    chapter = models.CharField(max_length=20)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["move", "user"], name="migration_present_once"),)

    def __str__(self) -> str:
        return f"{self.move_id} {self.user_id}"
