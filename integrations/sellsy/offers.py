"""Which of Sellsy's fields are worth offering in the set-up, and what it proposes for agreements."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.setup.guide import Offers
from integrations.sync.connector import CrmField

from .agreements import FIRST_CHOICE, OPPORTUNITY

ITS_OWN = frozenset({"created", "updated", "updated_at", "updated_status"})


def is_its_own(field: CrmField) -> bool:
    return not field.is_custom and field.path in ITS_OWN


def without_view(_source: str) -> str | Promise:
    return _("All pipelines: won opportunities of these companies")


OFFERS = Offers(
    is_its_own=is_its_own,
    roles=("position",),
    currency="amount.currency",
    agreements={OPPORTUNITY: {"amount": "amount.value"}},
    first_source=FIRST_CHOICE.source,
    without_view=without_view,
)
