"""Applies one page of planned rows of one object: hub rows, links, journal, totals; the same number of statements for any page.

A row whose ground moved since it was decided is refused alone; what stands in the hub is never overwritten unseen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from integrations.engine.mapping import MergeKey
from integrations.engine.merge import same
from integrations.engine.plan import MADE_HERE, NEW_BY_HAND, Action
from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState, Pair
from integrations.engine.retry import FRESH, after_failure, class_of
from integrations.engine.undo import FLAGS, LISTINGS
from integrations.engine.values import Json, Value, all_from_json, from_json, to_json
from integrations.hub.models import Stage

from ..models import Change, RecordLink
from .awaited import await_contacts, hang_arrived
from .bulk import columns_to_json
from .conflicts import Dispute, note_conflicts
from .deleted_rows import Image, delete_rows, named_in
from .holders import held_by_others
from .hub_rows import HubTable, Loaded, Names, Write, table_of
from .interactions import CONTACTS, contacts_of
from .journal import SILENT, add_totals, drop_planned, outcome_of, write_changes
from .links import (
    HANDED_ON,
    UNTRIED,
    Known,
    empty_columns,
    known_links,
    pairs_from,
    pairs_to,
    pause_like,
    release_merged,
    write_links,
)
from .marks import mark, outward_connections
from .outbox import OUTWARD_ONLY, forget_unsent, goes_out, key_of, moved_here, post
from .planned import fields_column
from .staging import key_form
from .vocabulary import people, profiles, stages

WRITING = frozenset(
    {Action.CREATE.value, Action.LINK.value, Action.UPDATE.value, Action.CHURN.value, Action.UNCHURN.value}
)
DROPPED = "brake-dropped"
"""Held by the brake and dropped by a person before it was here."""
KEPT_OUT = frozenset({"undone", DROPPED})
"""Why a record stays out while it stays as it is; a person may allow it."""
LOST = frozenset({LinkState.GONE, LinkState.EXCLUDED, LinkState.MERGED})
"""States of a link whose row may say that the CRM no longer has it."""
NO_COLUMNS = frozenset({"gone", "used", "former", "paused", "stated", "changed_by"})
"""What a planned row says of its link beside the columns."""
LISTED = {LinkState.FAILING.value, LinkState.COLLISION.value, LinkState.EXCLUDED.value}


@dataclass(slots=True)
class Target:
    """Whose rows, and what one slice keeps between its pages."""

    connection_id: int
    run_id: int
    system: str
    source_objects: Mapping[str, str]
    is_dropping: bool = False
    """A person dropped what the brake held: links remember the decision, both sides stay as they are."""
    actor: str = ""
    names: Names | None = None
    may_send: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """data type → hub fields whose lines may write the CRM: the gate of everything that goes out."""
    keys: Mapping[str, Sequence[MergeKey]] = field(default_factory=dict)
    """data type → by what a record would be recognised."""
    common: frozenset[str] = frozenset()
    """Data types whose IDs mean the same in every system."""
    listeners: dict[str, list[int]] = field(default_factory=dict)
    """data type → other connections that carry changes of it out."""


@dataclass(slots=True)
class _Row:
    """One planned row on its way through the page."""

    planned: Mapping[str, Any]
    known: Known | None
    former: Known | None
    """The link that hands its row on to this record."""
    after: dict[str, Value]
    hub_id: int | None
    refused: Reason | None = None
    loaded: Loaded | None = None
    dropped: bool = False

    @property
    def action(self) -> str:
        return str(self.planned["action"])

    @property
    def source_id(self) -> str:
        return str(self.planned["source_id"])

    @property
    def said(self) -> str:
        """The code of the reason."""
        return str(self.planned["reason_code"])

    @property
    def writes(self) -> bool:
        return self.refused is None and not self.dropped and self.action in WRITING

    @property
    def sends(self) -> bool:
        return self.refused is None and not self.dropped and goes_out(self.planned)

    @property
    def deletes(self) -> bool:
        return self.refused is None and not self.dropped and self.action == Action.DELETE.value

    @property
    def takes_over(self) -> bool:
        return self.writes and self.former is not None

    @property
    def has_handed_on(self) -> bool:
        """The record that it was merged into took its row over: what was planned for the row is no longer its own."""
        is_merged = self.planned["link"].get("state") == LinkState.MERGED.value
        return is_merged and self.known is not None and self.known.link.hub_id is None

    @property
    def has_link(self) -> bool:
        """A row made here gets its link from the CRM's answer."""
        return not self.source_id.startswith(MADE_HERE)


def apply_page(target: Target, object_name: str, planned: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the journal rows."""
    now, table = timezone.now(), table_of(object_name)
    rows = _rows(target, object_name, planned)
    names = _names(target, table, rows)
    _load(target, table, rows)
    _refuse_moved(rows, names, table)
    _refuse_needed(target, table, rows)
    _refuse_arrived(target, table, rows)
    _refuse_taken_ids(target, table, rows)
    _reserve(table, rows)
    writes = [
        Write(row.hub_id or 0, row.after, row.loaded, stated=stated_of(row.planned))
        for row in rows
        if row.writes and row.after
    ]
    found = [row.hub_id for row in rows if row.writes and row.hub_id and row.action == Action.LINK.value]
    heirs = [row for row in rows if row.takes_over]
    formers = [former_id(row.planned) for row in heirs]
    release_merged(target.connection_id, object_name, found, formers)
    forget_unsent(target.connection_id, object_name, [*formers, *_kept_from_going(rows)])
    former = table.write(writes, names, target.connection_id, now)
    _tell_others(target, object_name, writes, now)
    _mark_gone(table, rows, now)
    deleted = _delete(target, object_name, rows)
    linked = [row for row in rows if row.has_link]
    write_links(
        target.connection_id,
        object_name,
        {row.source_id: _link(target, row, object_name, now, table.given(names)) for row in linked},
    )
    _pause_heirs(target, object_name, heirs)
    if object_name == CONTACTS:
        hang_arrived(target.connection_id, {row.source_id: row.hub_id for row in linked if row.writes and row.hub_id})
    _post(target, object_name, rows, now)
    note_conflicts(target.connection_id, target.run_id, object_name, [_dispute(row) for row in linked], now)
    told = [row for row in rows if _is_told(table, row)]
    journal = [_change(target, row, now, _undo_image(table, row, former, deleted)) for row in told]
    write_changes(journal)
    add_totals(target.connection_id, journal, now)
    drop_planned([row["pk"] for row in planned])
    return journal


def former_id(planned: Mapping[str, Any]) -> str:
    """The record whose row this one takes over."""
    return str(planned["link"].get("former", ""))


def stated_of(planned: Mapping[str, Any]) -> Sequence[str]:
    """The hub fields that the CRM answered for when the row was decided."""
    stated: Sequence[str] = planned["link"].get("stated", ())
    return stated


def _pause_heirs(target: Target, object_name: str, heirs: Sequence[_Row]) -> None:
    paused = {
        row.source_id: row.former.columns["paused_at"] for row in heirs if row.former and row.former.link.is_paused
    }
    if paused:
        pause_like(target.connection_id, object_name, paused)


def _is_told(table: HubTable, row: _Row) -> bool:
    """What only goes out is journaled with the CRM's word about it."""
    return bool(row.refused) or row.dropped or row.action not in SILENT | OUTWARD_ONLY or _lost_its_mark(table, row)


def _kept_from_going(rows: Sequence[_Row]) -> list[str]:
    """What waits to be sent since an earlier run says no more than what was dropped now."""
    return [row.source_id for row in rows if row.dropped and goes_out(row.planned)]


def _tell_others(target: Target, object_name: str, writes: Sequence[Write], now: datetime) -> None:
    if object_name not in target.listeners:
        target.listeners[object_name] = outward_connections(object_name, besides=target.connection_id)
    if target.listeners[object_name]:
        mark(object_name, [one.hub_id for one in writes], now, connections=target.listeners[object_name])


def _post(target: Target, object_name: str, rows: Sequence[_Row], now: datetime) -> None:
    going = []
    for row in rows:
        if row.sends:
            made_at = row.loaded.hub.made_at if row.loaded else None
            key = key_of(object_name, row.hub_id or 0, made_at) if made_at and not row.has_link else ""
            going.append(({**row.planned, "hub_id": row.hub_id}, key))
    may_send = target.may_send.get(object_name, frozenset())
    post(target.connection_id, target.run_id, object_name, going, now, may_send=may_send, actor=target.actor)


def _dispute(row: _Row) -> Dispute:
    is_open = row.refused is None and not row.dropped and bool(row.planned["asks"])
    return Dispute(row.planned, row.loaded, row.former or row.known, is_open=is_open)


def _rows(target: Target, object_name: str, planned: Sequence[Mapping[str, Any]]) -> list[_Row]:
    formers = [former for row in planned if (former := former_id(row))]
    links = known_links(target.connection_id, object_name, [*(row["source_id"] for row in planned), *formers])
    return [
        _Row(
            row, links.get(row["source_id"]), links.get(former_id(row)), all_from_json(row["after"]), row["hub_id"],
            dropped=target.is_dropping,
        )
        for row in planned
    ]  # fmt: skip


def _names(target: Target, table: HubTable, rows: Sequence[_Row]) -> Names:
    return names_for(target, table, [row.after for row in rows if row.writes])


def names_for(target: Target, table: HubTable, values: Sequence[Mapping[str, Value]]) -> Names:
    """What the names in these rows' values mean in the database."""
    if target.names is None:
        by_name, default = stages()
        target.names = Names(stages=by_name, profiles=profiles(), default_stage=default)
    emails = [str(row["csm"]) for row in values if row.get("csm")]
    heads = {str(row[table.hangs_on]) for row in values if row.get(table.hangs_on)}
    links = RecordLink.objects.filter(
        connection=target.connection_id, object="customers", source_id__in=heads, hub_id__isnull=False
    )
    return Names(
        stages=target.names.stages,
        profiles=target.names.profiles,
        default_stage=target.names.default_stage,
        people=people(emails),
        contacts=_contacts(target, values),
        customers={source_id: hub_id for source_id, hub_id in links.values_list("source_id", "hub_id") if hub_id},
    )


def _contacts(target: Target, values: Sequence[Mapping[str, Value]]) -> dict[str, int]:
    refs = {ref for row in values for ref in (row.get(CONTACTS) or ()) if CONTACTS in row}  # type: ignore[union-attr]
    return contacts_of(target.connection_id, refs) if refs else {}


def _load(target: Target, table: HubTable, rows: Sequence[_Row]) -> None:
    """Locked until the page is through: a hand that edits the row meanwhile waits, and is seen by the next run."""
    asked = [
        row.hub_id
        for row in rows
        if row.hub_id
        and not row.has_handed_on
        and (
            row.writes
            or row.sends
            or row.deletes
            or row.planned["asks"]
            or row.action in table.flags_gone
            or _is_back(table, row)
        )
    ]
    found = table.load(target.connection_id, asked, lock=True)
    for row in rows:
        row.loaded = found.get(row.hub_id or 0)


def _refuse_moved(rows: Sequence[_Row], names: Names, table: HubTable) -> None:
    for row in rows:
        if (
            row.sends
            and row.planned["outward"]
            and (row.loaded is None or moved_here(row.planned, row.loaded.hub.values))
        ):
            row.refused = Reason("hub-moved", {})
        if not row.writes:
            continue
        is_new = row.action == Action.CREATE.value
        linked_to = row.known.link.hub_id if row.known else None
        if is_new or row.action == Action.LINK.value:
            moved = linked_to is not None and row.known is not None and row.known.link.decides
            moved = moved or (bool(former_id(row.planned)) and not _hands_on(row))
        else:
            moved = linked_to != row.hub_id
        if moved or (not is_new and (row.loaded is None or _differs(row))):
            row.refused = Reason("hub-moved", {})
        elif _hangs_nowhere(row, names, table):
            row.refused = Reason("customer-out-of-scope", {})


def _refuse_needed(target: Target, table: HubTable, rows: Sequence[_Row]) -> None:
    """What was to be deleted and is not as it was: somebody works on it, it has another record, another connection has it."""
    going = [row for row in rows if row.deletes]
    if not going:
        return
    others = held_by_others(target.connection_id, table.object, [row.hub_id for row in going if row.hub_id])
    for row in going:
        if row.hub_id in others:
            row.refused = Reason("kept-for-other", {"other": others[row.hub_id]})
        elif not _may_go(row):
            row.refused = Reason("hub-moved", {})


def _may_go(row: _Row) -> bool:
    if row.known is None or row.loaded is None or row.known.link.hub_id != row.hub_id:
        return False
    is_theirs = row.known.link.excluded_by_hand or row.known.link.is_paused
    return not is_theirs and not _differs(row) and row.loaded.columns["updated_at"] <= row.planned["at"]


def _hands_on(row: _Row) -> bool:
    """Whether nobody has spoken about the record that went, since its row was promised to this one."""
    if row.former is None or row.former.link.hub_id != row.hub_id or row.former.link.excluded_by_hand:
        return False
    return row.former.link.is_paused == row.planned["link"]["paused"]


def _differs(row: _Row) -> bool:
    assert row.loaded is not None
    values = row.loaded.hub.values
    before = row.planned["before"].read()
    return any(not same(values.get(name), from_json(value)) for name, value in before.items())


def _hangs_nowhere(row: _Row, names: Names, table: HubTable) -> bool:
    """Its customer was refused after all, so there is no row to hang it on; a company goes on without its parent."""
    head = row.after.get(table.hangs_on)
    if not head or str(head) in names.customers:
        return False
    if table.object == "customers":
        del row.after[table.hangs_on]
        return False
    return True


def _refuse_arrived(target: Target, table: HubTable, rows: Sequence[_Row]) -> None:
    """Since a record was found to be new, its row may have come: by another connection, a hand, an import. Decided anew.

    A row that was there and as it is when it was decided is none of these: the decision knew it.
    """
    new = [row for row in rows if row.writes and row.action == Action.CREATE.value and row.said != NEW_BY_HAND]
    keys = target.keys.get(table.object, ())
    forms = {(key.hub_field, row.source_id): key_form(key, row.after.get(key.hub_field)) for key in keys for row in new}
    if not any(forms.values()):
        return
    # Who makes rows stands in line: what two find missing at the same time, both would make.
    list(Stage.objects.select_for_update(no_key=True).filter(is_default=True).values_list("pk"))
    arrived: dict[tuple[str, str], set[int]] = {}
    for key in keys:
        asked = sorted({forms[key.hub_field, row.source_id] for row in new} - {""})
        found = table.find(key, asked, target.connection_id, is_common=table.object in target.common) if asked else {}
        arrived |= {(key.hub_field, value): set(pks) for value, pks in found.items()}
    ids = set().union(*arrived.values())
    fresh = _fresh(target, table, ids, min(row.planned["at"] for row in new)) if ids else set()
    for row in new:
        if any(arrived.get((key.hub_field, forms[key.hub_field, row.source_id]), set()) & fresh for key in keys):
            row.refused = Reason("row-arrived", {})


def _fresh(target: Target, table: HubTable, ids: Collection[int], since: datetime) -> set[int]:
    """Of these, the rows that were made or changed since, and that no record of this connection has."""
    linked = RecordLink.objects.filter(connection=target.connection_id, object=table.object, hub_id=OuterRef("pk"))
    rows = table.model._default_manager.filter(~Exists(linked), pk__in=ids, updated_at__gte=since)
    return set(rows.values_list("pk", flat=True))


def _refuse_taken_ids(target: Target, table: HubTable, rows: Sequence[_Row]) -> None:
    """An ID that another row already has must not sink the page at the database's constraint."""
    asked = [row for row in rows if row.writes and row.after.get("ref_id")]
    ids = {str(row.after["ref_id"]) for row in asked}
    if not ids or table.object != "customers":
        return
    known = table.model._default_manager.filter(ref_writer=target.connection_id, ref_id__in=ids)
    owners: dict[str, int | str] = dict(known.values_list("ref_id", "pk"))
    for row in asked:
        ref_id, own = str(row.after["ref_id"]), row.hub_id or row.source_id
        if owners.setdefault(ref_id, own) != own:
            row.refused = Reason("ref-id-taken", {"value": ref_id, "system": target.system})


def _reserve(table: HubTable, rows: Sequence[_Row]) -> None:
    new = [row for row in rows if row.writes and row.hub_id is None]
    for row, hub_id in zip(new, table.reserve(len(new)), strict=True):
        row.hub_id = hub_id


def _is_back(table: HubTable, row: _Row) -> bool:
    """Whether its row has to lose the mark that the CRM no longer has it."""
    known = row.former or row.known
    if not table.flags_gone or known is None or known.link.state not in LOST:
        return False
    return bool(row.planned["link"]["state"] == LinkState.LINKED.value)


def _lost_its_mark(table: HubTable, row: _Row) -> bool:
    return _is_back(table, row) and row.loaded is not None and row.loaded.columns["gone_at"] is not None


def _mark_gone(table: HubTable, rows: Sequence[_Row], now: datetime) -> None:
    """What has no stage to churn says itself that the CRM no longer has it."""
    if not table.flags_gone:
        return
    gone = [
        row.hub_id
        for row in rows
        if row.action in table.flags_gone and not row.dropped and row.hub_id and not row.has_handed_on
    ]
    back = [row.hub_id for row in rows if row.hub_id and _is_back(table, row)]
    for pks, moment in ((gone, now), (back, None)):
        if pks:
            table.model._default_manager.filter(pk__in=pks).update(gone_at=moment, updated_at=now)


def _delete(target: Target, object_name: str, rows: Sequence[_Row]) -> dict[int, Image]:
    going = {row.hub_id: row.source_id for row in rows if row.deletes and row.hub_id}
    images = delete_rows(object_name, list(going))
    if going and object_name == CONTACTS:
        # What names a contact waits for it: it may come back to life.
        await_contacts(target.connection_id, named_in(images, going))
    return images


def _link(target: Target, row: _Row, object_name: str, now: datetime, given: Mapping[str, Value]) -> dict[str, Any]:
    """The link after this decision; a refused row keeps what it had and is read anew by the next run."""
    had = (
        dict(row.known.columns) if row.known else empty_columns(target.source_objects[object_name], now, target.run_id)
    )
    if row.refused:
        return _refused_link(row, had, target, now)
    planned = row.planned
    state = planned["link"]
    if row.takes_over and row.former is not None:
        had |= {name: row.former.columns[name] for name in HANDED_ON}
    is_gone = state.get("gone", False)
    columns = {
        **had,
        **{name: value for name, value in state.items() if name not in NO_COLUMNS},
        # A choice made while this run decided is not among those that it followed.
        "chosen": {name: choice for name, choice in had["chosen"].items() if name not in state.get("used", ())},
        "name": planned["name"] or had["name"],
        "hub_id": None if row.has_handed_on else row.hub_id,
        "settled": _settled(row, given),
        "source_hash": planned["source_hash"],
        "modified_at": planned["modified_at"] or had["modified_at"],
        "gone_at": (had["gone_at"] or now) if is_gone else None,
        "linked_at": had["linked_at"] or (now if row.hub_id else None),
        "synced_at": now,
        "run_id": target.run_id,
    }
    return columns | _tried(row, columns, now) | (_dropped(row, target) if row.dropped else _parted(row))


def _tried(row: _Row, columns: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A decision that leaves the record failing was a try; every other ends the loop."""
    if columns["state"] != LinkState.FAILING.value or row.dropped:
        # Without a hash its record is still to be read: another decision about its row is no answer to that.
        return dict(UNTRIED) if columns["source_hash"] else {}
    return _after_failure(row, str(columns["reason_code"]), str(columns["rules_hash"]), now)


def _after_failure(row: _Row, code: str, rules_hash: str, now: datetime, *, may_give_up: bool = True) -> dict[str, Any]:
    known = row.known
    before = known.tried if known else FRESH
    is_same = (
        known is not None and known.rules_hash == rules_hash and known.source_hash in {"", row.planned["source_hash"]}
    )
    tried = after_failure(before, class_of(code), now, is_same=is_same, may_give_up=may_give_up)
    return {"tries": tried.tries, "next_try_at": tried.next_at, "given_up_at": tried.given_up_at}


def _parted(row: _Row) -> dict[str, Any]:
    """A record that comes back to life finds no row, and is decided like a new one."""
    return {"hub_id": None, "source_hash": "", **UNTRIED} if row.deletes else {}


def _dropped(row: _Row, target: Target) -> dict[str, Any]:
    if row.action == Action.CHURN.value:
        return {"state": LinkState.EXCLUDED.value, "churned_from": "", "reason_code": "left-scope"}
    if row.action in {Action.CREATE.value, Action.LINK.value}:
        # A row that was about to be linked has met this CRM: no run creates it there a second time.
        met = {"row": row.hub_id} if row.action == Action.LINK.value else {}
        said = {"system": target.system, "by": target.actor, **met}
        out: dict[str, Any] = {"state": LinkState.EXCLUDED.value, "hub_id": None, "settled": {}}
        return {**out, "reason_code": DROPPED, "reason_params": said}
    return {}


def _settled(row: _Row, given: Mapping[str, Value]) -> Any:
    if row.action == Action.CREATE.value and not row.dropped:
        settled = row.planned["settled"].read()
        blank = [name for name in given if name in settled and settled[name][0] is None]
        return settled | {name: [to_json(given[name]), *settled[name][1:]] for name in blank}
    if not row.dropped:
        return row.planned["settled"]
    # Each side keeps its value: what is settled is the difference that a person looked at.
    settled, before = row.planned["settled"].read(), row.planned["before"].read()
    inward = {name: [value, *settled[name][1:]] for name, value in before.items() if name in settled}
    return settled | inward | _unsent(row.planned["outward"], pairs_from(settled))


def _unsent(outward: Mapping[str, Sequence[Any]], former: Mapping[str, Pair]) -> dict[str, Json]:
    """By the line that would have sent them: what another line settled would be decided anew at the next look."""
    pairs = {}
    for name, (there, here, _reason, confirmed, _path, _value, *raw) in outward.items():
        if confirmed:
            line, is_unread = pairs_from({name: confirmed})[name].line, name in former and former[name].is_unread
            pairs[name] = Pair(
                from_json(here), from_json(there), line, from_json(raw[0]) if raw else None, is_unread=is_unread
            )
    return pairs_to(pairs)


def _refused_link(row: _Row, had: dict[str, Any], target: Target, now: datetime) -> dict[str, Any]:
    assert row.refused is not None
    reason = {"reason_code": row.refused.code, "reason_params": {"system": target.system, **row.refused.params}}
    may_give_up = not had["hub_id"]
    tried = _after_failure(row, row.refused.code, str(had["rules_hash"]), now, may_give_up=may_give_up)
    if had["hub_id"]:
        return {**had, **tried, "source_hash": ""}
    name = row.planned["name"] or had["name"]
    return {**had, **tried, **reason, "name": name, "state": LinkState.FAILING.value, "source_hash": ""}


def _change(target: Target, row: _Row, now: datetime, undo: Mapping[str, Any]) -> dict[str, Any]:
    planned = dict(row.planned)
    reason = row.refused or (Reason("held-by-brake") if row.dropped else None)
    if reason:
        planned |= {"reason_code": reason.code, "reason_params": {"system": target.system, **reason.params}}
    else:
        # What is sent is told apart, with the CRM's answer.
        planned["fields"] = fields_column({**planned["after"], **planned["asks"]})
    outcome = Change.Outcome.REFUSED.value if reason else outcome_of(row.action)
    if not reason and row.action in OUTWARD_ONLY:
        # Here only its mark went; what goes out is told with the CRM's answer.
        planned["action"] = Action.SETTLE.value
    return planned | {
        "at": now, "run_id": target.run_id, "connection_id": target.connection_id, "hub_id": row.hub_id,
        "outcome": outcome, "actor": target.actor, "undo": {} if reason else undo,
    }  # fmt: skip


LINK_OF_WRITTEN = ("state", "churned_from")
LINK_OF_LISTED = (*LINK_OF_WRITTEN, "hub_id", "source_hash", "reason_code", "reason_params", "misses", "gone_at")


def _undo_image(
    table: HubTable, row: _Row, former: Mapping[int, Mapping[str, Any]], deleted: Mapping[int, Image]
) -> dict[str, Any]:
    """What taking the row back needs beside its before-image: small, for there are millions of them."""
    image: dict[str, Any] = {"link": {}}
    if row.known is not None:
        names = LINK_OF_LISTED if row.action in LISTINGS | FLAGS | {Action.DELETE} else LINK_OF_WRITTEN
        # A link that failed or collided before is told apart from none at all.
        image["link"] = columns_to_json(RecordLink, {name: row.known.columns[name] for name in names})
    if row.former is not None:
        kept = {name: row.former.columns[name] for name in (*LINK_OF_LISTED, "merged_into")}
        image["former"] = {"source_id": former_id(row.planned), "link": columns_to_json(RecordLink, kept)}
    if row.deletes:
        return {**image, "deleted": deleted[row.hub_id or 0]}
    if row.loaded is not None and row.action != Action.CREATE.value:
        had = row.loaded.columns
        kept = {"updated_at": had["updated_at"], **former.get(row.hub_id or 0, {})}
        if had.get("gone_at"):
            kept["gone_at"] = had["gone_at"]
        image["row"] = columns_to_json(table.model, kept)
    return image
