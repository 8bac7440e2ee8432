"""What a new connection proposes: the mapping lines of Salesforce's standard fields. Nothing else is assumed."""

from typing import Any

Line = dict[str, Any]


def line(hub_field: str, crm_field: str, **more: str) -> Line:
    return {"hub_field": hub_field, "crm_field": crm_field, **more}


LINES: dict[str, tuple[Line, ...]] = {
    "customers": (
        line("ref_id", "Id"),
        line("name", "Name"),
        line("domain", "Website"),
        # Only a first proposal: whoever sells to an account is rarely who looks after it.
        line("csm", "Owner.Email"),
    ),
    "contacts": (
        line("ref_id", "Id"),
        line("first_name", "FirstName"),
        line("last_name", "LastName"),
        line("email", "Email"),
        line("phone", "Phone"),
    ),
}


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]
