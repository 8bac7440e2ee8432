"""Faults on demand and the log of calls, as pages."""

# ruff: noqa: ARG001  all handlers have one signature

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.salesforce.simulator.errors import ApiError
from integrations.simulation.messages import Request, Response

from .page_context import Practice


@dataclass(frozen=True, slots=True)
class Knob:
    """A standing fault: a number to type, or a switch."""

    name: str
    label: Promise | str
    unit: Promise | str = ""

    @property
    def is_switch(self) -> bool:
        return not self.unit


KNOBS = (
    Knob("burst", gettext_lazy("Refuse the next calls with 429 and Retry-After"), gettext_lazy("calls")),
    Knob("burst_status", gettext_lazy("Status of those refusals"), gettext_lazy("429 or 503")),
    Knob("retry_after", gettext_lazy("Retry-After of those refusals"), gettext_lazy("seconds")),
    Knob("fail_every", gettext_lazy("Answer every so-many-th call with 500"), gettext_lazy("calls")),
    Knob("truncate", gettext_lazy("Cut the body of the next answers in half"), gettext_lazy("calls")),
    Knob("html", gettext_lazy("Answer the next calls with a maintenance page and 200"), gettext_lazy("calls")),
    Knob("reset", gettext_lazy("Break the connection in the middle of the next answers"), gettext_lazy("calls")),
    Knob("hold_calls", gettext_lazy("Do what is asked, then hold the answer"), gettext_lazy("calls")),
    Knob("hold_seconds", gettext_lazy("How long it is held"), gettext_lazy("seconds")),
    Knob("latency_ms", gettext_lazy("Make every call slower"), gettext_lazy("milliseconds")),
    Knob("expire_after", gettext_lazy("End all sessions after so many calls"), gettext_lazy("calls")),
    Knob("commit_lag", gettext_lazy("Show new records late, as slow transactions do"), gettext_lazy("seconds")),
    Knob("reject_every", gettext_lazy("Refuse every so-many-th record that is written"), gettext_lazy("records")),
    Knob("lock_rows", gettext_lazy("Say that the next rows are locked"), gettext_lazy("records")),
    Knob("daily_quota_exhausted", gettext_lazy("The quota of the day is used up")),
    Knob("api_disabled", gettext_lazy("The org has no API access")),
    Knob("password_expired", gettext_lazy("The password has expired")),
    Knob("rotate_refresh_tokens", gettext_lazy("Refresh tokens rotate")),
)
ACTIONS = (
    ("expire_sessions", gettext_lazy("End all sessions")),
    ("revoke_grants", gettext_lazy("Revoke every grant")),
    ("reset_password", gettext_lazy("Reset the password")),
    ("clear", gettext_lazy("Clear all faults")),
)


def panel(practice: Practice, request: Request) -> Response:
    org = practice.org
    knobs = [(knob, getattr(org.faults, knob.name)) for knob in KNOBS]
    return practice.page(
        "faults.html", request, knobs=knobs, actions=ACTIONS, quota=org.quota, used=org.used(),
        clock_offset=practice.store.state("clock_offset", 0), schema=practice.store.schema.changes,
    )  # fmt: skip


def change(practice: Practice, request: Request) -> Response:
    form = request.form
    if action := form.get("action"):
        practice.app.control.apply({action: True})
        return practice.go("/salesforce/faults", _("Done: %(what)s.") % {"what": dict(ACTIONS).get(action, action)})
    wanted: dict[str, Any] = {}
    for knob in KNOBS:
        if knob.is_switch:
            wanted[knob.name] = knob.name in form
        elif knob.name in form:
            number = _number(form[knob.name])
            wanted[knob.name] = number if knob.name in {"hold_seconds", "latency_ms", "commit_lag"} else int(number)
    practice.app.control.apply({**wanted, **_others(form)})
    return practice.go("/salesforce/faults", _("The faults stand as written here."))


def _number(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        raise ApiError("NOT_A_NUMBER", _("%(text)s is no number. Nothing was changed.") % {"text": text}) from None


def _others(form: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("quota_max", "quota_used", "clock_offset"):
        if form.get(name, "").lstrip("-").isdigit():
            found[name] = int(form[name])
    for name in ("hide_fields", "show_fields", "remove_fields", "restore_fields"):
        if names := form.get(name, "").replace(",", " ").split():
            found[name] = names
    return found


def calls(practice: Practice, request: Request) -> Response:
    sql = "SELECT at, kind, method, path, status, ms FROM _call ORDER BY id DESC LIMIT 200"
    latest = practice.store.execute(sql).fetchall()
    counts = sorted(practice.app.control.calls().items())
    return practice.page("calls.html", request, counts=counts, latest=latest, total=sum(n for _, n in counts))


def forget_calls(practice: Practice, request: Request) -> Response:
    practice.store.execute("DELETE FROM _call")
    return practice.go("/salesforce/calls", _("The log of calls is empty. The quota of the day is unchanged."))
