"""One page for a screen that all look at on the day: every chapter and step, every gate, and who is where. Three statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.models import User

from . import checking, gates
from .board import LOCKED, SHOWN, is_locked
from .chapters import CHAPTERS
from .models import Move, StepState
from .people import present
from .steps import Chapter, Step, Words


@dataclass(frozen=True, slots=True)
class Line:
    number: str
    key: str
    title: Words
    lamp: str
    word: str | Promise
    is_met: bool
    by: str


@dataclass(frozen=True, slots=True)
class Column:
    chapter: Chapter
    lines: Sequence[Line]
    people: Sequence[str]

    @property
    def met(self) -> int:
        return sum(line.is_met for line in self.lines)


@dataclass(frozen=True, slots=True)
class Lock:
    title: Words
    is_open: bool
    by: str
    """The Admin who opened it although something was missing."""


def columns(move: Move, me: User) -> tuple[list[Column], list[Lock]]:
    states = checking.states_of(move)
    standings = gates.standings(move, states)
    people = present(move, me)
    return [
        Column(
            chapter,
            [
                _line(f"{chapter.number}.{place}", step, states, standings)
                for place, step in enumerate(chapter.steps, 1)
            ],
            [one.name for one in people if one.chapter == chapter.number],
        )
        for chapter in CHAPTERS
    ], [Lock(one.gate.title, one.is_open, one.override.by if one.override else "") for one in standings.values()]


def in_three(found: Sequence[Column]) -> list[list[Column]]:
    """In their order, each stack about a third of all lines, so that one screen holds them."""
    third, stacks, height = sum(len(one.lines) + 2 for one in found) / 3, [[], [], []], 0.0  # type: ignore[var-annotated]
    for one in found:
        size = len(one.lines) + 2
        stacks[min(2, int((height + size / 2) / third))].append(one)
        height += size
    return stacks


def _line(
    number: str, step: Step, states: Mapping[str, StepState], standings: Mapping[str, gates.Standing]
) -> Line:  # fmt: skip
    state = states.get(step.key) or StepState(step=step.key)
    met = checking.is_met(step, state)
    lamp, word = LOCKED if is_locked(step, standings, met=met) else SHOWN[state.state]
    return Line(number, step.key, step.title, lamp, word, met, state.signed_by)
