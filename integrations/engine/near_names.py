"""Whether two names look like one firm or person: spelled nearly alike once legal forms and signs are left out."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from .compare import fold

NEAR = 0.87
"""From this likeness on a person is shown the two; nothing is ever decided by it."""
SHORTEST = 4
"""Letters below which one typing error makes another name."""
_SIGNS = re.compile(r"[\W_]+")
_LEGAL = frozenset({
    "ab", "ag", "as", "asa", "bv", "co", "company", "corp", "corporation", "gmbh", "holding", "inc", "kg", "limited",
    "llc", "llp", "ltd", "nv", "oy", "plc", "pty", "sa", "sarl", "sas", "sl", "slu", "spa", "srl", "se",
})  # fmt: skip


def bare(name: str) -> str:
    """`Müller & Söhne GmbH` → `müller söhne`; a name of nothing but legal forms stays as it is."""
    words = _SIGNS.sub(" ", fold(name)).split()
    return " ".join(word for word in words if word not in _LEGAL) or " ".join(words)


def beginning(name: str) -> str:
    """How a row's folded name must begin to be worth comparing: its first letters as they are typed."""
    return fold(name)[: SHORTEST - 1]


def are_near(one: str, other: str) -> bool:
    ours, theirs = bare(one), bare(other)
    if not ours or not theirs:
        return False
    if ours == theirs:
        return True
    if min(len(ours), len(theirs)) < SHORTEST:
        return False
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() >= NEAR


def near(name: str, others: Iterable[tuple[int, str]]) -> list[int]:
    return [pk for pk, other in others if are_near(name, other)]
