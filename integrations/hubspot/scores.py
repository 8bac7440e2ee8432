"""Scores go out to properties of the company, beside its customer: a channel of its own, whatever mode customers have."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.setup.scores import LABELS
from integrations.sync.connector import ObjectAbility

SCORES = ObjectAbility(
    object="scores",
    source_object="company",
    source_label=_("Scores"),
    modes=(Mode.DISABLED, Mode.OUTPUT),
    deletes=_("Scores are only written, to the company of each linked customer; nothing of them is read or deleted."),
)
NAMES = {"health_score": "skalin_healthscore", "pulse": "skalin_csm_pulse"}


def score_property(score: str) -> dict[str, Any]:
    """HubSpot shows it at once on every company; it is filled by the next run."""
    return {
        "name": NAMES[score], "label": LABELS[score], "type": "number", "fieldType": "number",
        "groupName": "companyinformation", "formField": False,
    }  # fmt: skip
