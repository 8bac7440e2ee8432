"""The four objects of v2: what they are called, which fields the system gives them, which query may narrow their lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def at(path: str) -> str:
    """A property of a record, as SQL."""
    return f"json_extract(body, '$.{path}')"


@dataclass(frozen=True, slots=True)
class Object:
    kind: str
    plural: str
    noun: str
    """In refusals."""
    filter_type: str
    v1_name: str = ""
    narrowed_by: Mapping[str, str] = field(default_factory=dict)
    """A query's parameter, and the SQL that its value is compared with."""
    sorted_by: tuple[str, ...] = ("id", "update_time", "add_time")
    has_custom: bool = True
    required: str = ""


ORGANIZATION = Object(
    "organization", "organizations", "Organization", "org", narrowed_by={"owner_id": at("owner_id")}, required="name"
)  # fmt: skip
PERSON = Object(
    "person", "persons", "Person", "people", narrowed_by={"owner_id": at("owner_id"), "org_id": at("org_id")},
    required="name"
)  # fmt: skip
DEAL = Object(
    "deal", "deals", "Deal", "deals", required="title",
    narrowed_by={name: at(name) for name in ("owner_id", "person_id", "org_id", "pipeline_id", "stage_id")},
)  # fmt: skip
ACTIVITY = Object(
    "activity", "activities", "Activity", "activity", has_custom=False,
    narrowed_by={name: at(name) for name in ("owner_id", "person_id", "org_id", "deal_id", "lead_id")},
    sorted_by=("id", "update_time", "add_time", "due_date"),
)  # fmt: skip
OBJECTS = {one.kind: one for one in (ORGANIZATION, PERSON, DEAL, ACTIVITY)}
BY_PLURAL = {one.plural: one for one in OBJECTS.values()}
FILTERED = {**{one.filter_type: one.kind for one in OBJECTS.values()}, "leads": "lead"}
"""What a filter of each type lists."""


def entity_of(kind: str) -> str:
    """Whose fields a record has: a lead has those of deals."""
    return "deal" if kind == "lead" else kind
