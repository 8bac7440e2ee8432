"""What Zoho insists on in a new interaction and the hub may leave blank; the organisation's own lines go before it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from integrations.engine.placeholders import Placeholders
from integrations.engine.values import Value

from .sources import MINUTES

FIRST_WORDS = 80
SHORTEST_CALL = 1
"""Minutes: a call of no length is refused."""
USUAL_MEETING = 30
"""Minutes: Zoho wants an end of every meeting."""


def of_call(sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"Subject": title_of(sent), "Call_Type": False, MINUTES: SHORTEST_CALL}


def of_meeting(sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"Event_Title": title_of(sent), MINUTES: USUAL_MEETING}


def of_note(sent: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"Note_Title": title_of(sent), "Note_Content": title_of(sent)}


def title_of(sent: Mapping[str, Value]) -> str:
    """A record must have a title in Zoho, and none here."""
    return first_words(str(sent.get("Description") or sent.get("Note_Content") or ""))


def first_words(body: str) -> str:
    line = body.strip().split("\n", 1)[0]
    return line[:FIRST_WORDS] or _("Untitled")


PLACEHOLDERS: Mapping[str, Placeholders] = {"meetings": of_meeting, "calls": of_call, "notes": of_note}
