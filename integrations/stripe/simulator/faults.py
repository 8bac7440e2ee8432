"""What may go wrong with this account on demand."""

from dataclasses import dataclass

from integrations.simulation import faults
from integrations.simulation.messages import Response

from .errors import ApiError, locked, too_many


@dataclass
class Faults(faults.Faults):
    unlimited: bool = False
    """Switches the standing limits off."""
    index_lag: float = 0.0
    """Seconds until the search knows what was written."""
    locked: int = 0
    """So many of the next calls meet another one at the same record: 429 with lock_timeout, every other one 409."""
    old_events: bool = False
    """Events tell their objects in the version that the account began with, in place of the pinned one."""

    def busy(self, status: int, headers: dict[str, str]) -> Response:
        refusal = too_many() if status == 429 else ApiError(status, "Service unavailable.", kind="api_error")
        answer = refusal.answer()
        answer.headers |= headers
        return answer

    def failure(self) -> Response:
        return ApiError(500, "An unknown error occurred.", kind="api_error").answer()

    def before(self, kind: str) -> "Response | faults.Broken | None":
        instead = super().before(kind)
        if instead is None and self.concerns(kind) and self.spend("locked"):
            return locked(409 if self.locked % 2 else 429).answer()
        return instead
