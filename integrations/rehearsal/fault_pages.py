"""Faults on demand and the log of calls, as pages; which faults there are, the simulator's own class says."""

# ruff: noqa: ARG001  all handlers have one signature

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.simulation.app import Simulator
from integrations.simulation.messages import Request, Response

from .fault_words import ACTIONS, FAULTS, FIELDS, NUMBERS, Words
from .page_context import NotDone, Practice

LATEST = 200


@dataclass(frozen=True, slots=True)
class Knob:
    """A fault with its value: a number to type, or a switch."""

    name: str
    words: Words
    value: Any
    usual: Any

    @property
    def is_switch(self) -> bool:
        return isinstance(self.value, bool)

    @property
    def number(self) -> str:
        return f"{self.value:g}"

    @property
    def stands(self) -> bool:
        return bool(self.value != self.usual)

    @property
    def least(self) -> int:
        return min(0, int(self.usual))


def knobs(app: Simulator) -> Iterator[Knob]:
    usual = type(app.faults)()
    for one in fields(app.faults):
        if one.name in FAULTS:
            yield Knob(one.name, FAULTS[one.name], getattr(app.faults, one.name), getattr(usual, one.name))


def standing(app: Simulator) -> int:
    return sum(knob.stands for knob in knobs(app))


def panel(practice: Practice, request: Request) -> Response:
    known = set(practice.app.control.known())
    found = sorted(knobs(practice.app), key=lambda one: (one.is_switch, list(FAULTS).index(one.name)))
    return practice.page(
        "faults.html", request, knobs=found, standing=standing(practice.app),
        actions=[(name, label) for name, label in ACTIONS.items() if name in known],
        numbers=[(name, words, _now(practice, name)) for name, words in NUMBERS.items() if name in known],
        fields=[(name, words.label) for name, words in FIELDS.items() if name in known],
        example=practice.desk.field_example,
    )  # fmt: skip


def _now(practice: Practice, name: str) -> Any:
    if name == "clock_offset":
        return practice.app.book.state(name, 0)
    told = practice.app.control.state()
    flat = {
        key: value
        for group, inner in told.items() if isinstance(inner, dict)
        for part, value in inner.items() for key in (part, f"{group}_{part}")
    }  # fmt: skip
    return flat.get(name, "")


def change(practice: Practice, request: Request) -> Response:
    form, control = request.form, practice.app.control
    if action := form.get("action"):
        if action not in ACTIONS:
            raise NotDone(_("There is no such fault. Nothing was changed."), 404)
        control.apply({action: True})
        return practice.go("/faults", _("Done: %(what)s.") % {"what": ACTIONS[action]})
    wanted: dict[str, Any] = {}
    for knob in knobs(practice.app):
        if knob.is_switch:
            wanted[knob.name] = knob.name in form
        elif knob.name in form:
            number = _number(form[knob.name])
            wanted[knob.name] = number if isinstance(knob.usual, float) else int(number)
    wanted |= {name: int(_number(form[name])) for name in NUMBERS if form.get(name, "").strip()}
    wanted |= {name: names for name in FIELDS if (names := _names(form.get(name, "")))}
    control.apply(wanted)
    count = standing(practice.app)
    said = ngettext("%(count)s fault stands now.", "%(count)s faults stand now.", count) % {"count": count}
    return practice.go("/faults", said if count else _("No fault stands."))


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _number(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        raise NotDone(_("%(text)s is no number. Nothing was changed.") % {"text": text}) from None


def calls(practice: Practice, request: Request) -> Response:
    sql = f"SELECT at, kind, method, path, status, ms FROM _call ORDER BY id DESC LIMIT {LATEST}"  # noqa: S608  a constant
    latest = practice.app.book.execute(sql).fetchall()
    counts = sorted(practice.app.control.calls().items())
    return practice.page("calls.html", request, counts=counts, latest=latest, total=sum(n for _, n in counts))


def forget_calls(practice: Practice, request: Request) -> Response:
    practice.app.book.forget_calls()
    return practice.go("/calls", _("The log of calls is empty. The quota of the day is unchanged."))
