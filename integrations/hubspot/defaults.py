"""What a new connection proposes: the mapping lines of HubSpot's standard properties, and a CSM property where there is one."""

from integrations.setup.proposals import BOTH, Line, line
from integrations.setup.proposals import proposed_path as shared_path
from integrations.sync.connector import Schema

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
    "emails": (
        line("ref_id", "hs_object_id"),
        line("subject", "hs_email_subject", **BOTH),
        line("body", "@text", **BOTH),
        line("starts_at", "hs_timestamp", **BOTH),
        line("is_incoming", "hs_email_direction", **BOTH),
        line("participants", "@participants", **BOTH),
        line("contacts", "@contacts", **BOTH),
    ),
    "meetings": (
        line("ref_id", "hs_object_id"),
        line("subject", "hs_meeting_title", **BOTH),
        line("body", "hs_meeting_body", **BOTH),
        line("starts_at", "hs_meeting_start_time", **BOTH),
        line("minutes", "@minutes", **BOTH),
        line("contacts", "@contacts", **BOTH),
    ),
    "calls": (
        line("ref_id", "hs_object_id"),
        line("subject", "hs_call_title", **BOTH),
        line("body", "hs_call_body", **BOTH),
        line("starts_at", "hs_timestamp", **BOTH),
        line("minutes", "@minutes", **BOTH),
        line("is_incoming", "hs_call_direction", **BOTH),
        line("contacts", "@contacts", **BOTH),
    ),
    "notes": (
        line("ref_id", "hs_object_id"),
        line("subject", "@title", **BOTH),
        line("body", "@body", **BOTH),
        line("starts_at", "hs_timestamp", **BOTH),
        line("contacts", "@contacts", **BOTH),
    ),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES.get(object_name, ())


def proposed_path(line: Line, schema: Schema) -> str:
    if line["hub_field"] == "domain" and schema.get("domain") is None:
        return "website"
    return shared_path(line, schema)
