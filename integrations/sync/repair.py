"""Why a run stands still or a connection is unwell: a plain sentence, a cure, where it is done, and the vendor's own words.

The system that the connection belongs to may know better what its codes mean than our general sentence does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.wire.errors import WireError

from .models import Connection, ConnectionState, Run
from .registry import system_of
from .words import cure, sentence

Health = ConnectionState.Health
STOPPED = gettext_lazy("The run stopped; nothing more was written.")
AFTERWARDS: Mapping[str, str | Promise] = {
    "misconfigured": STOPPED,
    "not-found": STOPPED,
    "field-gone": STOPPED,
    "needs-sign-in": gettext_lazy("The run stopped; what is here stays as it is."),
    "quota-spent": "",
    "does-not-answer": gettext_lazy("The run tries again by itself and loses nothing."),
    "too-many-calls": "",
}
"""Reasons behind which stands an answer of the CRM: what the run did about it."""
UNWELL = {
    Health.SIGN_IN: "needs-sign-in",
    Health.WRONG: "misconfigured",
    Health.DOWN: "does-not-answer",
    Health.QUOTA: "quota-spent",
}
VIEWS = {"view-gone", "view-unusable"}
DRIFTED = {"field-gone", "field-type-changed", "field-locked", "value-new", "required-new", "key-field-gone"}
SET_UP = {"misconfigured", "not-found", *DRIFTED}
NO_SCOPE = "no-scope"
"""In place of a CRM's code: its schedule starts nothing, for nobody has said which records come in."""


@dataclass(frozen=True, slots=True)
class Way:
    """A page on which the cure is done."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Repair:
    why: str
    cure: str
    said: str
    """The CRM's own code and text, to stand small beside our sentence."""
    ways: Sequence[Way]


def wanted_sign_in(run: Run) -> bool:
    return run.state == Run.State.FAILED and run.reason_code == UNWELL[Health.SIGN_IN]


def lacks_scope(live: ConnectionState) -> bool:
    return live.health == Health.WRONG and live.health_code == NO_SCOPE


def of_run(run: Run) -> Repair | None:
    if not run.reason_code:
        return None
    params, reason = run.reason_params, run.reason_code
    code, message = str(params.get("code", "")), str(params.get("message", ""))
    said = _said(code, message) if reason in AFTERWARDS or reason in VIEWS else ""
    object_name = str(params.get("step", "")).partition(".")[0]
    ways = tuple(_ways(run.connection, reason, code, object_name))
    if known := _vendors(run.connection, code, message) if reason in AFTERWARDS else None:
        return Repair(f"{known[0]} {AFTERWARDS[reason]}".strip(), known[1], said, ways)
    # "Not found" is told of a record; a run that ends by it lacks a piece of its set-up.
    spoken = "misconfigured" if reason == "not-found" else reason
    return Repair(sentence(spoken, params), cure(spoken, params), said, ways)


def of_connection(live: ConnectionState) -> Repair | None:
    """None while the CRM answers, or was never asked."""
    reason = NO_SCOPE if lacks_scope(live) else UNWELL.get(Health(live.health))
    if reason is None:
        return None
    connection, code, message = live.connection, live.health_code, live.health_message
    ways, said = tuple(_ways(connection, reason, code, "")), _said(code, message)
    if known := _vendors(connection, code, message):
        return Repair(*known, said, ways)
    params = {"system": system_of(connection.system).abilities.label}
    if reason == "needs-sign-in":
        return Repair(_("%(system)s has to be asked again.") % params, "", said, ways)
    if reason == NO_SCOPE:
        return Repair(sentence(reason, params), cure(reason, params), said, ways)
    return Repair(str(live.get_health_display()) + ".", cure(reason, params), said, ways)


def of_refusal(connection: Connection, error: WireError) -> str:
    """In one piece, for where nothing else can stand beside it."""
    known = _vendors(connection, error.code, error.message) or ()
    return " ".join(part for part in (*known, _said(error.code, error.message)) if part)


def _vendors(connection: Connection, code: str, message: str) -> tuple[str, str] | None:
    words = system_of(connection.system).words
    return words(code, message) if words and code else None


def _said(code: str, message: str) -> str:
    # Codes of our own are written with hyphens, which no vendor's are: what stands behind them is our sentence already.
    return "" if "-" in code else ": ".join(part for part in (code, message) if part)


def _ways(connection: Connection, reason: str, code: str, object_name: str) -> Iterator[Way]:
    wizard = system_of(connection.system).urls.get("wizard", "")
    if reason == "needs-sign-in":
        yield Way(_("Sign in again"), sign_in_url(connection))
    elif reason == NO_SCOPE:
        if wizard:
            yield Way(_("Choose the scope"), reverse(wizard, args=[connection.slug, "scope"]))
    elif reason in VIEWS or code in VIEWS:
        if wizard:
            yield Way(_("Choose another view"), reverse(wizard, args=[connection.slug, "scope"]))
    elif reason in SET_UP:
        named = object_name if object_name in _offered(connection) else _offered(connection)[0]
        yield Way(_("Open the mapping"), reverse("sync:mapping", args=[connection.slug, named]))
        if wizard:
            yield Way(_("Change the set-up"), reverse(wizard, args=[connection.slug, "connect"]))


def _offered(connection: Connection) -> list[str]:
    return [ability.object for ability in system_of(connection.system).abilities.objects]


def sign_in_url(connection: Connection) -> str:
    """The wizard's first step signs in again and keeps everything else."""
    wizard = system_of(connection.system).urls.get("wizard")
    return (
        reverse(wizard, args=[connection.slug, "connect"])
        if wizard
        else reverse("sync:connection", args=[connection.slug])
    )
