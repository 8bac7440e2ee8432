"""Where a company keeps its agreements: in its deals, or in fields of the organization itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from integrations.setup.guided import Candidate
from integrations.sync.blocks import AgreementSource

from .scope import COMPANIES, ITSELF, Source, deals

DEAL, ORGANIZATION = "deal", "organization"
USUAL_LOOKUP = "org_id"
SEPARATOR, NAMES = ",", ", "
FIRST_CHOICE = AgreementSource(DEAL, USUAL_LOOKUP)


def chosen_source(settings: Mapping[str, Any]) -> AgreementSource:
    """As saved; where nothing is said yet, deals."""
    saved = AgreementSource.read(settings)
    return saved if saved.source else FIRST_CHOICE


def source_of(choice: AgreementSource) -> Source:
    """Of deals the won ones, in the chosen pipelines or in all of them; of organizations those that are customers."""
    return COMPANIES if choice.source == ORGANIZATION else deals(pipelines_of(choice))


def pipelines_of(choice: AgreementSource) -> tuple[str, ...]:
    """Several can be chosen; they stand in the settings as one text."""
    return tuple(one for one in choice.view.split(SEPARATOR) if one.isdecimal())


def joined(ids: Sequence[str]) -> str:
    return SEPARATOR.join(one for one in ids if one.isdecimal())


def candidates() -> list[Candidate]:
    return [Candidate(DEAL, _("Deals"), (USUAL_LOOKUP,)), Candidate(ORGANIZATION, _("Organizations"), (ITSELF,))]
