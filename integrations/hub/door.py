"""The one door through which people, imports and the API change the hub: journaled, and marked for what goes out to CRMs.

The hub does not know the syncs above it, which keep the journal: they register the door's keeper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from integrations.engine.reasons import Reason
from integrations.engine.values import Value

Values = Mapping[str, Value]
"""hub field (`name`, `stage`, `csm` by e-mail, `custom.<key>`) → value. `customer` and `parent` name a hub id."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not changed; the others were."""

    hub_id: int | None
    field: str
    reason: Reason


class Door(Protocol):
    def edit(
        self,
        entity: str,
        edits: Mapping[int, Values],
        *,
        by: str,
        why: Reason | None = None,
        owners: Mapping[int, int | None] | None = None,
    ) -> list[Refusal]:
        """hub id → the fields to change. Fields that hold the value already are left alone and not journaled.

        `owners`: hub id → the connection whose ID is written; what people type is nobody's.
        """

    def create(self, entity: str, rows: Sequence[Values], *, by: str, why: Reason | None = None) -> list[int | Refusal]:
        """In the order of the rows: the new hub id, or why there is none."""

    def look(self, entity: str, hub_id: int | None, values: Values) -> Values | Refusal:
        """What would follow from an edit (of a new row: None), as it would stand. Nothing is written."""

    def delete(self, entity: str, hub_ids: Sequence[int], *, by: str, why: Reason | None = None) -> int:
        """For good, with what hangs on them; journaled with every value. How many rows went."""


_keepers: list[Door] = []


def register(keeper: Door) -> None:
    _keepers[:] = [keeper]


def door() -> Door:
    return _keepers[0]
