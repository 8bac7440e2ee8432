"""Which data types may say what a deletion on one side does on the other: pages, files and runs ask here."""

from integrations.engine.mapping import Mode
from integrations.hub.fields import INTERACTION_TYPES

from .connector import ObjectAbility
from .store.marks import OUTWARD

ON_HUB_DELETE, ON_CRM_DELETE = "on_hub_delete", "on_crm_delete"
COMES_IN = frozenset({"contacts", *INTERACTION_TYPES})
"""Data types whose rows may be deleted with their records: customers churn instead, and agreements are kept and flagged."""


def goes_out(mode: str, ability: ObjectAbility) -> bool:
    """Whether a row that is deleted here can be deleted in the CRM at all."""
    return mode in OUTWARD and ability.deletes_out


def comes_in(mode: str, object_name: str) -> bool:
    """Whether a record that is deleted in the CRM can take its row here along."""
    return object_name in COMES_IN and mode in {Mode.INPUT, Mode.TWO_WAY}


def choices_of(mode: str, ability: ObjectAbility) -> tuple[str, ...]:
    """The columns of the block that are asked about."""
    asked = {ON_HUB_DELETE: goes_out(mode, ability), ON_CRM_DELETE: comes_in(mode, ability.object)}
    return tuple(name for name, is_asked in asked.items() if is_asked)
