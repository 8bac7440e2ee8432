"""What may go wrong with this account on demand, and what nobody published: either way can be had."""

from dataclasses import dataclass

from integrations.simulation import faults
from integrations.simulation.messages import Response

from .errors import ApiError, conflict


@dataclass
class Faults(faults.Faults):
    session_seconds: int = 86_400
    """Recorded; the vendor's examples say 3600, its prose 24 hours: obey `expires_in`."""
    unlimited: bool = False
    """Switches the standing limits off."""
    index_lag: float = 2.0
    """Seconds until the global search and the activities know what was written. The vendor tells of no number."""
    batch_costs_lines: bool = False
    """Each line of a batch counts as a call of its own; not published."""
    batch_most: int = 0
    """So many lines at most, else 413; 0: no maximum. Not published."""
    quiet_values: bool = False
    """Custom values, links and addresses leave the record's stamp alone; not documented."""
    single_embeds_ignored: bool = False
    """Custom fields embedded in one company are left out, as one integrator saw."""
    staffs_are_shy: bool = False
    """Only the caller's own line, as without the right or on a small plan."""
    conflicts: int = 0
    """So many of the next writes end with 409."""
    refresh_invalid_grant: bool = False
    """A dead refresh token is refused with 400 invalid_grant in place of 401 invalid_request; not published."""
    refresh_ends_sessions: bool = False
    """A refresh ends the sessions opened before it; not published."""

    def busy(self, status: int, headers: dict[str, str]) -> Response:
        # Only the gateway answers in HTML; a 429 comes from the API itself, and does not promise Retry-After.
        if status == 429:
            return ApiError(429, "Too Many Requests").answer()
        return super().busy(status, headers)

    def on_write(self) -> None:
        rejected = self.rejects()
        if self.spend("conflicts"):
            raise conflict("Cette ressource est en cours de modification.")
        if rejected:
            raise ApiError(400, "Cet enregistrement est verrouillé par une règle du compte.")
