"""What a new connection proposes: the mapping lines of Sellsy's own fields, and a CSM field where there is one."""

from integrations.setup.proposals import Line, line

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
    "emails": (
        line("ref_id", "id"),
        line("subject", "subject"),
        line("body", "content"),
        line("starts_at", "created"),
        line("is_incoming", "from"),
        line("participants", "@participants"),
        line("contacts", "@contacts"),
    ),
    "meetings": (
        line("ref_id", "id"),
        line("subject", "title"),
        line("body", "description"),
        line("starts_at", "datetime_start"),
        line("minutes", "datetime_end"),
        line("contacts", "@contacts"),
    ),
    "calls": (
        line("ref_id", "id"),
        line("subject", "title"),
        line("body", "description"),
        line("starts_at", "date"),
        line("minutes", "duration"),
        line("is_incoming", "source"),
        line("contacts", "@contacts"),
    ),
    "notes": (
        line("ref_id", "id"),
        line("subject", "title"),
        line("body", "description"),
        line("starts_at", "created"),
        line("contacts", "@contacts"),
    ),
    # The fields for them are made when the upload is switched on.
    "scores": (),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]
