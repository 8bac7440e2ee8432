"""What HubSpot insists on in a new interaction, or would take for planned, and the hub may leave blank."""

from collections.abc import Mapping

from integrations.engine.placeholders import Placeholders, none
from integrations.engine.values import Value

DIRECTION = "hs_email_direction"


def of_email(_sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {DIRECTION: False, "hs_email_status": "SENT"}


def of_call(_sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"hs_call_status": "COMPLETED"}


def of_meeting(_sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"hs_meeting_outcome": "COMPLETED"}


PLACEHOLDERS: Mapping[str, Placeholders] = {
    "emails": of_email, "meetings": of_meeting, "calls": of_call, "notes": none,
}  # fmt: skip
