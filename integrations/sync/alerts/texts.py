"""What an alert says: what happened, what waits, what to do, and where."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..drift_words import say_all
from ..models import Alert, Event
from ..registry import system_of
from ..repair import NO_SCOPE

HAPPENED = {
    Event.SIGN_IN: gettext_lazy("%(system)s refuses the sign-in of %(name)s."),
    Event.SETTING: gettext_lazy("%(system)s refuses what %(name)s asks for: a setting has to be put right."),
    Event.DOWN: gettext_lazy("%(system)s has not answered %(name)s for 10 minutes or more."),
    Event.QUOTA: gettext_lazy("The daily calls that %(name)s may use are spent."),
    Event.HELD: gettext_lazy(
        "The brake holds part of run %(run)s of %(name)s: it would change more records than its limit lets through."
    ),
    Event.FAILED: gettext_lazy("Run %(run)s of %(name)s failed."),
    Event.FIELD: gettext_lazy("Mapping lines of %(name)s are suspended: %(fields)s."),
    Event.DRIFT: gettext_lazy("%(system)s is no longer as %(name)s last knew it: %(fields)s."),
    Event.RECOVERED: gettext_lazy("%(name)s goes on again. Over: %(over)s."),
}
WAITS = {
    Event.SIGN_IN: gettext_lazy("Nothing is read or written until somebody signs in; what is here stays as it is."),
    Event.SETTING: gettext_lazy("Nothing is read or written until then; what is here stays as it is."),
    Event.DOWN: gettext_lazy("The run tries again by itself and loses nothing."),
    Event.QUOTA: gettext_lazy("The run waits until %(until)s and goes on by itself at the same place."),
    Event.HELD: gettext_lazy("What is held waits for a person; the rest has been written."),
    Event.FAILED: gettext_lazy("What had been applied stays. The next sync comes by its schedule."),
    Event.FIELD: gettext_lazy("Their fields stay as they are; all others go on."),
    Event.DRIFT: gettext_lazy("Nothing waits: the sync goes on, and what does not fit is refused or kept one by one."),
    Event.RECOVERED: gettext_lazy("Nothing waits."),
}
TO_DO = {
    Event.SIGN_IN: gettext_lazy("Sign in again on the connection’s page."),
    Event.SETTING: gettext_lazy("Read on the connection’s page what is refused, and change it."),
    Event.DOWN: gettext_lazy("If it lasts, look at the status page of %(system)s."),
    Event.QUOTA: gettext_lazy("Nothing needs doing. If it happens often, sync less often or raise the allowance."),
    Event.HELD: gettext_lazy("Look at what is held, then let it through or drop it."),
    Event.FAILED: gettext_lazy("Look at the run; run again when the cause is gone."),
    Event.FIELD: gettext_lazy("Choose another field, or take the line away."),
    Event.DRIFT: gettext_lazy("Look at the mapping and save it, changed or not: then it counts as known."),
    Event.RECOVERED: gettext_lazy("Nothing needs doing."),
}
SCOPE_HAPPENED = gettext_lazy("No scope is chosen for %(name)s: its schedule starts no sync.")
SCOPE_TO_DO = gettext_lazy("Choose the scope in the set-up: the connection’s page leads there.")
"""Of a setting that no CRM refuses: it is not said which records come in."""
OF_RUN = (Event.HELD, Event.FAILED)


@dataclass(frozen=True, slots=True)
class Told:
    title: str
    happened: str
    waits: str
    to_do: str
    said: str
    """The CRM's own words, redacted by the wire; empty where it said nothing."""
    url: str

    @property
    def lines(self) -> list[str]:
        said = [_("It says: %(said)s") % {"said": self.said}] if self.said else []
        return [self.happened, *said, self.waits, self.to_do, self.url]

    @property
    def text(self) -> str:
        return "\n\n".join(self.lines)


def told(alert: Alert) -> Told:
    event, details = Event(alert.event), alert.details
    words = {
        "name": alert.connection.name,
        "system": system_of(alert.connection.system).abilities.label,
        "run": details.get("run", ""),
        # Alerts of an earlier release know the number only.
        "fields": say_all(details.get("drifts", ())) or details.get("count", ""),
        "until": _moment(details.get("until", "")),
        "over": ", ".join(str(Event(one).label) for one in details.get("over", ())),
    }
    is_scope = details.get("code") == NO_SCOPE
    return Told(
        title=f"{alert.connection.name}: {event.label}",
        happened=(SCOPE_HAPPENED if is_scope else HAPPENED[event]) % words,
        waits=WAITS[event] % words,
        to_do=(SCOPE_TO_DO if is_scope else TO_DO[event]) % words,
        said=str(details.get("message") or ""),
        url=settings.PUBLIC_URL + path_of(alert),
    )


def path_of(alert: Alert) -> str:
    if alert.event in OF_RUN:
        return reverse("sync:run", args=[alert.details["run"]])
    if drifts := alert.details.get("drifts"):
        return reverse("sync:mapping", args=[alert.connection.slug, drifts[0]["object"]])
    return reverse("sync:connection", args=[alert.connection.slug])


def _moment(iso: str) -> str:
    if not iso:
        return _("there is room again")
    zone = timezone.get_current_timezone()
    return f"{formats.date_format(datetime.fromisoformat(iso).astimezone(zone), 'j M, H:i')} ({zone})"
