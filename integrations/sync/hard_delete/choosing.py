"""Which customers go, and all that goes with them, counted before anything is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.paging import as_id
from integrations.engine.compare import fold
from integrations.hub.models import Agreement, Contact, Customer, Interaction, Opportunity
from integrations.hub.search import CustomerSearch

from ..models import Change, Connection, HardDelete, HardDeletePage, RecordLink
from ..models.journal import Action

PAGE = 200
"""Customers of one transaction, with all that hangs on them."""
LONGEST_LIST = 20_000
Scope = HardDelete.Scope
NUMBER_SIGN = "#"


class NotChosen(Exception):  # noqa: N818 (a sentence for a person)
    """Nothing, or not clearly, was chosen: which field, and what to do about it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Choice:
    scope: Scope
    customers: QuerySet[Customer]
    words: str


def of_connection(slug: str) -> Choice:
    connection = Connection.objects.filter(slug=slug).first()
    if connection is None:
        raise NotChosen("connection", _("Choose a connection from the list."))
    links = RecordLink.objects.filter(connection=connection, object="customers", hub_id__isnull=False)
    rows = Customer.objects.filter(pk__in=links.values("hub_id"))
    return Choice(Scope.CONNECTION, rows, connection.name)


def of_run(number: str) -> Choice:
    made = Change.objects.filter(run_id=as_id(number), object="customers", action=Action.CREATE)
    if not as_id(number) or not made.exists():
        raise NotChosen("run", _("No run of this number created customers. The list of runs has the numbers."))
    return Choice(Scope.RUN, Customer.objects.filter(pk__in=made.values("hub_id")), _("run %(n)s") % {"n": number})


def of_filter(query: str) -> Choice:
    search = CustomerSearch(QueryDict(query))
    if not search.asked:
        raise NotChosen("filter", _("Filter the list of customers first: without a filter this would be all of them."))
    told = (f"{search.fields[name].label}: {_label(search, name, value)}" for name, value in search.asked.items())
    return Choice(Scope.FILTER, search.matching(Customer.objects.all()), " · ".join(told))


def of_list(text: str) -> Choice:
    """One customer a line: by `#` and its number here, by customer ID, or by name. Whatever is not clear is refused whole."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise NotChosen("list", _("Write one customer a line: its customer ID, its name, or # and its number here."))
    if len(lines) > LONGEST_LIST:
        raise NotChosen("list", _("At most %(n)s lines at once.") % {"n": LONGEST_LIST})
    found = _named(lines)
    unclear = [line for line in lines if len(found[line]) != 1]
    if unclear:
        shown = ", ".join(f"“{line}”" for line in unclear[:10])
        text = _("Not one customer each: %(lines)s. Write # and the number that the customer's address ends with.")
        raise NotChosen("list", text % {"lines": shown + (" …" if len(unclear) > 10 else "")})
    ids = {pk for line in lines for pk in found[line]}
    return Choice(
        Scope.LIST, Customer.objects.filter(pk__in=ids), ", ".join(lines[:3]) + (" …" if len(lines) > 3 else "")
    )


def draft(choice: Choice, by: User) -> HardDelete:
    """The same few statements for any number: nothing is deleted, and everything is counted."""
    with transaction.atomic():
        ids = list(choice.customers.order_by("pk").values_list("pk", flat=True))
        if not ids:
            raise NotChosen(choice.scope, _("No customer is chosen by this. Nothing was prepared."))
        job = HardDelete.objects.create(
            scope=choice.scope, chosen=choice.words[:500], customers=len(ids), asked_by=by.label[:160],
            counts=_counts(choice.customers), connections=_connections(choice.customers),
        )  # fmt: skip
        pages = [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]
        HardDeletePage.objects.bulk_create(
            HardDeletePage(job=job, number=number, ids=page) for number, page in enumerate(pages)
        )
    return job


def _counts(customers: QuerySet[Customer]) -> dict[str, int]:
    within = customers.order_by().values("pk")
    hanging = {"contacts": Contact, "agreements": Agreement, "interactions": Interaction, "opportunities": Opportunity}
    counts = {name: model._default_manager.filter(customer__in=within).count() for name, model in hanging.items()}
    return counts | {"links": RecordLink.objects.filter(object="customers", hub_id__in=within).count()}


def _connections(customers: QuerySet[Customer]) -> list[int]:
    links = RecordLink.objects.filter(object="customers", hub_id__in=customers.order_by().values("pk"))
    return list(links.order_by("connection_id").values_list("connection_id", flat=True).distinct())


def _label(search: CustomerSearch, name: str, value: str) -> str:
    choices: Sequence[tuple[str, object]] = getattr(search.fields[name], "choices", ())
    return str(dict(choices).get(value, value))


def _named(lines: Sequence[str]) -> dict[str, set[int]]:
    numbers = {line: as_id(line.removeprefix(NUMBER_SIGN)) for line in lines if line.startswith(NUMBER_SIGN)}
    rows = Customer.objects.order_by()
    here = set(rows.filter(pk__in=numbers.values()).values_list("pk", flat=True))
    by_ref = _grouped(rows.filter(ref_id__in=lines).values_list("ref_id", "pk"))
    by_name = _grouped(rows.filter(name_key__in=[fold(line)[:255] for line in lines]).values_list("name_key", "pk"))
    return {
        line: {numbers[line]} & here if line in numbers else by_ref.get(line) or by_name.get(fold(line)[:255], set())
        for line in lines
    }


def _grouped(pairs: QuerySet[Customer, tuple[str, int]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for value, pk in pairs:
        found.setdefault(value, set()).add(pk)
    return found


def ids_of(job: HardDelete) -> list[int]:
    return [pk for ids in job.pages.order_by("number").values_list("ids", flat=True) for pk in ids]
