"""Writes what came from the source into the stage: a record once per run, unchanged ones as merely seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from integrations.engine.compare import compared, domain_key
from integrations.engine.mapping import Compare, FieldRule, MergeKey
from integrations.engine.reading import read
from integrations.engine.records import LinkState, Record
from integrations.engine.retry import Tried, is_resting
from integrations.engine.values import Json, Value, all_to_json, digest

from ..models import RecordLink, Staged, StagedKey
from .bulk import storable, upsert
from .hub_rows import own_domains

OUTSIDE = Staged.Evidence.OUTSIDE.value
IDENTITY = ("run_id", "object", "source_id")
VALUES = (
    "payload", "name", "source_hash", "modified_at", "parent_id", "customer_ids", "evidence", "evidence_detail",
    "is_linked", "changed_by",
)  # fmt: skip
KEY = ("run_id", "object", "field", "source_id")
SEEN = (
    "state", "hub_id", "source_hash", "rules_hash", "misses", "churned_from", "paused_at", "next_try_at", "given_up_at",
)  # fmt: skip
MOST_OF_A_NAME = 160
RESTS = "-"
"""In place of a hash: nothing is settled, and yet the record is not read now."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Whose stage, and by which rules records are compared with their links."""

    run_id: int
    connection_id: int
    object: str
    crm_fields: frozenset[str]
    rules_hash: str
    key_rules: Sequence[tuple[MergeKey, FieldRule]]
    system: str
    may_reset_misses: bool
    """A preview changes no link."""
    reads_anew: bool = False
    """Unchanged records too are decided: somebody asked for these."""
    rests_at: datetime | None = None
    """Records that failed and whose next try is not due at this moment are left as they are; None: all are tried."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The columns of a link that say whether there is anything to decide."""

    state: str
    hub_id: int | None
    source_hash: str
    rules_hash: str
    misses: int
    churned_from: str
    paused_at: datetime | None
    next_try_at: datetime | None
    given_up_at: datetime | None

    @property
    def is_quiet(self) -> bool:
        return self.state == LinkState.LINKED.value and not self.churned_from

    def rests(self, at: datetime | None) -> bool:
        is_failing = self.state == LinkState.FAILING.value and self.paused_at is None
        return is_failing and at is not None and is_resting(Tried(0, self.next_try_at, self.given_up_at), at)


def stage_records(stage: Stage, records: Sequence[Record], evidence: str = "") -> int:
    """Returns how many have something to decide. Six statements at most, for any number of records."""
    seen = _seen(stage, [record.source_id for record in records])
    full, quiet, keys = [], [], []
    for record in records:
        payload = all_to_json({name: value for name, value in record.values.items() if name in stage.crm_fields})
        payload, source_hash = _hashed(payload, record)
        link = seen.get(record.source_id)
        evidence_of = evidence or ("" if record.is_inside else OUTSIDE)
        is_same = link and not stage.reads_anew and record.is_inside
        if is_same and link and is_unchanged(record, link, source_hash, stage.rules_hash, stage.rests_at):
            quiet.append(_quiet(stage, record.source_id, source_hash, evidence))
            continue
        is_linked = bool(link and link.hub_id and link.state != LinkState.MERGED.value)
        full.append((
            stage.run_id, stage.object, record.source_id, payload, _title(record.name), source_hash, record.modified_at,
            record.parent_id, list(record.customer_ids), evidence_of, "", is_linked, _title(record.changed_by, MOST_OF_A_NAME),
        ))  # fmt: skip
        if not is_linked:
            keys += _keys(stage, record)
    upsert(Staged, [*IDENTITY, *VALUES], full, conflict=IDENTITY, update=VALUES)
    _write_quiet(quiet)
    upsert(StagedKey, [*KEY, "value"], keys, conflict=KEY, update=["value"])
    _reset_misses(stage, seen)
    return len(full)


def _hashed(payload: dict[str, Json], record: Record) -> tuple[dict[str, Json], str]:
    linked_by = [record.parent_id, list(record.customer_ids)]
    try:
        return payload, digest([payload, *linked_by])
    except TypeError:
        # A lone surrogate: half a character, which no JSON text can carry.
        payload = storable(payload)
        return payload, digest([payload, *linked_by])


def hashed(record: Record, crm_fields: frozenset[str]) -> str:
    """The hash under which staging will see the record again, as long as nobody changes it."""
    payload = all_to_json({name: value for name, value in record.values.items() if name in crm_fields})
    return _hashed(payload, record)[1]


def is_unchanged(record: Record, link: Seen, source_hash: str, rules_hash: str, rests_at: datetime | None) -> bool:
    """Of a contact with several customers, the scope of each decides anew to which one it belongs."""
    is_same = (link.source_hash, link.rules_hash) == (source_hash, rules_hash)
    return is_same and (link.rests(rests_at) or (link.is_quiet and len(record.customer_ids) <= 1))


def stage_ids(stage: Stage, source_ids: Sequence[str]) -> None:
    """Seen in scope, values unknown. An empty hash says: nothing settled yet, read the record."""
    seen = _seen(stage, source_ids)
    rows = []
    for source_id in source_ids:
        link = seen.get(source_id)
        source_hash = link.source_hash if link and link.is_quiet else ""
        if link and link.rests(stage.rests_at):
            source_hash = link.source_hash or RESTS
        rows.append(_quiet(stage, source_id, source_hash))
    _write_quiet(rows)
    _reset_misses(stage, seen)


@dataclass(frozen=True, slots=True)
class Absent:
    source_id: str
    evidence: str
    detail: str = ""
    name: str = ""
    modified_at: datetime | None = None


def stage_absent(stage: Stage, absent: Iterable[Absent]) -> None:
    """Evidence about records that are linked or wait for a person; of the others nothing is ours to conclude, but
    where a merge leads on."""
    by_id = {one.source_id: one for one in absent}
    linked = RecordLink.objects.filter(
        Q(hub_id__isnull=False) | Q(state__in=[LinkState.COLLISION.value, LinkState.FAILING.value]),
        connection=stage.connection_id, object=stage.object, source_id__in=list(by_id),
    )  # fmt: skip
    merged = {one.source_id for one in by_id.values() if one.evidence == Staged.Evidence.MERGED.value}
    told = merged.union(linked.values_list("source_id", flat=True))
    rows = [_absent(stage, one) for source_id, one in by_id.items() if source_id in told]
    upsert(
        Staged,
        [*IDENTITY, *VALUES, "match"],
        rows,
        conflict=IDENTITY,
        update=("payload", "evidence", "evidence_detail"),
    )


def _absent(stage: Stage, one: Absent) -> tuple[Any, ...]:
    return (
        stage.run_id, stage.object, one.source_id, None, _title(one.name), "", one.modified_at, "", [], one.evidence,
        one.detail, True, "", None,
    )  # fmt: skip


def _seen(stage: Stage, source_ids: Sequence[str]) -> Mapping[str, Seen]:
    links = RecordLink.objects.filter(
        connection=stage.connection_id, object=stage.object, source_id__in=list(source_ids)
    ).values_list("source_id", *SEEN)
    return {row[0]: Seen(*row[1:]) for row in links}


def _title(name: str, most: int = 255) -> str:
    """What lists show beside the id; a text column takes neither NUL nor half a character."""
    return name[:most] if name.isprintable() else "".join(char for char in name if char.isprintable())[:most]


def _quiet(stage: Stage, source_id: str, source_hash: str, evidence: str = "") -> tuple[Any, ...]:
    return (stage.run_id, stage.object, source_id, None, "", source_hash, None, "", [], evidence, "", True, "")


def _write_quiet(rows: Sequence[tuple[Any, ...]]) -> None:
    # Seen in scope outweighs any evidence of absence, and never takes a record's values away.
    upsert(Staged, [*IDENTITY, *VALUES], rows, conflict=IDENTITY, update=("evidence",))


def _keys(stage: Stage, record: Record) -> list[tuple[Any, ...]]:
    rows = []
    for key, rule in stage.key_rules:
        value = key_form(key, read(rule, record, system=stage.system).value)
        if value:
            rows.append((stage.run_id, stage.object, key.hub_field, record.source_id, value[:500]))
    return rows


def key_form(key: MergeKey, value: Value) -> str:
    """What is compared; empty: it recognises nobody."""
    return domain_key(value, own_domains()) if key.compare is Compare.DOMAIN else compared(key.compare, value)


def _reset_misses(stage: Stage, seen: Mapping[str, Seen]) -> None:
    back = [source_id for source_id, link in seen.items() if link.misses]
    if back and stage.may_reset_misses:
        links = RecordLink.objects.filter(
            connection=stage.connection_id, object=stage.object, source_id__in=back, misses__gt=0
        )
        links.update(misses=0)
