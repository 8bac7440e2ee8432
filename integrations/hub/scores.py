"""Scores for many customers at once, by import or by API: each line is matched by customer ID and checked before anything is written."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from integrations.engine.mapping import FieldRule
from integrations.engine.merge import same
from integrations.engine.reading import read
from integrations.engine.reasons import Reason
from integrations.engine.records import Record
from integrations.engine.values import Value, digest, to_json

from .door import door
from .fields import SCORE_FIELDS, HubField
from .forms.refusals import in_words
from .models import Customer

FIELDS = {field.name: field for field in SCORE_FIELDS}
PAGE = 1000
LONGEST_ID = 120


@dataclass(frozen=True, slots=True)
class Asked:
    place: int
    """The line of a file, or the number of an entry, as whoever sent it counts."""
    ref_id: str
    values: Mapping[str, Any]
    """Only what was said: a score that is left out stays as it is, one that is None is emptied."""


@dataclass(frozen=True, slots=True)
class Problem:
    place: int
    ref_id: str
    field: str
    """Empty: of the line as a whole."""
    why: str

    @property
    def label(self) -> str:
        return str(FIELDS[self.field].label) if self.field else ""


@dataclass(frozen=True, slots=True)
class Change:
    place: int
    hub_id: int
    ref_id: str
    name: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]

    @property
    def steps(self) -> list[tuple[str, Value, Value]]:
        return [(str(FIELDS[name].label), self.before[name], value) for name, value in self.after.items()]


@dataclass(slots=True)
class Matched:
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def seal(self) -> str:
        """What was shown: another state of the hub has to be looked at again before anything is written."""
        return digest([[one.hub_id, _plain(one.before), _plain(one.after)] for one in self.changes])


def matched(asked: Sequence[Asked], customers: QuerySet[Customer]) -> Matched:
    """`customers`: those that may be changed. One statement for every thousand lines."""
    found, result, seen = _by_id(asked, customers), Matched(), dict[int, int]()
    for one in asked:
        rows = found.get(one.ref_id, [])
        values, problem = _read(one)
        if problem is None:
            problem = _unplaced(one, rows, seen)
        if problem is not None:
            result.problems.append(problem)
            continue
        [row] = rows
        seen[row["pk"]] = one.place
        after = {name: value for name, value in values.items() if not same(row[name], value)}
        if after:
            before = {name: row[name] for name in after}
            result.changes.append(Change(one.place, row["pk"], one.ref_id, row["name"], before, after))
        else:
            result.unchanged += 1
    return result


def apply(result: Matched, *, by: str, why: Reason) -> list[Problem]:
    """Through the one door, all or nothing but for rows that it refuses: those are returned."""
    places = {one.hub_id: one for one in result.changes}
    with transaction.atomic():
        refused = [
            refusal
            for page in _pages(result.changes)
            for refusal in door().edit("customers", {one.hub_id: one.after for one in page}, by=by, why=why)
        ]
    return [
        Problem(places[one.hub_id].place, places[one.hub_id].ref_id, one.field if one.field in FIELDS else "", in_words(one.reason))
        for one in refused
        if one.hub_id in places
    ]  # fmt: skip


def _by_id(asked: Sequence[Asked], customers: QuerySet[Customer]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    ids = list(dict.fromkeys(one.ref_id for one in asked if _may_be_an_id(one.ref_id)))
    for page in _pages(ids):
        for row in customers.filter(ref_id__in=page).order_by("pk").values("pk", "ref_id", "name", *FIELDS).distinct():
            found[row["ref_id"]].append(row)
    return found


def _may_be_an_id(text: str) -> bool:
    """What the database would refuse to compare is nobody's ID."""
    return bool(text) and len(text) <= LONGEST_ID and text.isprintable()


def _unplaced(one: Asked, rows: Sequence[Mapping[str, Any]], seen: Mapping[int, int]) -> Problem | None:
    why = ""
    if not one.ref_id:
        why = _("The customer ID is missing.")
    elif not rows:
        why = _("No customer that you may change has this ID.")
    elif len(rows) > 1:
        why = _("%(number)d customers have this ID, so none of them was chosen.") % {"number": len(rows)}
    elif rows[0]["pk"] in seen:
        why = _("This customer is named already, by number %(place)d.") % {"place": seen[rows[0]["pk"]]}
    return Problem(one.place, one.ref_id, "", why) if why else None


def _read(one: Asked) -> tuple[dict[str, Value], Problem | None]:
    """The values as the hub keeps them, by the same rules as everything else that comes in."""
    values: dict[str, Value] = {}
    for name, given in one.values.items():
        reading = read(_rule(FIELDS[name]), Record("", {name: given}))
        if reading.refused is not None:
            hub = FIELDS[name]
            why = _("A whole number from %(low)s to %(high)s.") % {"low": hub.min_value, "high": hub.max_value}
            return {}, Problem(one.place, one.ref_id, name, why)
        values[name] = reading.value
    if not values:
        return {}, Problem(one.place, one.ref_id, "", _("It says neither a health score nor a pulse."))
    return values, None


def _rule(hub: HubField) -> FieldRule:
    return FieldRule(
        hub.name, str(hub.label), hub.kind, crm_field=hub.name, min_value=hub.min_value, max_value=hub.max_value
    )


def _plain(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: to_json(value) for name, value in values.items()}


def _pages(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + PAGE] for start in range(0, len(items), PAGE))


def places_of(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem.place)
