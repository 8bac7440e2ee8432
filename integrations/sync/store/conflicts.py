"""The open conflicts of a page's records: written anew from what was just decided, so that none outlives its cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.engine.values import to_json

from ..models import Conflict
from .bulk import upsert
from .hub_rows import Loaded
from .links import Known

COLUMNS = (
    "connection", "object", "source_id", "hub_id", "name", "field", "hub_value", "crm_value", "settled", "hub_changed_at",
    "crm_changed_at", "crm_changed_by", "reason_code", "reason_params", "run_id", "opened_at",
)  # fmt: skip
IDENTITY = ("connection", "object", "source_id", "field")
KEPT = ("opened_at", "crm_changed_at", "crm_changed_by")


@dataclass(frozen=True, slots=True)
class Dispute:
    planned: Mapping[str, Any]
    loaded: Loaded | None
    known: Known | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Former:
    """A conflict that goes on keeps the day on which it began."""

    opened_at: datetime
    changed_at: datetime | None
    changed_by: str


def note_conflicts(
    connection_id: int, run_id: int, object_name: str, disputes: Sequence[Dispute], now: datetime
) -> None:
    mine = Conflict.objects.filter(connection=connection_id, object=object_name)
    mine = mine.filter(source_id__in=[one.planned["source_id"] for one in disputes])
    former = {(row[0], row[1]): _Former(*row[2:]) for row in mine.values_list("source_id", "field", *KEPT)}
    if former:
        mine.delete()
    rows = [
        _row(connection_id, run_id, object_name, one, name, asked, former.get((one.planned["source_id"], name)), now)
        for one in disputes
        if one.is_open
        for name, asked in one.planned["asks"].items()
    ]
    upsert(Conflict, COLUMNS, rows, conflict=IDENTITY, update=[name for name in COLUMNS if name not in IDENTITY])


def _row(
    connection_id: int,
    run_id: int,
    object_name: str,
    one: Dispute,
    name: str,
    asked: Sequence[Any],
    former: _Former | None,
    now: datetime,
) -> tuple[Any, ...]:
    source_id, (hub_value, crm_value, reason) = one.planned["source_id"], asked
    pair = one.known.link.settled.get(name) if one.known else None
    settled = [to_json(pair.hub), to_json(pair.crm)] if pair else []
    hub_changed = one.loaded.hub.changed(name) if one.loaded else None
    return (
        connection_id, object_name, source_id, one.planned["hub_id"], one.planned["name"], name, hub_value, crm_value, settled,
        hub_changed, one.planned["modified_at"], _changed_by(one.planned, former), reason["code"], reason["params"], run_id,
        former.opened_at if former else now,
    )  # fmt: skip


def _changed_by(planned: Mapping[str, Any], former: _Former | None) -> str:
    """Whoever decides by what is known here reads no record: the name stays as long as the record is the same."""
    told = str(planned["link"].get("changed_by", ""))
    is_same = former is not None and former.changed_at == planned["modified_at"]
    return told or (former.changed_by if former and is_same else "")
