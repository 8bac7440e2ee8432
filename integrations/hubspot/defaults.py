"""What a new connection proposes: the mapping lines of HubSpot's standard properties, and a CSM property where there is one."""

from typing import Any

from integrations.sync.connector import CrmField, Schema

Line = dict[str, Any]
CSM_WORDS = ("csm", "customer success", "success manager")


def line(hub_field: str, crm_field: str, **more: str) -> Line:
    return {"hub_field": hub_field, "crm_field": crm_field, **more}


LINES: dict[str, tuple[Line, ...]] = {
    "customers": (
        line("ref_id", "hs_object_id"),
        line("name", "name"),
        line("domain", "domain"),
        # Where the portal has no property for it: whoever sells to a company is rarely who looks after it.
        line("csm", "hubspot_owner_id"),
    ),
    "contacts": (
        line("ref_id", "hs_object_id"),
        line("first_name", "firstname"),
        line("last_name", "lastname"),
        line("email", "email"),
        line("phone", "phone"),
    ),
    # Where the rest stands, each portal decides for itself: the step of the set-up asks for it.
    "agreements": (line("ref_id", "hs_object_id"),),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES.get(object_name, ())


def proposed_path(line: Line, schema: Schema) -> str:
    if line["hub_field"] == "domain" and schema.get("domain") is None:
        return "website"
    keeper = next(filter(names_the_csm, schema.fields), None) if line["hub_field"] == "csm" else None
    return keeper.path if keeper else str(line["crm_field"])


def names_the_csm(field: CrmField) -> bool:
    """An owner property of the portal's own that says so in its label or its name."""
    said = f"{field.label} {field.path.replace('_', ' ')}".casefold()
    return field.is_person and field.is_custom and any(words in said for words in CSM_WORDS)
