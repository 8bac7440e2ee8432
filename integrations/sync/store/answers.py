"""Keeps what a CRM answered to a batch of writes: links, settled pairs, journal, and what is to be tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from integrations.engine.mapping import FieldRule, Reading
from integrations.engine.merge import same
from integrations.engine.plan import MADE_HERE, Action
from integrations.engine.reading import read
from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState, Pair, Record
from integrations.engine.retry import PACES, Waits, class_of_refusal
from integrations.engine.values import Value, from_json, to_json
from integrations.engine.writing import beyond_way_back, is_kept_form, kept_of

from ..connector import Answer, Sent
from ..models import Change, HubMark, Outbox, RecordLink, Run
from .batches import decide_anew, stale_rows
from .bulk import update
from .hub_rows import table_of
from .journal import add_totals, write_changes
from .links import KEPT_APART, UNTRIED, Known, empty_columns, known_links, pairs_from, pairs_to, write_links
from .marks import mark
from .planned import fields_column, said
from .staging import hashed

ACTIONS = {
    Outbox.Kind.UPDATE.value: Action.PUSH.value,
    Outbox.Kind.CREATE.value: Action.CREATE_OUT.value,
    Outbox.Kind.DELETE.value: Action.DELETE_OUT.value,
}
AGAIN = ("state", "due_at", "given_up_at", "error_code", "error_message", "error_fields")


@dataclass(frozen=True, slots=True)
class Answered:
    row: Outbox
    sent: Sent
    stored: Record | None
    """The record as the CRM shows it right after; None where it was not read back."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whose answers, and how the mapping reads what the CRM keeps."""

    connection_id: int
    run_id: int
    system: str
    label: str
    object: str
    source_object: str
    rules: Sequence[FieldRule]
    rules_hash: str
    crm_fields: frozenset[str]
    may_send: frozenset[str] = frozenset()
    """Hub fields whose lines may write the CRM: of these the CRM's values are known letter by letter."""
    waiting_codes: frozenset[str] = frozenset()
    """The CRM's codes for a refusal that another record may lift."""


def keep_answers(about: Outcome, answered: Sequence[Answered]) -> list[dict[str, Any]]:
    """Returns the journal rows. A constant number of statements for any number of answers."""
    now = timezone.now()
    links = _links(about, answered)
    columns: dict[str, Mapping[str, Any]] = {}
    journal: list[dict[str, Any]] = []
    done: list[int] = []
    taken: dict[str, int] = {}
    waiting: list[list[Any]] = []
    undone = _undone(about, answered)
    for one in answered:
        known = links.get(one.sent.source_id or one.row.source_id)
        wait = PACES[Waits.MOMENT].wait(one.row.attempts)
        if one.sent.answer is Answer.BUSY and wait is not None:
            waiting.append(_again(one, Outbox.State.PLANNED, now + wait, None))
            continue
        refused = _refusal(about, one, known, taken)
        # An answer that comes late is of the run that sent it: this one may yet send a newer edit of the same record. Only
        # where that was taken back meanwhile it is this one's, which can still be.
        run_id = about.run_id if one.row.run_id in undone else one.row.run_id or about.run_id
        journal.append(_change(about, one, known, refused, now) | {"run_id": run_id})
        if refused is not None and one.sent.answer is not Answer.GONE:
            wait = _wait_of_refused(about, one)
            row = _again(one, Outbox.State.REFUSED, now + wait if wait else None, None if wait else now)
            # What the CRM took and did not do has no code of its own.
            waiting.append(row if one.sent.code else [*row[:3], refused.code, *row[4:]])
            continue
        done.append(one.row.pk)
        source_id = one.sent.source_id or one.row.source_id
        taken.setdefault(source_id, one.row.hub_id)
        columns[source_id] = _link(about, one, known, now)
    write_links(about.connection_id, about.object, columns)
    _after(about, answered, columns, now)
    _part_deleted(about, [one for one in answered if one.row.pk in set(done)], now)
    # The hub may have moved on while the answer was awaited: what is settled now is not what stands there.
    moved = stale_rows(about.connection_id, about.object, [one.row for one in answered if one.row.pk in set(done)])
    decide_anew(about.connection_id, about.object, moved)
    update(Outbox, AGAIN, waiting)
    Outbox.objects.filter(pk__in=done).delete()
    write_changes(journal)
    add_totals(about.connection_id, journal, now)
    return journal


def _undone(about: Outcome, answered: Sequence[Answered]) -> frozenset[int]:
    """Of the runs that sent what is answered late: those that were taken back since."""
    earlier = {one.row.run_id for one in answered} - {about.run_id}
    if not earlier:
        return frozenset()
    over = Run.objects.filter(undoes__in=earlier).exclude(state__in=[Run.State.FAILED, Run.State.CANCELLED])
    return frozenset(pk for pk in over.values_list("undoes", flat=True) if pk)


def _wait_of_refused(about: Outcome, one: Answered) -> timedelta | None:
    """None: it was the last try. A CRM that was busy for so long is left alone."""
    if one.sent.answer is Answer.BUSY:
        return None
    return PACES[class_of_refusal(one.sent.code, about.waiting_codes)].wait(one.row.attempts)


def _again(one: Answered, state: str, due_at: datetime | None, given_up_at: datetime | None) -> list[Any]:
    sent = one.sent
    return [str(state), due_at, given_up_at, sent.code[:120], sent.message, list(sent.fields), one.row.pk]


def _links(about: Outcome, answered: Sequence[Answered]) -> dict[str, Known]:
    ids = [one.sent.source_id or one.row.source_id for one in answered]
    return known_links(about.connection_id, about.object, [one for one in ids if one])


def _refusal(about: Outcome, one: Answered, known: Known | None, taken: Mapping[str, int]) -> Reason | None:
    """`taken`: records that an earlier answer of this very batch has linked, to which row."""
    sent = one.sent
    if sent.answer in {Answer.REFUSED, Answer.BUSY}:
        names = {rule.crm_field: rule.crm_label for rule in about.rules}
        label = ", ".join(names.get(path) or path for path in sent.fields)
        said_by = {"code": sent.code, "message": sent.message, "system": about.label, "label": label}
        return Reason("crm-refused", said_by)
    if sent.answer is Answer.GONE:
        return Reason("not-found", {"system": about.label})
    is_new = one.row.kind == Outbox.Kind.CREATE
    holder = taken.get(sent.source_id) or (known.link.hub_id if known else None)
    if is_new and holder not in {None, one.row.hub_id}:
        return Reason("record-taken", {"other": sent.source_id, "system": about.label})
    if is_new and known is not None and known.link.excluded_by_hand:
        return Reason("record-kept-out", {"other": sent.source_id, "system": about.label})
    ignored = _ignored(about, one)
    return Reason("write-ignored", {"label": ignored, "system": about.label}) if ignored else None


def _ignored(about: Outcome, one: Answered) -> str:
    """Fields that the CRM still shows as they were before: it said yes and did nothing."""
    if one.stored is None or one.row.kind != Outbox.Kind.UPDATE:
        return ""
    labels = []
    for rule in about.rules:
        if rule.hub_field not in one.row.after or rule.crm_field not in one.stored.values:
            continue
        before, after = from_json(one.row.before[rule.hub_field]), from_json(one.row.after[rule.hub_field])
        now_there = read(rule, one.stored, system=about.label).value
        if same(now_there, before) and not same(before, after):
            labels.append(rule.hub_label)
    return ", ".join(labels)


def _link(about: Outcome, one: Answered, known: Known | None, now: datetime) -> dict[str, Any]:
    had = dict(known.columns) if known else empty_columns(about.source_object, now, about.run_id)
    row, sent = one.row, one.sent
    if sent.answer is Answer.GONE:
        # What became of it the next reading learns as of any other record, with everything that follows from it.
        return had
    if row.kind == Outbox.Kind.DELETE:
        return {
            **had,
            "state": LinkState.GONE.value,
            "hub_id": None,
            "reason_code": row.reason_code,
            "reason_params": row.reason_params,
            "gone_at": now,
            **UNTRIED,
        }
    if row.kind == Outbox.Kind.UPDATE and known is not None and not _is_its_own(known, row):
        return _left_apart(about, one, known)
    # A record that exists already was only found: what it holds is settled by the next run, field by field.
    pairs = {} if sent.answer is Answer.EXISTS else _settled(about, one)
    settled = {**had["settled"], **pairs_to(pairs)}
    is_new = row.kind == Outbox.Kind.CREATE
    source_hash, modified_at = had["source_hash"], had["modified_at"]
    if one.stored is not None:
        # The next reading shows what we just wrote: by its hash it is an echo, and dropped before any decision.
        # One that is still to be read stays so: of its other fields nothing has been decided.
        is_unread = is_new or not had["source_hash"] or not _is_echo(about, one, had["settled"])
        source_hash = "" if is_unread else hashed(one.stored, about.crm_fields)
        modified_at = one.stored.modified_at or modified_at
    return {
        **had, "name": row.name or (one.stored.name if one.stored else "") or had["name"], "state": LinkState.LINKED.value,
        "hub_id": row.hub_id, "settled": settled, "source_hash": source_hash, "rules_hash": about.rules_hash,
        "modified_at": modified_at, "reason_code": "", "reason_params": {}, "gone_at": None,
        "linked_at": had["linked_at"] or now, "synced_at": now, "run_id": about.run_id,
        "customer_id": had["customer_id"] or str(row.payload.get("@customer") or ""),
        **(UNTRIED if source_hash else {}),
    }  # fmt: skip


def _is_echo(about: Outcome, one: Answered, settled: Mapping[str, Any]) -> bool:
    """Nothing but what was written has changed: a colleague may have typed another field since the record was read."""
    assert one.stored is not None
    for rule in about.rules:
        if rule.crm_field not in one.stored.values:
            continue
        reading = read(rule, one.stored, system=about.label)
        if rule.hub_field not in one.row.after and not _has_its_letters(about, rule, one.stored, reading, settled):
            return False
        if reading.unmapped or reading.refused:
            continue
        if rule.hub_field in one.row.after:
            if rule.hub_field in one.row.pairs and not _settles(
                rule, from_json(one.row.pairs[rule.hub_field][1]), reading.value
            ):
                return False
        elif rule.hub_field not in settled or not same(reading.value, from_json(settled[rule.hub_field][1])):
            return False
    return True


def _has_its_letters(
    about: Outcome, rule: FieldRule, stored: Record, reading: Reading, settled: Mapping[str, Any]
) -> bool:
    """What a write would replace is as it was settled, though another spelling of it reads the same."""
    if rule.hub_field not in about.may_send or rule.hub_field not in settled:
        return True
    pair = pairs_from({rule.hub_field: settled[rule.hub_field]})[rule.hub_field]
    return same(beyond_way_back(rule, stored.values[rule.crm_field], reading.value), pair.raw)


def _settles(rule: FieldRule, sent: Value, kept: Value) -> bool:
    """What the CRM made of a value itself is settled as it is kept; what somebody else typed is decided like any edit.

    Under a line that only writes, the difference would be sent again and again.
    """
    return not rule.direction.writes_hub or is_kept_form(sent, kept)


def _is_its_own(known: Known, row: Outbox) -> bool:
    return known.link.hub_id == row.hub_id and not known.link.excluded_by_hand


def _left_apart(about: Outcome, one: Answered, known: Known) -> dict[str, Any]:
    """Parted or kept out while the answer was awaited, or taken back: a write is no reason to link the two again."""
    had = dict(known.columns)
    if known.link.hub_id == one.row.hub_id:
        had["settled"] = {**had["settled"], **pairs_to(_settled(about, one))}
    if one.stored is not None and had["source_hash"]:
        # It stays out as long as the CRM shows the same record: what we wrote ourselves is no change of it.
        had |= {"source_hash": hashed(one.stored, about.crm_fields), "modified_at": one.stored.modified_at}
    return had


def _settled(about: Outcome, one: Answered) -> dict[str, Pair]:
    """What was sent, against what the CRM keeps of it: cut, rounded or as it is, that is what it holds now."""
    pairs = pairs_from(one.row.pairs)
    if one.stored is None:
        return pairs
    by_field = {rule.hub_field: rule for rule in about.rules}
    return {name: _as_kept(pair, by_field.get(name), one.stored, about) for name, pair in pairs.items()}


def _as_kept(pair: Pair, rule: FieldRule | None, stored: Record, about: Outcome) -> Pair:
    if rule is None or rule.crm_field not in stored.values:
        return pair
    reading = read(rule, stored, system=about.label)
    if reading.unmapped or reading.refused or not _settles(rule, pair.crm, reading.value):
        return pair
    raw = beyond_way_back(rule, stored.values[rule.crm_field], reading.value)
    return Pair(pair.hub, reading.value, pair.line, raw)


def _after(about: Outcome, answered: Sequence[Answered], columns: Mapping[str, Any], now: datetime) -> None:
    """The echo is expected from here on; a record that is new to us is read whole by the next run."""
    links = RecordLink.objects.filter(connection=about.connection_id, object=about.object, source_id__in=list(columns))
    links.filter(state=LinkState.LINKED.value).update(sent_at=now)
    fresh = [
        one.sent.source_id
        for one in answered
        if one.sent.source_id in columns and (one.row.kind == Outbox.Kind.CREATE or one.sent.answer is Answer.EXISTS)
    ]
    if fresh:
        links.filter(source_id__in=fresh).update(wanted_at=now)


def _part_deleted(about: Outcome, answered: Sequence[Answered], now: datetime) -> None:
    """A row that was deleted by hand while its creation was on its way: its record is kept apart, like that of any such row."""
    made = {one.row.hub_id: one.sent.source_id for one in answered if one.row.kind == Outbox.Kind.CREATE}
    here = table_of(about.object).model._default_manager.filter(pk__in=made).values_list("pk", flat=True)
    gone = set(made).difference(here)
    if not gone:
        return
    RecordLink.objects.filter(
        connection=about.connection_id, object=about.object, source_id__in=[made[pk] for pk in gone]
    ).update(**KEPT_APART)
    mark(about.object, gone, now, kind=HubMark.Kind.DELETED, connections=[about.connection_id])


def _change(
    about: Outcome, one: Answered, known: Known | None, refused: Reason | None, now: datetime
) -> dict[str, Any]:
    row = one.row
    reason = refused or Reason(row.reason_code, row.reason_params)
    former = known.columns if known else {}
    undo = {
        name: former[name]
        for name in ("state", "hub_id", "source_hash", "rules_hash", "reason_code", "reason_params")
        if former
    }
    if former:
        undo["settled"] = {name: former["settled"][name] for name in row.after if name in former["settled"]}
    return {
        "at": now, "run_id": about.run_id, "connection_id": about.connection_id, "system": about.system,
        "object": about.object, "hub_id": row.hub_id,
        "source_id": _named(one, refused), "action": ACTIONS[row.kind],
        "outcome": (Change.Outcome.REFUSED if refused else Change.Outcome.DONE).value, "before": row.before,
        "after": row.after, "field_reasons": row.field_reasons, "reason_code": reason.code,
        "reason_params": dict(reason.params), "notes": [said(note) for note in _notes(about, one)],
        "fields": fields_column(row.after), "erases": any(value is None for value in row.after.values()),
        "actor": row.actor, "undo": {"link": undo} | ({"crm": row.raw} if row.raw else {}) | _left(about, one),
    }  # fmt: skip


def _left(about: Outcome, one: Answered) -> dict[str, Any]:
    """What the CRM holds instead of what it was sent: who takes the write back later, knows a colleague's edit by it."""
    if one.stored is None:
        return {}
    fields = ((rule.hub_field, rule.crm_field) for rule in about.rules if rule.hub_field in one.row.after)
    left = {
        name: to_json(kept_of(one.stored.values[path]))
        for name, path in fields
        if path in one.row.payload
        and path in one.stored.values
        and not same(one.stored.values[path], from_json(one.row.payload[path]))
    }
    return {"left": left}


def _named(one: Answered, refused: Reason | None) -> str:
    """A record that was found to be somebody else's is not this row's."""
    found = "" if refused and one.row.kind == Outbox.Kind.CREATE else one.sent.source_id
    return found or one.row.source_id or f"{MADE_HERE}{one.row.hub_id}"


def _notes(about: Outcome, one: Answered) -> list[Reason]:
    """The vendor's own words stand beside a refusal, and what was kept otherwise beside a success."""
    if one.stored is None or one.sent.answer is not Answer.DONE:
        return []
    notes = []
    for rule in about.rules:
        if rule.hub_field in one.row.after and rule.crm_field in one.stored.values:
            # Where the hub had nothing, something else was sent: the pair says what the CRM was to hold.
            sent = from_json(one.row.pairs.get(rule.hub_field, (None, one.row.after[rule.hub_field]))[1])
            kept = read(rule, one.stored, system=about.label).value
            if not same(kept, sent):
                notes.append(
                    Reason("stored-otherwise", {"label": rule.hub_label, "value": str(kept), "system": about.label})
                )
    return notes
