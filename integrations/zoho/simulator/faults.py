"""What may go wrong with this organisation on demand, beside what may go wrong with any practice CRM."""

from dataclasses import dataclass, field

from integrations.simulation import faults
from integrations.simulation.messages import Response

from .errors import ZohoError, too_many


@dataclass
class Faults(faults.Faults):
    session_seconds: int = 3600
    unlimited: bool = False
    """No credits, no concurrency, no throttle of tokens, no ten downloads a minute."""
    index_lag: float = 2.0
    """Seconds until a search sees what was written. The real index takes from under a second to minutes."""
    count_lag: float = 60.0
    """Counts are this old; the vendor says one to ten minutes."""
    lock_records: int = 0
    """Writes of so many records are refused because the record is locked: an approval, a merge, a review."""
    denied: list[str] = field(default_factory=list)
    """Permissions that the user's profile lacks: `Crm_Implied_View_Contacts`, `Crm_Implied_Customize_Zoho_CRM`."""
    credits_exhausted: bool = False
    concurrent_limit: int = 0
    """The next calls meet too many others, whatever is really under way."""
    bulk_looks: int = 1
    """Looks at a bulk job that find it unfinished."""
    bulk_fails: bool = False
    emails_unavailable: bool = False
    """The mailbox search behind the e-mails of a record is down."""

    def busy(self, status: int, headers: dict[str, str]) -> Response:
        """Zoho's 429 names no time to wait; 503 comes from its gateway as a page."""
        return too_many().answer() if status == 429 else faults.html(status, {})

    def failure(self) -> Response:
        return ZohoError("INTERNAL_ERROR", "Internal Server Error", 500).answer()

    def refuse_write(self, path: str) -> None:
        rejected = self.rejects()
        if self.spend("lock_records"):
            details = {"api_name": "id", "json_path": f"{path}.id", "action": "record_locking"}
            said = "Sorry, you cannot perform this operation as the record is locked."
            raise ZohoError("RECORD_LOCKED", said, details=details)
        if rejected:
            said = "The record is under review by the practice organisation's own rule"
            raise ZohoError("INVALID_DATA", said, details={"api_name": "id", "json_path": f"{path}.id"})
