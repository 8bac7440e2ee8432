"""Where a record and its row stand apart, until one side changes: by the rule of a line, or because a run was taken back.

Only lines that act count: what another one settled keeps nothing apart any more.
"""

from collections.abc import Collection, Mapping
from typing import Any

from integrations.engine.mapping import Blanks, Direction, Mode
from integrations.engine.merge import same, within
from integrations.engine.records import Pair
from integrations.engine.values import Value, is_blank

from .models import DataType, FieldMapping
from .store.holders import PARENT
from .store.hub_rows import table_of
from .store.links import pairs_from

Acting = Mapping[str, tuple[Direction, Blanks]]
HIERARCHY = (Direction.BOTH, Blanks.ERASE)


def fields_apart(
    settled: Mapping[str, Any], acting: Acting, here: Mapping[str, Value], *, keeps_parents: bool
) -> tuple[list[str], list[str]]:
    """Fields that differ there, and fields that hold there what their line cannot read."""
    acting = {**acting, PARENT: HIERARCHY} if keeps_parents else acting
    pairs = pairs_from({name: pair for name, pair in settled.items() if name in acting})
    for name, pair in pairs.items():
        if acting[name][0] is Direction.IN and here:
            # Nothing carries an edit of it out, so no run tells of it before the CRM's value moves.
            pairs[name] = pair._replace(hub=here.get(name))
    apart = [name for name, pair in pairs.items() if _is_apart(pair, acting[name][1])]
    return apart, [name for name, pair in pairs.items() if pair.is_unread]


def values_here(object_name: str, hub_ids: Collection[int]) -> dict[int, Mapping[str, Value]]:
    """Of customers; what hangs on others names them by each connection's own ids, and stays as it was settled."""
    if object_name != DataType.CUSTOMERS or not hub_ids:
        return {}
    return {pk: loaded.hub.values for pk, loaded in table_of(object_name).load(0, hub_ids).items()}


def acting_lines(object_name: str, connections: Collection[int]) -> dict[int, dict[str, tuple[Direction, Blanks]]]:
    """Connection → hub field → which way its line acts, and what a blank of its CRM does."""
    if not connections:
        return {}
    lines = FieldMapping.objects.filter(block__object=object_name, block__connection__in=connections)
    columns = lines.values_list("block__connection", "block__mode", "direction", "hub_field", "blanks")
    found: dict[int, dict[str, tuple[Direction, Blanks]]] = {}
    for pk, mode, direction, name, blanks in columns:
        acts = within(Mode(mode), Direction(direction))
        if acts is not None:
            # To a line that only goes out a blank there is a value like any other.
            found.setdefault(pk, {})[name] = (acts, Blanks(blanks) if acts.writes_hub else Blanks.ERASE)
    return found


def _is_apart(pair: Pair, blanks: Blanks) -> bool:
    """Where the CRM has nothing, and nothing is all that it could bring, no two values differ."""
    is_gap = blanks is not Blanks.ERASE and is_blank(pair.crm)
    return not (pair.is_unread or is_gap or same(pair.hub, pair.crm))
