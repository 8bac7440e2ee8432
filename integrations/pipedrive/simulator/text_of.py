"""Names, addresses and lines of contact as Pipedrive keeps what it is given."""

from collections.abc import Iterable, Mapping
from typing import Any

from .custom_values import address


def split_name(name: str) -> tuple[str | None, str | None]:
    """The first word is the first name, all others are the last."""
    first, _, last = name.strip().partition(" ")
    return first or None, last.strip() or None


def clean_lines(given: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The whole array is replaced. A line without a label is of work; the first is primary where none says so."""
    lines = [dict(one) for one in given]
    chosen = next((n for n, one in enumerate(lines) if one.get("primary")), 0)
    return [
        {"label": one.get("label") or "work", "value": one["value"], "primary": n == chosen} for n,
        one in enumerate(lines)
    ]  # fmt: skip


def full_address(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if given is None else address(given)
