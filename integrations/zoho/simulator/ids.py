"""Ids as Zoho gives them: nineteen digits, of which the first seven are the organisation's."""

from functools import cache
from zlib import crc32

ORG = "4821730"
ZGID = "20087742113"
FIRST_NEW = int(f"{ORG}000010000001")
"""Below it are the records that a filling brings along; what is created later counts from here on and sorts behind."""


def made_id(number: int) -> str:
    """Of a record that a filling names by a number of its own."""
    return f"{ORG}{number:012d}"


@cache
def named_id(*names: str) -> str:
    """Of a piece of metadata: the same names have the same id in every practice organisation."""
    return f"{ORG}{200_000_000_000 + crc32('/'.join(names).encode()):012d}"
