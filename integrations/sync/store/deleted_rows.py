"""Deletes hub rows whose records were deleted in their CRM, and brings them back with every id.

What is kept of a row goes into its line of the journal: all its columns, what hung on it, and the links that named it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models

from integrations.hub.models import Contact, Customer, CustomKey, Interaction, Tag

from ..models import AwaitedContact, Conflict, Connection, HubMark, Outbox, RecordLink
from .bulk import columns_from_json, columns_to_json, upsert
from .hub_rows import table_of
from .outbox import UNSENT

Image = Mapping[str, Any]
Model = type[models.Model]
Hanging = tuple[Model, str, str, Model]
"""(what carries it, the column that names the row, the one that names the other end, whose row stands there)."""
Named, Tagged = Interaction.contacts.through, Contact.tags.through
HANGING: Mapping[Model, Sequence[Hanging]] = {
    Contact: ((Tagged, "contact_id", "tag_id", Tag), (Named, "contact_id", "interaction_id", Interaction)),
    Interaction: (
        (Named, "interaction_id", "contact_id", Contact),
        (AwaitedContact, "interaction_id", "connection_id", Connection),
    ),
}
NAMES_TWICE: Mapping[Model, Sequence[str]] = {
    Tagged: ("contact", "tag"), Named: ("interaction", "contact"),
    AwaitedContact: ("connection", "source_id", "interaction"),
}  # fmt: skip
"""By what a row of it is the same as one that somebody made meanwhile."""


def delete_rows(object_name: str, hub_ids: Sequence[int]) -> dict[int, Image]:
    """Returns what brings each back. A constant number of statements for any number of rows."""
    if not hub_ids:
        return {}
    images = _take(object_name, hub_ids)
    named = {"object": object_name, "hub_id__in": hub_ids}
    Outbox.objects.filter(**named, state__in=UNSENT).delete()
    Conflict.objects.filter(**named).delete()
    HubMark.objects.filter(**named).delete()
    RecordLink.objects.filter(**named).update(hub_id=None)
    # No foreign key takes them along, and a record must not be recognised by the key of a row that is gone.
    _keys(object_name, hub_ids).delete()
    table_of(object_name).model._default_manager.filter(pk__in=hub_ids).delete()
    return images


def bring_back(object_name: str, images: Mapping[int, Image]) -> None:
    """Where the other end of what hung on a row is gone too, that stays away."""
    if not images:
        return
    model = table_of(object_name).model
    rows = [columns_from_json(model, dict(image["row"])) for image in images.values()]
    upsert(model, list(rows[0]), [list(row.values()) for row in rows])
    for hanging in HANGING[model]:
        _hang_back(hanging, [row for image in images.values() for row in image["hung"][hanging[0]._meta.db_table]])
    keys = [row for image in images.values() for row in image["keys"]]
    upsert(CustomKey, ["field", "row_id", "value"], keys, conflict=["field", "row_id"])
    for hub_id, image in images.items():
        # One that has met another row since keeps that.
        RecordLink.objects.filter(pk__in=image["links"], hub_id=None).update(hub_id=hub_id)


def named_in(images: Mapping[int, Image], source_ids: Mapping[int, str]) -> dict[int, set[str]]:
    """Interaction → the records, of those contacts, that its source names. `source_ids`: hub id → the contact's record."""
    columns, found = _columns(Named), defaultdict[int, set[str]](set)
    contact, interaction = columns.index("contact_id"), columns.index("interaction_id")
    for image in images.values():
        for row in image["hung"][Named._meta.db_table]:
            found[row[interaction]].add(source_ids[row[contact]])
    refs = Interaction.objects.filter(pk__in=found).values_list("pk", "contact_refs")
    return {pk: named for pk, told in refs if (named := found[pk].intersection(told))}


def may_come_back(images: Iterable[Image]) -> set[int]:
    """Hub ids of rows that are not here, and whose customer is."""
    kept = [image["row"] for image in images]
    here = set(Customer.objects.filter(pk__in={row["customer_id"] for row in kept}).values_list("pk", flat=True))
    return {row["id"] for row in kept if row["customer_id"] in here}


def _take(object_name: str, hub_ids: Sequence[int]) -> dict[int, Image]:
    model = table_of(object_name).model
    hung = {one[0]._meta.db_table: _grouped(one, hub_ids) for one in HANGING[model]}
    keys: dict[int, list[list[Any]]] = defaultdict(list)
    for field, row_id, value in _keys(object_name, hub_ids).order_by("pk").values_list("field", "row_id", "value"):
        keys[row_id].append([field, row_id, value])
    links: dict[int | None, list[int]] = defaultdict(list)
    for pk, hub_id in RecordLink.objects.filter(object=object_name, hub_id__in=hub_ids).values_list("pk", "hub_id"):
        links[hub_id].append(pk)
    return {
        row["id"]: {
            "row": columns_to_json(model, row),
            "hung": {table: found.get(row["id"], []) for table, found in hung.items()},
            "keys": keys[row["id"]],
            "links": links[row["id"]],
        }
        for row in model._default_manager.filter(pk__in=hub_ids).values()
    }


def _keys(object_name: str, hub_ids: Sequence[int]) -> models.QuerySet[CustomKey]:
    return CustomKey.objects.filter(field__entity=object_name, row_id__in=hub_ids)


def _columns(model: Model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _grouped(hanging: Hanging, hub_ids: Sequence[int]) -> dict[int, list[list[Any]]]:
    model, mine, _other, _there = hanging
    columns = _columns(model)
    at, found = columns.index(mine), defaultdict[int, list[list[Any]]](list)
    rows = model._default_manager.filter(**{f"{mine}__in": hub_ids}).order_by("pk")
    for row in rows.values_list(*columns):
        found[row[at]].append(list(row))
    return found


def _hang_back(hanging: Hanging, rows: Sequence[Sequence[Any]]) -> None:
    model, _mine, other, there = hanging
    columns = _columns(model)
    at = columns.index(other)
    here = set(there._default_manager.filter(pk__in={row[at] for row in rows}).values_list("pk", flat=True))
    upsert(model, columns, [row for row in rows if row[at] in here], conflict=NAMES_TWICE[model])
