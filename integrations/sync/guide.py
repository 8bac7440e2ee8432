"""From nothing to the first sync: which of the four steps is next, as long as no connection is on."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Connection, Run
from .registry import system_of, systems


@dataclass(frozen=True, slots=True)
class Step:
    title: str | Promise
    text: str | Promise
    hint: str | Promise
    url: str = ""
    verb: str | Promise = ""

    @property
    def is_now(self) -> bool:
        return bool(self.url)


@dataclass(frozen=True, slots=True)
class Offer:
    short: str
    label: str
    url: str


def offers() -> list[Offer]:
    """What can be connected; a system without a door of its own is reached through the list."""
    return [
        Offer(s.abilities.short, s.abilities.label, reverse(s.urls["start"]) if "start" in s.urls else _list())
        for s in systems()
    ]


def steps(connections: Sequence[Connection]) -> list[Step] | None:
    """None once a connection has been turned on: the board then has something better to show."""
    if any(connection.state != Connection.State.DRAFT for connection in connections):
        return None
    draft = connections[0] if connections else None
    at = _next(draft)
    return [Step(*words, *(_door(draft, n) if n == at else ())) for n, words in enumerate(_WORDS)]


def _next(draft: Connection | None) -> int:
    if draft is None or draft.wizard_step == "connect":
        return 0
    if draft.wizard_step != "review":
        return 1
    previewed = Run.objects.filter(connection=draft, kind=Run.Kind.PREVIEW, state=Run.State.DONE).exists()
    return 3 if previewed else 2


def _door(draft: Connection | None, at: int) -> tuple[str, str | Promise]:
    if draft is None:
        return _list(), _VERBS[at]
    wizard = system_of(draft.system).urls.get("wizard")
    address = reverse(wizard, args=[draft.slug, draft.wizard_step]) if wizard else ""
    return address or reverse("sync:connection", args=[draft.slug]), _VERBS[at]


def _list() -> str:
    return reverse("sync:connections")


_VERBS = (_("Connect a CRM"), _("Go on choosing"), _("Go to the preview"), _("Go to turning it on"))
_WORDS = (
    (
        _("Connect a CRM"),
        _("Sign in there as someone who may use its API. Nothing is written there until you choose so."),
        _("2 minutes"),
    ),
    (
        _("Choose what comes in"),
        _("A view of the CRM and the fields that matter. You see the count before you choose."),
        _("10 minutes"),
    ),
    (_("Preview"), _("Every record and field, with the reason. Nothing is written."), _("3 minutes")),
    (_("Turn it on"), _("Apply exactly what you saw. From then on the sync runs by itself."), _("1 minute")),
)
