"""What a new connection proposes: the mapping lines of Sellsy's own fields, and a CSM field where there is one."""

from typing import Any

from integrations.sync.connector import CrmField, Schema

Line = dict[str, Any]
CSM_WORDS = ("csm", "customer success", "success manager")


def line(hub_field: str, crm_field: str) -> Line:
    return {"hub_field": hub_field, "crm_field": crm_field}


LINES: dict[str, tuple[Line, ...]] = {
    "customers": (
        line("ref_id", "id"),
        line("name", "name"),
        line("domain", "website"),
        # Where the account has no field for it: whoever sells to a company is rarely who looks after it.
        line("csm", "owner"),
    ),
    "contacts": (
        line("ref_id", "id"),
        line("first_name", "first_name"),
        line("last_name", "last_name"),
        line("email", "email"),
        line("phone", "phone_number"),
    ),
    # Where the rest stands, each account decides for itself: the step of the set-up asks for it.
    "agreements": (line("ref_id", "id"),),
    # The fields for them are made when the upload is switched on.
    "scores": (),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]


def proposed_path(line: Line, schema: Schema) -> str:
    keeper = next(filter(names_the_csm, schema.fields), None) if line["hub_field"] == "csm" else None
    return keeper.path if keeper else str(line["crm_field"])


def names_the_csm(field: CrmField) -> bool:
    """A colleague's field of the account's own that says so in its label."""
    return field.is_person and field.is_custom and any(words in field.label.casefold() for words in CSM_WORDS)
