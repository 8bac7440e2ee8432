"""Stops a field that goes back and forth: two systems that each insist would otherwise write for ever."""

from collections.abc import Sequence

from .values import Value, digest, to_json

Wave = tuple[tuple[int, str], ...]
"""(run, digest of the value that stood after it), oldest first; only consecutive runs are kept."""
LENGTH = 4
"""A, B, A, B: three changes, each taking the one before it back."""


def after(wave: Sequence[Sequence[int | str]], run: int, previous_run: int, before: Value, value: Value) -> Wave:
    """The wave once this run has written `value` over `before`; it starts anew where a run in between wrote nothing."""
    kept = tuple((int(number), str(mark)) for number, mark in wave)
    if not kept or kept[-1][0] != previous_run or kept[-1][1] != digest(to_json(before)):
        kept = ((previous_run, digest(to_json(before))),)
    return (*kept, (run, digest(to_json(value))))[-LENGTH:]


def alternates(wave: Wave) -> bool:
    marks = [mark for _, mark in wave]
    return len(marks) == LENGTH and marks[0] == marks[2] != marks[1] == marks[3]
