"""One class, one icon, one word for every state that a page can show."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class State:
    css: str
    icon: str
    word: Promise | str


STATES: dict[str, State] = {
    "ok": State("is-ok", "ok", _("In sync")),
    "run": State("is-run", "run", _("Running")),
    "quota": State("is-quota", "quota", _("Waiting for quota")),
    "key": State("is-key", "key", _("Needs sign-in")),
    "brake": State("is-brake", "brake", _("Held by the brake")),
    "pause": State("is-pause", "pause", _("Paused")),
    "disabled": State("is-pause", "pause", _("Disabled")),
    "suspended": State("is-pause", "pause", _("Suspended")),
    "bad": State("is-bad", "bad", _("Failed")),
    "refused": State("is-bad", "bad", _("Refused")),
    "conflict": State("is-conflict", "conflict", _("Conflict")),
    "collision": State("is-collision", "collision", _("Collision")),
    "out": State("is-out", "out", _("Excluded")),
    "churn": State("is-churn", "churn", _("Churned")),
    "test": State("is-test", "test", _("Test")),
    # Outcomes of a change are not states, but they are shown by the same part.
    "created": State("is-ok", "plus", _("Created")),
    "updated": State("is-in", "in", _("Updated")),
    "updated_out": State("is-outw", "outw", _("Updated, outward")),
    "unchanged": State("is-pause", "ok", _("Unchanged")),
}
