"""Writes a connection as a configuration file: readable, without secrets, without what is as it is by default."""

from collections.abc import Mapping
from typing import Any

import yaml

from integrations.hub.fields import BUILT_IN, HubField, fields_of
from integrations.hub.models import CustomField

from ..blocks import deciding
from ..models import Connection
from .columns import label_columns
from .file_shape import FORMAT, TAG_FIELD, portable
from .snapshot import LINE, NO_BLOCK, NO_LINE, snapshot

Data = dict[str, Any]
OWN = ("on_crm_delete", "on_hub_delete")
"""Said only where they are not as by default."""


def to_yaml(connection: Connection) -> str:
    data = snapshot(connection)
    labels = label_columns(connection.system).values()
    fields = {name: fields_of(name) for name in data["blocks"] if name in BUILT_IN}
    own = {name: _own_fields(block, fields[name]) for name, block in data["blocks"].items()}
    tags = {name: _tags(block, fields[name]) for name, block in data["blocks"].items()}
    document = {
        FORMAT: 1,
        "connection": connection.slug,
        "system": data["system"],
        "name": data["name"],
        "options": data["options"],
        "settings": {name: value for name, value in data["settings"].items() if name not in labels},
        "custom_fields": {name: found for name, found in own.items() if found},
        "tags": {name: found for name, found in tags.items() if found},
        "blocks": {name: _block_out(name, block, fields[name]) for name, block in data["blocks"].items()},
    }
    filled = {name: value for name, value in document.items() if value not in ({}, [])}
    return yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=110)


def _block_out(object_name: str, block: Data, fields: Mapping[str, HubField]) -> Data:
    keys = [portable(name, fields.get(name)) for name in block["merge_keys"]]
    lines = [
        {"hub": portable(line["hub"], fields.get(line["hub"]))}
        | {name: line[name] for name in LINE if name != "hub" and line[name] != NO_LINE[name]}
        for line in block["lines"]
    ]
    own = {name: block[name] for name in OWN if block[name] != NO_BLOCK[name]}
    if settings := deciding(object_name, block["settings"]):
        own["settings"] = settings
    return {"mode": block["mode"], "merge_keys": keys, "ref_is_common": block["ref_is_common"], **own, "lines": lines}


def _own_fields(block: Data, fields: Mapping[str, HubField]) -> list[Data]:
    used = {line["hub"] for line in block["lines"]} | set(block["merge_keys"])
    keys = [name.removeprefix("custom.") for name in used if name.startswith("custom.") and name in fields]
    found = CustomField.objects.filter(key__in=keys).order_by("name")
    return [{"name": f.name, "type": f.type} | ({"recognises": True} if f.is_key else {}) for f in found]


def _tags(block: Data, fields: Mapping[str, HubField]) -> list[str]:
    used = {line["hub"] for line in block["lines"] if line["hub"].startswith(TAG_FIELD)}
    return sorted(fields[name].own_name for name in used if name in fields)
