"""Signing in, coming back from Salesforce's page, and leaving."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.permissions import Permission, requires
from integrations.sync import runs
from integrations.sync.configuration import snapshot
from integrations.sync.models import Connection, ConnectionState
from integrations.wire.errors import Misconfigured, NeedsSignIn, WireError
from integrations.wire.tokens import Tokens

from .. import signin
from ..arrival import arrive, forget, keep, leave
from ..forms.connect import ConnectForm, SignIn
from ..handshake import Attempt, Pending, begin, redeem
from ..looks import Looks
from ..models import SalesforceConnection
from ..opening import app_of, login_url, open_session, policy, sign_in_alone
from ..saving import first_data, save
from ..steps import reach, url_of
from ..trouble import Trouble, trouble_of
from .frame import frame

Health = ConnectionState.Health


def sign_in(request: HttpRequest, form: ConnectForm) -> HttpResponse:
    """By way of Salesforce's own page, or at once. How it was done is kept when it has worked."""
    connection, attempt = form.connection, form.attempt
    if connection._state.adding:
        with transaction.atomic():
            form.save_new()
            ConnectionState.objects.create(connection=connection)
            audit.record(request, audit.Verb.CREATED, connection)
    attempt.on(connection)
    if connection.sign_in == SignIn.WEB:
        return redirect(authorize(request, connection, attempt))
    try:
        return arrived(request, connection, attempt, sign_in_alone(open_session(), connection, attempt.secrets))
    except WireError as error:
        trouble = refused(connection, error)
        stored = SalesforceConnection.objects.get(pk=connection.pk)
        page = connect_page(stored, ConnectForm(stored, form.stored, form.data))
        return render(request, "salesforce/connect.html", page | {"trouble": trouble})


def authorize(request: HttpRequest, connection: SalesforceConnection, attempt: Attempt) -> str:
    app, login = app_of(connection, attempt.secrets), login_url(connection)
    policy().check(login)
    state, pkce = begin(request, connection, attempt)
    return signin.authorize_url(login, app, redirect_uri=callback_url(), state=state, challenge=pkce.challenge)


@requires(Permission.EDIT_INTEGRATIONS)
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    pending = redeem(request, request.GET.get("state", ""))
    if pending is None:
        messages.error(
            request, _("This answer belongs to no sign-in that is under way here. Nothing was changed; connect again.")
        )
        return redirect("salesforce:start")
    try:
        return finish(request, pending)
    except WireError as error:
        trouble = refused(pending.connection, error)
        messages.error(request, f"{trouble.why} {trouble.cure}")
        return redirect(url_of(pending.connection, "connect"))


def finish(request: HttpRequest, pending: Pending) -> HttpResponse:
    if error := request.GET.get("error"):
        raise NeedsSignIn(error, request.GET.get("error_description", ""))
    connection, attempt = pending.connection, pending.attempt
    tokens = signin.exchange_code(
        open_session(),
        login_url(connection),
        app_of(connection, attempt.secrets),
        code=request.GET.get("code", ""),
        verifier=pending.verifier,
        redirect_uri=callback_url(),
    )
    return arrived(request, connection, attempt, tokens)


def arrived(request: HttpRequest, connection: SalesforceConnection, attempt: Attempt, tokens: Tokens) -> HttpResponse:
    arrival = arrive(connection, tokens)
    keep(connection, arrival, attempt)
    audit.record(
        request, "signed in to the CRM", connection, after={"user": arrival.user, "organisation": arrival.organisation}
    )
    propose(request, connection)
    if connection.state == Connection.State.DRAFT:
        # No toast: the page that follows shows as whom, and a toast would lie on its buttons.
        return redirect(url_of(connection, connection.wizard_step))
    messages.success(request, welcome(connection))
    return redirect("sync:connection", slug=connection.slug)


def welcome(connection: SalesforceConnection) -> str:
    """As whom, and what goes on by itself or waits for somebody."""
    said = {"name": connection.name, "user": connection.account}
    match connection.state:
        case Connection.State.ON:
            text = _("%(name)s answers again, as %(user)s. What waited for the sign-in goes on with the next sync.")
        case Connection.State.PAUSED:
            text = _("%(name)s answers again, as %(user)s. The sync is still paused: resume it when you are ready.")
        case _:
            text = _("%(name)s answers again, as %(user)s. It stays archived, so nothing is read.")
    return text % said


def propose(request: HttpRequest, connection: SalesforceConnection) -> None:
    """The first sign-in also brings the proposals of a new connection; later ones keep what is set up."""
    reach(connection, "scope")
    if connection.version:
        save(request, connection, snapshot(connection), _("Signed in anew"))
        return
    looks = Looks(connection)
    schemas = {name: looks.metadata(name, []).schema for name in ("customers", "contacts")}
    save(request, connection, first_data(connection, schemas), _("First proposal"))


def refused(connection: SalesforceConnection, error: WireError) -> Trouble:
    """Kept on a connection that does not work anyway; one that does is not harmed by a failed try."""
    health = Health.WRONG if isinstance(error, Misconfigured) else Health.SIGN_IN
    ConnectionState.objects.filter(pk=connection.pk).exclude(health=Health.OK).update(
        health=health, health_code=error.code[:120], health_message=error.message, health_since=timezone.now()
    )
    return trouble_of(error)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def disconnect(request: HttpRequest, slug: str) -> HttpResponse:
    connection = get_object_or_404(SalesforceConnection, slug=slug)
    ended = revoked(connection)
    if connection.state == Connection.State.ON:
        runs.pause(connection, by=request.user.label)  # type: ignore[union-attr]
    forget(connection)
    audit.record(request, "signed out of the CRM", connection)
    if not ended:
        messages.error(
            request,
            _("Salesforce could not be told. Revoke the access there as well, under Connected Apps OAuth Usage."),
        )
    return redirect(url_of(connection, "connect"))


def connect_page(connection: SalesforceConnection, form: ConnectForm) -> dict[str, Any]:
    """Everything that the page of this step shows, whoever asks for it."""
    live = ConnectionState.objects.filter(pk=connection.pk).first()
    facts = {"live": live, "api_version": settings.SALESFORCE_API_VERSION, "callback": callback_url(), "form": form}
    return frame(connection, "connect") | facts


def revoked(connection: SalesforceConnection) -> bool:
    try:
        leave(connection)
    except WireError:
        return False
    return True


def callback_url() -> str:
    """Never from the request's Host header: it must be the one that the app in Salesforce lists."""
    return settings.PUBLIC_URL + reverse("salesforce:callback")
