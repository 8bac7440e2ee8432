"""Keeps the hub's one door: what people, imports and the API change is checked, journaled, and marked for the CRMs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.engine.mapping import FieldRule, Reading
from integrations.engine.merge import same
from integrations.engine.plan import REF, Action
from integrations.engine.reading import read
from integrations.engine.reasons import Reason
from integrations.engine.records import Record
from integrations.engine.values import Value, all_to_json, is_blank
from integrations.hub.door import Refusal, Values
from integrations.hub.fields import HubField, fields_here
from integrations.hub.models import Agreement, Contact, CustomKey, Interaction

from .models import Change, HubMark, RecordLink
from .rules import all_choices
from .store.hub_rows import FOREIGN, SCORE, HubTable, Loaded, Names, Write, table_of
from .store.interactions import CONTACTS, contacts_of
from .store.journal import write_changes
from .store.links import KEPT_APART, UNTRIED
from .store.marks import mark
from .store.planned import fields_column, said
from .store.vocabulary import people, profiles, stages

PAGE = 1000
FOLLOWS = "follows"
"""Of a field that nobody wrote: it is worked out from the others."""
DEPENDENTS = (("contacts", Contact), ("agreements", Agreement), ("interactions", Interaction))


@dataclass(frozen=True, slots=True)
class _Checked:
    hub_id: int | None
    values: dict[str, Value]
    loaded: Loaded | None = None

    follows: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)
    """What is worked out from the values: field → (as it stood, as it stands now)."""
    owner: int | None = None
    """The connection whose ID the row has from now on."""

    @property
    def before(self) -> dict[str, Value]:
        return {name: self._former(name) for name in self.after}

    @property
    def after(self) -> dict[str, Value]:
        """What was written, with what moved along; what ends where it was is no change."""
        moved = {name: later for name, (former, later) in self.follows.items() if not same(former, later)}
        written = {name: value for name, value in self.values.items() if name not in self.follows}
        return {**written, **moved}

    def _former(self, name: str) -> Value:
        if name in self.follows:
            return self.follows[name][0]
        return self.loaded.hub.values.get(name) if self.loaded else None

    def reasons(self, why: Any) -> dict[str, Any]:
        follows = said(Reason(FOLLOWS))
        return {name: why if name in self.values else follows for name in self.after}


class DoorKeeper:
    """`integrations.hub.door.Door`."""

    def edit(
        self,
        entity: str,
        edits: Mapping[int, Values],
        *,
        by: str,
        why: Reason | None = None,
        owners: Mapping[int, int | None] | None = None,
    ) -> list[Refusal]:
        table, now, refusals = table_of(entity), timezone.now(), []
        reason = why or Reason("by-hand", {"by": by})
        rules = _rules(entity)
        with transaction.atomic():
            found = table.load(0, edits, lock=True)
            changed: list[_Checked] = []
            for hub_id, values in edits.items():
                loaded = found.get(hub_id)
                one = _checked(table, rules, hub_id, values, loaded) if loaded else _missing(hub_id)
                if isinstance(one, Refusal):
                    refusals.append(one)
                    continue
                if owners and hub_id in owners:
                    one = _owned(one, values, owners[hub_id])
                if one.values:
                    changed.append(one)
            _write(table, changed, now)
            write_changes(_changes(entity, [one for one in changed if one.after], Action.UPDATE, reason, by, now))
            mark(entity, [one.hub_id for one in changed if one.hub_id], now)
            _try_again(entity, [one.hub_id for one in changed if one.hub_id], now)
        return refusals

    def create(self, entity: str, rows: Sequence[Values], *, by: str, why: Reason | None = None) -> list[int | Refusal]:
        table, now = table_of(entity), timezone.now()
        reason = why or Reason("made-by-hand", {"by": by})
        rules = _rules(entity)
        with transaction.atomic():
            checked = [_checked(table, rules, None, values, None) for values in rows]
            good = [one for one in checked if isinstance(one, _Checked)]
            ids = iter(table.reserve(len(good)))
            made = [
                one if isinstance(one, Refusal) else _Checked(next(ids), one.values, follows=one.follows)
                for one in checked
            ]
            new = [one for one in made if isinstance(one, _Checked)]
            _write(table, new, now)
            write_changes(_changes(entity, new, Action.CREATE, reason, by, now))
            mark(entity, [one.hub_id for one in new if one.hub_id], now)
        return [one if isinstance(one, Refusal) else int(one.hub_id or 0) for one in made]

    def look(self, entity: str, hub_id: int | None, values: Values) -> Values | Refusal:
        table = table_of(entity)
        loaded = table.load(0, [hub_id]).get(hub_id) if hub_id else None
        if hub_id and loaded is None:
            return _missing(hub_id)
        one = _checked(table, _rules(entity), hub_id, values, loaded)
        return one if isinstance(one, Refusal) else {name: later for name, (_former, later) in one.follows.items()}

    def delete(self, entity: str, hub_ids: Sequence[int], *, by: str, why: Reason | None = None) -> int:
        now, number = timezone.now(), 0
        reason = why or Reason("deleted-by-hand", {"by": by})
        with transaction.atomic():
            if entity == "customers":
                for name, model in DEPENDENTS:
                    ids = list(model._default_manager.filter(customer__in=hub_ids).values_list("pk", flat=True))
                    number += self._delete(name, ids, reason, by, now)
            number += self._delete(entity, hub_ids, reason, by, now)
        return number

    def _delete(self, entity: str, hub_ids: Sequence[int], reason: Reason, by: str, now: datetime) -> int:
        number = 0
        for start in range(0, len(hub_ids), PAGE):
            page = hub_ids[start : start + PAGE]
            for data_type, ids in table_of(entity).by_data_type(page).items():
                table = table_of(data_type)
                found = table.load(0, ids, lock=True)
                gone = [_Checked(pk, dict.fromkeys(_kept(loaded)), loaded) for pk, loaded in found.items()]
                write_changes(_changes(data_type, gone, Action.DELETE, reason, by, now))
                mark(data_type, found, now, kind=HubMark.Kind.DELETED)
                _part(data_type, found)
                # No foreign key takes them along, and a record must not be recognised by the key of a row that is gone.
                CustomKey.objects.filter(field__entity=entity, row_id__in=list(found)).delete()
                table.model._default_manager.filter(pk__in=list(found)).delete()
                number += len(found)
        return number


def _kept(loaded: Loaded) -> list[str]:
    return [name for name, value in loaded.hub.values.items() if not is_blank(value) and not name.startswith(SCORE)]


def _try_again(data_type: str, hub_ids: Sequence[int], now: datetime) -> None:
    """A record that fails may fail by what its row held: a changed row gives it a new chance."""
    failing = RecordLink.objects.filter(object=data_type, hub_id__in=hub_ids, state=RecordLink.State.FAILING)
    failing.update(**{**UNTRIED, "next_try_at": now})


def _part(data_type: str, hub_ids: Iterable[int]) -> None:
    """The records stay known, so that no run makes the row anew; the link keeps the id for what goes out."""
    links = RecordLink.objects.filter(object=data_type, hub_id__in=list(hub_ids))
    # One that somebody kept apart before stays so for that reason: it is not deleted there.
    links.filter(excluded_by_hand=False).update(**KEPT_APART)


def _rules(entity: str) -> dict[str, FieldRule]:
    choices = all_choices()
    return {name: _rule(field, choices.get(name, {})) for name, field in fields_here(entity).items()}


def _rule(field: HubField, choices: Mapping[str, str]) -> FieldRule:
    """The hub's own limits as a line that reads the value just typed."""
    return FieldRule(
        field.name, str(field.label), field.kind, crm_field=field.name, choices=choices,
        min_value=field.min_value, max_value=field.max_value, max_length=field.max_length,
        decimals=field.decimals,
    )  # fmt: skip


def _missing(hub_id: int) -> Refusal:
    return Refusal(hub_id, "", Reason("hub-row-gone"))


def _checked(
    table: HubTable, rules: Mapping[str, FieldRule], hub_id: int | None, values: Values, loaded: Loaded | None
) -> _Checked | Refusal:
    """What changes, each value as the hub keeps it; one bad value refuses the whole row, by name."""
    kept: dict[str, Value] = {}
    record = Record("", values)
    for name, value in values.items():
        if name == table.hangs_on:
            kept[name] = f"{FOREIGN}{value}" if value else None
        elif name == CONTACTS and isinstance(value, tuple):
            kept[name] = tuple(f"{FOREIGN}{one}" for one in value)
        elif name in rules:
            reading = read(rules[name], record, system="Skalin Sync")
            if (reason := reading.refused or reading.unmapped or _shortened(reading)) is not None:
                return Refusal(hub_id, name, reason)
            kept[name] = reading.value
    former = loaded.hub.values if loaded else {}
    changed = {name: value for name, value in kept.items() if not same(former.get(name), value)}
    if (reason := table.refusal({**former, **changed}, changed, "Skalin Sync")) is not None:
        return Refusal(hub_id, "name", reason)
    return _Checked(hub_id, changed, loaded, table.follows(Write(hub_id or 0, changed, loaded)))


def _owned(one: _Checked, asked: Values, owner: int | None) -> _Checked:
    """An ID that stays is written all the same where it changes hands."""
    moves = one.loaded is not None and REF in asked and one.loaded.columns["ref_writer"] != owner
    values = {REF: asked[REF], **one.values} if moves else one.values
    return replace(one, values=values, owner=owner)


def _shortened(reading: Reading) -> Reason | None:
    """Whoever types a text is there to shorten it."""
    note = reading.note
    return Reason("too-long", note.params) if note is not None and note.code == "cut" else None


def _write(table: HubTable, rows: Sequence[_Checked], now: datetime) -> None:
    by_name, default = stages()
    heads = {value for one in rows if (value := one.values.get(table.hangs_on))}
    names = Names(
        stages=by_name,
        profiles=profiles(),
        default_stage=default,
        people=people(str(one.values["csm"]) for one in rows if one.values.get("csm")),
        customers={str(head): int(str(head).removeprefix(FOREIGN)) for head in heads},
        contacts=contacts_of(0, _contact_refs(rows)),
        by_hand=True,
    )
    table.write([Write(int(one.hub_id or 0), one.values, one.loaded, one.owner) for one in rows], names, None, now)


def _contact_refs(rows: Sequence[_Checked]) -> set[str]:
    return {str(ref) for one in rows for ref in (one.values.get(CONTACTS) or ())}  # type: ignore[union-attr]


def _changes(
    entity: str, rows: Sequence[_Checked], action: Action, reason: Reason, by: str, now: datetime
) -> list[dict[str, Any]]:
    why = said(reason)
    return [
        {
            "at": now, "run_id": None, "connection_id": None, "system": "", "object": entity, "hub_id": one.hub_id,
            "source_id": "", "action": action.value, "outcome": Change.Outcome.DONE.value,
            "before": all_to_json(one.before), "after": all_to_json(one.after),
            "field_reasons": one.reasons(why), "reason_code": reason.code,
            "reason_params": dict(reason.params), "notes": [], "fields": fields_column(one.after),
            "erases": any(is_blank(value) and not is_blank(one.before[name]) for name, value in one.after.items()),
            "actor": by[:160],
        }
        for one in rows
    ]  # fmt: skip
