"""What is known of every source record; when linked, its hub row and what was last settled per field."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.engine.records import LinkState

from .connection import Connection


class RecordLink(models.Model):
    class State(models.TextChoices):
        LINKED = LinkState.LINKED.value, _("In sync")
        EXCLUDED = LinkState.EXCLUDED.value, _("Excluded")
        FAILING = LinkState.FAILING.value, _("Failing")
        COLLISION = LinkState.COLLISION.value, _("Collision")
        GONE = LinkState.GONE.value, _("Gone")
        MERGED = LinkState.MERGED.value, _("Merged")

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="links")
    object = models.CharField(max_length=20)
    source_object = models.CharField(max_length=80)
    source_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    hub_id = models.BigIntegerField(null=True)
    settled = models.JSONField(default=dict)
    """hub field → [hub value, CRM value] (engine JSON)."""
    source_hash = models.CharField(max_length=16, blank=True)
    rules_hash = models.CharField(max_length=16, blank=True)
    """Under which mapping the hash was decided: another mapping decides anew."""
    modified_at = models.DateTimeField(null=True)
    parent_id = models.CharField(max_length=64, blank=True)
    """The parent as the CRM says; `top_id`: where it hangs in the hub's two levels."""
    top_id = models.CharField(max_length=64, blank=True)
    customer_id = models.CharField(max_length=64, blank=True)
    """The source id of the customer that a contact hangs on."""
    reason_code = models.CharField(max_length=60, blank=True)
    reason_params = models.JSONField(default=dict)
    misses = models.PositiveSmallIntegerField(default=0)
    churned_from = models.CharField(max_length=60, blank=True)
    excluded_by_hand = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    """A person paused this one record: read and shown, nothing written on either side until it is resumed."""
    wanted_at = models.DateTimeField(null=True)
    """Asked to be read and decided anew by the next run, whatever its cursor."""
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    """Failed tries since the record, the mapping or a person last gave it a new chance."""
    next_try_at = models.DateTimeField(null=True)
    """When a run next reads it by id, whatever its cursor; until then it rests."""
    given_up_at = models.DateTimeField(null=True)
    """Tried often enough: out of the loop until a person retries it or it changes."""
    chosen = models.JSONField(default=dict)
    """hub field → ["hub" or "crm", who]: a person's word, which the next decision follows and then forgets."""
    waves = models.JSONField(default=dict)
    """hub field → digests of the values it took in consecutive runs: what shows that it alternates."""
    frozen = models.JSONField(default=dict)
    """hub field → when it was frozen (ISO), because it alternated: written on neither side until a person thaws it."""
    sent_at = models.DateTimeField(null=True)
    """When the CRM last confirmed something that we wrote: the next reading of it is an echo."""
    merged_into = models.CharField(max_length=64, blank=True)
    gone_at = models.DateTimeField(null=True)
    linked_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    """When a run last wrote or settled it; a run that merely saw it unchanged moves the block's clock instead."""
    run_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("record link")
        verbose_name_plural = _("record links")
        constraints = (
            models.UniqueConstraint(fields=["connection", "object", "source_id"], name="sync_link_once"),
            models.UniqueConstraint(
                fields=["connection", "object", "hub_id"],
                condition=Q(hub_id__isnull=False),
                name="sync_link_one_hub_row",
            ),
        )
        indexes = (
            models.Index(fields=["object", "hub_id"], name="sync_link_of_hub"),
            models.Index(fields=["connection", "object", "state", "id"], name="sync_link_by_state"),
            models.Index(fields=["connection", "object", "customer_id"], name="sync_link_dependents"),
            models.Index(fields=["connection", "object", "parent_id"], name="sync_link_children"),
            models.Index(
                fields=["connection", "object", "id"], condition=Q(paused_at__isnull=False), name="sync_link_paused"
            ),
            models.Index(
                fields=["connection", "object", "id"], condition=Q(wanted_at__isnull=False), name="sync_link_wanted"
            ),
            models.Index(
                fields=["connection", "object", "next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="sync_link_next_try",
            ),
            models.Index(
                fields=["connection", "object", "id"], condition=Q(given_up_at__isnull=False), name="sync_link_given_up"
            ),
        )

    def __str__(self) -> str:
        return f"{self.object} {self.source_id}"
