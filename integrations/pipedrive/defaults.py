"""What a new connection proposes: the mapping lines of Pipedrive's standard fields, and a CSM field where there is one."""

from typing import Any

from integrations.sync.connector import CrmField, Schema

Line = dict[str, Any]
CSM_WORDS = ("csm", "customer success", "success manager")
SITES = ("website", "web site", "domain", "url")


def line(hub_field: str, crm_field: str, **more: str) -> Line:
    return {"hub_field": hub_field, "crm_field": crm_field, **more}


LINES: dict[str, tuple[Line, ...]] = {
    "customers": (
        line("ref_id", "id"),
        line("name", "name"),
        line("domain", "website"),
        # Where the company has no field for it: whoever sells to an organization is rarely who looks after it.
        line("csm", "owner_id"),
    ),
    "contacts": (
        line("ref_id", "id"),
        line("first_name", "first_name"),
        line("last_name", "last_name"),
        line("email", "emails"),
        line("phone", "phones"),
    ),
    # Where the rest stands, each company decides for itself: the step of the set-up asks for it.
    "agreements": (line("ref_id", "id"),),
    "scores": (),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]


def proposed_path(line: Line, schema: Schema) -> str:
    own = [field for field in schema.fields if field.is_custom]
    if line["hub_field"] == "csm":
        keeper = next((field for field in own if field.is_person and says(field, CSM_WORDS)), None)
    elif line["hub_field"] == "domain" and schema.get(str(line["crm_field"])) is None:
        # The standard website is a part of some plans only; elsewhere companies made a field of their own.
        keeper = next((field for field in own if says(field, SITES)), None)
    else:
        keeper = None
    return keeper.path if keeper else str(line["crm_field"])


def says(field: CrmField, words: tuple[str, ...]) -> bool:
    return any(word in field.label.casefold() for word in words)
