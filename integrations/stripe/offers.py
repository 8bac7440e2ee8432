"""Which of Stripe's fields are worth offering. The set-up asks for little: most of it is decided by what Stripe is."""

from integrations.setup.guide import Offers
from integrations.sync.connector import CrmField

ITS_OWN = frozenset({"created", "delinquent"})


def is_its_own(field: CrmField) -> bool:
    return not field.is_custom and field.path in ITS_OWN


OFFERS = Offers(is_its_own=is_its_own, currency="currency", first_source="subscription")
