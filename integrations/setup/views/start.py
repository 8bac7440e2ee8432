"""A system's own page: how each connection stands, and the button that connects."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from integrations.sync import credentials
from integrations.sync.models import Connection

from ..cautions import UNDERSTOOD, cautions_of
from ..guide import Guide, guide_named
from ..steps import url_of
from .sign_in import callback_url, sign_in

PRACTICE, USUAL, MOVE = "practice", "1", "move"


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, system: str) -> HttpResponse:
    guide = guide_named(system)
    connection = unfinished(guide) or guide.model(system=system)
    practice = {USUAL: guide.practice(connection), MOVE: guide.practice_move(connection)}
    data = (practice.get(request.POST.get(PRACTICE, "")) or request.POST) if request.method == "POST" else None
    form = guide.connect_form(connection, stored_secrets(connection), data)
    warned = cautions_of(system)
    is_unread = bool(warned) and request.method == "POST" and not request.POST.get(UNDERSTOOD)
    if request.method == "POST" and not is_unread and form.is_valid():
        return sign_in(request, guide, form)
    context = {
        "cautions": warned, "is_unread": is_unread, "understood": request.POST.get(UNDERSTOOD) or request.GET.get(UNDERSTOOD),
        "guide": guide, "words": guide.words, "form": form, "connections": listed(guide), "practice": practice[USUAL] is not None,
        "practice_move": practice[MOVE] is not None,
        "callback": callback_url(guide), "start_url": reverse(f"{guide.namespace}:start"),
    }  # fmt: skip
    return render(request, f"{system}/start.html", context)


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest, system: str, slug: str) -> HttpResponse:
    """Signs in again with what is set up; without a script or a button, it leads to where that is done."""
    guide = guide_named(system)
    connection = guide.model._default_manager.filter(slug=slug).first()
    if connection is None:
        return redirect(f"{guide.namespace}:start")
    if request.method != "POST":
        return redirect(url_of(connection, "connect"))
    form = guide.connect_form(connection, stored_secrets(connection), guide.connect_form(connection, {}).initial)
    if form.is_valid():
        return sign_in(request, guide, form)
    return redirect(url_of(connection, "connect"))


def unfinished(guide: Guide) -> Connection | None:
    """One that was begun and never signed in: it is taken up instead of leaving a trail of empty ones."""
    begun = guide.model._default_manager.filter(state=Connection.State.DRAFT, **_nobody(guide))
    return begun.order_by("pk").first()


def listed(guide: Guide) -> list[tuple[Connection, str]]:
    found = guide.model._default_manager.exclude(state=Connection.State.ARCHIVED).select_related("live")
    rows = found.exclude(state=Connection.State.DRAFT, **_nobody(guide))
    return [(row, url_of(row, "connect")) for row in rows]


def _nobody(guide: Guide) -> dict[str, Any]:
    return {"account": "", guide.organisation_column: ""}


def stored_secrets(connection: Connection) -> dict[str, Any]:
    return credentials.load_readable(connection) if connection.pk else {}
