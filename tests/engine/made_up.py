"""Short ways to say a record, a line and a link in a test."""

from datetime import UTC, datetime
from typing import Any

from integrations.engine.mapping import Blanks, Direction, FieldRule, Kind, OnConflict
from integrations.engine.reasons import Reason
from integrations.engine.records import HubRow, Link, LinkState, Pair, Record
from integrations.engine.values import Value

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def line(
    hub_field: str = "name",
    kind: Kind = Kind.TEXT,
    *,
    crm: str | None = None,
    direction: Direction = Direction.IN,
    on_conflict: OnConflict = OnConflict.CRM,
    blanks: Blanks = Blanks.KEEP,
    **more: Any,
) -> FieldRule:
    label = hub_field.replace("_", " ").capitalize()
    crm_field = hub_field if crm is None else crm
    return FieldRule(hub_field, label, kind, crm_field, crm_field, direction, on_conflict, blanks, **more)


def record(source_id: str = "001A", modified_at: datetime | None = None, **values: Value) -> Record:
    return Record(source_id, values, modified_at)


def row(hub_id: int = 7, **values: Value) -> HubRow:
    return HubRow(hub_id, values)


def linked(hub_id: int = 7, **settled: Value) -> Link:
    """Settled on both sides with the same values."""
    return Link(LinkState.LINKED, hub_id, {name: Pair(value, value) for name, value in settled.items()})


def code(reason: Reason | None) -> str:
    return reason.code if reason is not None else ""
