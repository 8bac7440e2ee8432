"""Salesforce's own page: how each connection stands, and the button that connects."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from integrations.sync import credentials
from integrations.sync.models import Connection

from ..forms.connect import ConnectForm, Environment, SignIn, free_name
from ..models import SalesforceConnection
from ..steps import url_of
from .sign_in import callback_url, sign_in

PRACTICE = "practice"


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    connection = unfinished() or SalesforceConnection()
    form = ConnectForm(connection, stored_secrets(connection), posted(request, connection))
    if request.method == "POST" and form.is_valid():
        return sign_in(request, form)
    return render(request, "salesforce/start.html", {"form": form, "connections": listed(), **offers()})


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    """Signs in again with what is set up; without a script or a button, it leads to where that is done."""
    connection = SalesforceConnection.objects.filter(slug=slug).first()
    if connection is None:
        return redirect("salesforce:start")
    if request.method != "POST":
        return redirect(url_of(connection, "connect"))
    form = ConnectForm(connection, stored_secrets(connection), ConnectForm(connection, {}).initial)
    if form.is_valid():
        return sign_in(request, form)
    return redirect(url_of(connection, "connect"))


def unfinished() -> SalesforceConnection | None:
    """One that was begun and never signed in: it is taken up instead of leaving a trail of empty ones."""
    begun = SalesforceConnection.objects.filter(state=Connection.State.DRAFT, account="", organization_id="")
    return begun.order_by("pk").first()


def listed() -> list[SalesforceConnection]:
    found = SalesforceConnection.objects.exclude(state=Connection.State.ARCHIVED).select_related("live")
    return list(found.exclude(account="", organization_id="", state=Connection.State.DRAFT))


def posted(request: HttpRequest, connection: SalesforceConnection) -> Any:
    """One button fills in the practice organisation; everything else is typed."""
    if request.method != "POST":
        return None
    if request.POST.get("environment") != PRACTICE or not settings.REHEARSAL_SALESFORCE_URL:
        return request.POST
    return {
        "environment": Environment.DOMAIN,
        "base_url": settings.REHEARSAL_SALESFORCE_URL,
        "sign_in": SignIn.WEB,
        "name": connection.name or free_name(),
    }


def stored_secrets(connection: SalesforceConnection) -> dict[str, Any]:
    return credentials.load_readable(connection) if connection.pk else {}


def offers() -> dict[str, Any]:
    return {"practice": PRACTICE if settings.REHEARSAL_SALESFORCE_URL else "", "callback": callback_url()}
