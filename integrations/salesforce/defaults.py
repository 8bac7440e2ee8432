"""What a new connection proposes: the mapping lines of Salesforce's standard fields, and a CSM field where there is one."""

from integrations.setup.proposals import BOTH, Line, line

LINES: dict[str, tuple[Line, ...]] = {
    "customers": (
        line("ref_id", "Id"),
        line("name", "Name"),
        line("domain", "Website"),
        # Where the organisation has no field for it: whoever sells to an account is rarely who looks after it.
        line("csm", "Owner.Email"),
    ),
    "contacts": (
        line("ref_id", "Id"),
        line("first_name", "FirstName"),
        line("last_name", "LastName"),
        line("email", "Email"),
        line("phone", "Phone"),
    ),
    # Where the rest stands, each organisation decides for itself: the step of the set-up asks for it.
    "agreements": (line("ref_id", "Id"),),
    "emails": (
        line("ref_id", "Id"),
        line("subject", "Subject", **BOTH),
        line("body", "TextBody", **BOTH),
        line("starts_at", "MessageDate", **BOTH),
        line("is_incoming", "Incoming", **BOTH),
        line("participants", "@participants", **BOTH),
        line("contacts", "@contacts"),
    ),
    "meetings": (
        line("ref_id", "Id"),
        line("subject", "Subject", **BOTH),
        line("body", "Description", **BOTH),
        line("starts_at", "StartDateTime", **BOTH),
        line("minutes", "DurationInMinutes", **BOTH),
        line("contacts", "@contacts", **BOTH),
    ),
    "calls": (
        line("ref_id", "Id"),
        line("subject", "Subject", **BOTH),
        line("body", "Description", **BOTH),
        line("starts_at", "ActivityDate", **BOTH),
        line("minutes", "CallDurationInSeconds", **BOTH),
        line("is_incoming", "CallType", **BOTH),
        line("contacts", "@contacts", **BOTH),
    ),
    "notes": (
        line("ref_id", "Id"),
        line("subject", "Title", **BOTH),
        line("body", "Body", **BOTH),
        # One that was typed here keeps its own day: Salesforce notes when it was sent.
        line("starts_at", "CreatedDate", blanks="fill"),
        line("contacts", "@contacts"),
    ),
    # Which fields an admin made for them, only the admin can say.
    "scores": (),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]
