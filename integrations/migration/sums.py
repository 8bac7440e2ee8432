"""Both sides of a move, added up: every customer of the old CRM and every company that HubSpot counted, each in one part.

Each part has the rows behind it. What is in no part is missing, and said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.hub.models import Customer
from integrations.sync.lines import spoken
from integrations.sync.models import Block, Change, RecordLink, Run
from integrations.sync.models.journal import Action
from integrations.sync.search.links import reason_counts
from integrations.sync.tallies import COUNTS_ALL

from . import facts
from .models import Company, Move, Stay

State = RecordLink.State
OUTSIDE = ("left-scope", "out-of-scope")
"""Why a record is excluded that HubSpot no longer counts."""
PAGE = 500
Words = str | Promise
HERE: dict[str, Words] = {
    "arrived": _("Arrived: linked to a HubSpot company"),
    "stays": _("Stay behind, each with its reason"),
    "absent": _("No HubSpot company carries their old ID"),
    "outside": _("Their company is outside the scope"),
    "collision": _("Their company is in collision"),
    "failing": _("Their company fails"),
    "excluded": _("Their company is excluded, with its reason"),
    "elsewhere": _("Their company is linked to another customer"),
    "unread": _("Their company is in the scope, and no run has read it yet"),
    "unknown": _("Nothing is known: HubSpot’s companies were not listed"),
}
"""Of the customers of the old CRM: what became of them."""
UNEXPLAINED = ("unread", "unknown")
THERE: dict[str, Words] = {
    "matched": _("Matched: a customer that was here"),
    "created": _("Created: nobody here had it"),
    "excluded": _("Excluded, each with its reason"),
    "collision": _("In collision: a person decides"),
    "failing": _("Failing, tried again by each run"),
}
"""Of the companies that HubSpot counted: what became of them."""


@dataclass(frozen=True, slots=True)
class Part:
    key: str
    label: Words
    number: int
    reasons: Sequence[tuple[str, int]] = ()
    """In words, with how many."""


@dataclass(frozen=True, slots=True)
class Sum:
    total: int
    parts: Sequence[Part] = field(default_factory=list)

    @property
    def explained(self) -> int:
        return sum(part.number for part in self.parts)

    @property
    def missing(self) -> int:
        return self.total - self.explained

    def of(self, key: str) -> int:
        return sum(part.number for part in self.parts if part.key == key)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one customer that has not arrived."""

    hub_id: int
    name: str
    key: str
    detail: str = ""


def last_complete_run(move: Move) -> Run | None:
    over = [Run.State.DONE, Run.State.HELD]
    kinds = [kind for kind in COUNTS_ALL if kind != Run.Kind.PREVIEW]
    return Run.objects.filter(connection=move.new_id or 0, kind__in=kinds, state__in=over).first()


def links(move: Move) -> QuerySet[RecordLink]:
    return RecordLink.objects.filter(connection=move.new_id or 0, object="customers")


def created(move: Move) -> QuerySet[Any]:
    """Rows that the HubSpot connection made and is linked to."""
    made = Change.objects.filter(
        object="customers", hub_id=OuterRef("pk"), connection_id=move.new_id or 0, action=Action.CREATE
    )
    linked = links(move).filter(hub_id=OuterRef("pk"))
    return Customer.objects.filter(Exists(linked), Exists(made)).annotate(
        source_id=Subquery(linked.values("source_id")[:1], output_field=CharField())
    )


def matched(move: Move) -> QuerySet[Customer]:
    linked = links(move).filter(hub_id__isnull=False, state=State.LINKED)
    return Customer.objects.filter(pk__in=linked.values("hub_id")).exclude(pk__in=created(move).values("pk"))


# --- HubSpot's side


def there(move: Move) -> Sum | None:
    """None: no complete reading yet. A constant number of statements."""
    block = Block.objects.filter(connection=move.new_id or 0, object="customers").first()
    if block is None or block.counted is None:
        return None
    numbers = dict(_counted(move))
    reasons = {
        state: [(spoken(group["reason_code"], group["params"]), group["number"]) for group in _reasons(move, state)]
        for state in (State.EXCLUDED, State.COLLISION, State.FAILING)
    }
    made = created(move).filter(pk__in=links(move).filter(state=State.LINKED).values("hub_id")).count()
    parts = {"matched": numbers.get(State.LINKED, 0) - made, "created": made}
    parts |= {state.value: numbers.get(state, 0) for state in reasons}
    return Sum(
        block.counted,
        [Part(key, THERE[key], number, reasons.get(State(key), ()) if key in State.values else ())
         for key, number in parts.items()],
    )  # fmt: skip


def _counted(move: Move) -> Any:
    """What HubSpot counts: not what is gone from it, nor what has left the scope."""
    counted = links(move).exclude(state__in=[State.GONE, State.MERGED])
    return inside(counted).order_by().values_list("state").annotate(Count("pk"))


def inside(records: QuerySet[RecordLink]) -> QuerySet[RecordLink]:
    return records.exclude(state=State.EXCLUDED, reason_code__in=OUTSIDE)


def _reasons(move: Move, state: str) -> Any:
    return [group for group in reason_counts(inside(links(move)), state) if group["reason_code"]]


# --- The hub's side


def here(move: Move) -> Sum:
    """A constant number of statements for each five hundred customers that have not arrived."""
    old = facts.links_of(move.old_id).filter(hub_id=OuterRef("pk"))
    total = Customer.objects.filter(Exists(old)).count()
    numbers = dict.fromkeys(HERE, 0)
    numbers["arrived"] = facts.arrived(move).count()
    numbers["stays"] = staying(move).count()
    for fate in fates(move):
        numbers[fate.key] += 1
    shown = [key for key in HERE if numbers[key] or key in {"arrived", "stays"}]
    return Sum(total, [Part(key, HERE[key], numbers[key]) for key in shown])


def staying(move: Move) -> QuerySet[Customer]:
    old = facts.links_of(move.old_id).filter(hub_id=OuterRef("pk"))
    return Customer.objects.filter(Exists(old), pk__in=Stay.objects.filter(move=move).values("hub_id"))


def fates(move: Move, after: int = 0) -> Iterator[Fate]:
    """Of each customer that has not arrived, by its id: through the company that carries its old ID."""
    waiting: QuerySet[Any] = facts.not_arrived(move).order_by("pk")
    while page := list(waiting.filter(pk__gt=after).values_list("pk", "name", "old_id")[:PAGE]):
        yield from _fates(move, page)
        after = page[-1][0]


def _fates(move: Move, page: Sequence[tuple[int, str, str]]) -> Iterator[Fate]:
    is_listed = Company.objects.filter(move=move).exists()
    keys = {pk: compared(Compare.ID, old_id) for pk, _name, old_id in page}
    companies = {
        one.old_key: one for one in Company.objects.filter(move=move, old_key__in=set(keys.values()) - {""}).order_by("-in_scope")
    }  # fmt: skip
    known = {
        one.source_id: one
        for one in links(move).filter(source_id__in=[company.source_id for company in companies.values()])
    }
    for pk, name, old_id in page:
        company = companies.get(keys[pk])
        if company is None:
            yield Fate(pk, name, "absent" if is_listed else "unknown", old_id)
        else:
            yield Fate(pk, name, *_of_company(company, known.get(company.source_id), pk))


def _of_company(company: Company, link: RecordLink | None, pk: int) -> tuple[str, str]:
    if link is not None and link.hub_id not in {None, pk}:
        return "elsewhere", company.name
    if link is not None and link.state in {State.COLLISION, State.FAILING}:
        return str(link.state), spoken(link.reason_code, link.reason_params)
    if not company.in_scope:
        return "outside", company.stage
    if link is not None and link.state == State.EXCLUDED:
        return "excluded", spoken(link.reason_code, link.reason_params)
    return "unread", company.name


def stages_of_created(move: Move) -> list[tuple[str, int]]:
    """Lifecycle stage in HubSpot → how many of the created ones; empty where it is not known. The most first."""
    ids = created(move).values("source_id")
    companies = Company.objects.filter(move=move, source_id__in=ids).order_by()
    found = companies.values_list("stage").annotate(Count("pk"))
    return sorted(((stage, number) for stage, number in found), key=lambda pair: (-pair[1], pair[0]))
