"""How the search looks into texts: by whole words, with an asterisk for the rest of one, and into lists of options."""

import re
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"[\w*]+")


@lru_cache(maxsize=256)
def _pattern(wanted: str) -> re.Pattern[str] | None:
    words = _WORD.findall(wanted.casefold())
    if not words:
        return None
    parts = [re.escape(word).replace(r"\*", r"\w*") for word in words]
    return re.compile(r"(?<!\w)" + r"\W+".join(parts) + r"(?!\w)")


def has_token(value: Any, wanted: str) -> bool:
    """`CONTAINS_TOKEN`: the words in a row, each whole unless an asterisk leaves some of it open."""
    pattern = _pattern(wanted)
    return isinstance(value, str) and pattern is not None and bool(pattern.search(value.casefold()))


def mentions(value: Any, wanted: str) -> bool:
    """`query`: every word begins some word of the text."""
    if not isinstance(value, str):
        return False
    words = _WORD.findall(value.casefold())
    return all(any(word.startswith(part) for word in words) for part in re.findall(r"\w+", wanted.casefold()))


def holds(value: Any, wanted: str) -> bool:
    """Whether all wanted options are among those of a list `A;B`."""
    return isinstance(value, str) and set(wanted.split(";")) <= set(value.split(";"))
