"""The one way in which the set-up is saved: the whole configuration as data, a version of it, and a line in the audit trail."""

from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.sync.configuration import save_version, snapshot, write
from integrations.sync.configuration.snapshot import NO_BLOCK
from integrations.sync.connector import CrmField, Schema
from integrations.sync.erasures import erasures_in
from integrations.sync.models import Connection, Version
from integrations.sync.models.connection import Mode
from integrations.sync.new_values import realise_lines

from .guide import Guide, guide_of

Data = dict[str, Any]


@transaction.atomic
def save(request: HttpRequest, connection: Connection, data: Data, note: str) -> Version | None:
    for block in data["blocks"].values():
        realise_lines(block["lines"], request)
    rest_erasures(request, connection, data)
    write(connection, data)
    connection.refresh_from_db()
    version = save_version(connection, cast("User", request.user), note)
    if version:
        audit.record(request, audit.Verb.CHANGED, connection, after={"changes": version.diff}, note=note)
    return version


def rest_erasures(request: HttpRequest, connection: Connection, data: Data) -> None:
    """No step lists the values that blanks would empty, so no step begins to empty any: the mapping page does both."""
    begun = erasures_in(connection, data)
    for erasure in begun:
        line = line_of(data["blocks"][erasure.object], erasure.hub_field)
        assert line is not None
        line["blanks"] = "keep"
    if begun:
        said = _("Blanks keep what the hub has in %(fields)s, though they were to erase it: the mapping page shows what"
                 " that would empty, and lets you choose it.")  # fmt: skip
        messages.warning(request, said % {"fields": "; ".join(str(erasure.label) for erasure in begun)})


def first_data(connection: Connection, schemas: dict[str, Schema | None]) -> Data:
    """The configuration with what a new connection proposes; blocks that are there stay as they are."""
    data, guide = snapshot(connection), guide_of(connection)
    for object_name, schema in schemas.items():
        if object_name not in data["blocks"]:
            data["blocks"][object_name] = first_block(guide, object_name, schema)
    return data


def first_block(guide: Guide, object_name: str, schema: Schema | None) -> Data:
    """A standard field that this organisation hides is not proposed: every run would stop at it."""
    ability = guide.abilities.of(object_name)
    # A tool beside the CRM is recognised by the CRM's own ID, or by none.
    block: Data = {
        **NO_BLOCK, "mode": Mode.INPUT.value, "merge_keys": list(ability.default_keys),
        "ref_is_common": not ability.makes_rows, "settings": {}, "lines": [],
    }  # fmt: skip
    for line in guide.default_lines(object_name):
        path = guide.proposed_path(line, schema) if schema else line["crm_field"]
        field = schema.get(path) if schema else None
        if field or schema is None:
            more = {name: said for name, said in line.items() if name not in {"hub_field", "crm_field"}}
            set_line(block, line["hub_field"], path, field, **more)
    return block


def line_of(block: Data, hub_field: str) -> Data | None:
    return next((line for line in block["lines"] if line["hub"] == hub_field), None)


def set_line(block: Data, hub_field: str, path: str, field: CrmField | None, **more: Any) -> None:
    """Points a line at another field and keeps who writes, who wins and what blanks do; an empty path takes it out."""
    old = line_of(block, hub_field)
    if not path:
        block["lines"] = [line for line in block["lines"] if line is not old]
        return
    line = old or new_line(hub_field)
    if line["crm"] != path:
        line.update(values={}, transform="", argument="", seen={}, default_out="")
    line |= {"crm": path, "constant": None, **more}
    if field:
        line["seen"] = {"label": field.label, "type": field.type}
    if old is None:
        block["lines"].append(line)


def set_constant(block: Data, hub_field: str, value: Any) -> None:
    """The same for every record, whatever the CRM holds."""
    line = line_of(block, hub_field)
    if line is None:
        line = new_line(hub_field)
        block["lines"].append(line)
    line.update(crm="", constant=value, values={}, transform="", argument="", seen={})


def new_line(hub_field: str) -> Data:
    return {
        "hub": hub_field,
        "crm": "",
        "direction": "in",
        "on_conflict": "crm",
        "blanks": "keep",
        "values": {},
        "transform": "",
        "argument": "",
        "constant": None,
        "seen": {},
    }
