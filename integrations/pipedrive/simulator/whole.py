"""Whole numbers as a query or a path gives them: digits alone, and no more of them than a record's number can have."""

_LONGEST = 18


def is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST
