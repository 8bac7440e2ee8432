"""Faults on demand: what may go wrong with an answer, counted down or standing until cleared."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from .errors import ApiError
from .messages import HTML, Request, Response

_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_NOT_FOR = frozenset({"control"})


@dataclass
class Faults:
    burst: int = 0
    """The next calls that are refused with `burst_status` (429 or 503) and `Retry-After`."""
    burst_status: int = 429
    retry_after: int = 1
    daily_quota_exhausted: bool = False
    concurrent_limit: int = 0
    fail_every: int = 0
    hold_calls: int = 0
    hold_seconds: float = 0.0
    truncate: int = 0
    html: int = 0
    reset: int = 0
    latency_ms: float = 0.0
    expire_after: int = 0
    """All sessions end when so many more calls were made."""
    commit_lag: float = 0.0
    """A new row shows only so many seconds after its stamp, as one whose transaction took so long."""
    reject_every: int = 0
    lock_rows: int = 0
    api_disabled: bool = False
    may_not_customize: bool = False
    """The API user lacks the right to make fields."""
    bulk_looks: int = 0
    """Looks at a bulk job that find it unfinished."""
    bulk_stops_after: int = -1
    """A bulk job fails after so many rows; the others are never processed."""
    duplicate_rules: list[str] = field(default_factory=list)
    """`Contact.Email`: a second record with the same value is refused, unless the caller allows it."""
    password_expired: bool = False
    rotate_refresh_tokens: bool = False
    session_seconds: int = 7200
    kinds: list[str] = field(default_factory=list)
    """Empty: every kind of call."""
    seen: int = 0
    written: int = 0

    def clear(self) -> None:
        for one in fields(Faults()):
            setattr(self, one.name, getattr(Faults(), one.name))

    def concerns(self, kind: str) -> bool:
        return kind not in _NOT_FOR and (not self.kinds or kind in self.kinds)

    def spend(self, name: str) -> bool:
        left = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return bool(left)

    def before(self, kind: str) -> Response | None:
        """An answer in place of the real one, or none."""
        if not self.concerns(kind):
            return None
        if self.latency_ms:
            time.sleep(self.latency_ms / 1000)
        self.seen += 1
        if self.spend("burst"):
            return _html(self.burst_status, {"Retry-After": str(self.retry_after)})
        if self.fail_every and self.seen % self.fail_every == 0:
            message = "An unexpected error occurred. Please include this ErrorId if you contact support: 1842-7 (-77)"
            return Response(ApiError("UNKNOWN_EXCEPTION", message).body(), 500)
        if self.spend("html"):
            return _html(200, {}, "We are down for maintenance")
        return None

    def quota_refusal(self, *, over: bool) -> ApiError | None:
        if self.daily_quota_exhausted or over:
            return ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
        if self.spend("concurrent_limit"):
            return ApiError("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", 403)
        return None

    def on_write(self, record_id: str) -> None:
        self.written += 1
        if self.spend("lock_rows"):
            message = f"unable to obtain exclusive access to this record or 1 records: {record_id or '001'}"
            raise ApiError("UNABLE_TO_LOCK_ROW", message, fields=[])
        if self.reject_every and self.written % self.reject_every == 0:
            message = "This record cannot be saved while its account is under review."
            raise ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields=[])

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


def _html(status: int, headers: dict[str, str], title: str = "Service temporarily unavailable") -> Response:
    return Response(_PAGE.format(title), status, headers, HTML)


def oversized(request: Request, uri_bytes: int) -> Response | None:
    """URI and headers together may hold 16,384 bytes; the gateway answers in HTML."""
    limit = 16_384
    header_bytes = sum(len(k) + len(v) + 4 for k, v in request.headers.items() if k != "x-scheme")
    if uri_bytes > limit:
        return _html(414, {}, "URI Too Long")
    if uri_bytes + header_bytes > limit:
        return _html(431, {}, "Request Header Fields Too Large")
    return None
