"""What may go wrong with this org on demand, beside what may go wrong with any practice CRM."""

from dataclasses import dataclass, field

from integrations.simulation import faults
from integrations.simulation.faults import html
from integrations.simulation.messages import Request, Response

from .errors import ApiError


@dataclass
class Faults(faults.Faults):
    daily_quota_exhausted: bool = False
    concurrent_limit: int = 0
    commit_lag: float = 0.0
    """A new row shows only so many seconds after its stamp, as one whose transaction took so long."""
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

    def failure(self) -> Response:
        message = "An unexpected error occurred. Please include this ErrorId if you contact support: 1842-7 (-77)"
        return Response(ApiError("UNKNOWN_EXCEPTION", message).body(), 500)

    def quota_refusal(self, *, over: bool) -> ApiError | None:
        if self.daily_quota_exhausted or over:
            return ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
        if self.spend("concurrent_limit"):
            return ApiError("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", 403)
        return None

    def on_write(self, record_id: str) -> None:
        rejected = self.rejects()
        if self.spend("lock_rows"):
            message = f"unable to obtain exclusive access to this record or 1 records: {record_id or '001'}"
            raise ApiError("UNABLE_TO_LOCK_ROW", message, fields=[])
        if rejected:
            message = "This record cannot be saved while its account is under review."
            raise ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields=[])


def oversized(request: Request, uri_bytes: int) -> Response | None:
    """URI and headers together may hold 16,384 bytes; the gateway answers in HTML."""
    limit = 16_384
    header_bytes = sum(len(k) + len(v) + 4 for k, v in request.headers.items() if k != "x-scheme")
    if uri_bytes > limit:
        return html(414, {}, "URI Too Long")
    if uri_bytes + header_bytes > limit:
        return html(431, {}, "Request Header Fields Too Large")
    return None
