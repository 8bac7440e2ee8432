"""Values that a preview met and nothing is mapped to: counted record by record, before anything is written."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from integrations.engine.mapping import FieldRule, Kind
from integrations.engine.plan import Decision
from integrations.engine.records import LinkState
from integrations.hub.fields import fields_of

from .models import Run

CODE = "unmapped-value"
CURSOR = "open-values"
MOST = 100
"""Different values of one field that are told apart; the records of all others are counted together."""
CUT = "…"
"""Ends a value that is too long to be kept whole, and that nothing can be mapped from here."""
Counted = Mapping[tuple[str, str], int]
"""(hub field, value) → records."""


@dataclass(frozen=True, slots=True)
class OpenField:
    label: str
    url: str
    """Where its values are mapped."""
    values: Sequence[tuple[str, int]]
    """Value → records, the most first; the empty value stands for those that are not told apart or not read anew."""

    @property
    def number(self) -> int:
        return sum(number for _value, number in self.values)


def translates(rule: FieldRule) -> bool:
    reads = bool(rule.crm_field) and rule.direction.writes_hub
    return reads and (rule.kind is Kind.CHOICE or bool(rule.value_map))


def met(decision: Decision, rules: Iterable[FieldRule]) -> list[tuple[str, str]]:
    """What a record that is taken holds and the hub leaves: (hub field, value)."""
    said = [note.params for note in decision.notes if note.code == CODE]
    if not said or decision.link_state is not LinkState.LINKED:
        return []
    fields = {rule.hub_label: rule.hub_field for rule in rules}
    return [(fields[str(one["label"])], str(one["value"])) for one in said if str(one["label"]) in fields]


def added(cursor: Mapping[str, Any], object_name: str, counted: Counted) -> dict[str, Any]:
    """The run's cursor with a page's records: a new one, for the page may yet be taken back."""
    if not counted:
        return dict(cursor)
    kept = cursor.get(CURSOR, {})
    fields = {name: Counter(values) for name, values in kept.get(object_name, {}).items()}
    for (name, value), number in counted.items():
        values = fields.setdefault(name, Counter())
        values[value if value in values or len(values) < MOST else ""] += number
    return {**cursor, CURSOR: {**kept, object_name: {name: dict(values) for name, values in fields.items()}}}


def open_values_of(run: Run) -> list[OpenField]:
    return [
        OpenField(str(labels[name].label), _address(run, object_name, name), _shown(run, object_name, name, values))
        for object_name, fields in run.cursor.get(CURSOR, {}).items()
        for name, values in fields.items()
        if name in (labels := fields_of(object_name))
    ]


def met_lately(connection_id: int, object_name: str) -> dict[str, dict[str, int]]:
    """Hub field → value → records, as the latest preview counted them: no other run does; one statement."""
    previews = Run.objects.filter(connection=connection_id, kind=Run.Kind.PREVIEW, state=Run.State.DONE).order_by("-pk")
    latest: Mapping[str, Any] = previews.values_list(f"cursor__{CURSOR}", flat=True).first() or {}
    return {
        name: {value: number for value, number in values.items() if value and not value.endswith(CUT)}
        for name, values in latest.get(object_name, {}).items()
    }


def _address(run: Run, object_name: str, name: str) -> str:
    return f"{reverse('sync:mapping', args=[run.connection.slug, object_name])}#row-{name}"


def _shown(run: Run, object_name: str, name: str, values: Mapping[str, int]) -> list[tuple[str, int]]:
    """By the words that the CRM shows for them, as the run knew them."""
    block = run.cursor.get("config", {}).get("blocks", {}).get(object_name, {})
    found = (line.get("labels", {}) for line in block.get("lines", ()) if line["hub_field"] == name)
    labels: Mapping[str, str] = next(found, {})
    return [(labels.get(value, value), number) for value, number in _sorted(values)]


def _sorted(values: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(values.items(), key=lambda pair: (not pair[0], -pair[1], pair[0]))
