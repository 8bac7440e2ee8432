"""Which connections have a hub row, and what each of them writes of it: three statements for any number of rows."""

from collections.abc import Iterable

from integrations.engine.mapping import Direction, Mode
from integrations.engine.merge import within
from integrations.engine.plan import REF
from integrations.engine.precedence import Holder

from ..models import Connection, FieldMapping, RecordLink
from ..registry import system_of

HOLDS = (RecordLink.State.LINKED, RecordLink.State.FAILING, RecordLink.State.COLLISION)
"""A record that does not go through just now is still in scope; one that is excluded, gone or merged is not."""
LIVING = (Connection.State.ON, Connection.State.PAUSED)
CUSTOMER, PARENT = "customer", "parent"


def holders_of(object_name: str, hub_ids: Iterable[int]) -> dict[int, list[Holder]]:
    """hub id → the connections that have it, first come first; rows that nobody has are left out."""
    links = RecordLink.objects.filter(
        object=object_name, hub_id__in=set(hub_ids), state__in=HOLDS, connection__state__in=LIVING
    )
    pairs = [(hub_id, pk) for hub_id, pk in links.values_list("hub_id", "connection_id") if hub_id is not None]
    known = connections_with(object_name, {pk for _hub_id, pk in pairs})
    found: dict[int, dict[int, Holder]] = {}
    for hub_id, pk in pairs:
        found.setdefault(hub_id, {})[pk] = known[pk]
    return {hub_id: sorted(of_row.values(), key=lambda one: one.rank) for hub_id, of_row in found.items()}


def held_by_others(connection_id: int, object_name: str, hub_ids: Iterable[int]) -> dict[int, str]:
    """hub id → the name of another connection that has the row too."""
    found = {}
    for hub_id, holders in holders_of(object_name, hub_ids).items():
        if others := [one.name for one in holders if one.connection_id != connection_id]:
            found[hub_id] = others[0]
    return found


def connections_with(object_name: str, ids: Iterable[int]) -> dict[int, Holder]:
    rows = Connection.objects.filter(pk__in=set(ids))
    columns = rows.values_list("pk", "name", "order", "state", "keep_hierarchy", "system")
    written = _written(object_name, set(ids))
    return {
        pk: Holder(
            pk, name, order,
            (written.get(pk, frozenset()) - _only_read(object_name, system)) | _own(object_name, keeps=keeps),
            state == Connection.State.ON,
        )
        for pk, name, order, state, keeps, system in columns
    }  # fmt: skip


def _written(object_name: str, ids: set[int]) -> dict[int, frozenset[str]]:
    """A line that rests until somebody has corrected it keeps its field: what it wrote is not up for grabs."""
    lines = FieldMapping.objects.filter(block__object=object_name, block__connection__in=ids)
    found: dict[int, set[str]] = {}
    for pk, mode, direction, field in lines.values_list("block__connection", "block__mode", "direction", "hub_field"):
        acts = within(Mode(mode), Direction(direction))
        if acts is not None and acts.writes_hub:
            found.setdefault(pk, set()).add(field)
    return {pk: frozenset(fields) for pk, fields in found.items()}


def _only_read(object_name: str, system: str) -> frozenset[str]:
    """A tool that only links recognises by the row's ID and leaves it to the CRM: it holds nobody else back from it."""
    makes = [one.makes_rows for one in system_of(system).abilities.objects if one.object == object_name]
    return frozenset() if all(makes) else frozenset({REF})


def _own(object_name: str, *, keeps: bool) -> frozenset[str]:
    """What no line of the mapping says: on whom a row hangs, and from which company a company hangs."""
    if object_name == "customers":
        return frozenset({PARENT} if keeps else ())
    return frozenset({CUSTOMER})
