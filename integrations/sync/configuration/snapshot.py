"""A connection's configuration as plain data, and the same data written back. State, progress and secrets stay out."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from .. import metadata
from ..blocks import deciding
from ..models import Block, Connection, FieldMapping
from ..models.connection import Mode, OnDelete
from ..registry import child_of
from .columns import BLOCK, OPTIONS, label_columns, option_columns, own_columns

Data = dict[str, Any]
LINE = {
    "hub": "hub_field",
    "crm": "crm_field",
    "direction": "direction",
    "on_conflict": "on_conflict",
    "blanks": "blanks",
    "values": "value_map",
    "transform": "transform",
    "argument": "argument",
    "constant": "constant",
    "default_out": "default_out",
}
"""Name in the data → column."""
SEEN = {"label": "crm_label", "type": "crm_type"}
NO_BLOCK: Data = {
    "mode": Mode.DISABLED.value, "merge_keys": [], "ref_is_common": False, "settings": {},
    "on_crm_delete": OnDelete.KEEP.value, "on_hub_delete": OnDelete.KEEP.value, "lines": [],
}  # fmt: skip
NO_LINE: Data = {
    "crm": "", "direction": "in", "on_conflict": "crm", "blanks": "keep", "values": {}, "transform": "", "argument": "",
    "constant": None, "default_out": "",
}  # fmt: skip


def snapshot(connection: Connection) -> Data:
    child = child_of(connection)
    labels = label_columns(connection.system)
    settings = {name: getattr(child, name) for name in own_columns(connection.system)}
    blocks = connection.blocks.prefetch_related("lines")
    return {
        "name": child.name,
        "system": child.system,
        "options": {name: getattr(child, name) for name in OPTIONS},
        "settings": settings | {label: getattr(child, label) for label in labels.values()},
        "blocks": {block.object: _block(block) for block in blocks},
    }


def _block(block: Block) -> Data:
    return {name: getattr(block, name) for name in BLOCK} | {"lines": [_line(line) for line in block.lines.all()]}


def _line(line: FieldMapping) -> Data:
    said = {name: getattr(line, column) for name, column in LINE.items()}
    return said | {"seen": {name: getattr(line, column) for name, column in SEEN.items()}}


def meaning(data: Mapping[str, Any]) -> Data:
    """What decides: without the labels last seen in the CRM, and whatever the order of the lines."""
    if not data:
        return {}
    labels = label_columns(data["system"]).values()
    unsaid = {name: column.get_default() for name, column in option_columns().items()}
    return {
        **data,
        # A version of an earlier release knows fewer options: what it does not say was as it is by default.
        "options": unsaid | data["options"],
        "settings": {name: value for name, value in data["settings"].items() if name not in labels},
        "blocks": {name: _meaning_of(name, block) for name, block in data["blocks"].items()},
    }


def _meaning_of(object_name: str, block: Mapping[str, Any]) -> Data:
    # A version of an earlier release knows less of a block: what it does not say was as it is by default.
    lines = {line["hub"]: {name: line.get(name, NO_LINE.get(name)) for name in LINE} for line in block["lines"]}
    settings = deciding(object_name, block.get("settings", {}))
    # One of an earlier release says which field keeps our key, too: that belongs to the organisation.
    said = {name: value for name, value in block.items() if name in NO_BLOCK}
    return {**NO_BLOCK, **said, "settings": settings, "lines": lines}


@transaction.atomic
def write(connection: Connection, data: Mapping[str, Any]) -> None:
    """Makes the rows say what the data says. A block that the data does not know is disabled, its progress kept."""
    child = child_of(connection)
    columns = {"name": data["name"], **data["options"], **data["settings"]}
    for name, value in columns.items():
        setattr(child, name, value)
    child.save(update_fields=list(columns))
    known = {block.object: block for block in connection.blocks.all()}
    for name in [*known, *(name for name in data["blocks"] if name not in known)]:
        block = known.get(name) or Block(connection=connection, object=name)
        _write_block(block, data["blocks"].get(name, NO_BLOCK))


def _write_block(block: Block, data: Mapping[str, Any]) -> None:
    if block.settings != data.get("settings", {}):
        # Another object of the CRM has other fields.
        metadata.forget(block.connection, block.object)
    for name in BLOCK:
        setattr(block, name, data.get(name, NO_BLOCK[name]))
    # Only these columns: a whole save would put back a cursor that a run has moved on in the meantime.
    block.save(update_fields=list(BLOCK) if block.pk else None)
    write_lines(block, data["lines"])


def write_lines(block: Block, lines: list[Data]) -> None:
    kept = {line.hub_field: line for line in block.lines.all()}
    block.lines.exclude(hub_field__in=[line["hub"] for line in lines]).delete()
    for position, said in enumerate(lines):
        line = kept.get(said["hub"]) or FieldMapping(block=block)
        if line.crm_field != said["crm"]:
            # Another field: neither the rest of the old one nor its label belongs to it.
            line.suspended_at, line.suspended_code, line.crm_label, line.crm_type = None, "", "", ""
            line.crm_choices, line.crm_writable, line.successors = None, None, []
            line.noticed_at, line.noticed_code, line.drift_detail = None, "", ""
        for name, column in LINE.items():
            # Who saves does not show everything that a line keeps: what is not said stays.
            if name in said:
                setattr(line, column, said[name])
        for name, column in SEEN.items():
            setattr(line, column, said.get("seen", {}).get(name) or getattr(line, column))
        line.position = position
        line.save()
