"""Who wrote an e-mail and who received it: a text of JSON in HubSpot."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from .words import Held

COLUMN = "hs_email_headers"
COLUMNS = (COLUMN, "hs_email_from_email", "hs_email_to_email")
"""An e-mail that a mailbox logged may lack the headers; then these two say it."""


def addresses(held: Held) -> tuple[str, ...]:
    told = _told(held)
    listed = [*_of(told.get("from")), *_of(told.get("to")), *_of(told.get("cc"))]
    if not listed:
        listed = [part for name in COLUMNS[1:] for part in str(held.get(name) or "").split(";")]
    return tuple(dict.fromkeys(one for text in listed if (one := _bare(text))))


def written(people: Sequence[str], held: Held, *, is_incoming: bool) -> str:
    """Of an e-mail that came the first one wrote it; of one that went all received it, but for who is known to have sent
    it. Who got a copy stays so."""
    told = _told(held)
    senders, copied = ({_bare(one) for one in _of(told.get(part))} for part in ("from", "cc"))
    wrote = people[:1] if is_incoming else [one for one in people if one in senders]
    received = [one for one in people if one not in wrote]
    now: dict[str, Any] = {
        "to": [{"email": one} for one in received if one not in copied],
        "cc": [{"email": one} for one in received if one in copied], "bcc": [],
    }  # fmt: skip
    if wrote:
        now["from"] = {"email": wrote[0]}
    return orjson.dumps(now).decode()


def _told(held: Held) -> Mapping[str, Any]:
    try:
        found = orjson.loads(str(held.get(COLUMN) or "{}"))
    except orjson.JSONDecodeError:
        # Whoever wrote it there did not write JSON: the other two properties serve.
        return {}
    return found if isinstance(found, dict) else {}


def _of(told: Any) -> Iterator[str]:
    for one in told if isinstance(told, list) else [told]:
        if isinstance(one, dict) and one.get("email"):
            yield str(one["email"])


def _bare(text: str) -> str:
    """`Ada One<ada@one.example>`, as a mailbox may log it, without the name."""
    return text.rpartition("<")[2].strip("> ").lower()
