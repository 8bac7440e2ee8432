"""The rail: where one can go from any page, and a word on how it stands there. Nothing is read before it is drawn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.vocabulary import STATES
from integrations.hub.visibility import visible_contacts, visible_customers

from . import lights, matters
from .registry import system_of
from .situation import Situation, situation_of

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Item:
    label: Words
    url: str
    icon: str = "rows"
    system: str = ""
    state_class: str = ""
    state_icon: str = ""
    state_word: Words = ""
    count: Words = ""
    hot: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class Rail:
    groups: list[tuple[Words, list[Item]]]
    foot: list[Item]
    search_url: str


def rail(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"rail": None}
    return {"rail": SimpleLazyObject(lambda: _draw(request, user))}


def _draw(request: HttpRequest, user: User) -> Rail:
    place = _Place(request.path)
    groups: list[tuple[Words, list[Item]]] = []
    if user.may(Permission.SEE_RUNS):
        groups.append(("", list(_work(situation_of(request), user, place))))
    if user.may(Permission.SEE_INTEGRATIONS):
        groups.append((_("Connections"), list(_connections(situation_of(request), user, place))))
    if user.may(Permission.SEE_HUB):
        groups.append((_("Hub"), list(_hub(user, place))))
    if user.may(Permission.SEE_INTEGRATIONS):
        groups.append((_("Guided work"), list(_guided(user, place))))
    search = "sync:explain" if user.may(Permission.SEE_LOG) else "hub:customers"
    return Rail(groups, list(_foot(user, place)), reverse(search))


class _Place:
    """Which item is the present page's: the one whose address it is, or begins with."""

    def __init__(self, path: str) -> None:
        self.path = path

    def item(self, label: Words, url: str, icon: str = "rows", **more: Any) -> Item:
        is_here = self.path == url if url == "/" else self.path.startswith(url)
        return Item(label, url, icon, current=is_here, **more)


def _work(situation: Situation, user: User, place: _Place) -> Iterator[Item]:
    yield place.item(_("Status"), reverse("sync:board"), "board")
    waiting = matters.number_of(situation)
    yield place.item(_("Needs you"), reverse("sync:needs"), "person", count=intcomma(waiting or ""), hot=bool(waiting))
    live = len(situation.live_runs)
    yield place.item(_("Runs"), reverse("sync:runs"), "run", count=_("%(n)s live") % {"n": live} if live else "")
    yield place.item(_("Alerts"), reverse("sync:alerts"), "bell")
    if user.may(Permission.SEE_LOG):
        yield place.item(_("Sync log"), reverse("sync:log"))
        yield place.item(_("Explain a customer"), reverse("sync:explain"), "search")


def _connections(situation: Situation, user: User, place: _Place) -> Iterator[Item]:
    for connection in situation.connections:
        light = lights.of_connection(connection, situation.runs.get(connection.pk, ()), situation.now)
        state = STATES[light.state]
        item = place.item(
            connection.name,
            reverse("sync:connection", args=[connection.slug]),
            system=system_of(connection.system).abilities.short,
            state_class=state.css,
            state_icon=state.icon,
            state_word=light.word or state.word,
        )
        # A system's own pages, the wizard above all, belong to the connection too.
        is_here = item.current or place.path.startswith(f"/integrations/{connection.system}/{connection.slug}/")
        yield replace(item, current=is_here)
    if user.may(Permission.EDIT_INTEGRATIONS):
        url = reverse("sync:connections")
        yield Item(_("Add a connection"), url, "plus", current=place.path == url)


def _hub(user: User, place: _Place) -> Iterator[Item]:
    customers, contacts = visible_customers(user).count(), visible_contacts(user).count()
    yield place.item(_("Customers"), reverse("hub:customers"), "person", count=intcomma(customers))
    yield place.item(_("Contacts"), reverse("hub:contacts"), "person", count=intcomma(contacts))
    yield place.item(_("Agreements"), reverse("hub:agreements"), "signed")
    yield place.item(_("Revenue"), reverse("sync:mrr"), "quota")
    yield place.item(_("Interactions"), reverse("hub:interactions"), "talk")


def _guided(user: User, place: _Place) -> Iterator[Item]:
    yield place.item(_("Move to HubSpot"), reverse("migration:moves"), "route")
    yield place.item(_("Identity workbench"), reverse("sync:identity"), "key")
    if user.may(Permission.HARD_DELETE):
        yield place.item(_("Bulk hard delete"), reverse("sync:hard-deletes"), "bin")


def _foot(user: User, place: _Place) -> Iterator[Item]:
    if user.may(Permission.SEE_RUNS):
        yield place.item(_("Workers"), reverse("sync:workers"), "board")
    if user.may(Permission.EDIT_INTEGRATIONS):
        yield place.item(_("Money"), reverse("hub:money"), "money")
        yield place.item(_("Mailbox and calendar"), reverse("hub:capture"), "mail")
        yield place.item(_("API tokens"), reverse("hub:api-tokens"), "key")
    if user.may(Permission.SEE_RAW):
        yield place.item(_("Raw rows"), reverse("admin:index"), "lock")
    if user.may(Permission.SEE_PEOPLE):
        people = place.item(_("People"), reverse("accounts:people"), "person")
        # One's own page lies below the people's, and has its own line right beneath.
        yield replace(people, current=people.current and place.path != reverse("accounts:me"))
