"""What a new connection proposes. Whose row it is, the CRM says: name and domain only recognise, and fill what is empty."""

from typing import Any

from integrations.setup.proposals import line

from .schema import TO_HUB

Line = dict[str, Any]
FILLS = {"blanks": "fill"}
LINES: dict[str, tuple[Line, ...]] = {
    "customers": (line("name", "name", **FILLS), line("domain", "domain", **FILLS)),
    "agreements": (
        line("ref_id", "id"),
        line("plan", "plan"),
        line("amount", "mrr"),
        line("currency", "currency"),
        line("start_date", "starts"),
        # One that was to end and goes on after all has no end any more.
        line("end_date", "ends", blanks="erase"),
        line("auto_renew", "renews"),
        {"hub_field": "status", "crm_field": "status", "values": dict(TO_HUB)},
    ),
}
CONSTANTS = {"amount_format": "MRR"}
"""Of agreements: what the amount is."""


def default_lines(object_name: str) -> tuple[Line, ...]:
    return LINES[object_name]
