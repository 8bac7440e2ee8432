"""Which of HubSpot's properties are worth offering in the set-up."""

from integrations.setup.guide import Offers
from integrations.sync.connector import CrmField

OF_ITS_OWN = ("hs_", "hubspot_", "num_", "notes_", "first_", "recent_", "days_to_", "ip_", "webinareventlastupdated")
WORTH = frozenset({"hs_object_id", "hubspot_owner_id", "hs_buying_role", "hs_csm_sentiment", "hs_role", "hs_seniority"})
ITS_OWN = frozenset({"createdate", "lastmodifieddate", "closedate", "hs_lastmodifieddate", "associatedcompanyid"})


def is_its_own(field: CrmField) -> bool:
    """What HubSpot notes for itself: about two hundred of a company's properties."""
    if field.is_custom or field.path in WORTH:
        return False
    return field.path in ITS_OWN or field.path.startswith(OF_ITS_OWN)


OFFERS = Offers(
    is_its_own=is_its_own,
    # The buying role first: it is where HubSpot keeps who champions, decides and uses.
    roles=("hs_buying_role", "jobtitle", "hs_role", "hs_seniority", "lifecyclestage"),
)
