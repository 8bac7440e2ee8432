"""What may go wrong with this workspace on demand, beside what may go wrong with any practice CRM."""

from dataclasses import dataclass

from integrations.simulation import faults
from integrations.simulation.messages import Response

from .errors import error, too_many, unavailable


@dataclass
class Faults(faults.Faults):
    index_lag: float = 0.0
    """Seconds until a search finds a new contact. The vendor says that it may be minutes."""
    unlimited: bool = False
    """No windows of calls."""
    may_not_customize: bool = False
    """The token may not make attributes."""

    def busy(self, status: int, headers: dict[str, str]) -> Response:
        if status == 429:
            return too_many(1666, {"Retry-After": headers["Retry-After"]}).answer()
        return unavailable(status).answer()

    def failure(self) -> Response:
        return unavailable(500).answer()

    def on_write(self) -> None:
        if self.rejects():
            raise error(422, "data_invalid", "The record was refused by a rule of this workspace")
