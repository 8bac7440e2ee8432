"""What a new connection proposes: the mapping lines of Pipedrive's standard fields, and a CSM field where there is one."""

from integrations.setup.proposals import BOTH, Line, line
from integrations.setup.proposals import proposed_path as shared_path
from integrations.sync.connector import CrmField, Schema

SITES = ("website", "web site", "domain", "url")


ACTIVITY: tuple[Line, ...] = (
    line("ref_id", "id"),
    line("subject", "subject", **BOTH),
    line("body", "note", **BOTH),
    line("starts_at", "@starts_at", **BOTH),
    line("contacts", "@contacts", **BOTH),
)
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
    "emails": ACTIVITY,
    "meetings": (*ACTIVITY, line("minutes", "@minutes", **BOTH)),
    "calls": (*ACTIVITY, line("minutes", "@minutes", **BOTH)),
    "notes": (
        line("ref_id", "id"),
        line("body", "content", **BOTH),
        # One that was typed here keeps its own day: by the day of Pipedrive's logging it is known how far back to read.
        line("starts_at", "add_time", blanks="fill"),
        line("contacts", "@contacts", **BOTH),
    ),
    "scores": (),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]


def proposed_path(line: Line, schema: Schema) -> str:
    if line["hub_field"] == "domain" and schema.get(str(line["crm_field"])) is None:
        # The standard website is a part of some plans only; elsewhere companies made a field of their own.
        site = next((field for field in schema.fields if field.is_custom and names_a_site(field)), None)
        return site.path if site else str(line["crm_field"])
    return shared_path(line, schema)


def names_a_site(field: CrmField) -> bool:
    return any(word in field.label.casefold() for word in SITES)
