"""Whether the IDs of the CRM stand in Intercom already: looked at in one page of records, before anything is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.hub.models import Contact, Customer

MODELS = {"customers": Customer, "contacts": Contact}


@dataclass(frozen=True, slots=True)
class Held:
    """Of the records of one page: how many hold something in the attribute, and of how many it is the ID of a row here."""

    rows: int
    filled: int
    known: int

    @property
    def serves(self) -> bool:
        return self.known > 0


def held_in(object_name: str, values: Mapping[str, Sequence[str]], rows: int) -> dict[str, Held]:
    """`values`: attribute → what the records of the page hold there. One query, for all attributes together."""
    asked = {value for found in values.values() for value in found}
    model = MODELS[object_name]
    known = set(model._default_manager.filter(ref_id__in=asked).values_list("ref_id", flat=True)) if asked else set()
    same = {compared(Compare.ID, one) for one in known}
    return {
        path: Held(rows, len(found), sum(compared(Compare.ID, value) in same for value in found))
        for path, found in values.items()
    }
