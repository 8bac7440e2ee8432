"""Which of Pipedrive's fields are worth offering in the set-up, and what it proposes for agreements."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.setup.guide import Offers
from integrations.sync.connector import CrmField

from .agreements import DEAL, FIRST_CHOICE
from .schema import MOMENTS

ITS_OWN = frozenset({*MOMENTS, "creator_user_id", "lost_reason", "picture_id", "probability", "stage_id", "status"})


def is_its_own(field: CrmField) -> bool:
    return not field.is_custom and (field.path in ITS_OWN or field.path.endswith("_count"))


def without_view(source: str) -> str | Promise:
    if source == DEAL:
        return _("No pipeline: won deals of these organizations in all pipelines")
    return _("One agreement for each of these organizations")


OFFERS = Offers(
    is_its_own=is_its_own,
    currency="currency",
    agreements={DEAL: {"amount": "value"}},
    first_source=FIRST_CHOICE.source,
    without_view=without_view,
)
