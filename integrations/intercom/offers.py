"""Which of Intercom's attributes are worth offering in the set-up."""

from integrations.setup.guide import Offers
from integrations.sync.connector import CrmField

ITS_OWN = frozenset({"id", "created_at", "updated_at", "last_request_at", "last_seen_at", "user_count"})


def is_its_own(field: CrmField) -> bool:
    return not field.is_custom and field.path in ITS_OWN


OFFERS = Offers(is_its_own=is_its_own)
