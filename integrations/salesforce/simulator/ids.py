"""Salesforce ids: 15 characters where case counts, and 3 more that spell the case out."""

import re

INSTANCE = "Pr0"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def checksum(id15: str) -> str:
    chunks = (id15[0:5], id15[5:10], id15[10:15])
    return "".join(_CHECK[sum(1 << i for i, c in enumerate(chunk) if "A" <= c <= "Z")] for chunk in chunks)


def to_18(text: str) -> str | None:
    """The long form, or None where the text is no id at all."""
    if not _SHAPE.fullmatch(text):
        return None
    # The suffix may arrive folded to one case by some old export: recompute it from the part that counts.
    return text[:15] + checksum(text[:15])


def make_id(prefix: str, number: int) -> str:
    digits = ""
    for _ in range(9):
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    id15 = f"{prefix}{INSTANCE}{digits}"
    return id15 + checksum(id15)
