"""What must hold before the next stage: measured again at the gate itself, and opened anyway only with a reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import User

from . import checking
from .models import Move, Override, StepState
from .steps import ActRefused, Step, Words

if TYPE_CHECKING:
    from .chapters import Place


@dataclass(frozen=True, slots=True)
class Gate:
    key: str
    title: Words
    conditions: tuple[str, ...]
    """Steps that must be met."""


GATES = (
    Gate(
        "a",
        gettext_lazy("Gate to stage A"),
        (
            "old-id-property",
            "old-id-filled-there",
            "filter",
            "lifecycle",
            "old-id-field",
            "old-id-filled",
            "blocks-off",
            "old-retired",
            "snapshot",
        ),
    ),
    Gate("b", gettext_lazy("Gate to stage B"), ("a-run", "count", "no-duplicates", "ref-ids")),
    Gate("c", gettext_lazy("Gate to stage C"), ("b-run", "b-looked-at")),
)


@dataclass(frozen=True, slots=True)
class Condition:
    place: "Place"
    state: StepState
    is_met: bool

    @property
    def step(self) -> Step:
        return self.place.step


@dataclass(frozen=True, slots=True)
class Standing:
    gate: Gate
    conditions: Sequence[Condition]
    overrides: Sequence[Override]
    """The latest first."""

    @property
    def missing(self) -> list[Condition]:
        """Neither met nor excused by a reason that was written when it was missing."""
        excused = {key for one in self.overrides for key in one.steps}
        return [one for one in self.conditions if not one.is_met and one.step.key not in excused]

    @property
    def override(self) -> Override | None:
        return self.overrides[0] if self.overrides else None

    @property
    def is_open(self) -> bool:
        return not self.missing


class Closed(ActRefused):
    """What is missing, in words; nothing was saved."""


def gate_of(key: str) -> Gate:
    """Raises KeyError."""
    return {gate.key: gate for gate in GATES}[key]


def standings(move: Move, states: Mapping[str, StepState]) -> dict[str, Standing]:
    """All gates, by what was measured last; one statement."""
    overrides = list(Override.objects.filter(move=move))
    return {gate.key: _standing(move, gate, states, overrides) for gate in GATES}


def standing(move: Move, gate: Gate, *, measure: bool = False) -> Standing:
    from .chapters import step_of  # as below

    if measure:
        checking.check_all(move, [step_of(key) for key in gate.conditions])
    return _standing(move, gate, checking.states_of(move), list(Override.objects.filter(move=move)))


def _standing(
    move: Move, gate: Gate, states: Mapping[str, StepState], overrides: Sequence[Override]
) -> Standing:  # fmt: skip
    from .chapters import place_of  # what stands in a chapter may be behind a gate, so chapters know gates

    places = [place_of(key) for key in gate.conditions]
    return Standing(
        gate,
        [
            Condition(
                place, states.get(place.step.key) or StepState(move=move, step=place.step.key),
                checking.is_met(place.step, states.get(place.step.key)),
            )
            for place in places
        ],
        [one for one in overrides if one.gate == gate.key],
    )  # fmt: skip


def require(move: Move, key: str, only: Collection[str] = ()) -> None:
    """Measures anew: what was green yesterday says nothing of today. `only`: of its conditions, these alone."""
    gate = gate_of(key)
    if only:
        gate = replace(gate, conditions=tuple(one for one in gate.conditions if one in only))
    found = standing(move, gate, measure=True)
    if not found.is_open:
        said = {"gate": found.gate.title, "what": "; ".join(str(one.step.title) for one in found.missing)}
        raise Closed(_("%(gate)s is closed. Still missing: %(what)s.") % said)


def open_anyway(move: Move, key: str, by: User, reason: str) -> Override:
    gate = gate_of(key)
    found = standing(move, gate, measure=True)
    if not reason.strip():
        raise ActRefused(_("Say why it is safe: the reason goes into the report."))
    if found.is_open:
        raise ActRefused(_("%(gate)s is open. No reason is needed.") % {"gate": gate.title})
    missing = [[str(one.step.title), one.state.said] for one in found.missing]
    with transaction.atomic():
        made = Override.objects.create(
            move=move, gate=key, reason=reason.strip()[:1000], missing=missing, by=by.label[:160],
            steps=[one.step.key for one in found.missing],
        )  # fmt: skip
        audit.record(by, "opened a gate", move, after={"gate": str(gate.title), "missing": missing}, note=made.reason)
    return made
