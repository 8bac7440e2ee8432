"""What each connection is to a customer: which fields it writes, whether it may churn it, whether its revenue counts."""

from collections.abc import Mapping, Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from integrations.engine.precedence import Holder, keeper_of_stage, writer_of
from integrations.engine.reasons import say
from integrations.hub.fields import fields_of
from integrations.hub.models import Agreement

from .apart import acting_lines, fields_apart, values_here
from .models import Connection, RecordLink
from .revenue import FIRST
from .revenue import OBJECT as AGREEMENTS
from .store.holders import PARENT, holders_of

OBJECT = "customers"
STAYS = say("Differs there, and stays so until one side changes: %(fields)s.")
CANNOT_READ = say("Holds there what its line cannot read: %(fields)s.")
Labels = Mapping[str, str]


def bonds_of(hub_id: int) -> dict[str, list[str]]:
    """Connection's name → sentences; one that has lost the customer has none, but for revenue that it still holds."""
    holders = holders_of(OBJECT, [hub_id]).get(hub_id, [])
    labels = {name: str(field.label) for name, field in fields_of(OBJECT).items()} | {PARENT: _("Parent")}
    churning = set(Connection.objects.filter(churn_missing=True).values_list("pk", flat=True))
    keeper = keeper_of_stage(holders)
    said = {
        one.name: [*_fields(one, holders, labels), _churn(one, keeper, churns=one.connection_id in churning)]
        for one in holders
    }
    for name, apart in _apart(hub_id, labels).items():
        said.setdefault(name, []).extend(apart)
    names = _with_agreements(hub_id)
    for name in names:
        said.setdefault(name, []).append(_revenue(name, names[0]))
    return said


def _fields(one: Holder, holders: Sequence[Holder], labels: Labels) -> list[str]:
    """What it writes, then what it only fills."""
    if not one.is_live:
        return [_("Paused: it writes nothing now.")]
    carried = [name for name in labels if name in one.writes]
    own = [labels[name] for name in carried if writer_of(name, holders) is one]
    filled = [labels[name] for name in carried if writer_of(name, holders) is not one]
    said = [_("Writes: %(fields)s.") % {"fields": get_text_list(own, _("and"))}] if own else []
    if filled:
        said.append(_("Fills only where it is empty: %(fields)s.") % {"fields": get_text_list(filled, _("and"))})
    return said or [_("Writes no field of it.")]


def _apart(hub_id: int, labels: Labels) -> dict[str, list[str]]:
    """Connection's name → the fields that stand as they are: by the rule of their line, or with a run taken back."""
    links = RecordLink.objects.filter(object=OBJECT, hub_id=hub_id, state=RecordLink.State.LINKED).order_by("pk")
    links = links.exclude(connection__state=Connection.State.ARCHIVED)
    rows = list(links.values_list("connection", "connection__name", "connection__keep_hierarchy", "settled"))
    lines = acting_lines(OBJECT, {pk for pk, *_rest in rows})
    here = values_here(OBJECT, [hub_id]).get(hub_id, {})
    found: dict[str, list[str]] = {}
    for pk, connection, keeps, settled in rows:
        apart, unread = fields_apart(settled, lines.get(pk, {}), here, keeps_parents=keeps)
        for text, names in ((STAYS, apart), (CANNOT_READ, unread)):
            if named := [label for name, label in labels.items() if name in names]:
                said = _(text) % {"fields": get_text_list(named, _("and"))}
                found.setdefault(connection, []).append(said)
    return found


def _churn(one: Holder, keeper: Holder | None, *, churns: bool) -> str:
    if keeper is not None and one is not keeper:
        return _("Never churns it: that is up to %(name)s.") % {"name": keeper.name}
    return _("Churns it when it leaves the source.") if churns else _("Keeps its stage when it leaves the source.")


def _with_agreements(hub_id: int) -> list[str]:
    """Names of the connections that hold agreements of the customer; the first of them counts."""
    of_customer = Agreement.objects.filter(customer=hub_id).values("pk")
    links = RecordLink.objects.filter(object=AGREEMENTS, hub_id__in=of_customer)
    names = links.order_by(*FIRST).values_list("connection__name", flat=True)
    return list(dict.fromkeys(names))


def _revenue(name: str, first: str) -> str:
    if name == first:
        return _("Its agreements count as revenue.")
    return _("Its agreements are shown uncounted: those of %(name)s count.") % {"name": first}
