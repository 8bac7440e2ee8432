"""Signing in, coming back from the CRM's page, and leaving."""

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

from ..guide import Guide, guide_named, guide_of
from ..handshake import Attempt, Pending, begin, redeem
from ..keeping import forget, keep, refuse_foreign
from ..looks import Looks
from ..onward import onward_of
from ..saving import first_data, save
from ..steps import following, reach, url_of
from ..trouble import Trouble, trouble_of
from .frame import frame

Health = ConnectionState.Health


def sign_in(request: HttpRequest, guide: Guide, form: Any) -> HttpResponse:
    """By way of the CRM's own page, or at once. How it was done is kept when it has worked."""
    connection = form.connection
    if connection._state.adding:
        with transaction.atomic():
            form.save_new()
            ConnectionState.objects.create(connection=connection)
            audit.record(request, audit.Verb.CREATED, connection)
    # Under the name that it has by now.
    attempt = form.attempt
    attempt.on(connection)
    if guide.ways.needs_browser(connection):
        return redirect(authorize(request, guide, connection, attempt))
    try:
        return arrived(request, guide, connection, attempt, guide.ways.alone(connection, attempt))
    except WireError as error:
        trouble = refused(guide, connection, error)
        stored = guide.model._default_manager.get(pk=connection.pk)
        page = connect_page(stored, guide.connect_form(stored, form.stored, form.data))
        return render(request, f"{guide.system}/connect.html", page | {"trouble": trouble})


def authorize(request: HttpRequest, guide: Guide, connection: Connection, attempt: Attempt) -> str:
    state, pkce = begin(request, connection, attempt)
    return guide.ways.authorize_url(
        connection, attempt, redirect_uri=callback_url(guide), state=state, challenge=pkce.challenge
    )


@requires(Permission.EDIT_INTEGRATIONS)
@require_GET
def callback(request: HttpRequest, system: str) -> HttpResponse:
    guide = guide_named(system)
    pending = redeem(request, request.GET.get("state", ""))
    if pending is None or pending.connection.system != system:
        messages.error(
            request, _("This answer belongs to no sign-in that is under way here. Nothing was changed; connect again.")
        )
        return redirect(f"{guide.namespace}:start")
    try:
        return finish(request, guide, pending)
    except WireError as error:
        trouble = refused(guide, pending.connection, error)
        messages.error(request, trouble.in_one)
        return redirect(url_of(pending.connection, "connect"))


def finish(request: HttpRequest, guide: Guide, pending: Pending) -> HttpResponse:
    if error := request.GET.get("error"):
        raise NeedsSignIn(error, request.GET.get("error_description", ""))
    connection, attempt = pending.connection, pending.attempt
    tokens = guide.ways.exchange(
        connection,
        attempt,
        code=request.GET.get("code", ""),
        verifier=pending.verifier,
        redirect_uri=callback_url(guide),
        asked=request.GET.dict(),
    )
    return arrived(request, guide, connection, attempt, tokens)


def arrived(
    request: HttpRequest, guide: Guide, connection: Connection, attempt: Attempt, tokens: Tokens
) -> HttpResponse:
    arrival = guide.ways.arrive(connection, tokens)
    refuse_foreign(guide, connection, arrival.organisation_id)
    keep(guide, connection, arrival, attempt)
    audit.record(
        request, "signed in to the CRM", connection, after={"user": arrival.user, "organisation": arrival.organisation}
    )
    propose(request, connection)
    if connection.state == Connection.State.DRAFT:
        # No toast: the page that follows shows as whom, and a toast would lie on its buttons.
        return redirect(onward_of(request, connection))
    messages.success(request, welcome(connection))
    return redirect("sync:connection", slug=connection.slug)


def welcome(connection: Connection) -> str:
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


def propose(request: HttpRequest, connection: Connection) -> None:
    """The first sign-in also brings the proposals of a new connection; later ones keep what is set up."""
    guide = guide_of(connection)
    if after := following(guide, "connect"):
        reach(connection, after.name)
    if connection.version:
        save(request, connection, snapshot(connection), _("Signed in anew"))
        return
    looks = Looks(connection)
    offered = {ability.object for ability in guide.abilities.objects}
    first: list[str] = [name for name in ("customers", "contacts") if name in offered]
    schemas = {name: looks.metadata(name, []).schema for name in first}
    save(request, connection, first_data(connection, schemas), _("First proposal"))


def refused(guide: Guide, connection: Connection, error: WireError) -> Trouble:
    """Kept on a connection that does not work anyway; one that does is not harmed by a failed try."""
    health = Health.WRONG if isinstance(error, Misconfigured) else Health.SIGN_IN
    ConnectionState.objects.filter(pk=connection.pk).exclude(health=Health.OK).update(
        health=health, health_code=error.code[:120], health_message=error.message, health_since=timezone.now()
    )
    return trouble_of(guide, error)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def disconnect(request: HttpRequest, system: str, slug: str) -> HttpResponse:
    guide = guide_named(system)
    connection = get_object_or_404(guide.model, slug=slug)
    ended = revoked(guide, connection)
    if connection.state == Connection.State.ON:
        runs.pause(connection, by=request.user.label)  # type: ignore[union-attr]
    forget(connection)
    audit.record(request, "signed out of the CRM", connection)
    if not ended:
        messages.error(
            request,
            guide.say(_("%(system)s could not be told. Revoke the access there as well: %(revoke)s.")),
        )
    return redirect(url_of(connection, "connect"))


def connect_page(connection: Connection, form: Any) -> dict[str, Any]:
    """Everything that the page of this step shows, whoever asks for it."""
    live = ConnectionState.objects.filter(pk=connection.pk).first()
    guide = guide_of(connection)
    facts = {"live": live, "callback": callback_url(guide), "form": form, **guide.facts()}
    return frame(connection, "connect") | facts


def revoked(guide: Guide, connection: Connection) -> bool:
    try:
        guide.ways.leave(connection)
    except WireError:
        return False
    return True


def callback_url(guide: Guide) -> str:
    """Never from the request's Host header: it must be the one that the app in the CRM lists."""
    return settings.PUBLIC_URL + reverse(f"{guide.namespace}:callback")
