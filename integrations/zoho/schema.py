"""Zoho's metadata of a module as the fields that may be mapped."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.sync.connector import Choice, CrmField

from .values import PERSON, TAGS, USER_LOOKUPS

ID = "id"
KINDS = {
    ID: Kind.ID,
    "lookup": Kind.ID,
    "text": Kind.TEXT,
    "autonumber": Kind.TEXT,
    "textarea": Kind.TEXT,
    "picklist": Kind.CHOICE,
    "multiselectpicklist": Kind.LIST,
    TAGS: Kind.LIST,
    "boolean": Kind.BOOL,
    "integer": Kind.INTEGER,
    "bigint": Kind.INTEGER,
    "double": Kind.NUMBER,
    "percent": Kind.NUMBER,
    "currency": Kind.MONEY,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
    "website": Kind.DOMAIN,
}
"""Types that are missing here (subforms, images, lookups of many) come with single records only and cannot be mapped."""
USER_LOOKUP = "user lookup"
WORDS = {
    ID: _("ID"),
    "lookup": _("link to a record"),
    "text": _("text"),
    "autonumber": _("automatic number"),
    "textarea": _("long text"),
    "picklist": _("list"),
    "multiselectpicklist": _("list, several at once"),
    TAGS: _("tags"),
    "boolean": _("yes/no"),
    "integer": _("number"),
    "bigint": _("long number"),
    "double": _("number"),
    "percent": _("percentage"),
    "currency": _("amount"),
    "date": _("date"),
    "datetime": _("date and time"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "website": _("website"),
    USER_LOOKUP: _("user"),
}
"""The types as people call them; what is stored and compared stays Zoho's own word."""
IDENTIFYING = frozenset({"text", "integer", "bigint", "double", "autonumber"})
NO_CHOICE = "-None-"
"""How a list shows that nothing is chosen; the value of such a record is empty."""
LONGEST_SHORT_TEXT = 255
RICH_TEXT = "rich_text"


class Described:
    """One module's metadata, by field name and by the path that a mapping line stores."""

    def __init__(self, fields: Iterable[Mapping[str, Any]]) -> None:
        # Some organisations list the record's id as a long number of its own; it is text, and every module has one.
        self.raw: dict[str, Mapping[str, Any]] = {
            str(field["api_name"]): field for field in fields if field.get("visible", True) and field["api_name"] != ID
        }

    @cached_property
    def fields(self) -> tuple[CrmField, ...]:
        own = CrmField(ID, str(_("Record ID")), ID, Kind.ID, is_id=True)
        return (own, *(found for raw in self.raw.values() for found in fields_of(raw)))

    def type_of(self, path: str) -> str:
        """The type of a field; what lies behind a lookup is text (a user's e-mail)."""
        found = self.raw.get(path)
        return type_of(found) if found else ID if path == ID else "text"

    def types(self, paths: Iterable[str]) -> dict[str, str]:
        return {path: self.type_of(path) for path in paths}

    def has(self, path: str) -> bool:
        return path == ID or (path in self.raw or self.is_person(path))

    def is_person(self, path: str) -> bool:
        lookup = self.raw.get(path.removesuffix(PERSON)) if path.endswith(PERSON) else None
        return bool(lookup) and type_of(lookup or {}) in USER_LOOKUPS

    def is_rich(self, path: str) -> bool:
        """Lists and queries cut such a text short."""
        return ((self.raw.get(path) or {}).get("textarea") or {}).get("type") == RICH_TEXT

    def is_filterable(self, path: str) -> bool:
        """No query may ask for a value of a long text."""
        return path == ID or (path in self.raw and self.type_of(path) != "textarea")

    def lookups_to(self, module: str) -> tuple[str, ...]:
        return tuple(name for name, raw in self.raw.items() if target_of(raw) == module)


def type_of(raw: Mapping[str, Any]) -> str:
    if raw.get("api_name") == "Tag" and raw.get("json_type") == "jsonarray":
        return TAGS
    if raw["data_type"] == "formula":
        return str((raw.get("formula") or {}).get("return_type") or "text")
    return str(raw["data_type"])


def target_of(raw: Mapping[str, Any]) -> str:
    if raw.get("data_type") != "lookup":
        return ""
    return str((((raw.get("lookup") or {}).get("module")) or {}).get("api_name") or "")


def fields_of(raw: Mapping[str, Any]) -> Iterable[CrmField]:
    if type_of(raw) in USER_LOOKUPS:
        yield person_field(raw)
    elif type_of(raw) in KINDS:
        yield plain_field(raw)


def person_field(raw: Mapping[str, Any]) -> CrmField:
    """A user lookup under its own label, read through to the user's e-mail: by it colleagues are recognised."""
    return CrmField(
        path=f"{raw['api_name']}{PERSON}",
        label=str(raw["field_label"]),
        type=USER_LOOKUP,
        kind=Kind.PERSON,
        is_custom=bool(raw.get("custom_field")),
        is_person=True,
        is_updateable=may(raw, "api_update"),
        is_createable=may(raw, "api_create"),
        is_required=bool(raw.get("system_mandatory")),
    )


def plain_field(raw: Mapping[str, Any]) -> CrmField:
    kind = type_of(raw)
    return CrmField(
        path=str(raw["api_name"]),
        label=str(raw["field_label"]),
        type=kind,
        kind=kind_of(raw, kind),
        choices=tuple(choices_of(raw)),
        is_custom=bool(raw.get("custom_field")),
        is_id=may_identify(raw, kind),
        length=raw.get("length") or None,
        is_updateable=may(raw, "api_update"),
        is_createable=may(raw, "api_create"),
        is_required=bool(raw.get("system_mandatory")),
    )


def may(raw: Mapping[str, Any], operation: str) -> bool:
    """Nothing else tells it: the owner is called read-only and can be written, the creation time is the other way round."""
    return bool((raw.get("operation_type") or {}).get(operation)) and raw["data_type"] != "formula"


def kind_of(raw: Mapping[str, Any], kind: str) -> Kind:
    if kind == "textarea" and (raw.get("length") or 0) > LONGEST_SHORT_TEXT:
        return Kind.LONG_TEXT
    return KINDS[kind]


def may_identify(raw: Mapping[str, Any], kind: str) -> bool:
    if kind == "autonumber":
        return True
    return kind in IDENTIFYING and bool(raw.get("unique") or raw.get("external"))


def choices_of(raw: Mapping[str, Any]) -> Iterable[Choice]:
    """What is stored, and what is shown: a value that was renamed once keeps what it was stored as."""
    for value in raw.get("pick_list_values") or ():
        stored, shown = str(value.get("actual_value") or ""), str(value.get("display_value") or "")
        if stored and stored != NO_CHOICE:
            yield Choice(stored, shown or stored, value.get("type", "used") == "used")
