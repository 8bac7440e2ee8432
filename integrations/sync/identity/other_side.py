"""What a CRM's fields hold of the values that would be keys: known of linked records, and of those that a preview read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from integrations.hub.fields import HubField, fields_of

from ..models import Block, FieldMapping, PlannedChange, RecordLink, Run

READ = ("create", "link")
"""Planned decisions about records that no link knows, with all that was read of them."""


@dataclass(frozen=True, slots=True)
class Held:
    field: HubField
    crm_field: str
    is_key: bool
    """Asked by this connection when it looks for a row."""
    records: int
    filled: int
    distinct: int

    @property
    def filled_percent(self) -> float:
        return round(100 * self.filled / self.records, 1) if self.records else 0.0

    @property
    def repeated(self) -> int:
        return self.filled - self.distinct


@dataclass(frozen=True, slots=True)
class OtherSide:
    block: Block
    linked: Sequence[Held]
    planned: Sequence[Held]
    preview: Run | None

    @property
    def is_known(self) -> bool:
        return any(one.records for one in (*self.linked, *self.planned))


def other_side(block: Block) -> OtherSide:
    fields = {name: one for name, one in fields_of(block.object).items() if one.key is not None}
    lines = list(block.lines.filter(hub_field__in=fields).exclude(crm_field="").order_by("position", "pk"))
    links = RecordLink.objects.filter(
        connection=block.connection_id, object=block.object, state=RecordLink.State.LINKED
    )
    preview = last_preview(block)
    planned = PlannedChange.objects.filter(run_id=preview.pk if preview else 0, object=block.object, action__in=READ)
    return OtherSide(
        block, _held(links, lines, fields, block), _held(planned, lines, fields, block) if preview else (), preview
    )


def last_preview(block: Block) -> Run | None:
    """A preview that is done and whose rows are still there."""
    runs = Run.objects.filter(connection=block.connection_id, kind=Run.Kind.PREVIEW, state=Run.State.DONE)
    return runs.order_by("-pk").first()


def _held(rows: QuerySet[Any], lines: Sequence[FieldMapping], fields: dict[str, HubField], block: Block) -> list[Held]:
    """One statement: what the settled pairs say of the CRM's half."""
    if not lines:
        return []
    values = {f"v{n}": Cast(KT(f"settled__{line.hub_field}__1"), TextField()) for n, line in enumerate(lines)}
    counts: dict[str, Any] = {"rows": Count("pk")}
    for name in values:
        # SQLite says null in a list as a word; a CRM that keeps that word is the rarer case.
        is_filled = Q(**{f"{name}__isnull": False}) & ~Q(**{f"{name}__in": ["", "null"]})
        counts[f"{name}_filled"] = Count("pk", filter=is_filled)
        counts[f"{name}_distinct"] = Count(name, distinct=True, filter=is_filled)
    found = rows.order_by().annotate(**values).aggregate(**counts)
    return [
        Held(
            fields[line.hub_field], line.crm_label or line.crm_field, line.hub_field in block.merge_keys, found["rows"],
            found[f"v{n}_filled"], found[f"v{n}_distinct"],
        )
        for n, line in enumerate(lines)
    ]  # fmt: skip
