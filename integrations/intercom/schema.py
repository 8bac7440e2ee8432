"""The attributes that may be mapped: those of every workspace stand here, the rest is the team's own."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.engine.values import Value
from integrations.sync.connector import Choice, CrmField

from .values import convert

CUSTOM = "custom_attributes."
COMPANY, CONTACT = "company", "contact"
FIRST_NAME, LAST_NAME = "@first_name", "@last_name"
KINDS = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "float": Kind.NUMBER,
    "boolean": Kind.BOOL,
    "date": Kind.DATETIME,
    "datetime": Kind.DATETIME,
    "options": Kind.CHOICE,
}
NAMING = frozenset({"string", "integer"})
"""Types that may hold an ID."""
WORDS = {
    "id": _("ID"),
    "string": _("text"),
    "long-text": _("long text"),
    "integer": _("whole number"),
    "float": _("number"),
    "boolean": _("yes/no"),
    "date": _("date and time"),
    "datetime": _("date and time"),
    "options": _("list"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "url": _("website"),
    "list": _("list"),
}


def built_in(path: str, label: Any, type_: str = "string", kind: Kind | None = None, **more: Any) -> CrmField:
    return CrmField(path, str(label), type_, kind or KINDS[type_], **more)


def _id(path: str, label: Any) -> CrmField:
    return built_in(path, label, "id", Kind.ID, is_id=True)


def companies() -> tuple[CrmField, ...]:
    """`company_id` is given once and never changes."""
    return (
        _id("company_id", _("Company ID")),
        _id("id", _("Intercom's own ID of the company")),
        built_in("name", _("Company name"), is_updateable=True),
        built_in("website", _("Company website"), "url", Kind.DOMAIN, is_updateable=True),
        built_in("industry", _("Company industry"), is_updateable=True),
        built_in("size", _("Company size"), "integer", is_updateable=True),
        built_in("plan", _("Plan"), is_updateable=True),
        built_in("monthly_spend", _("Monthly spend"), "float", is_updateable=True),
        built_in("user_count", _("People"), "integer"),
        built_in("created_at", _("Company created at"), "date"),
        built_in("updated_at", _("Company updated at"), "date"),
        built_in("last_request_at", _("Company last seen"), "date"),
        built_in("remote_created_at", _("Company signed up"), "date"),
    )


def contacts() -> tuple[CrmField, ...]:
    """`external_id` is what the team's own product knows a person by: it is read, and never moved from here."""
    return (
        _id("external_id", _("User ID")),
        _id("id", _("Intercom's own ID of the contact")),
        built_in("name", _("Name"), is_updateable=True),
        built_in(FIRST_NAME, _("First name, of the name")),
        built_in(LAST_NAME, _("Last name, of the name")),
        built_in("email", _("Email"), "email", Kind.EMAIL, is_updateable=True),
        built_in("phone", _("Phone"), "phone", Kind.PHONE, is_updateable=True),
        built_in(
            "role", _("Role"), "options", choices=(Choice("user", str(_("User"))), Choice("lead", str(_("Lead"))))
        ),
        built_in("created_at", _("Created at"), "date"),
        built_in("updated_at", _("Updated at"), "date"),
        built_in("signed_up_at", _("Signed up"), "date"),
        built_in("last_seen_at", _("Last seen"), "date"),
        built_in("unsubscribed_from_emails", _("Unsubscribed from Emails"), "boolean", is_updateable=True),
    )


STANDARD = {COMPANY: companies, CONTACT: contacts}


def fields_of(model: str, attributes: Iterable[Mapping[str, Any]]) -> tuple[CrmField, ...]:
    own = (one for one in attributes if one.get("custom") and not one.get("archived") and one.get("model") == model)
    return (*STANDARD[model](), *(custom_field(one) for one in own))


def custom_field(one: Mapping[str, Any]) -> CrmField:
    type_ = str(one.get("data_type") or "string")
    return CrmField(
        path=f"{CUSTOM}{one['name']}",
        label=str(one.get("label") or one["name"]),
        type=type_,
        kind=KINDS.get(type_, Kind.TEXT),
        choices=tuple(Choice(str(value), str(value)) for value in one.get("options") or () if isinstance(value, str)),
        is_custom=True,
        is_id=type_ in NAMING,
        is_updateable=bool(one.get("api_writable", True)),
    )


def value_of(row: Mapping[str, Any], path: str, kind: Kind) -> Value:
    if path.startswith(CUSTOM):
        return convert((row.get("custom_attributes") or {}).get(path.removeprefix(CUSTOM)), kind)
    match path:
        case "plan":
            return convert((row.get("plan") or {}).get("name"), kind)
        case "@first_name" | "@last_name":
            return names_of(row)[path == LAST_NAME] or None
    return convert(row.get(path), kind)


def names_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Intercom keeps one name: its last word is taken for the last name, and a single word too."""
    first, _space, last = str(row.get("name") or "").strip().rpartition(" ")
    return first, last
