"""An address that may be shown: ids, fields and moments stay readable, whatever could be somebody's value does not."""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from .redact import MASK, mask, redact

LONGEST_ADDRESS = 1000
PLAIN_SEGMENT = re.compile(r"[\w.\-]+")
RECORD_ID = re.compile(r"[0-9aemx][0-9A-Za-z]{14}(?:[A-Z0-5]{3})?")
"""By its shape: 15 characters that begin with the kind of record, or 18 with their check."""
UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
SHORT_NUMBER = re.compile(r"\d{1,6}")
NAMES = re.compile(r"[A-Za-z_][\w.]*(?:,[A-Za-z_][\w.]*)*")
NAMING = frozenset({"fields", "select", "sort", "order", "properties", "associations", "type", "types", "expand"})
"""Parameters that hold names of fields, never values."""
QUERY = re.compile(r"(?i)^\s*(?:select|find)\s")
QUERY_PARTS = re.compile(
    r"""(?ix)
    (?P<text>'(?:\\.|[^'\\])*(?:'|$) | "(?:\\.|[^"\\])*(?:"|$))
    | (?P<kept>\b(?:limit|offset)\s+\d+ | \d{4}-\d\d-\d\d(?:t[\d:.]+(?:z|[+-]\d\d:?\d\d)?)? | [a-z_][\w.]*(?::\d+)?)
    | (?P<number>\d+(?:\.\d+)?)
    """
)


def masked_address(url: str, params: Mapping[str, str | int], secrets: Iterable[str] = ()) -> str:
    """Path and parameters without host; cut last, so that no half of a secret stands at the end."""
    parts = urlsplit(url)
    asked = [*parse_qsl(parts.query, keep_blank_values=True), *((name, str(value)) for name, value in params.items())]
    path = "/".join(_segments(parts.path))
    said = "&".join(f"{name}={_value(name, value)}" for name, value in asked)
    text = redact(mask(f"{path}?{said}" if said else path, secrets))
    return text if len(text) <= LONGEST_ADDRESS else f"{text[: LONGEST_ADDRESS - 1]}…"


def masked_query(text: str) -> str:
    """The query with every literal blotted out but ids and moments."""
    return QUERY_PARTS.sub(_part, text)


def _segments(path: str) -> Iterator[str]:
    for segment in path.split("/"):
        # A key of a record may be anything that somebody typed: an e-mail address, a name.
        yield segment if not segment or PLAIN_SEGMENT.fullmatch(unquote(segment)) else MASK


def _value(name: str, value: str) -> str:
    if QUERY.match(value):
        return masked_query(value)
    is_named = name.lower() in NAMING and NAMES.fullmatch(value)
    return (
        value
        if is_named or not value or MOMENT.fullmatch(value) or SHORT_NUMBER.fullmatch(value) or _is_id(value)
        else MASK
    )


def _part(found: re.Match[str]) -> str:
    if found["kept"]:
        return found[0]
    return found[0] if found["text"] and _is_id(found[0][1:-1]) else MASK if found["number"] else f"'{MASK}'"


def _is_id(text: str) -> bool:
    is_record = RECORD_ID.fullmatch(text) and sum(letter.isdigit() for letter in text) >= 3
    return bool(is_record or UUID.fullmatch(text))
