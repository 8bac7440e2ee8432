"""What may go wrong with this account on demand, beside what may go wrong with any practice CRM."""

from dataclasses import dataclass

from integrations.simulation import faults
from integrations.simulation.faults import html
from integrations.simulation.messages import Response

from .errors import over_limit, v1_error, v2_error


@dataclass
class Faults(faults.Faults):
    session_seconds: int = 3599
    index_lag: float = 1.0
    """Seconds until a search finds what was made, and no longer finds what was deleted. The vendor names no number."""
    stamp_lag: float = 2.0
    """A row made over the API has no update_time for so long: two seconds in the recorded answers."""
    gone_as: str = "record"
    """How a deleted row answers to a read: `record` (with is_deleted), `404` or `410`; all three were seen."""
    unlink_on_delete: bool = False
    """Whether persons and deals lose the number of a deleted organization; nobody has proved it either way."""
    unlimited: bool = False
    """No windows of calls, no budget of a day."""
    account_closed: bool = False
    may_not_customize: bool = False
    """The user lacks the right to make fields."""
    retired_v1_gone: bool = False
    """The v1 twins of v2 calls, out of support since August 2026, have vanished."""
    refresh_exchanged: int = 0
    """The next refreshes fail as if another process had used the token."""
    null_custom_fields: bool = False
    """custom_fields is null in every row, as on an account without any."""
    hide_daily_headers: bool = False
    """The daily pair of headers is not documented and may be missing."""
    broken_nesting: int = 0
    """The next v2 writes fail with the unknown error that badly nested custom fields cause."""
    empty_pages: int = 0
    """The next v2 pages are empty though more follow: only a null cursor is the end."""

    def busy(self, status: int, headers: dict[str, str]) -> Response:
        # Pipedrive documents no Retry-After: the reset of the window is all that is said.
        reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": headers["Retry-After"]}
        if status == 429:
            return over_limit(reset).answer()
        return v1_error(status, "Service Unavailable").answer()

    def failure(self) -> Response:
        return v2_error(500, "Internal Server Error", "ERR_UNKNOWN").answer()

    def on_write(self, *, v2: bool) -> None:
        if v2 and self.spend("broken_nesting"):
            raise v2_error(500, "Internal Server Error", "ERR_UNKNOWN")
        if self.rejects():
            said = "You do not have permission to edit this item."
            raise v2_error(403, said, "ERR_FORBIDDEN") if v2 else v1_error(403, said)


def challenge() -> Response:
    """Cloudflare's page, in place of an answer, for whoever hammers on after 429."""
    return html(403, {"cf-mitigated": "challenge"}, "Attention Required! | Cloudflare")
