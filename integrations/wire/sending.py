"""One sending of a request: what came back and how long it took, until it is known what follows from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from .decisions import Decision
from .masking import masked_address
from .messages import Call, Reply, Request
from .redact import redact

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Sending:
    request: Request
    attempt: int
    started: datetime | None = None
    """None until it has left."""
    milliseconds: int = 0
    status: int = 0
    bytes: int = 0

    def came_back(self, reply: Reply | None, started: datetime, seconds: float) -> None:
        self.started, self.milliseconds = started, round(seconds * 1000)
        self.status, self.bytes = (reply.status, len(reply.content)) if reply else (0, 0)

    def told(self, decision: Decision, code: str, secrets: Iterable[str]) -> Call:
        request = self.request
        return Call(
            method=request.method,
            url=redact(request.url),
            status=self.status,
            milliseconds=self.milliseconds,
            bytes=self.bytes,
            started=self.started or NEVER,
            kind=request.kind,
            address=masked_address(request.url, request.params, secrets),
            attempt=self.attempt,
            decision=decision,
            code=code,
        )
