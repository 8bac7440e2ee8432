"""Tells the hub's pages from which CRM record a row comes and when it was last synchronised."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from integrations.engine.mapping import Direction
from integrations.hub.sources import Source

from .apart import acting_lines, fields_apart, values_here
from .models import Block, Conflict, Connection, DataType, FieldMapping, HubMark, Outbox, RecordLink
from .registry import system_of
from .store.marks import OUTWARD

_OPEN = Conflict.objects.filter(
    connection=OuterRef("connection"), object=OuterRef("object"), source_id=OuterRef("source_id"), side=""
)
_OF_ROW = {"connection": OuterRef("connection"), "object": OuterRef("object"), "hub_id": OuterRef("hub_id")}
_MARKED = Exists(HubMark.objects.filter(**_OF_ROW))
_WRITE = Subquery(Outbox.objects.filter(**_OF_ROW).values("state")[:1])
CHANGED = "changed"


def sources_of_rows(entity: str, hub_ids: Iterable[int]) -> Mapping[int, list[Source]]:
    links = (
        RecordLink.objects.filter(object=entity, hub_id__in=list(hub_ids))
        .annotate(is_disputed=Exists(_OPEN), is_marked=_MARKED & _carried(entity), write=_WRITE)
        .select_related("connection")
        .order_by("connection__order", "connection_id", "pk")
    )
    lines = acting_lines(entity, {link.connection_id for link in links})
    here = values_here(entity, {link.hub_id for link in links if link.hub_id})
    caught_up = dict(Block.objects.filter(object=entity).values_list("connection_id", "caught_up_at"))
    found: dict[int, list[Source]] = {}
    for link in links:
        assert link.hub_id is not None
        unsent = link.write or (CHANGED if link.is_marked else "")
        apart, unread = fields_apart(
            link.settled,
            lines.get(link.connection_id, {}),
            here.get(link.hub_id, {}),
            keeps_parents=link.connection.keep_hierarchy,
        )
        at = caught_up.get(link.connection_id)
        found.setdefault(link.hub_id, []).append(_source(link, at, unsent, differs=bool(apart or unread)))
    return found


def _carried(entity: str) -> Exists:
    """The connection has a line that writes to its CRM: to all others a change here says nothing."""
    objects = [entity, DataType.SCORES] if entity == DataType.CUSTOMERS else [entity]
    lines = FieldMapping.objects.filter(block__object__in=objects, block__mode__in=OUTWARD).exclude(crm_field="")
    going = lines.filter(Q(block__object=DataType.SCORES) | ~Q(direction=Direction.IN))
    return Exists(going.filter(block__connection=OuterRef("connection")))


def _source(link: Any, caught_up_at: datetime | None, unsent: str, *, differs: bool) -> Source:
    # A linked row that a run merely saw unchanged is as fresh as its whole block.
    times = [at for at in (link.synced_at, caught_up_at if link.state == link.State.LINKED else None) if at]
    abilities = system_of(link.connection.system).abilities
    pause_url = reverse("sync:decide", args=[link.pk, "resume" if link.paused_at else "pause"])
    return Source(
        system=link.connection.system,
        short=abilities.short,
        label=link.connection.name,
        source_id=link.source_id,
        url=record_url(link.connection, link.object, link.source_id),
        state=link.state,
        synced_at=max(times, default=None),
        is_disputed=link.is_disputed,
        unsent=unsent,
        differs=differs,
        is_paused=link.paused_at is not None,
        is_archived=link.connection.is_archived,
        name=link.name,
        pause_url="" if link.connection.is_archived else pause_url,
    )


def record_url(connection: Connection, object_name: str, source_id: str) -> str:
    """Built from stored columns alone: no call, no query."""
    if not connection.web_url or not source_id:
        return ""
    return system_of(connection.system).connector.web_link(connection.web_url, object_name, source_id)
