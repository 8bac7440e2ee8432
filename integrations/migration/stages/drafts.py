"""The configuration of each stage, worked out from what stands and from what a person chose; nothing is written here."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from integrations.hub.fields import fields_of
from integrations.setup.guide import guide_of
from integrations.setup.saving import Data, line_of, new_line, set_line
from integrations.sync.configuration import snapshot
from integrations.sync.configuration.snapshot import NO_BLOCK
from integrations.sync.connector import CrmField, Schema
from integrations.sync.metadata import metadata_of
from integrations.sync.models import Connection, DataType, FieldMapping, Mode

from ..models import Move
from ..steps import ActRefused

Direction, OnConflict, Blanks = FieldMapping.Direction, FieldMapping.OnConflict, FieldMapping.Blanks
CUSTOMERS, CONTACTS = DataType.CUSTOMERS.value, DataType.CONTACTS.value
ONLY_FILL = {"direction": Direction.IN.value, "on_conflict": OnConflict.CRM.value, "blanks": Blanks.FILL.value}
"""What a new row needs to be readable, without touching a value that the hub holds."""
SENT = {"direction": Direction.OUT.value, "on_conflict": OnConflict.HUB.value, "blanks": Blanks.KEEP.value}
NAMED = {CUSTOMERS: ("name", "domain"), CONTACTS: ("email", "first_name", "last_name")}
EXTRA_KEYS = ("domain", "name")
"""Merge keys that may stand behind the old ID."""


def schema_of(connection: Connection, object_name: str) -> Schema:
    found = metadata_of(connection, object_name, (), may_ask=True)
    if found.schema is None:
        raise ActRefused(_("HubSpot did not tell its fields: %(why)s") % {"why": found.trouble or _("sign in first.")})
    return found.schema


def stage_a(move: Move, extra_keys: Sequence[str]) -> Data:
    """Only what finds customers and contacts: the ID, the scope as it was chosen, the merge keys, Input only."""
    connection = _new(move)
    data = snapshot(connection)
    data["blocks"] = {name: {**block, "mode": Mode.DISABLED.value} for name, block in data["blocks"].items()}
    customers = _finds(connection, CUSTOMERS, [move.old_id_field, *(k for k in EXTRA_KEYS if k in extra_keys)])
    field = schema_of(connection, CUSTOMERS).get(move.old_id_property)
    set_line(customers, move.old_id_field, move.old_id_property, field, **ONLY_FILL)
    data["blocks"] |= {CUSTOMERS: customers, CONTACTS: _finds(connection, CONTACTS, ["email"])}
    return data


def stage_b(move: Move, sent: Mapping[str, str]) -> Data:
    """HubSpot's ID alone recognises; what the hub holds goes out. `sent`: hub field → property."""
    connection = _new(move)
    data, schema = snapshot(connection), schema_of(connection, CUSTOMERS)
    block = data["blocks"][CUSTOMERS]
    # A line that reads could not stand under Output only, so the block is two-way and each line says its own direction.
    block |= {"mode": Mode.TWO_WAY.value, "merge_keys": ["ref_id"]}
    block["lines"] = [line for line in block["lines"] if line["direction"] == Direction.IN.value]
    for name, path in sent.items():
        field = schema.get(path)
        if field is None:
            raise ActRefused(_("HubSpot has no property %(path)s any more. Choose another.") % {"path": path})
        set_line(block, name, path, field, **SENT)
        line = line_of(block, name)
        assert line is not None
        line["values"] = values_for(name, field)
    return data


def stage_c(move: Move, both: Mapping[str, str]) -> Data:
    """`both`: hub field → who wins where both sides changed. All other lines stay Output only."""
    data = snapshot(_new(move))
    for line in data["blocks"][CUSTOMERS]["lines"]:
        if line["hub"] in both:
            line |= {"direction": Direction.BOTH.value, "on_conflict": both[line["hub"]], "blanks": Blanks.KEEP.value}
    return data


def lines_sent(data: Data) -> list[dict[str, Any]]:
    """Lines of customers by which the hub writes."""
    lines = data.get("blocks", {}).get(CUSTOMERS, {}).get("lines", [])
    return [line for line in lines if line["direction"] != Direction.IN.value]


def values_for(hub_field: str, field: CrmField) -> dict[str, str]:
    """CRM value → hub value, where a list meets a list and the words are the same; one for each value of the hub."""
    from integrations.setup.forms.value_map import MAPPED_BY_VALUE, value_map_of

    if hub_field not in MAPPED_BY_VALUE or not field.choices:
        return {}
    found: dict[str, str] = {}
    for row in value_map_of(hub_field, field, {}).rows:
        # Two values of the list for one of the hub could not be told apart on the way out: the first one is sent.
        if row.fits and row.fits not in found.values():
            found[row.value] = row.fits
    return found


def _finds(connection: Connection, object_name: str, keys: Sequence[str]) -> Data:
    guide, schema = guide_of(connection), schema_of(connection, object_name)
    block: Data = {**NO_BLOCK, "mode": Mode.INPUT.value, "merge_keys": list(keys), "settings": {}, "lines": []}
    proposed = {line["hub_field"]: line for line in guide.default_lines(object_name)}
    for name in ("ref_id", *NAMED[object_name]):
        path = guide.proposed_path(proposed[name], schema)
        if (field := schema.get(path)) is not None:
            line = new_line(name)
            line |= {"crm": path, "seen": {"label": field.label, "type": field.type}}
            block["lines"].append(line | (ONLY_FILL if name != "ref_id" else {}))
    return block


def _new(move: Move) -> Connection:
    if move.new is None:
        raise ActRefused(_("HubSpot is not connected yet: chapter 1 does that."))
    return move.new


def sendable(move: Move) -> list[str]:
    """Hub fields of a customer that stage B may bring to HubSpot."""
    own = {"ref_id", "name", "domain", "parent", move.old_id_field}
    return [name for name in fields_of(CUSTOMERS) if name not in own]
