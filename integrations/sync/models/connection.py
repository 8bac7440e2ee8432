"""A connection, its blocks and mapping lines, its versions, and the state that only conditional updates may write."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.engine import mapping as rules


class OnDrift(models.TextChoices):
    """What a run does when the CRM's schema moved under a line."""

    REST = "rest", _("Rest the line, go on with the others")
    STOP = "stop", _("Stop the sync until somebody has looked")
    TAKE = "take", _("Go on, and tell")


REST_OR_STOP = [(one.value, one.label) for one in (OnDrift.REST, OnDrift.STOP)]
"""A field that is gone cannot be read: going on with it is no choice."""
TELL_OR_STOP = [(one.value, one.label) for one in (OnDrift.TAKE, OnDrift.STOP)]
"""A field that the CRM insists on has no line here that could rest."""


class Connection(models.Model):
    """Archived, never deleted: history stays readable. Each system's child adds its own columns."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Not turned on yet")
        ON = "on", _("On")
        PAUSED = "paused", _("Paused")
        ARCHIVED = "archived", _("Archived")

    system = models.CharField(_("system"), max_length=20, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("name in addresses and files"), max_length=80, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    base_url = models.URLField(_("sign-in address"), max_length=255, blank=True)
    order = models.PositiveSmallIntegerField(
        _("order"),
        default=1,
        help_text=_("The first live connection of a customer writes a field; later ones fill blanks."),
    )
    every_minutes = models.PositiveIntegerField(_("minutes between syncs"), default=15)
    full_every_hours = models.PositiveIntegerField(_("hours between complete readings"), default=24)
    next_run_at = models.DateTimeField(_("next sync"), null=True, blank=True)
    wizard_step = models.CharField(max_length=20, default="connect", editable=False)
    churn_missing = models.BooleanField(_("churn customers that leave the source"), default=False)
    keep_hierarchy = models.BooleanField(_("keep parent and child"), default=False)
    brake_floor = models.PositiveIntegerField(
        _("records that the brake always lets through"),
        default=10,
        help_text=_("The brake holds what is above this number and above the share below."),
    )
    brake_percent = models.PositiveSmallIntegerField(
        _("share that the brake lets through, %"),
        default=10,
        validators=[MaxValueValidator(100, _("At most 100."))],
        help_text=_(
            "Of the linked records: more that would churn, go or get another key in one sync wait for a person."
        ),
    )
    brake_mrr_percent = models.PositiveSmallIntegerField(
        _("change of MRR that the brake lets through, %"),
        default=10,
        help_text=_("Of the MRR of one currency: agreements that would move it further in one sync wait for a person."),
    )
    reserve_percent = models.PositiveSmallIntegerField(
        _("share of the daily calls left to others, %"),
        default=20,
        validators=[MaxValueValidator(95, _("At most 95, or no sync gets anywhere."))],
        help_text=_("Syncs park when the rest is used up, and go on by themselves when there is room again."),
    )
    on_field_gone = models.CharField(
        _("when a mapped field is gone"), max_length=4, choices=REST_OR_STOP, default=OnDrift.REST
    )
    on_field_retyped = models.CharField(
        _("when a mapped field is of another type"), max_length=4, choices=OnDrift.choices, default=OnDrift.REST
    )
    on_field_locked = models.CharField(
        _("when a field can no longer be written"), max_length=4, choices=OnDrift.choices, default=OnDrift.REST
    )
    on_value_new = models.CharField(
        _("when a list has a new value"), max_length=4, choices=OnDrift.choices, default=OnDrift.TAKE
    )
    on_required_new = models.CharField(
        _("when the CRM insists on another field"), max_length=4, choices=TELL_OR_STOP, default=OnDrift.TAKE
    )
    version = models.PositiveIntegerField(_("configuration version"), default=0, editable=False)
    account = models.CharField(_("signed in as"), max_length=255, blank=True, editable=False)
    organisation = models.CharField(_("organisation"), max_length=255, blank=True, editable=False)
    web_url = models.URLField(max_length=255, blank=True, editable=False)
    """Where the CRM shows its records to people: the start of every link to a record."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("order", "name")
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.state == self.State.ON

    @property
    def is_archived(self) -> bool:
        return self.state == self.State.ARCHIVED


class ConnectionState(models.Model):
    """Credentials, health and quota. Written by conditional updates only: saving a form must never restore a rotated token."""

    class Health(models.TextChoices):
        UNKNOWN = "unknown", _("Not asked yet")
        OK = "ok", _("Answers")
        SIGN_IN = "sign-in", _("Needs sign-in")
        WRONG = "wrong", _("Needs a setting put right")
        QUOTA = "quota", _("Waiting for quota")
        DOWN = "down", _("Does not answer")

    connection = models.OneToOneField(Connection, models.CASCADE, primary_key=True, related_name="live")
    credentials = models.BinaryField(null=True, editable=False)
    """Envelope-encrypted JSON (client secret, tokens, password); see credentials.py."""
    credentials_version = models.PositiveIntegerField(default=0, editable=False)
    lease_owner = models.CharField(max_length=64, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    health = models.CharField(_("health"), max_length=10, choices=Health.choices, default=Health.UNKNOWN)
    health_code = models.CharField(max_length=120, blank=True)
    health_message = models.TextField(blank=True)
    health_since = models.DateTimeField(null=True)
    quota_used = models.PositiveBigIntegerField(null=True)
    quota_limit = models.PositiveBigIntegerField(null=True)
    quota_at = models.DateTimeField(null=True)
    parked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("live state")
        verbose_name_plural = _("live states")

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.health}"


class Mode(models.TextChoices):
    DISABLED = rules.Mode.DISABLED.value, _("Disabled")
    INPUT = rules.Mode.INPUT.value, _("Input only")
    TWO_WAY = rules.Mode.TWO_WAY.value, _("Two-way")
    OUTPUT = rules.Mode.OUTPUT.value, _("Output only")


class OnDelete(models.TextChoices):
    KEEP = "keep", _("Keep it on the other side")
    DELETE = "delete", _("Delete it on the other side too")


class DataType(models.TextChoices):
    """What a connection carries, each with a mode of its own. Four of them are kinds of interaction."""

    CUSTOMERS = "customers", _("Customers")
    CONTACTS = "contacts", _("Contacts")
    AGREEMENTS = "agreements", _("Agreements")
    EMAILS = "emails", _("E-mails")
    MEETINGS = "meetings", _("Meetings")
    CALLS = "calls", _("Calls")
    NOTES = "notes", _("Notes")
    SCORES = "scores", _("Scores")
    LEADS = "leads", _("Leads")
    OPPORTUNITIES = "opportunities", _("Opportunities")


RECORDED = tuple(kind for kind in DataType if kind not in {DataType.SCORES, DataType.LEADS, DataType.OPPORTUNITIES})
"""Data types whose records are linked one by one. Scores act over the links of customers; the last two come later."""


class Block(models.Model):
    """One data type of a connection: its mode, its merge keys, and how far it has been read."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="blocks")
    object = models.CharField(_("data type"), max_length=20, choices=DataType.choices)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode.choices, default=Mode.INPUT)
    merge_keys = models.JSONField(_("merge keys"), default=list, blank=True)
    """Hub field names in the order in which they are asked."""
    ref_is_common = models.BooleanField(
        _("the ID is shared by all systems"),
        default=False,
        help_text=_("Only then may this connection recognise a row by an ID that another one wrote."),
    )
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    """What only this data type asks: the source object of agreements and how it is tied to a customer; see blocks.py."""
    key_field = models.CharField(_("field for our key"), max_length=80, blank=True)
    """A field of the CRM that keeps our own id of a record created from here, so that a lost answer never doubles it.

    A fact of this one organisation, no configuration: no version, promotion or file carries it.
    """
    key_gone_at = models.DateTimeField(null=True, editable=False)
    """When a run found the field gone, or hidden from the signed-in user; null: it is there."""
    on_crm_delete = models.CharField(
        _("when deleted in the CRM"), max_length=6, choices=OnDelete.choices, default=OnDelete.KEEP
    )
    on_hub_delete = models.CharField(
        _("when deleted here"), max_length=6, choices=OnDelete.choices, default=OnDelete.KEEP
    )
    # Progress, written by the runner.
    cursor = models.DateTimeField(null=True, editable=False)
    """Up to when the source's own clock has been read; null: never."""
    caught_up_at = models.DateTimeField(null=True, editable=False)
    full_read_at = models.DateTimeField(null=True, editable=False)
    counted = models.PositiveIntegerField(null=True, editable=False)
    """Records the source counted at the last complete reading."""
    unexplained = models.IntegerField(null=True, editable=False)
    """Counted minus linked, excluded, failing and collisions at that reading; 0 is complete."""
    rules_hash = models.CharField(max_length=16, blank=True, editable=False)
    crm_required = models.JSONField(null=True, editable=False)
    """Paths without which the CRM creates no record, as last looked at; null: never."""
    required_new = models.JSONField(default=dict, editable=False)
    """Path → label of those that came since and nothing fills: told until somebody saves the mapping."""
    required_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = (models.UniqueConstraint(fields=["connection", "object"], name="sync_block_once"),)

    def __str__(self) -> str:
        return f"{self.connection_id} {self.object}"

    @property
    def working_key(self) -> str:
        """The field as far as the CRM still has it; empty: what goes out has no key there."""
        return self.key_field if self.key_gone_at is None else ""


class FieldMapping(models.Model):
    """One line: which CRM field meets which hub field, who writes, who wins, what a blank does."""

    class Direction(models.TextChoices):
        IN = rules.Direction.IN.value, _("Into the hub")
        BOTH = rules.Direction.BOTH.value, _("Both ways")
        OUT = rules.Direction.OUT.value, _("Out to the CRM")

    class OnConflict(models.TextChoices):
        CRM = rules.OnConflict.CRM.value, _("CRM wins")
        HUB = rules.OnConflict.HUB.value, _("Hub wins")
        LATEST = rules.OnConflict.LATEST.value, _("Latest change wins")
        ASK = rules.OnConflict.ASK.value, _("Ask a person")

    class Blanks(models.TextChoices):
        KEEP = rules.Blanks.KEEP.value, _("Keep")
        ERASE = rules.Blanks.ERASE.value, _("Erase")
        FILL = rules.Blanks.FILL.value, _("Only if empty")

    block = models.ForeignKey(Block, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=0)
    hub_field = models.CharField(_("hub field"), max_length=40)
    crm_field = models.CharField(_("CRM field"), max_length=255, blank=True)
    crm_label = models.CharField(max_length=255, blank=True, editable=False)
    crm_type = models.CharField(max_length=40, blank=True, editable=False)
    """Label and type as last seen in the CRM: what a suspended line still shows."""
    crm_choices = models.JSONField(null=True, editable=False)
    """The values that the CRM's list offered when last looked at; null: never, or the line translates none."""
    crm_writable = models.BooleanField(null=True, editable=False)
    """Whether the signed-in user could write the field; null: never looked, or the line only reads."""
    direction = models.CharField(_("who writes"), max_length=4, choices=Direction.choices, default=Direction.IN)
    on_conflict = models.CharField(_("on conflict"), max_length=6, choices=OnConflict.choices, default=OnConflict.CRM)
    blanks = models.CharField(_("blanks"), max_length=5, choices=Blanks.choices, default=Blanks.KEEP)
    value_map = models.JSONField(_("values"), default=dict, blank=True)
    transform = models.CharField(_("transform"), max_length=40, blank=True)
    argument = models.CharField(_("with"), max_length=255, blank=True)
    constant = models.JSONField(_("fixed value"), null=True, blank=True)
    default_out = models.CharField(
        _("sent where the hub has nothing"),
        max_length=255,
        blank=True,
        help_text=_("For records created from here in a CRM that insists on a value. It never comes back as data."),
    )
    suspended_at = models.DateTimeField(null=True, editable=False)
    suspended_code = models.CharField(max_length=60, blank=True, editable=False)
    noticed_at = models.DateTimeField(null=True, editable=False)
    noticed_code = models.CharField(max_length=60, blank=True, editable=False)
    """The line goes on though the CRM's field has changed: told until somebody saves the mapping."""
    drift_detail = models.CharField(max_length=255, blank=True, editable=False)
    """What came: the new values, the new type."""
    successors = models.JSONField(default=list, editable=False)
    """[path, label] of fields that may have taken the place of a lost one, as the run found them; likeliest first."""

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("mapping line")
        verbose_name_plural = _("mapping lines")
        constraints = (models.UniqueConstraint(fields=["block", "hub_field"], name="sync_line_once"),)

    def __str__(self) -> str:
        return f"{self.crm_field or self.constant} → {self.hub_field}"

    system: str = ""
    """Set by each system's proxy."""

    def clean(self) -> None:
        if self.system and self.block.connection.system != self.system:
            raise ValidationError(_("This line belongs to a connection of another system."))
        if bool(self.crm_field) == (self.constant is not None):
            raise ValidationError(_("Choose a CRM field or type a fixed value: one of the two."))


class Version(models.Model):
    """Every save of a connection's configuration, whole, with who, when, why and the difference in words."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    author_name = models.CharField(max_length=160)
    note = models.CharField(_("what you changed"), max_length=255, blank=True)
    data = models.JSONField()
    diff = models.JSONField(default=list)
    saved_in = models.CharField(max_length=80, blank=True, db_default="")
    """The former connection, by name, where this one took its place; no run of this one went by the version."""

    class Meta:
        ordering = ("-number",)
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = (models.UniqueConstraint(fields=["connection", "number"], name="sync_version_once"),)

    def __str__(self) -> str:
        return f"{self.connection_id} v{self.number}"
