"""Values of a key that several rows have, with the rows behind each; and what is written there and yet recognises nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from integrations.engine.compare import compared, is_generic, is_own
from integrations.engine.mapping import Compare
from integrations.hub.models import Contact, Customer, CustomKey

from ..key_quality import COLUMNS
from ..models import RecordLink
from ..store.hub_rows import CUSTOM, own_domains

MODELS: Mapping[str, Any] = {"customers": Customer, "contacts": Contact}
SHOWN = 8
"""Rows that are shown of one value."""
RAW = {"domain": "domain", "email": "email"}
"""key → the column that people read, of keys whose compared form may be empty though it is filled."""


@dataclass(frozen=True, slots=True)
class Shared:
    values: int
    rows: int


@dataclass(frozen=True, slots=True)
class Group:
    value: str
    number: int
    rows: Sequence["Row"]


@dataclass(frozen=True, slots=True)
class Row:
    row: Any
    links: Sequence[RecordLink]


def shared_of(object_name: str, names: Sequence[str]) -> dict[str, Shared]:
    """One statement for each key."""
    return {name: _told(groups(object_name, name)) for name in names}


def _told(found: QuerySet[Any]) -> Shared:
    told = found.order_by().aggregate(values=Count("value"), rows=Sum("n"))
    return Shared(told["values"], told["rows"] or 0)


def groups(object_name: str, name: str, words: str = "") -> QuerySet[Any]:
    """`value` and `n` of every value that more than one row has, the largest group first."""
    if name.startswith(CUSTOM):
        rows = CustomKey.objects.filter(field__entity=object_name, field__key=name.removeprefix(CUSTOM))
        found = rows.exclude(value="").values("value")
    else:
        column = COLUMNS[name]
        found = MODELS[object_name].objects.order_by().exclude(**{column: ""}).values(value=F(column))
    found = found.annotate(n=Count("pk")).filter(n__gt=1)
    if words:
        found = found.filter(value__icontains=words)
    return found.order_by("-n", "value")


def with_rows(object_name: str, name: str, page: Sequence[Mapping[str, Any]]) -> list[Group]:
    """Three statements for any number of groups."""
    values = [one["value"] for one in page]
    ids = _ids(object_name, name, values)
    related = ("stage",) if object_name == "customers" else ("customer",)
    pks = [pk for of_value in ids.values() for pk in of_value]
    rows = MODELS[object_name].objects.select_related(*related).in_bulk(pks)
    links: dict[int, list[RecordLink]] = {}
    known = RecordLink.objects.filter(object=object_name, hub_id__in=pks, state=RecordLink.State.LINKED)
    for link in known.select_related("connection").order_by("connection__order", "pk"):
        links.setdefault(link.hub_id or 0, []).append(link)
    return [
        Group(
            one["value"], one["n"],
            [Row(rows[pk], links.get(pk, ())) for pk in ids.get(one["value"], ()) if pk in rows],
        )
        for one in page
    ]  # fmt: skip


def _ids(object_name: str, name: str, values: Sequence[str]) -> dict[str, list[int]]:
    if name.startswith(CUSTOM):
        rows: QuerySet[Any] = CustomKey.objects.filter(
            field__entity=object_name, field__key=name.removeprefix(CUSTOM), value__in=values
        ).annotate(what=F("value"), which=F("row_id"))
    else:
        column = COLUMNS[name]
        rows = MODELS[object_name].objects.filter(**{f"{column}__in": values}).annotate(what=F(column), which=F("pk"))
    first = rows.annotate(place=Window(RowNumber(), partition_by=F("what"), order_by=F("which").asc())).filter(
        place__lte=SHOWN
    )
    found: dict[str, list[int]] = {}
    for value, pk in first.order_by("which").values_list("what", "which"):
        found.setdefault(value, []).append(pk)
    return found


def every_row(object_name: str, name: str, words: str = "") -> QuerySet[Any]:
    """(value, hub id) of every row that shares its value: for an export."""
    values = groups(object_name, name, words).order_by().values("value")
    if name.startswith(CUSTOM):
        rows = CustomKey.objects.filter(field__entity=object_name, field__key=name.removeprefix(CUSTOM))
        return rows.filter(value__in=values).order_by("value", "row_id").values_list("value", "row_id")
    column = COLUMNS[name]
    found = MODELS[object_name].objects.filter(**{f"{column}__in": values})
    return found.order_by(column, "pk").values_list(column, "pk")


# --- Written, and yet no key


def unusable(object_name: str, name: str, words: str = "") -> QuerySet[Any]:
    """`value` and `n` of what is filled and recognises nobody: generic domains, the team's own, no domain at all."""
    if name not in RAW:
        return MODELS[object_name].objects.none().values(value=F("pk")).annotate(n=Count("pk"))
    rows = MODELS[object_name].objects.order_by().filter(~Q(**{RAW[name]: ""}), **{COLUMNS[name]: ""})
    if words:
        rows = rows.filter(**{f"{RAW[name]}__icontains": words})
    return rows.values(value=F(RAW[name])).annotate(n=Count("pk")).order_by("-n", "value")


def unusable_rows(object_name: str, names: Sequence[str]) -> dict[str, int]:
    """key → rows; one statement for all."""
    raw = [name for name in names if name in RAW]
    counts = {name: Count("pk", filter=~Q(**{RAW[name]: ""}) & Q(**{COLUMNS[name]: ""})) for name in raw}
    return MODELS[object_name].objects.aggregate(**{f"n_{name}": one for name, one in counts.items()}) if counts else {}


def kind_of(value: str) -> str:
    """ "generic" · "own" · "not-one"."""
    domain = compared(Compare.DOMAIN, value)
    if is_generic(domain):
        return "generic"
    return "own" if domain and is_own(domain, own_domains()) else "not-one"
