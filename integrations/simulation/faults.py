"""Faults on demand: what may go wrong with an answer, counted down or standing until cleared."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from .messages import HTML, Response

_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
CONTROL = "control"
"""The kind of call that is never broken, counted or limited."""


@dataclass
class Faults:
    """A system's own faults stand in a subclass; so does what its refusals look like."""

    burst: int = 0
    """The next calls that are refused with `burst_status` (429 or 503) and `Retry-After`."""
    burst_status: int = 429
    retry_after: int = 1
    fail_every: int = 0
    hold_calls: int = 0
    hold_seconds: float = 0.0
    truncate: int = 0
    html: int = 0
    reset: int = 0
    """The next answers break off half way; what was asked was done."""
    drop: int = 0
    """The next calls find the connection gone before they were heard."""
    latency_ms: float = 0.0
    expire_after: int = 0
    """All sessions end when so many more calls were made."""
    reject_every: int = 0
    """Every so many written records one is refused by a rule of the account's own."""
    session_seconds: int = 7200
    kinds: list[str] = field(default_factory=list)
    """Empty: every kind of call."""
    seen: int = 0
    written: int = 0

    def clear(self) -> None:
        fresh = type(self)()
        for one in fields(fresh):
            setattr(self, one.name, getattr(fresh, one.name))

    def concerns(self, kind: str) -> bool:
        return kind != CONTROL and (not self.kinds or kind in self.kinds)

    def spend(self, name: str) -> bool:
        left = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return bool(left)

    def before(self, kind: str) -> "Response | Broken | None":
        """An answer in place of the real one, or none."""
        if not self.concerns(kind):
            return None
        if self.latency_ms:
            time.sleep(self.latency_ms / 1000)
        self.seen += 1
        if self.spend("drop"):
            return Broken(Response({}))
        if self.spend("burst"):
            return self.busy(self.burst_status, {"Retry-After": str(self.retry_after)})
        if self.fail_every and self.seen % self.fail_every == 0:
            return self.failure()
        if self.spend("html"):
            return html(200, {}, "We are down for maintenance")
        return None

    def busy(self, status: int, headers: dict[str, str]) -> Response:
        return html(status, headers)

    def failure(self) -> Response:
        return html(500, {}, "Internal Server Error")

    def rejects(self) -> bool:
        """Called once for each record that is written."""
        self.written += 1
        return bool(self.reject_every) and self.written % self.reject_every == 0

    def after(self, kind: str, response: Response) -> "Response | Broken":
        """The real answer, late or damaged; what it did stays done."""
        if not self.concerns(kind):
            return response
        if self.spend("hold_calls"):
            time.sleep(self.hold_seconds)
        if self.spend("truncate"):
            content = response.content()
            return Response(content[: len(content) // 2], response.status, response.headers, response.content_type)
        if self.spend("reset"):
            return Broken(response)
        return response


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer whose connection dies half way through the body."""

    response: Response

    def parts(self) -> Iterator[bytes]:
        content = self.response.content()
        yield content[: len(content) // 2]
        raise ConnectionResetError("connection reset on demand")


def html(status: int, headers: dict[str, str], title: str = "Service temporarily unavailable") -> Response:
    return Response(_PAGE.format(title), status, headers, HTML)
