from dataclasses import dataclass
from math import ceil

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from integrations.hub.models import Customer
from integrations.sync import runs
from integrations.sync.models import Block, ConnectionState, Run
from integrations.sync.models.connection import Mode
from integrations.wire.quota import Quota

from ..looks import Looks
from ..models import SalesforceConnection
from ..reading import BULK_FROM
from .frame import in_plain_words, show

ROWS_PER_CALL = 2000
ONCE = 4
"""Who am I, one describe and one count per data type: about."""
OF_A_JOB = 6


@dataclass(frozen=True, slots=True)
class Forecast:
    accounts: int
    contacts: int | None
    calls: int
    in_hub: int


def review_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    connection = looks.connection
    if request.method == "POST":
        return begin(request, connection)
    context = {"forecast": forecast_of(looks), "quota": quota_of(looks), "missing": missing_of(connection)}
    return show(request, looks, "review", **context, **in_plain_words(connection))


def quota_of(looks: Looks) -> Quota | None:
    """As the calls for this page told it; else as the last sync did."""
    live = ConnectionState.objects.filter(pk=looks.connection.pk).exclude(quota_limit=None).first()
    kept = Quota(live.quota_used or 0, live.quota_limit or 0, live.quota_at or timezone.now()) if live else None
    return looks.connector.quota or kept


def forecast_of(looks: Looks) -> Forecast:
    connection = looks.connection
    modes = dict(Block.objects.filter(connection=connection).values_list("object", "mode"))
    accounts = looks.count("customers", connection.account_view).total
    takes_contacts = modes.get("contacts", Mode.DISABLED) != Mode.DISABLED
    contacts = looks.count("contacts", connection.contact_view).total if takes_contacts else None
    calls = ONCE + calls_for(accounts) + (calls_for(contacts) + ONCE if contacts is not None else 0)
    return Forecast(accounts, contacts, calls, Customer.objects.count())


def calls_for(rows: int) -> int:
    return OF_A_JOB + ceil(rows / ROWS_PER_CALL / 5) if rows > BULK_FROM else max(1, ceil(rows / ROWS_PER_CALL))


def missing_of(connection: SalesforceConnection) -> str:
    if not connection.account_view:
        return _("No account view is chosen yet: go back to Scope.")
    customers = Block.objects.filter(connection=connection, object="customers").exclude(mode=Mode.DISABLED)
    if not customers.exists():
        return _("Customers are disabled, and everything hangs on a customer: go back to Customers.")
    return ""


def begin(request: HttpRequest, connection: SalesforceConnection) -> HttpResponse:
    if missing := missing_of(connection):
        messages.error(request, missing)
        return redirect(request.path)
    who = request.user.label  # type: ignore[union-attr]
    try:
        if request.POST.get("do") == "turn-on":
            run = runs.turn_on(connection, by=who)
            audit.record(request, "turned on", connection)
            return redirect("sync:run", pk=run.pk)
        run = runs.request_run(connection, Run.Kind.PREVIEW, by=who)
    except runs.RunRefused as refusal:
        messages.error(request, refusal.reason)
        return redirect(refused_to(request, refusal))
    return redirect("sync:preview", pk=run.pk)


def refused_to(request: HttpRequest, refusal: runs.RunRefused) -> str:
    if refusal.run is None:
        return request.path
    name = "sync:preview" if refusal.run.slot == Run.Slot.PREVIEW else "sync:run"
    return reverse(name, args=[refusal.run.pk])
