"""Which fields a record's form shows first, and what was typed in it as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from integrations.simulation.desk import Field, Kind, Shelf, Unfit, Values, fit
from integrations.simulation.messages import Request

_STAMP = "%d %b %Y, %H:%M UTC"
_INPUTS = {Kind.DAY: "date"}


@dataclass(frozen=True, slots=True)
class Control:
    field: Field
    value: Any
    choices: tuple[tuple[str, str, bool], ...] = ()
    """Value, label, whether it is chosen."""
    error: str = ""

    @property
    def kind(self) -> str:
        return self.field.kind

    @property
    def input(self) -> str:
        return _INPUTS.get(self.field.kind, "text")


def controls(
    shelf: Shelf, fields: Sequence[Field], values: Mapping[str, Any], errors: Mapping[str, str]
) -> tuple[list[Control], list[Control]]:
    """What a list shows, what must be given and what holds a value; then all the others."""
    made = [_control(one, values.get(one.name, ""), errors.get(one.name, "")) for one in fields]
    order = {name: place for place, name in enumerate(shelf.columns)}
    named = sorted((c for c in made if c.field.name in order), key=lambda c: order[c.field.name])
    others = [c for c in made if c.field.name not in order]
    first = [c for c in others if c.field.needed or c.error or c.value not in ("", False, [])]
    return [*named, *first], [c for c in others if c not in first]


def _control(one: Field, value: Any, error: str) -> Control:
    if one.kind is Kind.FLAG:
        return Control(one, value in (True, "on"), error=error)
    chosen = value if isinstance(value, list) else [value] if value else []
    # A value that is on the list no longer stays where it is.
    strange = [(v, v) for v in chosen if v not in dict(one.choices)] if one.choices else []
    return Control(one, value, tuple((v, label, v in chosen) for v, label in (*one.choices, *strange)), error)


def filled(one: Field, value: Any) -> str:
    """As a table shows it."""
    if value in (None, "", []):
        return ""
    if one.kind is Kind.FLAG:
        return _("Yes") if value else _("No")
    if one.kind is Kind.MOMENT:
        return moment(value)
    return ", ".join(one.label_of(part) for part in value) if isinstance(value, list) else one.label_of(str(value))


def moment(value: str) -> str:
    try:
        found = datetime.fromisoformat(value)
        return found.strftime("%d %b %Y, %H:%M") if found.tzinfo is None else found.astimezone(UTC).strftime(_STAMP)
    except ValueError:
        return value


def typed(fields: Sequence[Field], request: Request, before: Values, *, is_new: bool = False) -> Values:
    """Only what was changed: a value that a browser cannot hold unharmed must survive the saving of its neighbours."""
    found: Values = {}
    reasons: dict[str, str] = {}
    for one in fields:
        if not one.writable or (f"is-{one.name}" not in request.form and not is_new):
            continue
        given, held = _given(one, request), before.get(one.name, "")
        if one.needed and given in ("", []) and (is_new or held):
            reasons[one.name] = _("This must be given.")
        elif _plain(given) != _plain(held or _empty(one)):
            try:
                found[one.name] = given if not isinstance(given, str) else fit(given, one)
            except ValueError:
                reasons[one.name] = _("%(text)s is no value for this field.") % {"text": f"“{given}”"}
    if reasons:
        raise Unfit(reasons)
    return found


def _given(one: Field, request: Request) -> Any:
    match one.kind:
        case Kind.FLAG:
            return one.name in request.form
        case Kind.CHOICES:
            return request.form_values(one.name)
    return request.form.get(one.name, "").replace("\r\n", "\n")


def _empty(one: Field) -> Any:
    return {Kind.FLAG: False, Kind.CHOICES: []}.get(one.kind, "")


def _plain(value: Any) -> Any:
    # What a form control does to a value by itself: line ends become one kind, NUL becomes a replacement.
    if not isinstance(value, str):
        return value
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "�")
