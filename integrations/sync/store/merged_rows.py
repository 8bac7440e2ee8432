"""Moves what hangs on one hub row to another, keeping every id, so that it can be moved back exactly."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.hub.models import Agreement, Contact, Customer, CustomKey, Interaction, Lead, Opportunity

from .bulk import upsert
from .hub_rows import table_of

Image = dict[str, Any]
PAGE = 1000
HANGING: dict[str, list[tuple[type[models.Model], str]]] = {
    "customers": [
        (Contact, "customer_id"),
        (Agreement, "customer_id"),
        (Interaction, "customer_id"),
        (Opportunity, "customer_id"),
        (Lead, "converted_to_id"),
        (Customer, "parent_id"),
    ],
    "contacts": [],
}
"""data type → what names one of its rows in a column."""
SHARED: dict[str, list[tuple[type[models.Model], str, str, Any]]] = {
    "customers": [
        (Customer.team.through, "customer_id", "csmowner_id", _("team members")),
        (Customer.tags.through, "customer_id", "tag_id", _("tags")),
    ],
    "contacts": [
        (Contact.tags.through, "contact_id", "tag_id", _("tags")),
        (Interaction.contacts.through, "contact_id", "interaction_id", _("interactions")),
    ],
}
"""data type → what names its rows beside others: a row that both have stays once."""
Shared = dict[str, dict[str, Any]]


def row_columns(object_name: str, pk: int) -> dict[str, Any]:
    """Every column of the row as JSON can keep it."""
    row = table_of(object_name).model._default_manager.filter(pk=pk).values().get()
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def hand_over(object_name: str, keep: int, lose: int) -> tuple[dict[str, list[int]], Shared]:
    moved: dict[str, list[int]] = {}
    for model, column in HANGING[object_name]:
        rows = model._default_manager.filter(**{column: lose}).exclude(**_itself(model, object_name, keep))
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        _point(model, column, ids, keep)
        moved[_key(model, column)] = ids
    return moved, {_key(*one[:2]): _share(one[0], one[1], one[2], keep, lose) for one in SHARED[object_name]}


def drop_tags(object_name: str, tags: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """Hub row → tags that its merge does not keep: they go with the value that stands for them. Returns what was there."""
    model = table_of(object_name).model
    dropped: list[list[int]] = []
    for row, ids in tags.items():
        rows = _tagged(model).filter(**{_tag_column(model): row, "tag_id__in": ids}).order_by("pk")
        dropped += [list(one) for one in rows.values_list("pk", _tag_column(model), "tag_id")]
    _tagged(model).filter(pk__in=[pk for pk, *_rest in dropped]).delete()
    return dropped


def _tagged(model: Any) -> models.QuerySet[Any]:
    return model.tags.through._default_manager.all()


def _tag_column(model: type[models.Model]) -> str:
    return f"{model._meta.model_name}_id"


def take_back_rows(object_name: str, image: Image, current: Mapping[str, Any]) -> list[str]:
    """Returns the columns of the survivor that stay, because somebody has changed them since."""
    keep, lose = int(image["keep"]["id"]), int(image["lose"]["id"])
    model = table_of(object_name).model
    # First the survivor lets go of what only one row may have.
    left = _restore_survivor(model, image, current)
    _insert(model, image["lose"])
    for hanging, column in HANGING[object_name]:
        ids = image["moved"][_key(hanging, column)]
        _point(hanging, column, ids, lose, only_from=[keep, *image["lifted"]["to"]] if ids else [])
    _point(Customer, "parent_id", image["lifted"]["own"], keep, only_from=image["lifted"]["to"])
    for through, mine, other, _label in SHARED[object_name]:
        _unshare(through, mine, other, image["shared"][_key(through, mine)], lose)
    tags = [one for one in image.get("tags", ()) if one[1] == lose or "custom" not in left]
    upsert(_tagged(model).model, ["id", _tag_column(model), "tag_id"], tags)
    CustomKey.objects.filter(field__entity=object_name, row_id__in=[keep, lose]).delete()
    upsert(CustomKey, ["id", "field", "row_id", "value"], image["keys"])
    return left


def _itself(model: type[models.Model], object_name: str, keep: int) -> dict[str, int]:
    return {"pk": keep} if model is table_of(object_name).model else {"pk": 0}


def lift_children(object_name: str, keep: int, moved: Sequence[int]) -> dict[str, list[int]]:
    """Two levels: where the survivor has a parent, what would hang from it hangs from that parent."""
    head = (
        Customer.objects.filter(pk=keep).values_list("parent", flat=True).first()
        if object_name == "customers"
        else None
    )
    if head is None:
        return {"own": [], "to": []}
    children = Customer.objects.filter(parent=keep)
    own = list(children.exclude(pk__in=moved).order_by("pk").values_list("pk", flat=True))
    children.update(parent=head)
    return {"own": own, "to": [head]}


def _point(
    model: type[models.Model], column: str, ids: Sequence[int], to: int, *, only_from: Sequence[int] | None = None
) -> None:
    for start in range(0, len(ids), PAGE):
        rows = model._default_manager.filter(pk__in=ids[start : start + PAGE])
        rows = rows if only_from is None else rows.filter(**{f"{column}__in": only_from})
        rows.update(**{column: to})


def _share(through: type[models.Model], mine: str, other: str, keep: int, lose: int) -> dict[str, Any]:
    have = set(through._default_manager.filter(**{mine: keep}).values_list(other, flat=True))
    rows = list(through._default_manager.filter(**{mine: lose}).order_by("pk").values_list("pk", other))
    moved = [pk for pk, one in rows if one not in have]
    _point(through, mine, moved, keep)
    twice = [[pk, one] for pk, one in rows if one in have]
    through._default_manager.filter(pk__in=[pk for pk, _one in twice]).delete()
    return {"moved": moved, "twice": twice}


def _unshare(through: type[models.Model], mine: str, other: str, shared: Mapping[str, Any], lose: int) -> None:
    _point(through, mine, shared["moved"], lose)
    upsert(through, ["id", mine, other], [(pk, lose, one) for pk, one in shared["twice"]])


def _restore_survivor(model: type[models.Model], image: Image, current: Mapping[str, Any]) -> list[str]:
    former, written = _read(model, image["keep"]), _read(model, image["written"])
    changed = [name for name in former if former[name] != written[name]]
    stays = [name for name in changed if current[name] != written[name]]
    back = {name: former[name] for name in changed if name not in stays}
    if back:
        model._default_manager.filter(pk=former["id"]).update(**back)
    told = {name.removesuffix("_id") for name in stays} - {"touched", "updated_at"}
    return sorted(name for name in told if not name.endswith("_key"))


def _insert(model: type[models.Model], columns: Mapping[str, Any]) -> None:
    values = _read(model, columns)
    upsert(model, list(values), [list(values.values())])


def _read(model: type[models.Model], columns: Mapping[str, Any]) -> dict[str, Any]:
    moments = {field.attname for field in model._meta.concrete_fields if isinstance(field, models.DateTimeField)}
    return {
        name: datetime.fromisoformat(value) if name in moments and value else value for name, value in columns.items()
    }


def _key(model: type[models.Model], column: str) -> str:
    return f"{model._meta.model_name}.{column}"
