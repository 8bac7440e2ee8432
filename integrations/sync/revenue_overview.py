"""What all agreements together are worth: by connection, currency, plan and status, and why the rest is not counted.

All sums are per month, in the reporting currency, but for those that name another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.hub.models import Agreement, MoneySettings
from integrations.hub.revenue import cents
from integrations.hub.search import NOBODY

from .models import Connection, RecordLink
from .reconciliation import (
    LISTED,
    UNCOUNTED,
    Bridge,
    Step,
    as_read,
    kept_of,
    listed,
    lost_on_the_way,
    records,
    still_counted,
)
from .revenue import OBJECT

PLANS = 30
ACTIVE = Agreement.Status.ACTIVE


@dataclass(frozen=True, slots=True)
class Part:
    """One currency, plan or status."""

    label: str | Promise
    number: int
    counted: int
    mrr: Decimal
    """In the reporting currency, of those that count."""
    url: str
    own: Decimal | None = None
    """Of a currency: the active ones' MRR in that currency, converted or not."""
    remark: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Overview:
    bridge: Bridge
    currencies: Sequence[Part]
    plans: Sequence[Part]
    statuses: Sequence[Part]
    more_plans: bool


def overview_of(seen: QuerySet[Agreement], money: MoneySettings, *, with_records: bool) -> Overview:
    """Of the agreements that somebody may see. The same number of statements for any number of rows and connections.

    `with_records`: whether they may see the records that never became an agreement.
    """
    links = RecordLink.objects.filter(object=OBJECT)
    rows = as_read(seen, links, money).order_by()
    plans = _parts(rows.filter(Q(is_counted=True)), "plan", _plan)[: PLANS + 1]
    return Overview(
        bridge=_bridge(rows, links if with_records else links.none(), money),
        currencies=_parts(rows, "currency", lambda code: _currency(code, money)),
        plans=plans[:PLANS],
        statuses=_parts(rows, "status", _status),
        more_plans=len(plans) > PLANS,
    )


def why_not(row: Any) -> str | Promise:
    """Why an agreement is in no sum; empty: it is."""
    if row.is_counted:
        return ""
    if row.status != ACTIVE:
        return UNCOUNTED[row.status]
    if row.mrr is None:
        return _("No amount.")
    if row.is_unconverted:
        return _("No exchange rate from %(currency)s.") % {"currency": row.currency}
    return _("Another connection is the customer’s revenue source.")


def names_of_connections() -> dict[int | None, str]:
    """With the name of what no connection brought."""
    return {None: _("Typed here"), **dict(Connection.objects.values_list("pk", "name"))}


def _bridge(rows: QuerySet[Agreement], links: QuerySet[RecordLink], money: MoneySettings) -> Bridge:
    kept = kept_of(rows)
    connections = {one.pk: one for one in Connection.objects.order_by("order", "pk")}
    steps = [
        *_by_source(rows, connections),
        Step(_("In the hub, as read"), kept["number"], kept["mrr_read"], listed({}), is_sum=True),
        *lost_on_the_way({}, kept, rows),
        Step(_("Counted in the hub"), kept["counted"], kept["mrr_counted"], listed({}, revenue="counted"), is_sum=True),
        *still_counted({}, kept),
        *_outside(links, connections),
    ]
    return Bridge(steps, kept["mrr_read"], kept["mrr_counted"], money.currency)


def _by_source(rows: QuerySet[Any], connections: Mapping[int, Connection]) -> list[Step]:
    sums = rows.values_list("own_source").annotate(
        number=Count("pk"), read=Sum("as_read"), worth=Sum("here", filter=Q(is_counted=True))
    )
    found = {source: (number, cents(read), cents(counted)) for source, number, read, counted in sums}
    steps = []
    for pk, one in connections.items():
        if pk in found:
            number, read, counted = found[pk]
            label = _("%(name)s says") % {"name": one.name}
            remark = _("%(mrr)s of it counts.") % {"mrr": f"{counted:,}"}
            steps.append(Step(label, number, read, listed({"source": one.slug}), remark=remark))
    if None in found:
        number, read, _counted = found[None]
        steps.append(Step(_("Typed here, or held by no connection"), number, read, listed({"source": NOBODY})))
    return steps


def _outside(links: QuerySet[RecordLink], connections: Mapping[int, Connection]) -> list[Step]:
    """Records that never became an agreement: nobody knows here what they are worth."""
    found = links.filter(state__in=LISTED, hub_id=None).order_by("connection__order", "connection_id", "state")
    labels = (_("%(name)s: left out, each with its reason"), _("%(name)s: collisions"), _("%(name)s: refused"))
    said = dict(zip(LISTED, labels, strict=True))
    steps = []
    for pk, state, number in found.values_list("connection", "state").annotate(Count("pk")):
        one = connections[pk]
        label = said[RecordLink.State(state)] % {"name": one.name}
        steps.append(Step(label, number, url=records(one, state)))
    return steps


def _parts(rows: QuerySet[Agreement], column: str, part_of: Any) -> list[Part]:
    found = (
        rows.values_list(column)
        .annotate(
            number=Count("pk"),
            counted=Count("pk", filter=Q(is_counted=True)),
            worth=Sum("here", filter=Q(is_counted=True)),
            own=Sum("mrr", filter=Q(status=ACTIVE, is_elsewhere=False)),
        )
        .order_by("-worth", column)
    )
    if column == "plan":
        found = found[: PLANS + 1]
    # NULL sums sort first on one database and last on another.
    parts = [part_of(value)(number, counted, cents(worth), cents(own)) for value, number, counted, worth, own in found]
    return sorted(parts, key=lambda part: -part.mrr)


def _currency(code: str, money: MoneySettings) -> Any:
    label = code or _("none, taken as %(currency)s") % {"currency": money.currency}
    url = listed({"currency": code} if code else {}, status=ACTIVE.value)
    return lambda number, counted, mrr, own: Part(label, number, counted, mrr, url, own=own)


def _plan(name: str) -> Any:
    url = listed({"q": name} if name else {}, revenue="counted")
    return lambda number, counted, mrr, _own: Part(name or _("without a plan"), number, counted, mrr, url)


def _status(status: str) -> Any:
    label, remark = Agreement.Status(status).label, UNCOUNTED.get(Agreement.Status(status), "")
    url = listed({}, status=status)
    return lambda number, counted, mrr, _own: Part(label, number, counted, mrr, url, remark=remark)
