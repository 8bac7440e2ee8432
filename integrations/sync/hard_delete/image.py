"""All that the console knows of some customers, as its tables hold it, and the way back into them.

What ties customers of different pages together (parents, whom an interaction names) stands apart from the rows: it can
come back only when both ends are there.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import models
from django.db.models import Q

from integrations.hub.fields import INTERACTION_TYPES
from integrations.hub.models import (
    Agreement,
    Contact,
    CsmOwner,
    Customer,
    CustomField,
    CustomKey,
    HealthProfile,
    Interaction,
    Lead,
    Opportunity,
    Stage,
    Tag,
)
from integrations.wire.chunks import chunks

from ..models import AwaitedContact, Conflict, Connection, HubMark, Outbox, RecordLink
from ..store.bulk import JsonText, dumps, fetch, update, upsert

Model = type[models.Model]
Named = Interaction.contacts.through
ENTITIES: Mapping[str, Model] = {
    "customers": Customer, "contacts": Contact, "agreements": Agreement, "interactions": Interaction,
}  # fmt: skip
OWN: Sequence[Model] = (Contact, Agreement, Interaction, Opportunity)
"""What hangs on a customer and goes with it."""
SHARED: Sequence[tuple[Model, str]] = (
    (Customer.team.through, "customer"), (Customer.tags.through, "customer"), (Contact.tags.through, "contact__customer"),
)  # fmt: skip
KNOWN: Sequence[Model] = (RecordLink, Conflict, Outbox, HubMark)
"""What the syncs know of these rows, by data type and hub id."""
ORDER: tuple[Model, ...] = (Customer, *OWN, *(model for model, _path in SHARED), CustomKey, AwaitedContact, *KNOWN)
"""In which they come back: nothing before what it hangs on."""
OUTSIDE: tuple[Model, ...] = (Stage, HealthProfile, CsmOwner, Tag, CustomField, Connection)
"""What rows point at and no backup holds: it may be gone by the time that they come back."""
EVERYTHING = 1_000_000_000
AT_ONCE = 10_000
"""Ids of one statement: databases take no number of them, and two hundred customers may have many interactions."""
IS_FREE = Q(hub_id=None, excluded_by_hand=False) & ~Q(state=RecordLink.State.MERGED)
"""A record that a run met once more and gave no row: it is the returning row's again, unless another record has taken its place."""
APART = {(Customer, "parent_id")}
"""Columns that are ties."""


@dataclass(frozen=True, slots=True)
class Image:
    tables: Mapping[str, Sequence[Sequence[Any]]]
    """Table → rows, each in the order of `columns_of`."""
    ties: Mapping[str, Sequence[Sequence[Any]]]
    """"parents" [child, parent] · "named" [id, interaction, contact] · "leads" [lead, customer]."""

    def dumps(self) -> bytes:
        columns = {name_of(model): columns_of(model) for model in ORDER}
        return orjson.dumps({"columns": columns, "tables": self.tables, "ties": self.ties}, default=str)

    def is_of(self, kept: "Image") -> bool:
        """Whether everything still stands as it was kept."""
        now = loads(self.dumps())
        return now.tables == kept.tables and _sorted(now.ties) == _sorted(kept.ties)

    def with_cut_ties(self, kept: "Image") -> "Image":
        """Ties that earlier pages have taken along since stand only in what was kept before."""
        cut = {name: _cut(name, kept.ties[name], rows) for name, rows in self.ties.items()}
        return Image(self.tables, {name: [*rows, *cut[name]] for name, rows in self.ties.items()})


def loads(raw: bytes) -> Image:
    """A backup may be older than a column: its rows get what new rows have there, and lose what is kept no more."""
    told = orjson.loads(raw)
    tables = {name_of(model): _today(model, told.get("columns", {}), told["tables"]) for model in ORDER}
    return Image(tables, told["ties"])


def name_of(model: Model) -> str:
    return model._meta.db_table


def columns_of(model: Model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if (model, field.attname) not in APART]


def take(ids: Sequence[int]) -> Image:
    """A constant number of statements."""
    return Image({name_of(model): _rows(model, where) for model, where in _tables(ids)}, _ties(ids))


def lock(ids: Sequence[int]) -> None:
    """Whoever edits one of them, or what hangs on it, waits, and then finds it gone."""
    tables: list[tuple[Model, Q]] = [(Customer, Q(pk__in=ids)), *((model, Q(customer__in=ids)) for model in OWN)]
    for model, where in tables:
        list(model._default_manager.select_for_update().filter(where).order_by("pk").values_list("pk"))


def connections_of(image: Image) -> set[int]:
    """Whose records these customers are."""
    columns = columns_of(RecordLink)
    whose, what = columns.index("connection_id"), columns.index("object")
    return {row[whose] for row in image.tables[name_of(RecordLink)] if row[what] == "customers"}


def links_now(image: Image) -> Iterator[tuple[Mapping[str, str], models.QuerySet[RecordLink]]]:
    """What is known by now of the records that were linked: by id the names that they had, and the links, some at a time."""
    columns = columns_of(RecordLink)
    whose, what, record, name = (columns.index(one) for one in ("connection_id", "object", "source_id", "name"))
    records: dict[tuple[int, str], dict[str, str]] = {}
    for row in image.tables[name_of(RecordLink)]:
        records.setdefault((row[whose], row[what]), {})[row[record]] = row[name]
    for (connection, object_name), names in records.items():
        mine = RecordLink.objects.filter(connection=connection, object=object_name)
        for part in chunks(list(names), AT_ONCE):
            yield names, mine.filter(source_id__in=part)


def drop_known(ids: Mapping[str, Sequence[int]]) -> None:
    """What is left of deleted rows among what the syncs know: by data type and hub id."""
    for model in KNOWN:
        for name, pks in ids.items():
            for part in chunks(pks, AT_ONCE):
                model._default_manager.filter(object=name, hub_id__in=part).delete()


def known_ids(image: Image) -> dict[str, list[int]]:
    """data type → hub ids, as links and journal name them."""
    types = {type_: name for name, type_ in INTERACTION_TYPES.items()}
    found: dict[str, list[int]] = {}
    for name, model in ENTITIES.items():
        columns = columns_of(model)
        pk, type_at = columns.index("id"), columns.index("type") if model is Interaction else None
        for row in image.tables[name_of(model)]:
            data_type = name if type_at is None else types.get(row[type_at], "notes")
            found.setdefault(data_type, []).append(row[pk])
    return found


def put_back(image: Image) -> Counter[str]:
    """Everything but the ties, with the ids that it had. Returns what could not come back, by kind."""
    left: Counter[str] = Counter()
    for _names, links in links_now(image):
        links.filter(IS_FREE).delete()
    for model in ORDER:
        rows = [_values(model, row) for row in image.tables[name_of(model)]]
        if rows:
            upsert(model, columns_of(model), _with_what_is_there(model, rows, left))
    return left


def tie(image: Image) -> None:
    """Where both ends are there, and nobody has tied anything else meanwhile."""
    for name, (model, column, other) in TIES.items():
        rows = image.ties[name]
        there = _existing(other, {row[-1] for row in rows})
        rows = [row for row in rows if row[-1] in there]
        if model is Named:
            here = _existing(Interaction, {row[-2] for row in rows})
            rows = [row for row in rows if row[-2] in here]
            upsert(Named, ["id", "interaction_id", "contact_id"], rows, conflict=["interaction", "contact"])
            continue
        free = model._default_manager.filter(**{"pk__in": [row[0] for row in rows], column: None})
        waiting = set(free.values_list("pk", flat=True))
        update(model, [column], [(row[1], row[0]) for row in rows if row[0] in waiting])


TIES: Mapping[str, tuple[Model, str, Model]] = {
    "parents": (Customer, "parent_id", Customer),
    "named": (Named, "", Contact),
    "leads": (Lead, "converted_to_id", Customer),
}
"""tie → (what carries it, by which column, whose row stands at the other end)."""


def _tables(ids: Sequence[int]) -> Iterator[tuple[Model, Q]]:
    yield Customer, Q(pk__in=ids)
    for model in OWN:
        yield model, Q(customer__in=ids)
    for model, path in SHARED:
        yield model, Q(**{f"{path}__in": ids})
    yield CustomKey, _any_of(Q(field__entity=name, row_id__in=_pks(name, ids)) for name in ENTITIES)
    yield AwaitedContact, Q(interaction__customer__in=ids)
    types = {"interactions": list(INTERACTION_TYPES)}
    is_known = _any_of(Q(object__in=types.get(name, [name]), hub_id__in=_pks(name, ids)) for name in ENTITIES)
    for model in KNOWN:
        yield model, is_known


def _any_of(conditions: Iterator[Q]) -> Q:
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def _pks(name: str, ids: Sequence[int]) -> models.QuerySet[Any]:
    column = "pk__in" if name == "customers" else "customer__in"
    return ENTITIES[name]._default_manager.filter(**{column: ids}).order_by().values("pk")


def _rows(model: Model, where: Q) -> list[list[Any]]:
    columns = columns_of(model)
    unread = [field.attname for field in model._meta.concrete_fields if isinstance(field, models.JSONField)]
    found = fetch(model._default_manager.filter(where).order_by("pk"), columns, EVERYTHING, unread=unread)
    return [[row[name] for name in columns] for row in found]


def _ties(ids: Sequence[int]) -> dict[str, list[list[Any]]]:
    """By whichever end they hang on these customers: whatever goes first takes its ties along."""
    relatives = Customer.objects.filter(Q(pk__in=ids) | Q(parent__in=ids), parent__isnull=False).order_by("pk")
    named = Named.objects.filter(Q(interaction__customer__in=ids) | Q(contact__customer__in=ids)).order_by("pk")
    leads = Lead.objects.filter(converted_to__in=ids).order_by("pk")
    return {
        "parents": [list(row) for row in relatives.values_list("pk", "parent_id")],
        "named": [list(row) for row in named.values_list("pk", "interaction_id", "contact_id")],
        "leads": [list(row) for row in leads.values_list("pk", "converted_to_id")],
    }


def _cut(name: str, kept: Sequence[Sequence[Any]], standing: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Those of which an end is gone; where both are there, a person has untied them."""
    stand = {tuple(row) for row in standing}
    lost = [row for row in kept if tuple(row) not in stand]
    model, _column, other = TIES[name]
    here = _existing(Interaction if model is Named else model, {row[-2] for row in lost})
    there = _existing(other, {row[-1] for row in lost})
    return [row for row in lost if row[-2] not in here or row[-1] not in there]


def _sorted(ties: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, list[list[Any]]]:
    return {name: sorted(list(row) for row in rows) for name, rows in ties.items()}


def _today(
    model: Model, columns: Mapping[str, Sequence[str]], tables: Mapping[str, Sequence[Sequence[Any]]]
) -> Sequence[Sequence[Any]]:
    table, now = name_of(model), columns_of(model)
    then, rows = columns.get(table, now), tables.get(table, [])
    if list(then) == now:
        return rows
    places = [then.index(name) if name in then else None for name in now]
    new = [_default(model, name) for name in now]
    return [[new[at] if place is None else row[place] for at, place in enumerate(places)] for row in rows]


def _default(model: Model, name: str) -> Any:
    field: Any = model._meta.get_field(name)
    value = field.get_default()
    return dumps(value) if isinstance(field, models.JSONField) and value is not None else value


def _values(model: Model, row: Sequence[Any]) -> dict[str, Any]:
    fields: Sequence[Any] = [model._meta.get_field(name) for name in columns_of(model)]
    return {field.attname: _value(field, value) for field, value in zip(fields, row, strict=True)}


def _value(field: Any, value: Any) -> Any:
    if value is None:
        return None
    return JsonText(value) if isinstance(field, models.JSONField) else field.to_python(value)


def _with_what_is_there(model: Model, rows: list[dict[str, Any]], left: Counter[str]) -> list[list[Any]]:
    """What points at something that is gone points at nothing, or at the stage of new customers, or stays away."""
    for field in model._meta.concrete_fields:
        target = field.related_model if field.is_relation else None
        if not isinstance(target, type) or target not in OUTSIDE:
            continue
        there = _existing(target, {row[field.attname] for row in rows})
        lost = [row for row in rows if row[field.attname] is not None and row[field.attname] not in there]
        if not lost:
            continue
        left[str(target._meta.model_name)] += len(lost)
        instead = (
            Stage.objects.filter(is_default=True).values_list("pk", flat=True).first() if target is Stage else None
        )
        if instead is None and not field.null:
            rows = [row for row in rows if row not in lost]
        for row in lost:
            row[field.attname] = instead
    return [list(row.values()) for row in rows]


def _existing(model: Model, ids: Collection[Any]) -> set[int]:
    asked = [pk for pk in ids if pk is not None]
    rows = model._default_manager.order_by()
    return {pk for part in chunks(asked, AT_ONCE) for pk in rows.filter(pk__in=part).values_list("pk", flat=True)}
