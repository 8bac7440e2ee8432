"""What a new connection proposes: the mapping lines of Zoho's standard fields, and a CSM field where there is one."""

from integrations.setup.proposals import BOTH, Line, line

LINES: dict[str, tuple[Line, ...]] = {
    "customers": (
        line("ref_id", "id"),
        line("name", "Account_Name"),
        line("domain", "Website"),
        # Where the organisation has no field for it: whoever sells to an account is rarely who looks after it.
        line("csm", "Owner.email"),
    ),
    "contacts": (
        line("ref_id", "id"),
        line("first_name", "First_Name"),
        line("last_name", "Last_Name"),
        line("email", "Email"),
        line("phone", "Phone"),
    ),
    # Where the rest stands, each organisation decides for itself: the step of the set-up asks for it.
    "agreements": (line("ref_id", "id"),),
    "emails": (
        line("subject", "subject", direction="out"),
        line("body", "content", direction="out"),
        line("starts_at", "date_time", direction="out"),
        line("is_incoming", "@incoming", direction="out"),
        line("participants", "@participants", direction="out"),
    ),
    "meetings": (
        line("ref_id", "id"),
        line("subject", "Event_Title", **BOTH),
        line("body", "Description", **BOTH),
        line("starts_at", "Start_DateTime", **BOTH),
        line("minutes", "@minutes", **BOTH),
        line("contacts", "@contacts", **BOTH),
    ),
    "calls": (
        line("ref_id", "id"),
        line("subject", "Subject", **BOTH),
        line("body", "Description", **BOTH),
        line("starts_at", "Call_Start_Time", **BOTH),
        line("minutes", "@minutes", **BOTH),
        line("is_incoming", "Call_Type", **BOTH),
        line("contacts", "@contacts", **BOTH),
    ),
    "notes": (
        line("ref_id", "id"),
        line("subject", "Note_Title", **BOTH),
        line("body", "Note_Content", **BOTH),
        # One that was typed here keeps its own day: Zoho notes when it was sent.
        line("starts_at", "Created_Time", blanks="fill"),
    ),
    "scores": (),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]
