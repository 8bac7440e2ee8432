"""The sentence and the cure for a reason's code, in the reader's language. The engine's table is the greater part."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from integrations.engine.reasons import SENTENCES, Sentence, as_shown, say

RUNS: dict[str, Sentence] = {
    "cancelled": Sentence(say("Cancelled. What had been applied stays; nothing else was written.")),
    "connection-paused": Sentence(
        say("The connection was paused. What had been applied stays; nothing else was written."),
        say("Resume the connection; the next sync continues from where the last complete one ended."),
    ),
    "connection-archived": Sentence(say("The connection was archived. Nothing else was written.")),
    "connection-draft": Sentence(
        say("The connection is not turned on. Nothing was written."), say("Turn the connection on.")
    ),
    "needs-sign-in": Sentence(
        say("{system} refuses the sign-in. The run stopped; what is here stays as it is."),
        say("Sign in to {system} again on the connection’s page. The sync goes on from where it was."),
    ),
    "quota-spent": Sentence(
        say("The daily allowance of {system} is spent. The run waits and goes on by itself at the same place."),
        say("Nothing needs doing. If it happens often, sync less often or raise the allowance in {system}."),
    ),
    "does-not-answer": Sentence(
        say("{system} does not answer. The run tries again by itself and loses nothing."),
        say("If it lasts, look at the status page of {system} and at the address of the connection."),
    ),
    "too-many-calls": Sentence(
        say("{system} takes no more calls for the moment. The run waits, goes on by itself and loses nothing."),
        say("Nothing needs doing. If it lasts, another program uses up the calls that {system} allows."),
    ),
    "stuck": Sentence(
        say("The run crashed again and again in the step “{step}” and stopped. What had been applied stays."),
        say("Run again; if it stops at the same step, send the log lines of this run to support."),
    ),
    "empty-scope": Sentence(
        say("{system} listed no customers at all. Nothing was concluded from it, and nobody was churned."),
        say("Check that the chosen view still holds your customers."),
    ),
    "superseded": Sentence(say("Run {run} has decided anew about what the brake held here.")),
    "dropped-by-undo": Sentence(
        say("Run {run} takes back what this connection wrote; what the brake held here was dropped.")
    ),
    "ancestor-moved": Sentence(say("The record did not change, but its group did in {system}.")),
    "ref-id-taken": Sentence(
        say("Another row here already has the ID {value}, and an ID names one record. This row was not written."),
        say("Correct the ID in {system}, or map the ID from a field that is unique."),
    ),
    "no-name": Sentence(
        say("It has no name in {system}, and a row without one could not be told from others. Nothing was written."),
        say("Fill in the name in {system}; for contacts an e-mail address is enough."),
    ),
}
EVERY = {**SENTENCES, **RUNS}


class _Known(dict[str, Any]):
    """A parameter that an older row does not have must not break the page that shows it."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """An unknown code (a row of a later version) is shown as it is."""
    found = EVERY.get(code)
    return _filled(found.why, params) if found else code


def cure(code: str, params: Mapping[str, Any] | None = None) -> str:
    found = EVERY.get(code)
    return _filled(found.cure, params) if found and found.cure else ""


def _filled(text: str, params: Mapping[str, Any] | None) -> str:
    return gettext(text).format_map(_Known({"system": gettext("the CRM")} | dict(as_shown(params or {}))))
