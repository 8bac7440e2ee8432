from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.setup.looks import Looks
from integrations.setup.trouble import trouble_of
from integrations.setup.views.frame import frame, save_step, show
from integrations.sync.connector import Breakdown, View
from integrations.wire.errors import Misconfigured

from ..forms.scope import ScopeForm

NOT_CUSTOMERS = ("prospect", "competitor", "partner", "lead", "former")
LONGEST_BAR = 200


@dataclass(frozen=True, slots=True)
class Group:
    type: str
    number: int
    bar: int
    is_customer: bool


@dataclass(frozen=True, slots=True)
class Holds:
    """What a view holds, as the page draws it."""

    view: View
    total: int
    groups: tuple[Group, ...]
    children: int | None

    @property
    def others(self) -> list[Group]:
        return [group for group in self.groups if not group.is_customer]


def scope_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    if part := request.GET.get("part"):
        return fragment(request, looks, part, request.GET.get("account_view") or request.GET.get("view", ""))
    form = ScopeForm(looks, request.POST if request.method == "POST" else None, search=request.GET.get("q", ""))
    if request.method == "POST" and request.POST.get("do") != "look" and form.is_valid():
        return save_step(request, looks, "scope", form)
    return show(request, looks, "scope", form=form, q=request.GET.get("q", ""), **held(looks, form.chosen_view))


def counted(looks: Looks, view: View | None) -> Breakdown | None:
    try:
        return looks.count("customers", view.id) if view and view.is_usable else None
    except Misconfigured:
        # Why it cannot be read is said where it is chosen, not in a column of numbers.
        return None


def held(looks: Looks, view: View | None) -> dict[str, Any]:
    """A view that cannot be read is said where its count would stand: another one can still be chosen."""
    try:
        return {"holds": holds_of(looks, view)}
    except Misconfigured as refused:
        return {"holds": None, "unreadable": trouble_of(looks.guide, refused)}


def fragment(request: HttpRequest, looks: Looks, part: str, view_id: str) -> HttpResponse:
    """What a script fetches: the count beside one view, or what the chosen one holds."""
    view = looks.view("customers", view_id)
    if part == "count":
        return render(request, "salesforce/parts/count.html", {"known": counted(looks, view)})
    context = frame(looks.connection, "scope") | held(looks, view)
    return render(request, "salesforce/parts/holds.html", context)


def holds_of(looks: Looks, view: View | None) -> Holds | None:
    if view is None or not view.is_usable:
        return None
    found = looks.count("customers", view.id)
    return Holds(view, found.total, tuple(groups_of(found)), looks.children(view.id))


def groups_of(found: Breakdown) -> list[Group]:
    most = max((number for _type, number in found.groups), default=0) or 1
    return [
        Group(name, number, max(1, round(LONGEST_BAR * number / most)), is_customer(name))
        for name, number in found.groups
    ]


def is_customer(type_name: str) -> bool:
    """A hint by Salesforce's standard English words, never a verdict: other words are taken for customers."""
    return not any(word in type_name.casefold() for word in NOT_CUSTOMERS)
