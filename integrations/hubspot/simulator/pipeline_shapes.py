"""Pipelines and stages as the API tells them; that a deal is won stands in a stage's metadata, not in its name."""

from collections.abc import Sequence
from typing import Any

Pipeline = dict[str, Any]
_LONG_AGO = "1970-01-01T00:00:00Z"


def stage(number: str, label: str, place: int, metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "label": label, "displayOrder": place, "metadata": metadata, "id": number, "createdAt": _LONG_AGO,
        "updatedAt": _LONG_AGO,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT", "archived": False,
    }  # fmt: skip


def pipeline(number: str, label: str, stages: Sequence[dict[str, Any]], place: int = 0) -> Pipeline:
    return {
        "label": label, "displayOrder": place, "id": number, "stages": list(stages), "createdAt": _LONG_AGO,
        "updatedAt": _LONG_AGO, "archived": False,
    }  # fmt: skip


def deal_stage(number: str, label: str, place: int, probability: str) -> dict[str, Any]:
    closed = "true" if probability in {"1.0", "0.0"} else "false"
    return stage(number, label, place, {"isClosed": closed, "probability": probability})


def _staged(rows: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [deal_stage(number, label, place, chance) for place, (number, label, chance) in enumerate(rows)]


SALES = pipeline("default", "Sales Pipeline", _staged((
    ("appointmentscheduled", "Appointment Scheduled", "0.2"), ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"), ("closedwon", "Closed Won", "1.0"), ("closedlost", "Closed Lost", "0.0"),
)))  # fmt: skip
LEADS = pipeline("lead-pipeline-id", "Lead Pipeline", [
    stage(number, label, place, {"leadState": state})
    for place, (number, label, state) in enumerate((
        ("new-stage-id", "New", "NEW"), ("attempting-stage-id", "Attempting", "IN_PROGRESS"),
        ("connected-stage-id", "Connected", "IN_PROGRESS"), ("qualified-stage-id", "Qualified", "QUALIFIED"),
        ("unqualified-stage-id", "Disqualified", "UNQUALIFIED"),
    ))
])  # fmt: skip
TICKETS = pipeline("0", "Support Pipeline", [
    stage(str(place), label, place - 1, {"ticketState": state, "isClosed": str(state == "CLOSED").lower()})
    for place, (label, state) in enumerate((
        ("New", "OPEN"), ("Waiting on contact", "OPEN"), ("Waiting on us", "OPEN"), ("Closed", "CLOSED"),
    ), 1)
])  # fmt: skip
STANDARD_PIPELINES: dict[str, list[Pipeline]] = {"deals": [SALES], "leads": [LEADS], "tickets": [TICKETS]}
