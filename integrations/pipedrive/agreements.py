"""Where a company keeps its agreements: in its deals, or in fields of the organization itself."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.setup.guided import Candidate
from integrations.sync.blocks import AgreementSource

from .scope import COMPANIES, ITSELF, Source, deals

DEAL, ORGANIZATION = "deal", "organization"
USUAL_LOOKUP = "org_id"
FIRST_CHOICE = AgreementSource(DEAL, USUAL_LOOKUP)


def chosen_source(settings: Mapping[str, Any]) -> AgreementSource:
    """As saved; where nothing is said yet, deals."""
    saved = AgreementSource.read(settings)
    return saved if saved.source else FIRST_CHOICE


def source_of(choice: AgreementSource) -> Source:
    """Of deals the won ones, in the chosen pipeline or in all of them; of organizations those that are customers."""
    return COMPANIES if choice.source == ORGANIZATION else deals(choice.view)


def candidates() -> list[Candidate]:
    return [Candidate(DEAL, _("Deals"), (USUAL_LOOKUP,)), Candidate(ORGANIZATION, _("Companies"), (ITSELF,))]
