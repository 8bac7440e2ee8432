"""What the pages of a move show: chapters with their progress, steps with their evidence, gates with what they miss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.values import digest

from . import gates
from .chapters import CHAPTERS, Place, number_of, places
from .checking import is_met
from .models import Move, StepState
from .steps import Act, Chapter, Part, Step

State = StepState.State
SHOWN: dict[str, tuple[str, str | Promise]] = {
    State.NOT_STARTED: ("pause", _("Not started")),
    State.DONE: ("ok", _("Done")),
    State.VERIFIED: ("ok", _("Verified")),
    State.FAILED: ("bad", _("Failed")),
}
"""State → key of accounts.vocabulary.STATES, and its word."""
LOCKED = ("out", _("Locked"))


@dataclass(frozen=True, slots=True)
class Line:
    """One step as it is shown."""

    number: str
    step: Step
    state: StepState
    is_met: bool
    lamp: str
    word: str | Promise
    acts: Sequence[Act]
    is_locked: bool
    more: Mapping[str, Any]

    @property
    def left(self) -> int:
        """Records behind it that are not listed here."""
        return max(0, self.state.total - len(self.state.rows))


@dataclass(frozen=True, slots=True)
class Section:
    part: Part
    lines: Sequence[Line]
    gate: gates.Standing | None

    @property
    def met(self) -> int:
        return sum(line.is_met for line in self.lines)


@dataclass(frozen=True, slots=True)
class Progress:
    chapter: Chapter
    met: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.met == self.total


def totals(moves: Sequence[Move]) -> list[tuple[int, int]]:
    """Of each, the steps that are met and all of them: one statement for any number of moves."""
    states: dict[int, dict[str, StepState]] = {move.pk: {} for move in moves}
    for state in StepState.objects.filter(move__in=moves):
        states[state.move_id][state.step] = state
    standing = [progress(states[move.pk]) for move in moves]
    return [(sum(one.met for one in chapters), sum(one.total for one in chapters)) for chapters in standing]


def progress(states: Mapping[str, StepState]) -> list[Progress]:
    return [
        Progress(chapter, sum(is_met(step, states.get(step.key)) for step in chapter.steps), len(chapter.steps))
        for chapter in CHAPTERS
    ]


def next_place(states: Mapping[str, StepState], standings: Mapping[str, gates.Standing]) -> Place | None:
    """Where the work goes on: the first step that is not met, or what its gate waits for."""
    for place in places():
        if is_met(place.step, states.get(place.step.key)):
            continue
        if place.step.needs:
            gate = standings[place.step.needs]
            if not gate.is_open:
                return gate.missing[0].place
        return place
    return None


def stamp(states: Mapping[str, StepState]) -> str:
    """Another one where a step was measured, signed or done since."""
    return digest([[key, one.state, one.signed_by, one.said] for key, one in sorted(states.items())])


def sections(
    move: Move, chapter: Chapter, states: Mapping[str, StepState], standings: Mapping[str, gates.Standing]
) -> list[Section]:
    return [
        Section(
            part,
            [_line(move, step, states.get(step.key), standings) for step in part.steps],
            standings.get(part.gate),
        )
        for part in chapter.parts
    ]


def is_locked(step: Step, standings: Mapping[str, gates.Standing], *, met: bool) -> bool:
    """What was met before its gate closed stays to be seen."""
    return bool(step.needs) and not met and not standings[step.needs].is_open


def _line(move: Move, step: Step, state: StepState | None, standings: Mapping[str, gates.Standing]) -> Line:
    state = state or StepState(move=move, step=step.key)
    met = is_met(step, state)
    locked = is_locked(step, standings, met=met)
    lamp, word = LOCKED if locked else SHOWN[state.state]
    acts = [] if locked or not move.is_open else [act for act in step.acts if act.offered(move)]
    return Line(number_of(step.key), step, state, met, lamp, word, acts, locked, step.more(move))
