"""Salesforce's describe of an object as the fields that may be mapped."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.sync.connector import Choice, CrmField

KINDS = {
    "id": Kind.ID,
    "reference": Kind.ID,
    "string": Kind.TEXT,
    "encryptedstring": Kind.TEXT,
    "combobox": Kind.TEXT,
    "time": Kind.TEXT,
    "textarea": Kind.TEXT,
    "picklist": Kind.CHOICE,
    "multipicklist": Kind.LIST,
    "boolean": Kind.BOOL,
    "int": Kind.INTEGER,
    "double": Kind.NUMBER,
    "percent": Kind.NUMBER,
    "currency": Kind.MONEY,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
    "url": Kind.DOMAIN,
}
"""Types that are missing here (address, location, base64, anyType) cannot be mapped."""
USER_LOOKUP = "user lookup"
WORDS = {
    "id": _("ID"),
    "reference": _("link to a record"),
    "string": _("text"),
    "encryptedstring": _("text"),
    "combobox": _("text"),
    "time": _("time"),
    "textarea": _("long text"),
    "picklist": _("list"),
    "multipicklist": _("list, several at once"),
    "boolean": _("yes/no"),
    "int": _("number"),
    "double": _("number"),
    "percent": _("percentage"),
    "currency": _("amount"),
    "date": _("date"),
    "datetime": _("date and time"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "url": _("website"),
    USER_LOOKUP: _("user"),
}
"""The types as people call them; what is stored and compared stays Salesforce's own word."""
IDENTIFYING = frozenset({"string", "int", "double"})
LONGEST_SHORT_TEXT = 255


class Described:
    """One object's describe, by field name and by the path that a mapping line stores."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw: dict[str, Mapping[str, Any]] = {
            field["name"]: field for field in raw["fields"] if not field.get("deprecatedAndHidden")
        }
        self.prefix = str(raw.get("keyPrefix") or "")
        """With which the ids of its records begin."""

    @cached_property
    def fields(self) -> tuple[CrmField, ...]:
        return tuple(found for raw in self.raw.values() for found in fields_of(raw))

    @cached_property
    def lookups(self) -> dict[str, str]:
        """Relationship → its id field: CSM__r → CSM__c."""
        return {raw["relationshipName"]: name for name, raw in self.raw.items() if raw.get("relationshipName")}

    def type_of(self, path: str) -> str:
        """The type of a field; what lies behind a lookup is text (a user's e-mail)."""
        found = self.raw.get(path)
        return str(found["type"]) if found else "string"

    def types(self, paths: Iterable[str]) -> dict[str, str]:
        return {path: self.type_of(path) for path in paths}

    def finds_by(self, name: str) -> bool:
        """Whether Salesforce itself looks records up by this field."""
        found = self.raw.get(name, {})
        return bool(found.get("externalId") or (found.get("unique") and found.get("idLookup")))

    def has(self, path: str) -> bool:
        relation, behind, _ = path.partition(".")
        return relation in (self.lookups if behind else self.raw)


def fields_of(raw: Mapping[str, Any]) -> Iterable[CrmField]:
    if "User" in (raw.get("referenceTo") or ()) and raw.get("relationshipName"):
        yield person_field(raw)
    if raw["type"] in KINDS:
        yield plain_field(raw)


def person_field(raw: Mapping[str, Any]) -> CrmField:
    """A user lookup under its own label, read through to the user's e-mail: by it colleagues are recognised."""
    return CrmField(
        path=f"{raw['relationshipName']}.Email",
        label=raw["label"].removesuffix(" ID"),
        type=USER_LOOKUP,
        kind=Kind.PERSON,
        is_custom=bool(raw.get("custom")),
        is_person=True,
        is_updateable=bool(raw.get("updateable")),
        is_createable=bool(raw.get("createable")),
        is_required=is_required(raw),
    )


def plain_field(raw: Mapping[str, Any]) -> CrmField:
    return CrmField(
        path=raw["name"],
        label=raw["label"],
        type=raw["type"],
        kind=kind_of(raw),
        choices=tuple(choice_of(value) for value in raw.get("picklistValues") or ()),
        is_custom=bool(raw.get("custom")),
        is_id=may_identify(raw),
        length=raw.get("length") or None,
        is_updateable=bool(raw.get("updateable")),
        is_createable=bool(raw.get("createable")),
        is_required=is_required(raw),
    )


def is_required(raw: Mapping[str, Any]) -> bool:
    """Yes/no fields and the owner are never empty, and never asked for: Salesforce fills them itself."""
    return bool(raw.get("createable")) and not raw.get("nillable", True) and not raw.get("defaultedOnCreate")


def kind_of(raw: Mapping[str, Any]) -> Kind:
    if raw["type"] == "textarea" and (raw.get("length") or 0) > LONGEST_SHORT_TEXT:
        return Kind.LONG_TEXT
    return KINDS[raw["type"]]


def may_identify(raw: Mapping[str, Any]) -> bool:
    if raw["type"] == "id":
        return True
    marks = ("externalId", "unique", "idLookup", "autoNumber")
    # A name may be looked up too, and still two accounts share one.
    return raw["type"] in IDENTIFYING and not raw.get("nameField") and any(raw.get(mark) for mark in marks)


def choice_of(raw: Mapping[str, Any]) -> Choice:
    return Choice(raw["value"], raw.get("label") or raw["value"], bool(raw.get("active", True)))
