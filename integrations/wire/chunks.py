"""Rows by as many as one call takes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def unique_chunks(values: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Each value once, in order."""
    unique = tuple(dict.fromkeys(values))
    return (unique[start : start + size] for start in range(0, len(unique), size))
