"""What goes over the wire: a request, its reply, and the record of the call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from .decisions import Decision
from .errors import Transient

READS = frozenset({"GET", "HEAD"})
REPEATABLE = READS | {"PUT", "DELETE"}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    data: Mapping[str, str] | bytes | None = field(default=None, repr=False)
    safe: bool | None = None
    """Reads although it is a POST (True), or changes something although it is a GET (False)."""
    replayable: bool | None = None
    """May be sent again although the first sending may have worked; by default what HTTP calls idempotent."""
    kind: str = ""
    """What the call is for, in the system's words ("query"); calls are counted by it."""
    needs: tuple[str, ...] | None = ()
    """Keys that the JSON answer must have to be whole; None where the answer is not JSON."""

    @property
    def is_read(self) -> bool:
        return self.method.upper() in READS if self.safe is None else self.safe

    @property
    def may_repeat(self) -> bool:
        if self.replayable is None:
            return self.method.upper() in REPEATABLE or self.is_read
        return self.replayable


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Case does not matter in their names."""
    content: bytes = field(repr=False)
    _parsed: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    def json(self) -> Any:
        """The body; whatever is not whole JSON is a broken answer, not an empty one."""
        # Kept: the session looks whether the answer is whole, then the client reads it; a page takes milliseconds.
        if not self._parsed:
            self._parsed.append(self._parse())
        return self._parsed[0]

    def _parse(self) -> Any:
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError as error:
            raise Transient(
                "BROKEN_ANSWER", f"The answer is not JSON: {error}", sent=True, status=self.status
            ) from None

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Call:
    """One sending, also of a repeated request; the address is redacted."""

    method: str
    url: str
    status: int
    """0 where no answer came."""
    milliseconds: int
    bytes: int
    started: datetime
    kind: str = ""
    address: str = ""
    """The path with its questions, masked: which records and fields, never whose values."""
    attempt: int = 1
    decision: Decision = Decision.TAKEN
    code: str = ""
    """The vendor's name for what went wrong."""

    @property
    def has_failed(self) -> bool:
        return self.decision is not Decision.TAKEN
