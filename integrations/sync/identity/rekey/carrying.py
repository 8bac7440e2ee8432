"""What a re-key means for every connection that knows the rows: how many links stay, and which ID each side carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.engine.mapping import Direction, Mode
from integrations.engine.merge import within
from integrations.engine.plan import REF
from integrations.engine.rekey import GIVES
from integrations.hub.fields import fields_of

from ...models import Block, Connection, FieldMapping, RecordLink, ReKey
from ...registry import system_of
from .offered import LIVING


class Counted(NamedTuple):
    links: int
    former: int
    """Of these, links whose record shows the former ID, as last read."""
    new: int
    """And the new one."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """One connection: its links to the rows that get another ID."""

    connection: Connection
    short: str
    counted: Counted
    before: Counted | None
    """When it was confirmed."""
    says: str | Promise


def carried(job: ReKey) -> dict[str, list[int]]:
    """connection id → [links, with the former ID, with the new one]; one statement."""
    mine = job.rows.filter(fate__in=GIVES, hub_id=OuterRef("hub_id"))
    # As text: to a key of JSON an ID would be compared as JSON.
    rows: QuerySet[Any] = RecordLink.objects.filter(object=job.object, state__in=LIVING).annotate(
        held=Cast(KT(f"settled__{REF}__1"), TextField()),
        former=Subquery(mine.values("old_id")[:1]),
        new=Subquery(mine.values("new_id")[:1]),
    )
    found = (
        rows.filter(new__isnull=False)
        .order_by()
        .values_list("connection_id")
        .annotate(
            links=Count("pk"), old=Count("pk", filter=Q(held=F("former"))), now=Count("pk", filter=Q(held=F("new")))
        )
        .values_list("connection_id", "links", "old", "now")
    )
    return {str(pk): [links, old, now] for pk, links, old, now in found}


def carriers(job: ReKey) -> list[Carrier]:
    """As it stands now, beside what it was when the re-key was confirmed."""
    now = carried(job)
    known: Mapping[str, list[int]] = job.carried
    connections = Connection.objects.filter(pk__in=[*now, *known]).order_by("order", "name")
    lines = {
        line.block.connection_id: line
        for line in FieldMapping.objects.filter(block__object=job.object, hub_field=REF).select_related("block")
    }
    blocks = {block.connection_id: block for block in Block.objects.filter(object=job.object)}
    labels = {name: str(field.label) for name, field in fields_of(job.object).items()}
    return [
        Carrier(
            connection=one,
            short=system_of(one.system).abilities.short,
            counted=_counted(now.get(str(one.pk))) or Counted(0, 0, 0),
            before=_counted(known.get(str(one.pk))),
            says=_says(job, one, lines.get(one.pk), blocks.get(one.pk), labels),
        )
        for one in connections
    ]


def _counted(kept: list[int] | None) -> Counted | None:
    return Counted(*kept) if kept else None


def _says(
    job: ReKey, one: Connection, line: FieldMapping | None, block: Block | None, labels: Mapping[str, str]
) -> str:
    is_back = job.state in {ReKey.State.TAKING_BACK, ReKey.State.TAKEN_BACK}
    if one.pk == job.connection_id and not is_back:
        return _("Its IDs are the new ones. Links stay as they are.")
    acts = within(Mode(block.mode), Direction(line.direction)) if line and block else None
    if line is None or acts is None:
        return _by_keys(block, labels)
    field = {"field": line.crm_label or line.crm_field}
    if acts.writes_crm and is_back:
        return _("Links stay. Its next sync writes the former ID into “%(field)s” again.") % field
    if acts.writes_crm:
        return _("Links stay. Its next sync writes the new ID into “%(field)s”.") % field
    if is_back:
        return _("Links stay. Its own ID stands in “%(field)s”.") % field
    return _("Links stay. Its own ID in “%(field)s” is read, and no longer written here.") % field


def _by_keys(block: Block | None, labels: Mapping[str, str]) -> str:
    if keys := ", ".join(labels.get(name, name) for name in (block.merge_keys if block else ())):
        return _("Stays as it is: it recognises by %(keys)s.") % {"keys": keys}
    return _("Stays as it is: links do not ask for the ID.")
