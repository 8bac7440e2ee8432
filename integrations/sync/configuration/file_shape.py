"""What a configuration file may say, per system: read off the tables' columns and the system's abilities."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from integrations.engine.mapping import Kind
from integrations.engine.transforms import TRANSFORMS
from integrations.hub.fields import TAG, HubField, fields_of
from integrations.hub.models import TAGGED, CustomField, HealthProfile, Stage, Tag

from ..blocks import asked_of
from ..connector import Abilities, ObjectAbility
from ..deletions import COMES_IN, ON_CRM_DELETE, ON_HUB_DELETE
from ..models import Block, Connection, DataType, FieldMapping, OnDelete
from .checks import Checked, Column, Flag, ListOf, MapOf, OneOf, Record, Scalar, Shape, Text, Variable, meant
from .columns import option_columns, own_columns
from .snapshot import LINE

FORMAT = "skalin-sync"
CUSTOM = "custom: "
"""A team's own field is named by its name: keys differ from one installation to the next."""
TAG_FIELD = f"custom.{TAG}"
KEY_FIELD = "key_field"
"""Which field of the CRM keeps our key is each organisation's own state."""
TAGGED_WITH = "tag: "
"""So is a tag."""


def file_shape(abilities: Abilities) -> Record:
    blocks = {ability.object: _block(ability) for ability in abilities.objects}
    return Record(
        {
            FORMAT: OneOf(("1",)),
            "connection": Column(Connection._meta.get_field("slug")),
            "system": Text(),
            "name": Column(Connection._meta.get_field("name")),
            "options": Record({name: Column(column) for name, column in option_columns().items()}),
            "settings": Record({name: Column(column) for name, column in own_columns(abilities.system).items()}),
            "credentials": MapOf(Variable()),
            "custom_fields": Record({ability.object: ListOf(_custom_field()) for ability in abilities.objects}),
            "tags": Record({name: ListOf(Column(Tag._meta.get_field("name"))) for name in TAGGED}),
            "blocks": Record(blocks),
        },
        required=("connection", "system"),
    )


def _custom_field() -> Record:
    parts: dict[str, Shape] = {
        "name": Column(CustomField._meta.get_field("name")),
        "type": OneOf(tuple(CustomField.Type.values)),
        "recognises": Flag(),
    }
    return Record(parts, required=("name", "type"))


def _block(ability: ObjectAbility) -> Record:
    return Record(
        {
            "mode": OneOf(tuple(mode.value for mode in ability.modes)),
            "merge_keys": ListOf(Text(120)),
            "ref_is_common": Column(Block._meta.get_field("ref_is_common")),
            "settings": Record(
                {n: Checked(asked.problem) for n, asked in asked_of(ability.object).items() if asked.is_shown}
            ),
            # Files of earlier releases say it: read, and left out.
            KEY_FIELD: Column(Block._meta.get_field(KEY_FIELD)),
            ON_HUB_DELETE: Column(Block._meta.get_field(ON_HUB_DELETE)),
            ON_CRM_DELETE: _on_crm_delete(ability.object),
            "lines": ListOf(_line()),
        }
    )


def _on_crm_delete(object_name: str) -> Shape:
    if object_name in COMES_IN:
        return Column(Block._meta.get_field(ON_CRM_DELETE))
    return Checked(_no_deletion(object_name))


def _no_deletion(object_name: str) -> Callable[[Any], str]:
    """Why nothing but keep may stand there; empty: it does."""
    why = {
        DataType.CUSTOMERS: _(
            "must be keep: a customer is never deleted with its record; options.churn_missing churns it"
        ),
        DataType.AGREEMENTS: _("must be keep: an agreement whose record is deleted stays here, marked as gone"),
    }
    said = why.get(DataType(object_name), _("must be keep: nothing of this data type is deleted with a record"))
    return lambda value: "" if value == OnDelete.KEEP.value else said


def _line() -> Record:
    columns = {name: FieldMapping._meta.get_field(column) for name, column in LINE.items()}
    parts: dict[str, Shape] = {
        "hub": Text(120),
        "crm": Column(columns["crm"]),
        "values": MapOf(Text(255)),
        "transform": OneOf(("", *TRANSFORMS)),
        "argument": Column(columns["argument"]),
        "constant": Scalar(),
        **{name: Column(columns[name]) for name in ("direction", "on_conflict", "blanks", "default_out")},
    }
    return Record(parts, required=("hub",), also=_whole_line)


def _whole_line(line: dict[str, Any]) -> list[str]:
    said = []
    if bool(line.get("crm")) == (line.get("constant") is not None):
        said.append(_("needs either crm (a field of the CRM) or constant (a fixed value)"))
    if TRANSFORMS.get(line.get("transform") or "none", TRANSFORMS["none"]).takes_argument and not line.get("argument"):
        said.append(_("this transform needs an argument"))
    return said


def unknown_names(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Hub fields, merge keys and hub values that do not exist here and that the file does not bring along."""
    said: list[tuple[str, str]] = []
    for object_name, block in data.get("blocks", {}).items():
        fields = {portable(name, field): field for name, field in fields_of(object_name).items()}
        brought = {f"{CUSTOM}{field.get('name')}" for field in data.get("custom_fields", {}).get(object_name, ())}
        tags = {f"{TAGGED_WITH}{name}" for name in data.get("tags", {}).get(object_name, ())}
        said += _unknown_lines(f"blocks.{object_name}.lines", block.get("lines", []), fields, brought | tags)
        keys = {name for name, field in fields.items() if field.key} | brought
        said += [
            (
                f"blocks.{object_name}.merge_keys[{number}]",
                _("“%(name)s” cannot recognise records; %(cure)s") % {"name": name, "cure": meant(name, sorted(keys))},
            )
            for number, name in enumerate(block.get("merge_keys", []), 1)
            if name and name not in keys
        ]
    return said


def _unknown_lines(path: str, lines: list[Any], fields: dict[str, Any], brought: set[str]) -> list[tuple[str, str]]:
    said, seen = [], set()
    for number, line in enumerate(lines, 1):
        name, at = line.get("hub", ""), f"{path}[{number}]"
        if not name:
            continue  # said already: it is missing, or no text
        if name not in fields and name not in brought:
            cure = meant(name, [*fields, *sorted(brought)])
            said.append((f"{at}.hub", _("“%(name)s” is no field of the hub; %(cure)s") % {"name": name, "cure": cure}))
        elif name in seen:
            said.append((f"{at}.hub", _("“%(name)s” has a line already") % {"name": name}))
        seen.add(name)
        if name in fields and fields[name].kind is Kind.CHOICE:
            said += _unknown_values(f"{at}.values", name, line.get("values", {}))
    return said


def _unknown_values(path: str, hub_field: str, values: dict[str, str]) -> list[tuple[str, str]]:
    model = Stage if hub_field == "stage" else HealthProfile
    known = set(model.objects.values_list("name", flat=True))
    return [
        (f"{path}.{given}", _("“%(name)s” does not exist here; add it first, or map another value") % {"name": name})
        for given, name in values.items()
        if name not in known
    ]


def portable(name: str, field: HubField | None) -> str:
    """custom.<key> → "custom: <name>", or "tag: <name>"; built-in names stay."""
    if field is None or not field.own_name:
        return name
    return f"{TAGGED_WITH if name.startswith(TAG_FIELD) else CUSTOM}{field.own_name}"
