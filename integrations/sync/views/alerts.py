"""What people were told and whether it arrived; what a person wants to hear; the rooms and programs that are told too."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit
from accounts.audit import Verb
from accounts.models import User
from accounts.paging import newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.wire.errors import WireError

from ..alerts import channels, delivery
from ..alerts.recipients import default_events
from ..alerts.texts import Told, path_of, told
from ..alerts.ways import SendFailed
from ..forms_alerts import AlertSearch, ChannelForm, ChoiceForm
from ..models import Alert, AlertChannel, AlertChoice, AlertDelivery, Connection, Event

LIGHTS = {
    Event.SIGN_IN: "key",
    Event.QUOTA: "quota",
    Event.HELD: "brake",
    Event.FIELD: "suspended",
    Event.DRIFT: "suspended",
    Event.RECOVERED: "ok",
}
DELIVERED = {
    AlertDelivery.State.WAITING: "run",
    AlertDelivery.State.SENT: "ok",
    AlertDelivery.State.GIVEN_UP: "bad",
}


@requires(Permission.SEE_RUNS)
@require_GET
def alerts(request: SignedInRequest) -> HttpResponse:
    search = AlertSearch(request.GET)
    sent = Prefetch("deliveries", AlertDelivery.objects.filter(_shown_to(request.user)).order_by("pk"))
    page = newest_first(
        search.matching(Alert.objects.select_related("connection").prefetch_related(sent)),
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    lines = [_line(alert) for alert in page.rows]
    asked = any(request.GET.get(name) for name in search.fields)
    may_edit = request.user.may(Permission.EDIT_INTEGRATIONS)
    context = {"search": search, "page": page, "lines": lines, "asked": asked, "may_edit": may_edit}
    return render(request, "sync/alerts.html", context)


def _shown_to(user: User) -> Q:
    """Who may not see people sees no addresses but their own."""
    return Q() if user.may(Permission.SEE_PEOPLE) else Q(user=None) | Q(user=user)


def _line(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert,
        "state": LIGHTS.get(Event(alert.event), "bad"),
        "told": told(alert),
        "path": path_of(alert),
        "deliveries": [(DELIVERED[AlertDelivery.State(one.state)], one) for one in alert.deliveries.all()],
    }


@requires(Permission.SEE_RUNS)
@require_http_methods(["GET", "HEAD", "POST"])
def choice(request: SignedInRequest) -> HttpResponse:
    slug = request.GET.get("connection", "")
    connections = list(Connection.objects.exclude(state=Connection.State.ARCHIVED))
    connection = get_object_or_404(Connection, slug=slug) if slug else None
    mine = AlertChoice.objects.filter(user=request.user)
    known = {one.connection_id: one.events for one in mine}
    place = connection.pk if connection else None
    events = known.get(place, known.get(None, default_events(request.user)))
    form = ChoiceForm(request.POST if request.method == "POST" else None, initial={"events": events})
    if request.method == "POST" and ("forget" in request.POST or form.is_valid()):
        if "forget" in request.POST:
            mine.filter(connection=connection).delete()
            messages.info(request, _("Your own choice is gone; what holds otherwise holds again."))
        else:
            chosen = {"events": form.cleaned_data["events"]}
            AlertChoice.objects.update_or_create(user=request.user, connection=connection, defaults=chosen)
            messages.info(request, _("From the next change on, you are mailed as chosen."))
        return redirect(request.get_full_path())
    context = {
        "form": form, "connection": connection, "connections": connections, "own": place in known,
        "own_ones": [one for one in connections if one.pk in known],
    }  # fmt: skip
    return render(request, "sync/alert_choice.html", context, status=422 if form.is_bound else 200)


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def channel_list(request: SignedInRequest) -> HttpResponse:
    form = ChannelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        channel = form.save()
        audit.record(request, Verb.CREATED, channel, after={"address": channel.shown, "events": channel.events})
        messages.info(request, _("%(name)s is told from the next change on.") % {"name": channel.name})
        return redirect("sync:alert-channels")
    rows = [
        (one, [str(Event(event).label) for event in one.events])
        for one in AlertChannel.objects.select_related("connection")
    ]
    status = 422 if form.is_bound else 200
    return render(request, "sync/alert_channels.html", {"form": form, "rows": rows}, status=status)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def test_channel(request: SignedInRequest, channel: int) -> HttpResponse:
    row = get_object_or_404(AlertChannel, pk=channel)
    url = settings.PUBLIC_URL + reverse("sync:alerts")
    nothing = _("Nothing has happened.")
    said = Told(_("A test"), nothing, _("Nothing waits."), _("Nothing needs doing."), "", url)
    try:
        delivery.send_test(channels.open_url(row), said)
    except SendFailed as failure:
        messages.error(request, str(failure))
    except WireError:
        messages.error(request, _("The address does not open with today’s keys. Add the channel anew."))
    else:
        messages.info(request, _("%(name)s has taken the test. Look whether it shows there.") % {"name": row.name})
    return redirect("sync:alert-channels")


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def remove_channel(request: SignedInRequest, channel: int) -> HttpResponse:
    row = get_object_or_404(AlertChannel, pk=channel)
    audit.record(request, Verb.DELETED, row, before={"address": row.shown, "events": row.events})
    row.delete()
    messages.info(request, _("%(name)s is told nothing any more.") % {"name": row.name})
    return redirect("sync:alert-channels")
