"""Records that the rules could not tell apart: who claims what, and the rows that could be meant, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import override

from integrations.engine.duplicates import PROPOSALS
from integrations.engine.mapping import MergeKey
from integrations.engine.plan import NEW_BY_HAND
from integrations.engine.reading import read
from integrations.engine.values import Value
from integrations.hub.fields import INTERACTION_TYPES, fields_of
from integrations.hub.models import Stage
from integrations.wire.errors import WireError

from .connector import How, Read
from .models import Block, Connection, RecordLink
from .origin import record_url
from .registry import connector_for, system_of
from .rules import rules_of
from .store.hub_rows import TABLES, table_of
from .words import sentence

SIDE_BY_SIDE = 8
NOT_COMPARED = frozenset({"name", "contacts"})
"""Both sides' names stand above already; contacts are named by ids that say nothing to people."""
PAGES = {"customers": "hub:customer", "contacts": "hub:contact"} | dict.fromkeys(INTERACTION_TYPES, "hub:interaction")


@dataclass(frozen=True, slots=True)
class Claimant:
    link: RecordLink
    crm_url: str
    values: Mapping[str, Any] = field(default_factory=dict)
    """hub field → what the CRM says, as the mapping reads it; empty until somebody asks the CRM."""

    @property
    def is_open(self) -> bool:
        return self.link.hub_id is None


@dataclass(frozen=True, slots=True)
class Candidate:
    hub_id: int
    name: str
    url: str
    holder: RecordLink | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collision:
    link: RecordLink
    short: str
    why: str
    label: str
    value: str
    claimants: Sequence[Claimant]
    rows: Sequence[Candidate]
    fields: Sequence[tuple[str, str | Promise]]
    """The mapped fields that are compared: name, label."""
    makes_rows: bool = True
    """One of them may be said to be new; not where records are only linked."""
    asked: bool = False
    problem: str = ""

    @property
    def lines(self) -> list[tuple[str | Promise, list[Any], list[Any]]]:
        """Per field: label, what each claimant has, what each row has."""
        return [
            (label, [one.values.get(name) for one in self.claimants], [one.values.get(name) for one in self.rows])
            for name, label in self.fields
        ]


def collided() -> QuerySet[RecordLink]:
    """Those that still wait for somebody: one that was said to be new only waits for its run."""
    links = RecordLink.objects.filter(
        connection__in=Connection.objects.exclude(state=Connection.State.ARCHIVED).values("pk"),
        object__in=list(TABLES),
        state=RecordLink.State.COLLISION,
    )
    return links.exclude(reason_code=NEW_BY_HAND)


def collision_of(link: RecordLink) -> Collision:
    params = link.reason_params
    label, value = str(params.get("label", "")), str(params.get("value", ""))
    block = Block.objects.filter(connection=link.connection, object=link.object).first()
    claimants = _claimants(link, label, value)
    rows = _rows(link, _key(link.object, label), value, block)
    holders = [row.holder for row in rows if row.holder and row.holder not in claimants]
    known, abilities = fields_of(link.object), system_of(link.connection.system).abilities
    mapped = list(block.lines.filter(suspended_at=None).values_list("hub_field", flat=True)) if block else []
    return Collision(
        link=link,
        short=abilities.short,
        why=sentence(link.reason_code, params) if link.reason_code else "",
        label=label,
        value=value,
        claimants=[
            Claimant(one, record_url(link.connection, one.object, one.source_id)) for one in [*claimants, *holders]
        ][:SIDE_BY_SIDE],
        rows=rows,
        fields=[(name, known[name].label) for name in mapped if name in known and name not in NOT_COMPARED],
        makes_rows=abilities.of(link.object).makes_rows,
    )


def with_values(collision: Collision) -> Collision:
    """One call that reads the claimants by id, and what the mapping makes of them; nothing is written."""
    link, ids = collision.link, [one.link.source_id for one in collision.claimants]
    block = Block.objects.get(connection=link.connection, object=link.object)
    rules = rules_of(block)
    fields = tuple(dict.fromkeys(rule.crm_field for rule in rules if rule.crm_field))
    try:
        connector = connector_for(link.connection, read_only=True, interactive=True)
        needed = tuple(dict.fromkeys([*connector.fields_needed(link.object), *fields]))
        page = connector.read(Read(link.object, How.BY_ID, fields=needed, ids=tuple(ids)))
    except WireError as error:
        return replace(collision, asked=True, problem=str(error))
    stages = dict(Stage.objects.values_list("name", "label"))
    found = {
        record.source_id: {
            rule.hub_field: _shown(rule.hub_field, read(rule, record, system=link.connection.name).value, stages)
            for rule in rules
        }
        for record in page.records
    }
    claimants = [replace(one, values=found.get(one.link.source_id, {})) for one in collision.claimants]
    return replace(collision, asked=True, claimants=claimants)


def _claimants(link: RecordLink, label: str, value: str) -> list[RecordLink]:
    if not label:
        return [link]
    others = RecordLink.objects.filter(
        connection=link.connection, object=link.object, state=RecordLink.State.COLLISION, reason_params__label=label,
        reason_params__value=value,
    ).exclude(pk=link.pk)  # fmt: skip
    return [link, *others.order_by("pk")[: SIDE_BY_SIDE - 1]]


def _key(object_name: str, label: str) -> MergeKey | None:
    """The sentence names the field as the worker's language does."""
    with override(settings.LANGUAGE_CODE):
        found = [one for one in fields_of(object_name).values() if one.key is not None and str(one.label) == label]
    return MergeKey(found[0].name, label, found[0].key) if found and found[0].key is not None else None


def _rows(link: RecordLink, key: MergeKey | None, value: str, block: Block | None) -> list[Candidate]:
    table, ids = table_of(link.object), _proposed(link)
    if key is not None and value:
        is_common = bool(block and block.ref_is_common)
        ids = table.find(key, [value], link.connection_id, is_common=is_common).get(value, ())
    if not ids:
        return []
    loaded = table.load(0, ids)
    names = {row.pk: str(row) for row in table.model._default_manager.filter(pk__in=ids)}
    mine = RecordLink.objects.filter(connection=link.connection, object=link.object, hub_id__in=ids)
    holders = {one.hub_id: one for one in mine.exclude(state=RecordLink.State.MERGED)}
    stages = dict(Stage.objects.values_list("name", "label"))
    return [
        Candidate(
            hub_id=pk,
            name=names.get(pk, str(pk)),
            url=reverse(PAGES[link.object], args=[pk]) if link.object in PAGES else "",
            holder=holders.get(pk),
            values={name: _shown(name, one, stages) for name, one in row.hub.values.items()},
        )
        for pk, row in loaded.items()
    ]


def _proposed(link: RecordLink) -> tuple[int, ...]:
    """The row that looks like the same, where no key named any."""
    is_proposal = link.reason_code in PROPOSALS and isinstance(link.reason_params.get("row"), int)
    return (link.reason_params["row"],) if is_proposal else ()


def _shown(name: str, value: Value, stages: Mapping[str, str]) -> Any:
    return stages.get(value, value) if name == "stage" and isinstance(value, str) else value


def rows_named(object_name: str, words: str) -> list[tuple[int, str]]:
    """Rows of the hub that a person looks for to link a record to."""
    from .search.journal import contacts_named, customers_named, interactions_named

    finders: dict[str, Any] = {"customers": customers_named, "contacts": contacts_named}
    finders |= {name: partial(interactions_named, type_) for name, type_ in INTERACTION_TYPES.items()}
    if object_name not in finders or not words.strip():
        return []
    return [(row.pk, str(row)) for row in finders[object_name](words.strip())[:SIDE_BY_SIDE]]
