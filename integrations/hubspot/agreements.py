"""Where a portal keeps its agreements: in its won deals, or in properties of the company itself."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from integrations.setup.guided import Candidate
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import Choice, CrmField, View

from .scope import PIPELINE, STAGE, WON, Groups, Source, among, several, where

DEALS, COMPANIES = "deals", "companies"
LOOKUP = "company"
"""Ties are no property: the field that names the customer is the tie itself."""
FIRST_CHOICE = AgreementSource(DEALS, LOOKUP)
DEAL_STAGE = "dealstage"
OF_COMPANIES = "0-2/"
"""A company and a deal may share a number, and whoever chooses another source still has links of the former one."""
SOURCES = {
    DEALS: Source(DEALS, name=("dealname",), needed=(WON, PIPELINE)),
    COMPANIES: Source(COMPANIES, needed=(STAGE,), prefix=OF_COMPANIES, is_company=True),
}


def chosen_source(settings: Mapping[str, Any]) -> AgreementSource:
    """As saved; where nothing is said yet, deals."""
    saved = AgreementSource.read(settings)
    return saved if saved.source in SOURCES else FIRST_CHOICE


def won(choice: AgreementSource) -> Groups:
    """Won deals of the chosen pipelines, of all where none is chosen. The literal `closedwon` is one pipeline's only."""
    pipelines = several(choice.view)
    return [[where(WON, "EQ", "true"), *([among(PIPELINE, pipelines)] if pipelines else [])]]


def is_won(choice: AgreementSource, held: Mapping[str, Any]) -> bool:
    pipelines = several(choice.view)
    return held.get(WON) == "true" and (not pipelines or held.get(PIPELINE) in pipelines)


def with_choices(fields: Iterable[CrmField], pipelines: Iterable[Mapping[str, Any]]) -> tuple[CrmField, ...]:
    """A deal's pipeline and stage are lists whose values HubSpot tells elsewhere; a stage is told with its pipeline where
    there are several, for “Closed won” may stand in each."""
    found = list(pipelines)
    stages = tuple(
        Choice(str(stage["id"]), f"{stage['label']} ({line['label']})" if len(found) > 1 else str(stage["label"]))
        for line in found
        for stage in line["stages"]
    )
    choices = {PIPELINE: tuple(Choice(str(line["id"]), str(line["label"])) for line in found), DEAL_STAGE: stages}
    return tuple(one if one.choices else replace(one, choices=choices.get(one.path, ())) for one in fields)


def pipelines_as_views(found: Iterable[Mapping[str, Any]]) -> list[View]:
    return [View(str(one["id"]), str(one["label"])) for one in found]


def candidates() -> list[Candidate]:
    return [Candidate(DEALS, _("Deals"), (LOOKUP,)), Candidate(COMPANIES, _("Companies"), (LOOKUP,))]
