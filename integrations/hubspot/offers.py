"""Which of HubSpot's properties are worth offering in the set-up."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.setup.guide import Offers
from integrations.sync.connector import CrmField

from .agreements import DEALS, FIRST_CHOICE

BUYING_ROLE = "hs_buying_role"
OF_ITS_OWN = ("hs_", "hubspot_", "num_", "notes_", "first_", "recent_", "days_to_", "ip_", "webinareventlastupdated")
WORTH = frozenset(
    {
        "hs_object_id",
        "hubspot_owner_id",
        BUYING_ROLE,
        "hs_csm_sentiment",
        "hs_role",
        "hs_seniority",
        "hs_mrr",
        "hs_arr",
        "hs_acv",
        "hs_tcv",
        "closedate",
    }
)
ITS_OWN = frozenset({"createdate", "lastmodifieddate", "hs_lastmodifieddate", "associatedcompanyid"})


def is_its_own(field: CrmField) -> bool:
    """What HubSpot notes for itself: about two hundred of a company's properties."""
    if field.is_custom or field.path in WORTH:
        return False
    return field.path in ITS_OWN or field.path.startswith(OF_ITS_OWN)


def without_view(source: str) -> str | Promise:
    if source == DEALS:
        return _("Won deals of all pipelines")
    return _("One agreement for each of these companies")


OFFERS = Offers(
    is_its_own=is_its_own,
    # Of portals with several currencies.
    currency="deal_currency_code",
    agreements={DEALS: {"amount": "amount"}},
    first_source=FIRST_CHOICE.source,
    without_view=without_view,
    # It is where HubSpot keeps who champions, decides and uses.
    first_role=BUYING_ROLE,
    champion=_("Who speaks for you inside, e.g. where the buying role is Champion."),
    roles=(BUYING_ROLE, "jobtitle", "hs_role", "hs_seniority", "lifecyclestage"),
)
