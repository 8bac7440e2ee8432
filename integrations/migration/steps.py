"""What a step of the checklist is: what it says, how it is measured, what it does on a button, and who may sign it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.functional import Promise

from accounts.models import User

from .models import Move

Words = str | Promise
SHOWN = 20
"""Records behind a finding that are kept with it; the rest is in the list that it leads to."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record behind a finding."""

    label: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured. `holds` None: nothing can be said yet, and `said` tells what it waits for."""

    holds: bool | None
    said: str
    rows: Sequence[Row] = ()
    total: int = 0
    cure: str = ""

    @property
    def kept_rows(self) -> list[list[str]]:
        return [[row.label[:255], row.detail[:255], row.url] for row in self.rows[:SHOWN]]


class ActRefused(Exception):  # noqa: N818 (an answer, not a fault)
    """The sentence says what has to be done first; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Act:
    """What the software does for a person, on a button. `form` asks for what it needs; its cleaned data come along."""

    key: str
    label: Words
    do: Callable[[Move, User, Mapping[str, Any]], str]
    """Returns what was done, in a sentence. May raise ActRefused or the wire's errors."""
    form: Callable[[Move, Any], forms.Form] | None = None
    offered: Callable[[Move], bool] = lambda _move: True
    """Whether there is still something to do."""
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    key: str
    title: Words
    why: Words
    check: Callable[[Move], Finding] | None = None
    acts: Sequence[Act] = ()
    sign: Words = ""
    """What a person confirms; empty: only the software can say."""
    form: Callable[[Move, Any], forms.Form] | None = None
    """What signing asks for; its cleaned data are kept by `keep`."""
    keep: Callable[[Move, Mapping[str, Any]], None] | None = None
    page: str = ""
    """Name of an address with the move's id: where the step is worked on."""
    page_label: Words = ""
    needs: str = ""
    """The gate that must be open before anything can be done here."""
    template: str = ""
    """More than text: a part of a page, drawn with `move` and `more`."""
    more: Callable[[Move], Mapping[str, Any]] = field(default=lambda _move: {})

    @property
    def is_signed(self) -> bool:
        return bool(self.sign)

    @property
    def is_measured(self) -> bool:
        # A template would call the check itself, and find nothing.
        return self.check is not None


@dataclass(frozen=True, slots=True)
class Part:
    """A heading within a chapter: its steps, and the gate that it ends with."""

    title: Words
    said: Words
    steps: Sequence[Step]
    gate: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    number: int
    key: str
    title: Words
    said: Words
    parts: Sequence[Part]

    @property
    def steps(self) -> list[Step]:
        return [step for part in self.parts for step in part.steps]
