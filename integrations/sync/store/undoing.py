"""Takes a page of a run's decisions back, newest first: hub rows as they were, links that remember it, one journal row each.

A row that anybody touched since is left alone and listed. What the undone run took from the CRM stays out: its pairs are
settled as they stand now, until the record changes there or a person allows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from integrations.engine.mapping import FieldRule
from integrations.engine.merge import same
from integrations.engine.plan import Action
from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState
from integrations.engine.values import Value, all_from_json, to_json
from integrations.engine.writing import outgoing
from integrations.hub.models import Agreement, Contact, Customer, CustomKey, Interaction

from ..models import Change
from .applying import Target, names_for
from .bulk import update
from .hub_rows import HubTable, Loaded, Write, table_of
from .journal import add_totals, write_changes
from .links import Known, known_links, write_links
from .marks import mark, outward_connections
from .outbox import post
from .planned import fields_column, said

REWRITES = frozenset({Action.UPDATE.value, Action.LINK.value, Action.CHURN.value, Action.UNCHURN.value})
"""Decisions that changed values of a row that was there."""
TAKEN_BACK = REWRITES | {
    Action.CREATE.value,
    Action.GONE.value,
    Action.PUSH.value,
    Action.CREATE_OUT.value,
    Action.DELETE_OUT.value,
}
"""The rest wrote nothing: a listing is decided anew by the next run."""


@dataclass(slots=True)
class Undo:
    """Which run is taken back, by which, and how far its journal goes."""

    target: Target
    undone_run: int
    last_change: int
    by: str
    rules: Mapping[str, Sequence[FieldRule]] = field(default_factory=dict)


@dataclass(slots=True)
class _Row:
    change: Mapping[str, Any]
    known: Known | None
    loaded: Loaded | None
    before: dict[str, Value]
    after: dict[str, Value]
    refused: Reason | None = None

    @property
    def action(self) -> str:
        return str(self.change["action"])

    @property
    def hub_id(self) -> int:
        return int(self.change["hub_id"] or 0)


def undo_page(undo: Undo, object_name: str, changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the journal rows."""
    now, table = timezone.now(), table_of(object_name)
    rows = _rows(undo, table, changes)
    _refuse_touched(undo, object_name, rows)
    _refuse_needed(table, [row for row in rows if row.action == Action.CREATE.value and not row.refused])
    _restore(undo, table, [row for row in rows if row.action in REWRITES and not row.refused])
    _show_again(table, [row for row in rows if row.action == Action.GONE.value and not row.refused])
    _remove(table, [row for row in rows if row.action == Action.CREATE.value and not row.refused])
    _send_back(undo, object_name, [row for row in rows if row.action == Action.PUSH.value and not row.refused], now)
    _remember(undo, object_name, rows, now)
    journal = [_change(undo, row, now) for row in rows if row.refused or row.action != Action.PUSH.value]
    write_changes(journal)
    add_totals(undo.target.connection_id, journal, now)
    return journal


def leave_page(undo: Undo, changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Nothing is taken back of these; they are listed."""
    now, reason = timezone.now(), Reason("crashed-record", {"system": undo.target.system})
    rows = [_Row(change, None, None, {}, {}, refused=reason) for change in changes]
    journal = [_change(undo, row, now) for row in rows]
    write_changes(journal)
    add_totals(undo.target.connection_id, journal, now)
    return journal


def _rows(undo: Undo, table: HubTable, changes: Sequence[Mapping[str, Any]]) -> list[_Row]:
    links = known_links(undo.target.connection_id, table.object, [change["source_id"] for change in changes])
    found = table.load(
        undo.target.connection_id, [change["hub_id"] for change in changes if change["hub_id"]], lock=True
    )
    return [
        _Row(
            change, links.get(change["source_id"]), found.get(change["hub_id"] or 0), all_from_json(change["before"]),
            all_from_json(change["after"]),
        )
        for change in changes
    ]  # fmt: skip


def _refuse_touched(undo: Undo, object_name: str, rows: Sequence[_Row]) -> None:
    later = Change.objects.filter(
        ~Q(run_id=undo.target.run_id),
        object=object_name,
        hub_id__in=[row.hub_id for row in rows],
        id__gt=undo.last_change,
    )
    touched = set(later.exclude(run_id=undo.undone_run).values_list("hub_id", flat=True))
    for row in rows:
        if row.action in {Action.CREATE_OUT.value, Action.DELETE_OUT.value}:
            row.refused = Reason("stays-in-crm", {"system": undo.target.system})
        elif row.loaded is None or row.hub_id in touched or _differs(row):
            row.refused = Reason("touched-since")


def _differs(row: _Row) -> bool:
    """What stands there is not what the run left."""
    assert row.loaded is not None
    return any(not same(row.loaded.hub.values.get(name), value) for name, value in row.after.items())


def _refuse_needed(table: HubTable, rows: Sequence[_Row]) -> None:
    """A row that something hangs on by now would take it along."""
    if table.object != "customers" or not rows:
        return
    ids = [row.hub_id for row in rows]
    needed: set[int | None] = set(Customer.objects.filter(parent__in=ids).values_list("parent_id", flat=True))
    for model in (Contact, Agreement, Interaction):
        needed |= set(model._default_manager.filter(customer__in=ids).values_list("customer_id", flat=True))
    for row in rows:
        if row.hub_id in needed:
            row.refused = Reason("hung-on-since")


def _restore(undo: Undo, table: HubTable, rows: Sequence[_Row]) -> None:
    """Every column as it was, the clerk's own included: when it changed, and who wrote its id."""
    names = names_for(undo.target, table, [row.before for row in rows])
    columns = [*table.columns, "updated_at"]
    written = []
    for row in rows:
        assert row.loaded is not None
        restored = table.row_of(Write(row.hub_id, row.before, row.loaded), names, undo.target.connection_id)
        written.append([*({**restored, **_clerk(row)}[name] for name in columns), row.hub_id])
    update(table.model, columns, written)
    table.write_custom_keys([Write(row.hub_id, row.before, row.loaded) for row in rows])


def _clerk(row: _Row) -> dict[str, Any]:
    kept = dict(row.change["undo"].get("row", {}))
    for name in ("updated_at", "gone_at"):
        if kept.get(name):
            kept[name] = datetime.fromisoformat(kept[name])
    return kept


def _show_again(table: HubTable, rows: Sequence[_Row]) -> None:
    if table.flags_gone:
        update(
            table.model, ["gone_at", "updated_at"], [[None, _clerk(row).get("updated_at"), row.hub_id] for row in rows]
        )


def _remove(table: HubTable, rows: Sequence[_Row]) -> None:
    ids = [row.hub_id for row in rows]
    if ids:
        CustomKey.objects.filter(row_id__in=ids, field__entity=table.object).delete()
        table.model._default_manager.filter(pk__in=ids).delete()


def _send_back(undo: Undo, object_name: str, rows: Sequence[_Row], now: datetime) -> None:
    """The CRM's former values, as new writes; the outbox journals what the CRM says to them."""
    by_field = {rule.hub_field: rule for rule in undo.rules.get(object_name, ())}
    going = []
    for row in rows:
        outward = {}
        for name, former in row.before.items():
            rule = by_field.get(name)
            reading = outgoing(rule, former, system=undo.target.system) if rule else None
            if rule is None or reading is None or reading.refused:
                continue
            why = said(Reason("taken-back", {"run": undo.undone_run}))
            pair = [to_json(row.after[name]), to_json(former), rule.line]
            outward[name] = [
                to_json(row.after[name]),
                to_json(row.after[name]),
                why,
                pair,
                rule.crm_field,
                to_json(reading.value),
            ]
        if outward:
            planned = {
                **row.change, "outward": outward, "name": row.known.columns["name"] if row.known else "",
                "action": Action.PUSH.value, "reason_code": "taken-back", "reason_params": {"run": undo.undone_run},
            }  # fmt: skip
            going.append((planned, ""))
    may_send = frozenset(by_field)
    post(undo.target.connection_id, undo.target.run_id, object_name, going, now, may_send=may_send, actor=undo.by)


def _remember(undo: Undo, object_name: str, rows: Sequence[_Row], now: datetime) -> None:
    columns = {
        row.change["source_id"]: _link(undo, row, now)
        for row in rows
        if row.known is not None and not row.refused and row.action in REWRITES | {Action.CREATE.value}
    }
    write_links(undo.target.connection_id, object_name, columns)
    if others := outward_connections(object_name, besides=undo.target.connection_id):
        written = [row.hub_id for row in rows if row.action in REWRITES and not row.refused]
        mark(object_name, written, now, connections=others)


def _link(undo: Undo, row: _Row, now: datetime) -> dict[str, Any]:
    assert row.known is not None
    had = dict(row.known.columns)
    stands = {
        **had, "settled": _as_they_stand(had["settled"], row.before), "synced_at": now, "run_id": undo.target.run_id,
        "churned_from": row.change["undo"].get("link", {}).get("churned_from", ""),
    }  # fmt: skip
    if row.action in {Action.CREATE.value, Action.LINK.value}:
        said_why = {"reason_code": "undone", "reason_params": {"system": undo.target.system}}
        return {**stands, **said_why, "state": LinkState.EXCLUDED.value, "hub_id": None, "settled": {}}
    if row.action == Action.CHURN.value:
        # Out of scope as it was, and kept at its stage: as if nobody had asked to churn.
        left = {"reason_code": "left-scope", "reason_params": {"system": undo.target.system}}
        return {**stands, **left, "state": LinkState.EXCLUDED.value, "churned_from": ""}
    return stands


def _as_they_stand(settled: Mapping[str, Any], before: Mapping[str, Value]) -> dict[str, Any]:
    """The hub's half goes back, the CRM's stays: neither side has moved, so neither value is carried over again."""
    return dict(settled) | {
        name: [to_json(value), *settled[name][1:]] for name, value in before.items() if name in settled
    }


def _change(undo: Undo, row: _Row, now: datetime) -> dict[str, Any]:
    change, reason = row.change, row.refused or Reason("taken-back", {"run": undo.undone_run})
    return {
        "at": now, "run_id": undo.target.run_id, "connection_id": undo.target.connection_id, "system": change["system"],
        "object": change["object"], "hub_id": change["hub_id"], "source_id": change["source_id"],
        "action": Action.RESTORE.value,
        "outcome": (Change.Outcome.REFUSED if row.refused else Change.Outcome.DONE).value, "before": change["after"],
        "after": change["before"], "field_reasons": dict.fromkeys(change["after"], said(reason)),
        "reason_code": reason.code, "reason_params": dict(reason.params), "notes": [],
        "fields": fields_column(change["after"]), "erases": False, "actor": undo.by[:160],
    }  # fmt: skip
