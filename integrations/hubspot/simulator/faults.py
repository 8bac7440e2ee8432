"""What may go wrong with this portal on demand, beside what may go wrong with any practice CRM."""

from dataclasses import dataclass, field

from integrations.simulation import faults
from integrations.simulation.faults import Broken, html
from integrations.simulation.messages import Response

from .errors import ApiError

URI_LIMIT = 16_000
LIMIT_WORDS = {"TEN_SECONDLY_ROLLING": "ten_secondly_rolling", "DAILY": "daily", "SECONDLY": "secondly"}


@dataclass
class Faults(faults.Faults):
    session_seconds: int = 1800
    unlimited: bool = False
    """No limit on calls at all."""
    index_lag: float = 2.0
    """Seconds until a search sees a write; for real some seconds, up to half a minute."""
    property_lag: float = 0.5
    """Seconds until a new property can be read and written."""
    burst_policy: str = "TEN_SECONDLY_ROLLING"
    """Which limit a burst says was reached: that one, DAILY or SECONDLY (as a search does)."""
    locked: int = 0
    """The next calls answer 423: another change to the same records is under way."""
    migrating: int = 0
    """The next calls answer 477: the account moves to another data centre."""
    gateway: int = 0
    """The next calls answer with `gateway_status` (502, 503, 504, 521 to 524), as a page of the gateway."""
    gateway_status: int = 502
    not_super_admin: bool = False
    """The person at the consent page may not install apps."""
    may_not_associate: bool = False
    """The user behind an OAuth token lacks the right to edit associations; asked for since 2026-09 only."""
    withheld_scopes: list[str] = field(default_factory=list)
    """Scopes nobody has, whatever the token says: a plan was changed, a right was taken away."""

    def before(self, kind: str) -> Response | Broken | None:
        if response := super().before(kind):
            return response
        if not self.concerns(kind):
            return None
        if self.spend("locked"):
            return ApiError("The resource is locked by another request. Try again later.", 423, "LOCKED").answer()
        if self.spend("migrating"):
            response = ApiError(
                "This account is being migrated to another data hosting location.", 477, "MIGRATION_IN_PROGRESS"
            ).answer()
            response.headers["Retry-After"] = str(self.retry_after)
            return response
        return html(self.gateway_status, {}, "Bad gateway") if self.spend("gateway") else None

    def busy(self, status: int, headers: dict[str, str]) -> Response:
        # A 429 of this vendor does not say how long to wait; a 503 may.
        return over(self.burst_policy).answer() if status == 429 else html(status, headers)

    def failure(self) -> Response:
        return ApiError("internal error", 500, None).answer()


def over(policy: str) -> ApiError:
    """Search says it otherwise than the rest does."""
    message = f"You have reached your {LIMIT_WORDS[policy]} limit."
    if policy == "SECONDLY":
        return ApiError(message, 429, "RATE_LIMITS")
    return ApiError(message, 429, None, more={"errorType": "RATE_LIMIT", "policyName": policy})


def oversized(uri_bytes: int) -> Response | None:
    """The gateway answers in HTML."""
    return html(414, {}, "414 Request-URI Too Large") if uri_bytes > URI_LIMIT else None
