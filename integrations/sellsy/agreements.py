"""Agreements are won opportunities of the chosen pipelines; several can be chosen, and stand in the settings as one text."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.setup.guided import Candidate
from integrations.sync.blocks import AgreementSource

OPPORTUNITY, COMPANY = "opportunity", "company_id"
FIRST_CHOICE = AgreementSource(OPPORTUNITY, COMPANY)
SEPARATOR, NAMES = ",", ", "


def chosen_source(settings: Mapping[str, Any]) -> AgreementSource:
    saved = AgreementSource.read(settings)
    return saved if saved.source else FIRST_CHOICE


def pipelines_of(choice: AgreementSource) -> tuple[int, ...]:
    return tuple(int(one) for one in choice.view.split(SEPARATOR) if one.isdecimal())


def candidates(label: str) -> list[Candidate]:
    """Contract terms stand in custom fields of opportunities, there being nothing else for them."""
    return [Candidate(OPPORTUNITY, label, (COMPANY,))]


def joined(ids: Sequence[str]) -> str:
    return SEPARATOR.join(ids)
