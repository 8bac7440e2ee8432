"""The shape of an answer, its keys and kinds of values: what a recording and the practice portal have in common."""

import re
from typing import Any

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
Shape = Any


def shape(value: Any) -> Shape:
    """Names of types in place of values; the items of a list are laid over each other."""
    match value:
        case dict():
            return {key: shape(one) for key, one in value.items()}
        case list():
            found: Shape = None
            for one in value:
                found = shape(one) if found is None else _laid_over(found, shape(one))
            return [] if found is None else [found]
        case bool():
            return "bool"
        case int():
            return "int"
        case str():
            return "stamp" if _STAMP.fullmatch(value) else "digits" if _NUMBER.fullmatch(value) else "str"
    return None


def _laid_over(one: Shape, other: Shape) -> Shape:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _laid_over(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [_laid_over(one[0], other[0])] if one and other else one or other
    if one is None or other is None or one == other:
        return one if other is None else other
    return "str"


def differences(recorded: Shape, mine: Shape, path: str = "") -> list[str]:
    """Where the two part ways; an empty text or list stands for any."""
    if isinstance(recorded, dict) and isinstance(mine, dict):
        apart = [f"{path}.{key} is not in mine" for key in recorded if key not in mine]
        apart += [f"{path}.{key} is not in the recording" for key in mine if key not in recorded]
        return apart + [
            part for key in recorded if key in mine for part in differences(recorded[key], mine[key], f"{path}.{key}")
        ]
    if isinstance(recorded, list) and isinstance(mine, list):
        return differences(recorded[0], mine[0], f"{path}[]") if recorded and mine else []
    if recorded is None or mine is None or recorded == mine or {recorded, mine} <= {"str", "digits"}:
        return []
    return [f"{path} is {mine}, recorded as {recorded}"]
