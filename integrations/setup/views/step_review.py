from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from integrations.hub.fields import INTERACTION_TYPES, fields_of
from integrations.hub.models import Customer
from integrations.sync import runs
from integrations.sync.agreement_checks import missing_in
from integrations.sync.allowance import budget_of
from integrations.sync.blocks import AgreementSource
from integrations.sync.configuration import snapshot
from integrations.sync.models import Block, Connection, ConnectionState, DataType, FieldMapping, Run
from integrations.sync.models.connection import Mode
from integrations.sync.never_sent import never_sent
from integrations.sync.nouns import counted
from integrations.sync.store.marks import OUTWARD
from integrations.wire.errors import Misconfigured
from integrations.wire.quota import Quota

from ..forms.value_map import MAPPED_BY_VALUE, ValueRow, open_rows_of, value_map_of
from ..forms.value_words import holders_of, said_of
from ..guide import guide_of
from ..history import months_of
from ..looks import Looks
from ..steps import url_of
from .frame import in_plain_words, show

ONCE = 4
"""Who am I, one describe and one count per data type: about."""


@dataclass(frozen=True, slots=True)
class Forecast:
    accounts: int
    contacts: int | None
    agreements: int | None
    interactions: list[tuple[str, int | None]]
    """Each kind that is synced, by its name, with how many there are; None where they are hidden."""
    calls: int
    in_hub: int
    written: list[str]
    """The data types of which something may go out."""


def review_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    connection = looks.connection
    if request.method == "POST":
        return begin(request, connection)
    forecast, quota = forecast_of(looks), quota_of(looks)
    context = {
        "forecast": forecast,
        "quota": quota,
        "left": budget_of(connection).left(quota) if quota else None,
        "missing": missing_of(connection),
        "unplaced": unplaced_of(looks),
        "never_sent": never_sent_of(connection),
    }
    return show(request, looks, "review", **context, **in_plain_words(connection))


@dataclass(frozen=True, slots=True)
class Unplaced:
    label: str
    said: str
    url: str


def unplaced_of(looks: Looks) -> list[Unplaced]:
    """The values of stage and profile that records hold and the hub does not know, said once more before it begins."""
    connection = looks.connection
    lines = FieldMapping.objects.filter(
        block__connection=connection, block__object="customers", hub_field__in=MAPPED_BY_VALUE, suspended_at=None
    ).exclude(crm_field="")
    found = [(line, unmapped_rows(looks, line)) for line in lines]
    return [unplaced(connection, line.hub_field, rows) for line, rows in found if holders_of(rows)]


def unplaced(connection: Connection, hub_field: str, rows: list[ValueRow]) -> Unplaced:
    address = f"{url_of(connection, 'customers')}#{hub_field}-values"
    return Unplaced(
        str(fields_of("customers")[hub_field].label), said_of(guide_of(connection), hub_field, rows), address
    )


def never_sent_of(connection: Connection) -> list[tuple[str, str]]:
    """Per data type that goes out: what was made here before, and where it can be created there."""
    blocks = Block.objects.filter(connection=connection, mode__in=OUTWARD).select_related("connection")
    found = [(block.object, known.number) for block in blocks if (known := never_sent(block))]
    return [
        (counted(name, number), reverse("sync:mapping", args=[connection.slug, name]))
        for name, number in found
        if number
    ]


def unmapped_rows(looks: Looks, line: FieldMapping) -> list[ValueRow]:
    crm = looks.schema("customers").get(line.crm_field)
    if crm is None or line.transform:
        # A transformed value is another one: only the run knows it.
        return []
    values = value_map_of(line.hub_field, crm, looks.value_counts("customers", line.crm_field))
    return open_rows_of(values, line.value_map)


def quota_of(looks: Looks) -> Quota | None:
    """As the calls for this page told it; else as the last sync did. None where no day's allowance is counted."""
    if looks.guide.abilities.window:
        return None
    live = ConnectionState.objects.filter(pk=looks.connection.pk).exclude(quota_limit=None).first()
    kept = Quota(live.quota_used or 0, live.quota_limit or 0, live.quota_at or timezone.now()) if live else None
    return looks.connector.quota or kept


def forecast_of(looks: Looks) -> Forecast:
    connection = looks.connection
    # The mode alone writes no field.
    carries_out = FieldMapping.objects.filter(block=OuterRef("pk"), suspended_at=None).exclude(
        Q(direction=FieldMapping.Direction.IN) & ~Q(block__object=DataType.SCORES)
    )
    blocks = list(Block.objects.filter(connection=connection).values_list("object", "mode", Exists(carries_out)))
    modes = {name: mode for name, mode, _carries in blocks}
    accounts = looks.count("customers", looks.connector.chosen_view("customers")[0]).total
    takes_contacts = modes.get("contacts", Mode.DISABLED) != Mode.DISABLED
    contacts = looks.count("contacts", looks.connector.chosen_view("contacts")[0]).total if takes_contacts else None
    agreements = agreements_of(looks) if modes.get("agreements", Mode.DISABLED) != Mode.DISABLED else None
    kinds = interactions_of(looks, modes)
    following = [number for number in (contacts, agreements) if number is not None]
    told = [number for _kind, number in kinds if number is not None]
    calls_for, calls_of = looks.connector.calls_to_read, looks.connector.calls_to_read_activities
    calls = ONCE + calls_for(accounts) + sum(calls_for(number) + ONCE for number in following)
    calls += sum(calls_of(number) + ONCE for number in told)
    outward = {Mode.TWO_WAY, Mode.OUTPUT}
    written = [str(DataType(name).label) for name, mode, carries in blocks if carries and mode in outward]
    return Forecast(accounts, contacts, agreements, kinds, calls, Customer.objects.count(), written)


def interactions_of(looks: Looks, modes: Mapping[str, str]) -> list[tuple[str, int | None]]:
    """Only what comes in is counted: an output kind reads nothing."""
    read = [kind for kind in INTERACTION_TYPES if modes.get(kind, Mode.DISABLED) in {Mode.INPUT, Mode.TWO_WAY}]
    if not read:
        return []
    settings = dict(
        Block.objects.filter(connection=looks.connection, object__in=read).values_list("object", "settings")
    )
    return [(str(DataType(kind).label), looks.activities(kind, months_of(settings[kind]))) for kind in read]


def agreements_of(looks: Looks) -> int | None:
    """None where the chosen view is gone: the step of agreements says so."""
    settings = Block.objects.get(connection=looks.connection, object="agreements").settings
    try:
        return looks.agreement_count(AgreementSource.read(settings))
    except Misconfigured:
        return None


def missing_of(connection: Connection) -> str:
    if missing := guide_of(connection).missing_scope(connection):
        return str(missing)
    customers = Block.objects.filter(connection=connection, object="customers").exclude(mode=Mode.DISABLED)
    if not customers.exists():
        return _("Customers are disabled, and everything hangs on a customer: go back to Customers.")
    agreements = snapshot(connection)["blocks"].get("agreements")
    if agreements and (fields := missing_in("agreements", agreements)):
        return _("Agreements still need: %(fields)s. Go back to Agreements.") % {"fields": ", ".join(fields)}
    return ""


def begin(request: HttpRequest, connection: Connection) -> HttpResponse:
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
