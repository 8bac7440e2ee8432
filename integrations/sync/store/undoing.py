"""Takes a page of a run's decisions back, newest first: hub rows as they were, links that remember it, one journal row each.

A row that anybody touched since is left alone and listed. What the undone run took from the CRM stays out: its pairs are
settled as they stand now, until the record changes there or a person allows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from integrations.engine.churn import TAKEN_BACK as CHURN_TAKEN_BACK
from integrations.engine.mapping import FieldRule, Reading
from integrations.engine.plan import Action
from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState, Pair, Record
from integrations.engine.undo import FLAGS, LISTINGS, OUTWARD, REWRITES, Fate, Standing, fate_of
from integrations.engine.values import Value, all_from_json, from_json, to_json
from integrations.engine.writing import beyond_way_back, is_cut, is_kept_form, outgoing
from integrations.hub.models import CustomKey

from ..models import Change, Conflict, RecordLink
from .applying import Target
from .bulk import columns_from_json, update
from .deleted_rows import Image, bring_back, may_come_back
from .hanging_on import needed
from .hub_rows import HubTable, Loaded, Write, table_of
from .journal import add_totals, write_changes
from .links import Known, known_links, pairs_to, write_links
from .marks import mark, outward_connections
from .outbox import TAKEN_BACK, post
from .planned import fields_column, said
from .taken_back import touching

DELETION_TAKEN_BACK = "deletion-undone"
UNLINKED = frozenset({Action.CREATE.value, Action.LINK.value})


@dataclass(slots=True)
class Undo:
    """Which run is taken back, by which, and what a person allowed it to do."""

    target: Target
    undone_run: int
    by: str
    earlier: Sequence[int] = ()
    """Runs that began to take it back, and did not come to their end."""
    rules: Mapping[str, Sequence[FieldRule]] = field(default_factory=dict)
    delete_out: bool = False


@dataclass(slots=True)
class _Row:
    change: Mapping[str, Any]
    known: Known | None = None
    loaded: Loaded | None = None
    fate: Fate = Fate.STAY
    reason: Reason | None = None
    back: dict[str, list[Any]] = field(default_factory=dict)
    """What the CRM is sent, as the outbox keeps it."""

    @property
    def action(self) -> str:
        return str(self.change["action"])

    @property
    def source_id(self) -> str:
        return str(self.change["source_id"])

    @property
    def hub_id(self) -> int:
        return int(self.change["hub_id"] or 0)

    @property
    def before(self) -> dict[str, Value]:
        return all_from_json(self.change["before"])

    @property
    def after(self) -> dict[str, Value]:
        return all_from_json(self.change["after"])

    @property
    def raw(self) -> dict[str, Value]:
        """What the CRM held letter by letter, of the fields whose former value does not say all of it."""
        return all_from_json(self.change["undo"].get("crm", {}))

    @property
    def link_image(self) -> dict[str, Any] | None:
        """The link's former columns; empty: there was none; None: nobody kept them."""
        return self.change["undo"].get("link")

    @property
    def deleted(self) -> Image | None:
        """The whole row, where it was deleted."""
        return self.change["undo"].get("deleted")

    @property
    def is_last_word(self) -> bool:
        """Whether the link stands as the undone run left it."""
        return self.known is not None and self.change["run_id"] == self.known.columns["run_id"]


def undo_page(
    undo: Undo, object_name: str, changes: Sequence[Mapping[str, Any]], in_crm: Mapping[str, Record] | None = None
) -> list[dict[str, Any]]:
    """`in_crm`: source id → the record as the CRM shows it now, of those that were written. Returns the journal rows."""
    now, table = timezone.now(), table_of(object_name)
    rows = _rows(undo, table, changes)
    _decide(undo, table, rows, in_crm or {})
    _remove(table, _of(rows, Fate.REMOVE))
    _restore(undo, table, _of(rows, Fate.RESTORE))
    _return(undo, object_name, _of(rows, Fate.RETURN), now)
    _flag(table, _of(rows, Fate.FLAG))
    _send_back(undo, object_name, _of(rows, Fate.SEND, Fate.DELETE_OUT), now)
    _relist(undo, object_name, _of(rows, Fate.RELIST))
    _remember(undo, object_name, _of(rows, Fate.RESTORE, Fate.REMOVE), now)
    # What goes out is journaled with the CRM's word about it.
    silent = {Fate.PASS, Fate.SEND, Fate.DELETE_OUT}
    return _journal(undo, [row for row in rows if row.fate not in silent], now)


def leave_page(undo: Undo, changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Nothing is taken back of these; they are listed."""
    reason = Reason("crashed-record", {"system": undo.target.system})
    return _journal(undo, [_Row(change, reason=reason) for change in changes], timezone.now())


def _of(rows: Sequence[_Row], *fates: Fate) -> list[_Row]:
    return [row for row in rows if row.fate in fates]


def _rows(undo: Undo, table: HubTable, changes: Sequence[Mapping[str, Any]]) -> list[_Row]:
    links = known_links(undo.target.connection_id, table.object, [change["source_id"] for change in changes])
    hub_ids = [change["hub_id"] for change in changes if change["hub_id"]]
    found = table.load(undo.target.connection_id, hub_ids, lock=True)
    return [_Row(change, links.get(change["source_id"]), found.get(change["hub_id"] or 0)) for change in changes]


def _decide(undo: Undo, table: HubTable, rows: Sequence[_Row], in_crm: Mapping[str, Record]) -> None:
    touched, rules = _touched(undo, table.object, rows), undo.rules.get(table.object, ())
    back = may_come_back([image for row in rows if (image := row.deleted)])
    for row in rows:
        there = in_crm.get(row.source_id)
        standing = Standing(
            row=row.loaded.hub.values if row.loaded else None,
            touched=touched.get(row.hub_id, 0) > row.change["pk"],
            flags=_flags(table, row),
            is_last_word=row.is_last_word and row.link_image is not None,
            in_crm=_held(rules, there, row),
            left_in_crm=_left(rules, there, row) if there is not None else {},
            moved_in_crm=there is not None and row.known is not None and _moved(there, row.known),
            may_delete_out=undo.delete_out,
            may_return=row.hub_id in back,
        )
        row.fate, row.reason = fate_of(Action(row.action), row.after, standing, system=undo.target.system)
        if row.fate is Fate.SEND:
            _prepare(undo, table.object, row)
    # Asked last: what is removed or moved back by this very page does not stand in the way.
    leaving = [row.hub_id for row in _of(rows, Fate.RESTORE) if table.hangs_on in row.change["before"]]
    going = _of(rows, Fate.REMOVE)
    held = needed(table.object, [row.hub_id for row in going], leaving)
    for row in going:
        if row.hub_id in held:
            row.fate, row.reason = Fate.STAY, Reason("hung-on-since")


def _touched(undo: Undo, object_name: str, rows: Sequence[_Row]) -> dict[int, int]:
    """hub id → the latest decision that wrote to the row, of whomever but this run."""
    ids, first = {row.hub_id for row in rows if row.hub_id}, min(row.change["pk"] for row in rows)
    later = touching([undo.undone_run, undo.target.run_id, *undo.earlier])
    found = later.filter(object=object_name, hub_id__in=ids, pk__gt=first).order_by().values("hub_id")
    return {hub_id or 0: last for hub_id, last in found.annotate(last=Max("pk")).values_list("hub_id", "last")}


def _flags(table: HubTable, row: _Row) -> bool:
    if row.action == Action.SETTLE.value:
        return True
    return row.action in table.flags_gone and bool(row.hub_id) and "row" in row.change["undo"]


def _held(rules: Sequence[FieldRule], there: Record | None, row: _Row) -> dict[str, Value] | None:
    """hub field → what the CRM holds now; None where the record, or a field that was written, is no longer to be seen."""
    if there is None:
        return None
    paths = {rule.hub_field: rule.crm_field for rule in rules if rule.hub_field in row.change["after"]}
    if not there.values.keys() >= set(paths.values()):
        return None
    return {name: there.values[path] for name, path in paths.items()}


def _left(rules: Sequence[FieldRule], there: Record, row: _Row) -> dict[str, Value]:
    """hub field → what the CRM made of what it was sent. Where nobody looked, it may have tidied it by itself."""
    after, is_known = row.after, "left" in row.change["undo"]
    seen, left = all_from_json(row.change["undo"].get("left", {})), {}
    for rule in rules:
        if (name := rule.hub_field) in after:
            sent = outgoing(rule, after[name], creating=row.action == Action.CREATE_OUT).value
            now = there.values.get(rule.crm_field)
            left[name] = seen.get(name, sent) if is_known or not is_kept_form(sent, now) else now
    return left


def _moved(record: Record, known: Known) -> bool:
    had = known.columns["modified_at"]
    return record.modified_at is not None and had is not None and record.modified_at > had


def _prepare(undo: Undo, object_name: str, row: _Row) -> None:
    """The CRM's former values, letter by letter or by the lines that wrote them; one that has no way back keeps the whole
    record as it is."""
    by_field = {rule.hub_field: rule for rule in undo.rules.get(object_name, ())}
    why = said(_taken_back(undo))
    for name, former in row.before.items():
        rule = by_field.get(name)
        if rule is None or name not in undo.target.may_send.get(object_name, ()):
            continue
        reading = _way_back(rule, row, former, undo.target.system)
        if reading.refused:
            row.fate, row.reason, row.back = Fate.STAY, reading.refused, {}
            return
        left, old = row.change["after"][name], to_json(former)
        pair = pairs_to({name: Pair(from_json(left), former, rule.line, row.raw.get(name))})[name]
        row.back[name] = [left, old, why, pair, rule.crm_field, to_json(reading.value), *_beyond(rule, row, left)]
    if not row.back:
        row.fate, row.reason = Fate.STAY, Reason("lines-only-read", {"system": undo.target.system})


def _way_back(rule: FieldRule, row: _Row, former: Value, system: str) -> Reading:
    if rule.hub_field not in row.raw:
        return outgoing(rule, former, system=system)
    raw = row.raw[rule.hub_field]
    if is_cut(raw):
        return Reading(refused=Reason("too-long-to-keep", {"label": rule.hub_label, "system": system}))
    return Reading(raw)


def _beyond(rule: FieldRule, row: _Row, left: Any) -> list[Any]:
    """What stands there and what was sent does not say: the way back of the way back."""
    there = all_from_json(row.change["undo"].get("left", {})).get(rule.hub_field)
    raw = None if there is None else beyond_way_back(rule, there, from_json(left))
    return [] if raw is None else [to_json(raw)]


def _remove(table: HubTable, rows: Sequence[_Row]) -> None:
    """Before the rest is restored: an ID that a new row took from an old one is free again."""
    ids = [row.hub_id for row in rows]
    if ids:
        CustomKey.objects.filter(row_id__in=ids, field__entity=table.object).delete()
        table.model._default_manager.filter(pk__in=ids).delete()


def _restore(undo: Undo, table: HubTable, rows: Sequence[_Row]) -> None:
    """Every column as it was, the clerk's own included: when it changed, and who wrote its id."""
    columns, written = [*table.columns, "updated_at"], []
    for row in rows:
        assert row.loaded is not None
        former = columns_from_json(table.model, row.change["undo"].get("row", {}))
        had = table.put_back(row.loaded, row.before, {**_unmarked(table), **former})
        written.append([*(had[name] for name in columns), row.hub_id])
    update(table.model, columns, written)
    table.put_back_beside(undo.target.connection_id, [Write(row.hub_id, row.before, row.loaded) for row in rows])


def _return(undo: Undo, object_name: str, rows: Sequence[_Row], now: datetime) -> None:
    """The record is still deleted in its CRM: the link says so, so that no run concludes the same from it once more."""
    bring_back(object_name, {row.hub_id: image for row in rows if (image := row.deleted)})
    gone = {
        "state": LinkState.GONE.value, "reason_code": DELETION_TAKEN_BACK, "reason_params": {"system": undo.target.system},
        "gone_at": now, "synced_at": now, "run_id": undo.target.run_id,
    }  # fmt: skip
    write_links(
        undo.target.connection_id, object_name,
        {
            row.source_id: {**row.known.columns, **columns_from_json(RecordLink, row.link_image or {}), **gone}
            for row in rows
            if row.known is not None
        },
    )  # fmt: skip
    if others := outward_connections(object_name, besides=undo.target.connection_id):
        mark(object_name, [row.hub_id for row in rows], now, connections=others)


def _flag(table: HubTable, rows: Sequence[_Row]) -> None:
    if not rows:
        return
    names, written = ["gone_at", "updated_at"], []
    for row in rows:
        former = _unmarked(table) | columns_from_json(table.model, row.change["undo"]["row"])
        written.append([*(former[name] for name in names), row.hub_id])
    update(table.model, names, written)


def _unmarked(table: HubTable) -> dict[str, Any]:
    """A mark is kept only where there was one."""
    return {"gone_at": None} if "gone_at" in table.columns else {}


def _send_back(undo: Undo, object_name: str, rows: Sequence[_Row], now: datetime) -> None:
    """As new writes, which the outbox journals with what the CRM says to them."""
    why = _taken_back(undo)
    kinds = {Fate.SEND: Action.PUSH.value, Fate.DELETE_OUT: Action.DELETE_OUT.value}
    going = [
        (
            {
                **row.change, "outward": row.back, "name": row.known.columns["name"] if row.known else "",
                "action": kinds[row.fate], "reason_code": why.code, "reason_params": why.params,
            },
            "",
        )
        for row in rows
    ]  # fmt: skip
    may_send = undo.target.may_send.get(object_name, frozenset())
    post(undo.target.connection_id, undo.target.run_id, object_name, going, now, may_send=may_send, actor=undo.by)


def _relist(undo: Undo, object_name: str, rows: list[_Row]) -> None:
    """The record is known as before; one that nobody knew is forgotten, and met anew by the next run."""
    mine = RecordLink.objects.filter(connection=undo.target.connection_id, object=object_name)
    living = [row for row in rows if row.known and row.known.link.state is not LinkState.MERGED and not _by_hand(row)]
    images = {row.source_id: columns_from_json(RecordLink, row.link_image or {}) for row in living}
    wanted = {image["hub_id"] for image in images.values() if image.get("hub_id")}
    taken = set(mine.filter(hub_id__in=wanted).exclude(source_id__in=list(images)).values_list("hub_id", flat=True))
    kept, fresh = {}, []
    for row in living:
        image = images[row.source_id]
        if not image:
            fresh.append(row.source_id)
        elif row.known and image.get("hub_id") not in taken:
            kept[row.source_id] = {**row.known.columns, **image, "run_id": undo.target.run_id}
    write_links(undo.target.connection_id, object_name, kept)
    mine.filter(source_id__in=fresh).delete()
    for row in rows:
        if row.source_id not in kept and row.source_id not in fresh:
            row.fate = Fate.PASS


def _by_hand(row: _Row) -> bool:
    return row.known is not None and (row.known.link.excluded_by_hand or row.known.link.is_paused)


def _remember(undo: Undo, object_name: str, rows: Sequence[_Row], now: datetime) -> None:
    write_links(
        undo.target.connection_id, object_name,
        {row.source_id: _link(undo, row, row.known, now) for row in rows if row.known is not None},
    )  # fmt: skip
    _give_back(undo, object_name, rows)
    parted = [row.source_id for row in rows if row.action in UNLINKED]
    Conflict.objects.filter(connection=undo.target.connection_id, object=object_name, source_id__in=parted).delete()
    if others := outward_connections(object_name, besides=undo.target.connection_id):
        mark(object_name, [row.hub_id for row in rows if row.fate is Fate.RESTORE], now, connections=others)


def _give_back(undo: Undo, object_name: str, rows: Sequence[_Row]) -> None:
    """A row that was taken over is its former record's again, with all that stood between the two."""
    formers = {row.source_id: former for row in rows if (former := row.change["undo"].get("former"))}
    if not formers:
        return
    links = known_links(undo.target.connection_id, object_name, [former["source_id"] for former in formers.values()])
    write_links(
        undo.target.connection_id, object_name,
        {
            former["source_id"]: {**known.columns, **columns_from_json(RecordLink, former["link"])}
            for former in formers.values()
            # One that has met another row since keeps that.
            if (known := links.get(former["source_id"])) and known.link.hub_id is None
        },
    )  # fmt: skip
    # A pause that came with the row goes with it; one of its own stays.
    heirs = RecordLink.objects.filter(connection=undo.target.connection_id, object=object_name, source_id__in=formers)
    pauses = [known.columns["paused_at"] for known in links.values() if known.link.is_paused]
    heirs.filter(paused_at__in=pauses).update(paused_at=None)


def _link(undo: Undo, row: _Row, known: Known, now: datetime) -> dict[str, Any]:
    had, system = dict(known.columns), {"system": undo.target.system}
    stands = {
        **had, "settled": _as_they_stand(had["settled"], row.change["before"]), "synced_at": now,
        "run_id": undo.target.run_id, "churned_from": (row.link_image or {}).get("churned_from", ""),
    }  # fmt: skip
    out = {"state": LinkState.EXCLUDED.value, "reason_params": system}
    if row.action in UNLINKED:
        # A row that stays is remembered: it has met this CRM, so no run creates it there a second time.
        met = {"row": row.hub_id} if row.fate is Fate.RESTORE else {}
        return {**stands, **out, "reason_code": "undone", "reason_params": system | met, "hub_id": None, "settled": {}}
    if row.action == Action.CHURN.value:
        # Out of scope as it was, and kept at its stage.
        return {**stands, **out, "reason_code": CHURN_TAKEN_BACK, "churned_from": ""}
    return stands


def _as_they_stand(settled: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The hub's half goes back, the CRM's stays: neither side has moved, so neither value is carried over again."""
    return dict(settled) | {name: [value, *settled[name][1:]] for name, value in before.items() if name in settled}


def _taken_back(undo: Undo) -> Reason:
    return Reason(TAKEN_BACK, {"run": undo.undone_run})


def _journal(undo: Undo, rows: Sequence[_Row], now: datetime) -> list[dict[str, Any]]:
    journal = [_change(undo, row, now) for row in rows]
    write_changes(journal)
    add_totals(undo.target.connection_id, journal, now)
    return journal


def _change(undo: Undo, row: _Row, now: datetime) -> dict[str, Any]:
    change, reason = row.change, row.reason or _taken_back(undo)
    is_listing = row.action in (LISTINGS | FLAGS) - REWRITES
    before, after = ({}, {}) if is_listing else (change["after"], change["before"])
    return {
        "at": now, "run_id": undo.target.run_id, "connection_id": undo.target.connection_id, "system": change["system"],
        "object": change["object"], "hub_id": change["hub_id"], "source_id": change["source_id"],
        # Of one record, what was written here and what was sent are two decisions.
        "action": change["action"] if row.action in OUTWARD else Action.RESTORE.value,
        "outcome": (Change.Outcome.REFUSED if row.reason else Change.Outcome.DONE).value, "before": before,
        "after": after, "field_reasons": dict.fromkeys(after, said(reason)), "reason_code": reason.code,
        "reason_params": dict(reason.params), "notes": [], "fields": fields_column(after), "erases": False,
        "actor": undo.by[:160],
    }  # fmt: skip
