"""Explain one record: is it in scope, by what was it recognised, how does it stand, when was it seen, and why is it missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Model, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.engine.records import Record
from integrations.hub.models import Agreement, Contact, Customer, Interaction
from integrations.hub.shown import ARCHIVED, LIGHTS
from integrations.wire.errors import WireError

from .configuration import scope_in_words
from .connector import How, Read
from .lines import Line, lines_of, spoken
from .models import Block, Change, Connection, RecordLink
from .models.journal import Action
from .origin import record_url
from .registry import connector_for, system_of
from .search.journal import contacts_named, customers_named
from .search.names import field_labels
from .store.applying import KEPT_OUT
from .store.marks import NOTHING_GOES_OUT, silent_blocks
from .tries import tries_in_words
from .words import cure

CANDIDATES = 20
ROWS = 10
ROWS_OF: Mapping[str, tuple[type[Model], str]] = {
    "customers": (Customer, "hub:customer"),
    "contacts": (Contact, "hub:contact"),
    "agreements": (Agreement, "hub:agreement"),
}
"""Data type → its table and its page; the kinds of interaction share theirs."""
SHORT_ID = 15
"""Some pages of a CRM show ids without their last three letters, which are a check and not part of the id."""


@dataclass(frozen=True, slots=True)
class Candidate:
    name: str
    detail: str
    light: str
    word: str | Promise
    query: str
    """What the page's address carries: `hub=customers-12`, `link=7`."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one connection sees the record."""

    link: RecordLink
    short: str
    light: str
    word: str | Promise
    reason: str
    cure: str
    crm_url: str
    scope: Sequence[tuple[str, str]]
    matched: str
    parent: str
    top: str
    block: Block | None
    has_row: bool

    frozen: Sequence[Mapping[str, str | Promise]] = ()
    """Fields that no side is written in: name and label."""

    @property
    def verbs(self) -> list[tuple[str, str]]:
        """What a person may do with the record, in the order of how gentle it is."""
        link = self.link
        found = [("resume", _("Resume it"))] if link.paused_at else [("pause", _("Pause it"))]
        if self.has_row:
            found.append(("part", _("Part it from its row")))
        if link.excluded_by_hand or link.reason_code in KEPT_OUT:
            return [*found, ("take-in", _("Take it in again"))]
        return [*found, ("exclude", _("Exclude it"))]

    @property
    def tried(self) -> str:
        return tries_in_words(self.link.tries, self.link.next_try_at, self.link.given_up_at, timezone.now())

    @property
    def is_in_scope(self) -> bool:
        known = {RecordLink.State.LINKED, RecordLink.State.FAILING, RecordLink.State.COLLISION}
        return self.link.state in known and not self.link.connection.is_archived

    @property
    def seen_at(self) -> datetime | None:
        caught_up = self.block.caught_up_at if self.block and self.link.state == RecordLink.State.LINKED else None
        return max((at for at in (self.link.synced_at, caught_up) if at), default=None)


@dataclass(frozen=True, slots=True)
class Explanation:
    object: str
    name: str
    hub_id: int | None
    hub_url: str
    standings: Sequence[Standing]
    dependents: Sequence[tuple[str, str | Promise, int]]
    """The states of its contacts: light, word, number."""
    lines: Sequence[Line]
    waits: Sequence[tuple[str, str]] = ()
    """Why a row that was made here is not created in a CRM yet, and what brings it there."""


def candidates(words: str) -> list[Candidate]:
    """Whom the words may mean: hub rows and source records, an exact id first."""
    links = list(_links_named(words).select_related("connection")[:CANDIDATES])
    known = {(link.object, link.hub_id) for link in links}
    customers = [("customers", c.pk, c.name, c.domain) for c in customers_named(words)[:CANDIDATES]]
    contacts = contacts_named(words).select_related("customer")
    people = [("contacts", c.pk, str(c), c.customer.name) for c in contacts[:CANDIDATES]]
    rows = [row for row in [*customers, *people, *_by_hub_id(words)] if row[:2] not in known]
    return [*map(_of_link, links), *(_of_row(*row) for row in dict.fromkeys(rows))]


def _links_named(words: str) -> QuerySet[RecordLink]:
    exact = Q(source_id=words) | (Q(source_id__startswith=words) if len(words) == SHORT_ID else Q())
    return RecordLink.objects.filter(exact | Q(name__icontains=words)).order_by("object", "name", "pk")


def _by_hub_id(words: str) -> list[tuple[str, int, str, str]]:
    if not (words.isascii() and words.isdigit() and len(words) < 18):
        return []
    customer = [("customers", c.pk, c.name, c.domain) for c in Customer.objects.filter(pk=int(words))]
    contact = Contact.objects.filter(pk=int(words)).select_related("customer")
    return [*customer, *(("contacts", c.pk, str(c), c.customer.name) for c in contact)]


def _of_link(link: RecordLink) -> Candidate:
    light, word = _light(link)
    return Candidate(link.name or link.source_id, f"{link.connection} {link.source_id}", light, word, f"link={link.pk}")


def _of_row(object_name: str, pk: int, name: str, detail: str) -> Candidate:
    return Candidate(name, detail, "ok", _("In the hub"), f"hub={object_name}-{pk}")


def of_link(link: RecordLink) -> Explanation:
    # A link keeps the id of a row that was deleted here.
    if link.hub_id and _page_of(link.object)[0]._default_manager.filter(pk=link.hub_id).exists():
        return of_hub_row(link.object, link.hub_id)
    rows = Change.objects.filter(connection_id=link.connection_id, object=link.object, source_id=link.source_id)
    return Explanation(
        link.object,
        link.name or link.source_id,
        None,
        "",
        _standings([link], has_row=False),
        _dependents(link.connection_id, [link.source_id]) if link.object == "customers" else [],
        lines_of(list(rows.order_by("-pk")[:ROWS])),
    )


def of_hub_row(object_name: str, hub_id: int) -> Explanation:
    model, page = _page_of(object_name)
    row = model._default_manager.get(pk=hub_id)
    links = list(
        RecordLink.objects.filter(object=object_name, hub_id=hub_id).select_related("connection").order_by("connection")
    )
    dependents = [d for link in links for d in _dependents(link.connection_id, [link.source_id])]
    changes = Change.objects.filter(object=object_name, hub_id=hub_id).order_by("-pk")
    return Explanation(
        object_name,
        str(row),
        hub_id,
        reverse(page, args=[hub_id]),
        _standings(links, has_row=True),
        dependents if object_name == "customers" else [],
        lines_of(list(changes[:ROWS])),
        [] if links else _waits(object_name, hub_id),
    )


def _waits(object_name: str, hub_id: int) -> list[tuple[str, str]]:
    blocks = silent_blocks(object_name, hub_id)
    creating = [one for one in blocks if system_of(one.connection.system).abilities.of(object_name).creates]
    found = [{"system": block.connection.name} for block in creating]
    return [(spoken(NOTHING_GOES_OUT, said), cure(NOTHING_GOES_OUT, said)) for said in found]


def _page_of(object_name: str) -> tuple[type[Model], str]:
    return ROWS_OF.get(object_name, (Interaction, "hub:interaction"))


def _standings(links: Sequence[RecordLink], *, has_row: bool) -> list[Standing]:
    blocks = {
        (block.connection_id, block.object): block
        for block in Block.objects.filter(connection__in={link.connection_id for link in links})
    }
    met, elders = _met(links), _elders(links)
    return [
        _standing(link, blocks.get((link.connection_id, link.object)), met, elders, has_row=has_row) for link in links
    ]


def _standing(
    link: RecordLink,
    block: Block | None,
    met: Mapping[tuple[int, str], str],
    elders: Mapping[tuple[int, str], str],
    *,
    has_row: bool,
) -> Standing:
    light, word = _light(link)
    labels = field_labels() if link.frozen else {}
    return Standing(
        link=link,
        short=system_of(link.connection.system).abilities.short,
        light=light,
        word=word,
        reason=spoken(link.reason_code, link.reason_params),
        cure=cure(link.reason_code, link.reason_params) if link.reason_code else "",
        crm_url=record_url(link.connection, link.object, link.source_id),
        scope=scope_in_words(link.connection, only=system_of(link.connection.system).scope),
        matched=met.get((link.connection_id, link.source_id), ""),
        parent=elders.get((link.connection_id, link.parent_id), link.parent_id),
        top=elders.get((link.connection_id, link.top_id), link.top_id),
        block=block,
        has_row=has_row,
        frozen=[{"name": name, "label": labels.get((link.object, name), name)} for name in link.frozen],
    )


def _light(link: RecordLink) -> tuple[str, str | Promise]:
    return ARCHIVED if link.connection.is_archived else LIGHTS[link.state]


def _met(links: Sequence[RecordLink]) -> dict[tuple[int, str], str]:
    """The sentence with which each record first met its hub row: the key that recognised it, or that none did."""
    rows = Change.objects.filter(
        source_id__in=[link.source_id for link in links],
        connection_id__in=[link.connection_id for link in links],
        action__in=[Action.CREATE, Action.LINK],
    ).order_by("pk")
    found = rows.values_list("connection_id", "source_id", "reason_code", "reason_params")
    return {(connection or 0, source): spoken(code, params) for connection, source, code, params in found}


def _elders(links: Sequence[RecordLink]) -> dict[tuple[int, str], str]:
    """Names of the parents and of the customers that the records hang on."""
    ids = {one for link in links for one in (link.parent_id, link.top_id, link.customer_id) if one}
    found = RecordLink.objects.filter(
        connection__in={link.connection_id for link in links}, object="customers", source_id__in=ids
    )
    return {
        (pk, source): name or source for pk, source, name in found.values_list("connection_id", "source_id", "name")
    }


def _dependents(connection_id: int, customers: Sequence[str]) -> list[tuple[str, str | Promise, int]]:
    found = RecordLink.objects.filter(connection=connection_id, object="contacts", customer_id__in=customers)
    states = found.values_list("state").annotate(number=Count("pk")).order_by("-number")
    return [(*LIGHTS[state], number) for state, number in states]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the CRM itself answered a moment ago."""

    connection: Connection
    source_id: str
    record: Record | None
    problem: str = ""
    crm_url: str = ""
    full_read_at: datetime | None = None


def ask_crm(connection: Connection, object_name: str, source_id: str) -> Checked:
    """One reading call by id, in scope or not; a refusal is an answer too."""
    block = Block.objects.filter(connection=connection, object=object_name).first()
    try:
        connector = connector_for(connection, read_only=True, interactive=True)
        fields = connector.fields_needed(object_name)
        page = connector.read(Read(object_name, How.BY_ID, fields=fields, ids=(source_id,)))
    except WireError as error:
        return Checked(connection, source_id, None, str(error))
    record = next(iter(page.records), None)
    url = record_url(connection, object_name, record.source_id) if record else ""
    return Checked(connection, source_id, record, crm_url=url, full_read_at=block.full_read_at if block else None)
