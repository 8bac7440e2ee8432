"""Pipelines of deals: which stages each has, and what a stage means for the forecast."""

# Source: the V7 page "Get Pipelines"; the code for a stage of another pipeline is that of the users' mappings (?).

from typing import Any

from .account import Account
from .errors import ZohoError, invalid
from .field_shapes import category_of
from .ids import named_id
from .modules_work import STAGES, STANDARD_PIPELINE

_ALL = tuple(value for value, _, _, _ in STAGES)
PIPELINES = "pipelines"
"""Name and stages of each, by its stored value; an empty mapping switches pipelines off."""


def pipelines(account: Account) -> dict[str, list[str]]:
    found: dict[str, list[str]] = account.store.state(PIPELINES, {STANDARD_PIPELINE: list(_ALL)})
    return found


def pipeline_shapes(account: Account) -> list[dict[str, Any]]:
    return [
        {"display_value": name, "default": number == 0, "maps": _maps(stages), "actual_value": name,
         "id": named_id("pipeline", name)}
        for number, (name, stages) in enumerate(pipelines(account).items())
    ]  # fmt: skip


def _maps(stages: list[str]) -> list[dict[str, Any]]:
    known = {value: (shown, forecast) for value, shown, _, forecast in STAGES}
    return [
        {"display_value": known[value][0], "sequence_number": number, "forecast_category": category_of(known[value][1]),
         "actual_value": value, "id": named_id("stage", value), "forecast_type": known[value][1]}
        for number, value in enumerate(stages, 1)
    ]  # fmt: skip


def check_stage(account: Account, body: dict[str, Any], path: str) -> None:
    """With pipelines a stage has to be one of the deal's own; without them any text will do, as in any picklist."""
    known = pipelines(account)
    stages = known.get(str(body.get("Pipeline")))
    if not known or "Pipeline" not in account.schema.modules["Deals"].fields:
        return
    if stages is None:
        raise invalid(api_name="Pipeline", json_path=f"{path}.Pipeline")
    if body.get("Stage") not in stages:
        mapped = {"api_name": "Pipeline", "json_path": f"{path}.Pipeline"}
        details: dict[str, Any] = {"mapped_field": mapped, "api_name": "Stage", "json_path": f"{path}.Stage"}
        raise ZohoError("MAPPING_MISMATCH", "The stage does not belong to the pipeline", details=details)
