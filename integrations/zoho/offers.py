"""Which of Zoho's fields are worth offering in the set-up, and what it proposes for agreements."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.setup.guide import Offers
from integrations.sync.connector import CrmField

from .agreements import DEALS, FIRST_CHOICE
from .schema import ID
from .scope import ACCOUNTS

ITS_OWN = frozenset(
    {
        "Created_By.email", "Created_Time", "Email_Opt_Out", "Last_Activity_Time", "Locked__s", "Modified_By.email",
        "Modified_Time", "Record_Image", "Record_Status__s", "Unsubscribed_Mode", "Unsubscribed_Time",
        "nearby_distance__s",
    }
)  # fmt: skip


def is_its_own(field: CrmField) -> bool:
    is_place = field.path.endswith(("_Latitude", "_Longitude", "_Coordinates"))
    return not field.is_custom and (field.path in ITS_OWN or is_place)


def contract_id(field: CrmField) -> bool:
    """Zoho allows two unique fields to a module, so most teams keep a contract's number in an ordinary text."""
    is_own_text = field.is_custom and field.type in {"text", "integer", "bigint", "autonumber"}
    return field.path != ID and (field.is_id or is_own_text)


def without_view(source: str) -> str | Promise:
    if source == DEALS:
        return _("No view: won deals of these accounts")
    if source == ACCOUNTS:
        return _("No view: one agreement for each of these accounts")
    return _("No view: everything that hangs on these accounts")


OFFERS = Offers(
    is_its_own=is_its_own,
    roles=("Title", "Department", "Lead_Source"),
    # In organisations with several currencies.
    currency="Currency",
    # No amount: whether the amount of a deal is what recurs, only the team knows.
    first_source=FIRST_CHOICE.source,
    contract_id=contract_id,
    without_view=without_view,
)
