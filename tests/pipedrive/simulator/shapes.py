"""Keys and kinds of an answer, compared with those of a recorded one."""

import re
from collections.abc import Iterator
from typing import Any

_NUMBERED = re.compile(r"\d+")
_HASH = re.compile(r"[0-9a-f]{40}(_\w+)?")


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Where we differ: a key too few, a key too many, another kind. A null on either side may stand for anything.

    Lists are compared by their first row that says most; objects under numbers, by any of them.
    """
    if ours is None or theirs is None:
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from _objects(ours, theirs, path)
    elif isinstance(theirs, list) and isinstance(ours, list):
        if ours and theirs:
            yield from differences(_fullest(ours), _fullest(theirs), f"{path}[]")
    elif _kind(ours) != _kind(theirs):
        yield f"{path}: {_kind(ours)} where {_kind(theirs)} was recorded"


def _objects(ours: dict[str, Any], theirs: dict[str, Any], path: str) -> Iterator[str]:
    ours, theirs = _without_keys_of_one_account(ours), _without_keys_of_one_account(theirs)
    if theirs and all(_NUMBERED.fullmatch(key) for key in theirs):
        if ours:
            yield from differences(next(iter(ours.values())), next(iter(theirs.values())), f"{path}.#")
        return
    yield from (f"{path}.{key} is missing" for key in theirs if key not in ours)
    yield from (f"{path}.{key} was not recorded" for key in ours if key not in theirs)
    for key in ours.keys() & theirs.keys():
        yield from differences(ours[key], theirs[key], f"{path}.{key}")


def _without_keys_of_one_account(value: dict[str, Any]) -> dict[str, Any]:
    """Custom fields are each account's own."""
    return {k: v for k, v in value.items() if not _HASH.fullmatch(k)}


def _fullest(rows: list[Any]) -> Any:
    """A row with more of its values there tells more about the kinds."""
    if not all(isinstance(row, dict) for row in rows):
        return rows[0]
    merged: dict[str, Any] = {}
    for row in rows:
        merged |= {k: v for k, v in row.items() if v is not None or k not in merged}
    return merged


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__
