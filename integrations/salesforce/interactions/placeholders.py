"""What Salesforce insists on in a new interaction and the hub may leave blank; the organisation's own lines go before it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from integrations.engine.placeholders import Placeholders
from integrations.engine.values import Value

LONGEST_NOTE = 80


def of_email(_sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"Incoming": False}


def of_meeting(_sent: Mapping[str, Value]) -> Mapping[str, Value]:
    # An event must have a length.
    return {"DurationInMinutes": 0}


def of_call(_sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"TaskSubtype": "Call", "Status": "Completed"}


def of_note(sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"Title": first_line(str(sent.get("Body") or ""))}


def first_line(body: str) -> str:
    """A note must have a title in Salesforce, and none here."""
    line = body.strip().split("\n", 1)[0]
    return line[:LONGEST_NOTE] or _("Note")


PLACEHOLDERS: Mapping[str, Placeholders] = {
    "emails": of_email, "meetings": of_meeting, "calls": of_call, "notes": of_note,
}  # fmt: skip
