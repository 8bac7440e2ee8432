"""Writes that were sent and never answered: what became of each is asked before anything is sent again.

The CRM may have taken it, may never have seen it, or may have moved on since. Only the second is sent again; the third is
decided anew, so that no edit of a colleague is overwritten by a write of yesterday.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from integrations.engine.mapping import FieldRule
from integrations.engine.merge import same
from integrations.engine.reading import read
from integrations.engine.records import Record
from integrations.engine.values import Json, all_from_json
from integrations.engine.writing import beyond_way_back, is_cut

from ..connector import Answer, Sent
from ..models import Outbox, RecordLink
from ..store.batches import CUSTOMER_FIELD, barred_rows, stale_rows
from .context import Context, Plan
from .outbound import may_go, read_by_id, send_of


@dataclass(slots=True)
class Unanswered:
    """One batch of them, told apart."""

    arrived: dict[int, Sent] = field(default_factory=dict)
    """Outbox row → the answer that was lost."""
    doubtful: list[Outbox] = field(default_factory=list)
    """Nothing tells whether they arrived: a person looks."""
    overtaken: list[Outbox] = field(default_factory=list)
    """The hub, the lines or the CRM's record moved on since: decided anew."""
    stored: Mapping[str, Record] = field(default_factory=dict)

    @property
    def is_all_to_send(self) -> bool:
        return not (self.arrived or self.doubtful or self.overtaken)


def told_apart(context: Context, plan: Plan, rows: Sequence[Outbox]) -> Unanswered:
    """All of one kind, as `marked` gives them; what is left over was never there, and is sent again."""
    if not rows:
        return Unanswered()
    barred = barred_rows(context.connection.pk, plan.object, rows)
    unwanted = {row.pk for row in rows if row.hub_id in barred or not may_go(plan, row)}
    match rows[0].kind:
        case Outbox.Kind.CREATE:
            return _creates(context, plan, rows, unwanted)
        case Outbox.Kind.UPDATE:
            return _updates(context, plan, rows, unwanted)
    # What is deleted twice is gone as well.
    return Unanswered(overtaken=[row for row in rows if row.pk in unwanted])


def _creates(context: Context, plan: Plan, rows: Sequence[Outbox], unwanted: Collection[int]) -> Unanswered:
    """By our key, else by what they say. Where nothing tells, a second record might be made: that is for a person to say.

    A record that no longer shows what was sent is not read back: its next reading finds what somebody typed there.
    """
    found, doubtful = _found(context, plan, rows)
    arrived = {row.pk: Sent(Answer.DONE, found[row.key]) for row in rows if row.key in found}
    stored = read_by_id(context, plan, list(found.values()))
    as_sent = {
        found[row.key]: stored[found[row.key]]
        for row in rows
        if found.get(row.key) in stored and _holds(context, plan, row, stored[found[row.key]], row.after)
    }
    asked = {row.pk for row in doubtful}
    overtaken = [row for row in rows if row.pk in unwanted and row.pk not in arrived and row.pk not in asked]
    return Unanswered(arrived=arrived, doubtful=doubtful, overtaken=overtaken, stored=as_sent)


def _found(context: Context, plan: Plan, rows: Sequence[Outbox]) -> tuple[Mapping[str, str], list[Outbox]]:
    """Our key → id, and those of which nothing tells. What went out without its key cannot be found by it."""
    keyed = [row for row in rows if plan.key_field and row.key_field == plan.key_field]
    found: dict[str, str] = {}
    if keyed:
        found |= context.connector.find_by_key(plan.object, plan.key_field, [row.key for row in keyed])
    by_key = {row.pk for row in keyed}
    others = [row for row in rows if row.pk not in by_key]
    made = _made(context, plan, others) if others else {}
    return (found, others) if made is None else ({**found, **made}, [])


def _made(context: Context, plan: Plan, rows: Sequence[Outbox]) -> Mapping[str, str] | None:
    """By what they say; None: nobody can tell."""
    sent_at = min((row.sent_at for row in rows if row.sent_at), default=None)
    if sent_at is None:
        return None
    since = sent_at - timedelta(seconds=context.abilities.of(plan.object).overlap_seconds)
    made = context.connector.find_made(plan.object, [send_of(row) for row in rows], since)
    return None if made is None else _given_out(context, plan, rows, made)


def _given_out(
    context: Context, plan: Plan, rows: Sequence[Outbox], made: Mapping[str, Sequence[str]]
) -> Mapping[str, str]:
    """Two that say the same are as good as one another, but each record is one row's only."""
    asked = {source_id for ids in made.values() for source_id in ids}
    links = RecordLink.objects.filter(connection=context.connection, object=plan.object, source_id__in=asked)
    taken = set(links.values_list("source_id", flat=True))
    found: dict[str, str] = {}
    for row in rows:
        if free := next((one for one in made.get(row.key, ()) if one not in taken), ""):
            found[row.key] = free
            taken.add(free)
    return found


def _updates(context: Context, plan: Plan, rows: Sequence[Outbox], unwanted: Collection[int]) -> Unanswered:
    stored = read_by_id(context, plan, [row.source_id for row in rows])
    stale = stale_rows(context.connection.pk, plan.object, rows)
    told = Unanswered(stored=stored)
    for row in rows:
        record = stored.get(row.source_id)
        if row.pk in unwanted:
            told.overtaken.append(row)
        elif record is not None and _holds(context, plan, row, record, row.after):
            told.arrived[row.pk] = Sent(Answer.DONE, row.source_id)
        elif record is None or row.hub_id in stale or not _is_as_before(context, plan, row, record):
            told.overtaken.append(row)
    return told


def _holds(context: Context, plan: Plan, row: Outbox, record: Record, values: Mapping[str, Json]) -> bool:
    """Whether the record shows these values in the fields that were sent."""
    wanted = all_from_json(values)
    for rule in _sent(plan, row):
        reading = read(rule, record, system=context.system)
        if reading.unmapped or reading.refused or not same(reading.value, wanted.get(rule.hub_field)):
            return False
    return True


def _is_as_before(context: Context, plan: Plan, row: Outbox, record: Record) -> bool:
    """Whether it shows what stood there when the write was decided, also where that says nothing to the hub."""
    before, raw = all_from_json(row.before), all_from_json(row.raw)
    for rule in _sent(plan, row):
        name, reading = rule.hub_field, read(rule, record, system=context.system)
        if reading.unmapped and name in raw:
            now = beyond_way_back(rule, record.values.get(rule.crm_field), reading.value)
            # Of what was cut, the rest may be another by now.
            if is_cut(raw[name]) or not same(now, raw[name]):
                return False
        elif reading.unmapped or reading.refused or not same(reading.value, before.get(name)):
            return False
    return True


def _sent(plan: Plan, row: Outbox) -> list[FieldRule]:
    return [rule for rule in plan.rules if rule.hub_field in row.after and rule.hub_field != CUSTOMER_FIELD]
