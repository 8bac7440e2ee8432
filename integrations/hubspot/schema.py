"""HubSpot's properties of an object as the fields that may be mapped."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.sync.connector import Choice, CrmField

ID = "hs_object_id"
OWNER = "OWNER"
USER = "owner"
"""Our word for a property that names a colleague."""
KINDS: Mapping[tuple[str, str], Kind] = {
    ("enumeration", "checkbox"): Kind.LIST,
    ("string", "textarea"): Kind.LONG_TEXT,
    ("string", "html"): Kind.LONG_TEXT,
    ("string", "phonenumber"): Kind.PHONE,
}
"""By type and field type together, where the type alone says too little."""
TYPES: Mapping[str, Kind] = {
    "string": Kind.TEXT,
    "phone_number": Kind.PHONE,
    "number": Kind.NUMBER,
    "bool": Kind.BOOL,
    "enumeration": Kind.CHOICE,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
}
"""Types that are missing here (json, object_coordinates) cannot be mapped."""
NAMED: Mapping[str, Kind] = {
    "domain": Kind.DOMAIN, "website": Kind.DOMAIN, "email": Kind.EMAIL, "phone": Kind.PHONE, "mobilephone": Kind.PHONE,
    "amount": Kind.MONEY, "annualrevenue": Kind.MONEY, "hs_mrr": Kind.MONEY, "hs_arr": Kind.MONEY, "hs_tcv": Kind.MONEY,
    "hs_acv": Kind.MONEY, "amount_in_home_currency": Kind.MONEY,
}  # fmt: skip
"""HubSpot's own properties whose type is wider than what stands in them."""
WORDS = {
    "string": _("text"),
    "phone_number": _("phone"),
    "number": _("number"),
    "bool": _("yes/no"),
    "enumeration": _("list"),
    "date": _("date"),
    "datetime": _("date and time"),
    USER: _("user"),
}
"""The types as people call them; what is stored and compared stays HubSpot's own word."""
LONGEST_TEXT = 65_536


def fields_of(properties: Iterable[Mapping[str, Any]]) -> tuple[CrmField, ...]:
    return tuple(field_of(raw) for raw in properties if raw["type"] in TYPES and not raw.get("hidden"))


def field_of(raw: Mapping[str, Any]) -> CrmField:
    """A property is mapped by its name and shown by its label; a list is stored by value and shown by label."""
    is_person = raw.get("referencedObjectType") == OWNER
    is_own = not raw.get("hubspotDefined")
    may_write = is_writable(raw)
    return CrmField(
        path=str(raw["name"]),
        label=str(raw.get("label") or raw["name"]),
        type=USER if is_person else str(raw["type"]),
        kind=kind_of(raw),
        choices=() if is_person else tuple(choices_of(raw)),
        is_custom=is_own,
        # Anything that HubSpot keeps unique, and short texts and numbers of the portal's own.
        is_id=raw["name"] == ID or bool(raw.get("hasUniqueValue")) or (is_own and is_short(raw)),
        is_person=is_person,
        length=LONGEST_TEXT if raw["type"] == "string" else None,
        is_updateable=may_write,
        is_createable=may_write,
    )


def kind_of(raw: Mapping[str, Any]) -> Kind:
    if raw.get("referencedObjectType") == OWNER:
        return Kind.PERSON
    if raw["name"] == ID:
        return Kind.ID
    named = NAMED.get(str(raw["name"])) if raw.get("hubspotDefined") else None
    if raw.get("showCurrencySymbol"):
        named = Kind.MONEY
    return named or KINDS.get((raw["type"], str(raw.get("fieldType"))), TYPES[raw["type"]])


def is_writable(raw: Mapping[str, Any]) -> bool:
    """Not what HubSpot works out or keeps for itself. Which property a record needs, the definition does not say."""
    return not raw.get("calculated") and not (raw.get("modificationMetadata") or {}).get("readOnlyValue")


def is_short(raw: Mapping[str, Any]) -> bool:
    return raw["type"] == "number" or (raw["type"] == "string" and raw.get("fieldType") == "text")


def choices_of(raw: Mapping[str, Any]) -> Iterable[Choice]:
    """Custom lifecycle stages and stages of own pipelines have numbers for values: people are shown their labels."""
    for option in raw.get("options") or ():
        yield Choice(str(option["value"]), str(option.get("label") or option["value"]), not option.get("hidden"))
