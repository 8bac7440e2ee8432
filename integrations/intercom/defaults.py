"""What a new connection proposes: IDs alone of companies and contacts, and all that is known of a conversation."""

from integrations.setup.proposals import Line, line

from .interactions.sources import CONTACTS, DATA_TYPES, PARTICIPANTS, TEXT

CONVERSATION = (
    line("ref_id", "id"),
    line("subject", "subject"),
    line("body", TEXT),
    line("starts_at", "created_at"),
    line("is_incoming", "is_incoming"),
    line("participants", PARTICIPANTS),
    line("contacts", CONTACTS),
)
LINES: dict[str, tuple[Line, ...]] = {
    "customers": (line("ref_id", "company_id"),),
    "contacts": (line("ref_id", "external_id"),),
    **dict.fromkeys(DATA_TYPES, CONVERSATION),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]
