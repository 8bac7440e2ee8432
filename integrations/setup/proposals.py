"""How a system writes down what a new connection proposes, and which field of an organisation's own names the CSM."""

from typing import Any

from integrations.sync.connector import CrmField, Schema

Line = dict[str, Any]
CSM_WORDS = ("csm", "customer success", "success manager")
BOTH = {"direction": "both"}
"""As far as the block's mode lets it: under Input only, nothing goes out."""


def line(hub_field: str, crm_field: str, **more: str) -> Line:
    return {"hub_field": hub_field, "crm_field": crm_field, **more}


def proposed_path(line: Line, schema: Schema) -> str:
    """Whoever owns a record in a CRM rarely looks after the customer: a field that says so goes before the owner."""
    keeper = next(filter(names_the_csm, schema.fields), None) if line["hub_field"] == "csm" else None
    return keeper.path if keeper else str(line["crm_field"])


def names_the_csm(field: CrmField) -> bool:
    """A colleague's field of the organisation's own that says so in its label or its name (`Success_Manager__r.Email`)."""
    said = f"{field.label} {field.path.replace('_', ' ')}".casefold()
    return field.is_person and field.is_custom and any(words in said for words in CSM_WORDS)
