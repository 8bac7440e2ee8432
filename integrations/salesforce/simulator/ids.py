"""Salesforce ids: 15 characters where case counts, and 3 more that spell the case out."""

import re
from functools import lru_cache

INSTANCE = "Pr0"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


@lru_cache(maxsize=1 << 14)
def _check(chunk: str) -> str:
    return _CHECK[sum(1 << i for i, c in enumerate(chunk) if "A" <= c <= "Z")]


def checksum(id15: str) -> str:
    return _check(id15[:5]) + _check(id15[5:10]) + _check(id15[10:])


def to_18(text: str) -> str | None:
    """The long form, or None where the text is no id at all."""
    if not _SHAPE.fullmatch(text):
        return None
    # The suffix may arrive folded to one case by some old export: recompute it from the part that counts.
    return text[:15] + checksum(text[:15])


def make_id(prefix: str, number: int) -> str:
    high, low = divmod(number, 62**5)
    id15 = f"{prefix}{INSTANCE}{_digits(high, 4)}{_digits(low, 5)}"
    return id15 + checksum(id15)


@lru_cache(maxsize=1 << 14)
def _digits(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits
