"""What a stage's run would put in the place of values that the hub or HubSpot hold: the records and fields, from its preview."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from integrations.engine.values import from_json, is_blank
from integrations.hub.fields import fields_of
from integrations.sync.models import PlannedChange, RecordLink, Run
from integrations.sync.store.hub_rows import FOREIGN

from ..steps import SHOWN, Row

IDENTITY = {"ref_id"}
"""What the stage is there to change."""
HANGS_ON = ("customer", "parent")
"""Fields that name a customer by an id."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Overwrites:
    emptied: int
    changed: int
    by_field: Sequence[tuple[str, int, int]]
    """(label, values emptied, values changed)."""
    rows: Sequence[Row]
    sent: int
    """Values that would go out to HubSpot, of `records` records."""
    records: int
    overwritten_there: int
    """Of them, those in whose place HubSpot holds another value."""
    there: Sequence[Row]


def overwrites_of(preview: Run, own: str) -> Overwrites:
    """`own`: the hub field of the old ID, which is the move's own. Reads the planned rows a page at a time."""
    emptied: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    rows: list[Row] = []
    there: list[Row] = []
    sent = records = theirs = 0
    labels = {name: {field: str(f.label) for field, f in fields_of(name).items()} for name in ("customers", "contacts")}
    for one, homes in _planned(preview):
        names = labels[one["object"]]
        lost = {
            field: value for field, value in one["before"].items()
            if field not in IDENTITY | {own} and not is_blank(from_json(value)) and field in one["after"]
            and not (field in HANGS_ON and _is_home(value, homes.get(one["after"][field])))
        }  # fmt: skip
        for field, value in lost.items():
            label, after = names.get(field, field), from_json(one["after"][field])
            (emptied if is_blank(after) else changed)[label] += 1
            if len(rows) < SHOWN:
                rows.append(Row(_name(one), f"{label}: {_shown(from_json(value))} → {_shown(after)}", _url(one)))
        if one["outward"]:
            records += 1
            sent += len(one["outward"])
            for field, (read, after, _why, _pair, _path, _value, *raw) in one["outward"].items():
                # What says nothing to the hub is a value there all the same.
                before = raw[0] if raw else read
                if not is_blank(from_json(before)):
                    theirs += 1
                    if len(there) < SHOWN:
                        said = f"{names.get(field, field)}: {_shown(from_json(before))} → {_shown(from_json(after))}"
                        there.append(Row(_name(one), said, _url(one)))
    fields = sorted({*emptied, *changed}, key=lambda label: (-emptied[label], -changed[label], label))
    return Overwrites(
        sum(emptied.values()), sum(changed.values()), [(label, emptied[label], changed[label]) for label in fields],
        rows, sent, records, theirs, there,
    )  # fmt: skip


def _is_home(before: Any, hub_id: int | None) -> bool:
    """Another name of the same customer: ours before, HubSpot's afterwards."""
    return before == f"{FOREIGN}{hub_id}"


def _homes(preview: Run, page: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """HubSpot's id of a customer → its row, as linked or as this preview links it."""
    ids = {one["after"][field] for one in page for field in HANGS_ON if isinstance(one["after"].get(field), str)}
    known: dict[str, int] = {}
    for rows in (
        RecordLink.objects.filter(connection=preview.connection_id, object="customers", source_id__in=ids),
        PlannedChange.objects.filter(run_id=preview.pk, object="customers", source_id__in=ids),
    ):
        known |= {source_id: pk for source_id, pk in rows.values_list("source_id", "hub_id") if pk is not None}
    return known


def _planned(preview: Run) -> Iterator[tuple[Mapping[str, Any], Mapping[str, int]]]:
    rows = PlannedChange.objects.filter(run_id=preview.pk, object__in=["customers", "contacts"]).exclude(
        action="create"
    )
    columns = ("pk", "object", "hub_id", "name", "source_id", "before", "after", "outward")
    after = 0
    while page := list(rows.filter(pk__gt=after).order_by("pk").values(*columns)[:PAGE]):
        after = page[-1]["pk"]
        homes = _homes(preview, page)
        yield from ((one, homes) for one in page)


def _name(one: Mapping[str, Any]) -> str:
    return str(one["name"] or one["source_id"])


def _url(one: Mapping[str, Any]) -> str:
    if one["hub_id"] is None:
        return ""
    return reverse("hub:customer" if one["object"] == "customers" else "hub:contact", args=[one["hub_id"]])


def _shown(value: Any) -> str:
    return "–" if is_blank(value) else str(value)[:80]
