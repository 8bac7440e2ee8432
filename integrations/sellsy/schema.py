"""The fields of Sellsy that may be mapped: no call describes the built-in ones, so they stand here; the rest are custom."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.sync.connector import Choice, CrmField

from .fields import CUSTOM

STAFF = "staff"
KINDS = {
    "simple-text": Kind.TEXT,
    "rich-text": Kind.LONG_TEXT,
    "email": Kind.EMAIL,
    "url": Kind.DOMAIN,
    "numeric": Kind.NUMBER,
    "numeric-with-unit": Kind.NUMBER,
    "amount": Kind.MONEY,
    "date": Kind.DATE,
    "time": Kind.TEXT,
    "radio": Kind.CHOICE,
    "select": Kind.CHOICE,
    "checkbox": Kind.LIST,
    "boolean": Kind.BOOL,
    "company-individual": Kind.ID,
    "contact": Kind.LIST,
    "item": Kind.LIST,
    STAFF: Kind.PERSON,
}
CHOSEN = frozenset({"radio", "select", "checkbox"})
WORDS = {
    "id": _("ID"),
    "text": _("text"),
    "long-text": _("long text"),
    "phone": _("phone"),
    "datetime": _("date and time"),
    "list": _("list"),
    "tags": _("tags"),
    "label": _("list, as a text"),
    "currency": _("currency"),
    "simple-text": _("text"),
    "rich-text": _("long text"),
    "email": _("e-mail"),
    "url": _("website"),
    "numeric": _("number"),
    "numeric-with-unit": _("number with a unit"),
    "amount": _("amount"),
    "date": _("date"),
    "time": _("time"),
    "radio": _("list"),
    "select": _("list"),
    "checkbox": _("list, several at once"),
    "boolean": _("yes/no"),
    "company-individual": _("link to a company"),
    "contact": _("links to contacts"),
    "item": _("links to products"),
    STAFF: _("colleague"),
}
"""The types as people call them; what is stored and compared stays Sellsy's own word."""
OBJECTS = {"company": ("client",), "contact": ("contact", "people"), "opportunity": ("opportunity",)}
"""Our name of an object → as custom fields call what they belong to."""


def built_in(path: str, label: Any, kind: Kind, type_: str = "text", **more: Any) -> CrmField:
    return CrmField(path, str(label), type_, kind, **more)


def _id(path: str, label: Any) -> CrmField:
    return built_in(path, label, Kind.ID, "id", is_id=True)


def _of_both() -> Iterator[CrmField]:
    yield built_in("email", _("E-mail"), Kind.EMAIL, "email")
    yield built_in("phone_number", _("Phone"), Kind.PHONE, "phone")
    yield built_in("mobile_number", _("Mobile phone"), Kind.PHONE, "phone")
    yield built_in("note", _("Note"), Kind.LONG_TEXT, "long-text")
    yield built_in("owner", _("Owner"), Kind.PERSON, STAFF, is_person=True)
    yield built_in("smart_tags", _("Smart tags"), Kind.LIST, "tags")
    yield built_in("is_archived", _("Archived"), Kind.BOOL, "boolean")
    yield built_in("social.linkedin", _("LinkedIn"), Kind.TEXT)
    yield built_in("social.twitter", _("X (Twitter)"), Kind.TEXT)
    yield built_in("invoicing_address.address_line_1", _("Address"), Kind.TEXT)
    yield built_in("invoicing_address.postal_code", _("Postal code"), Kind.TEXT)
    yield built_in("invoicing_address.city", _("City"), Kind.TEXT)
    yield built_in("invoicing_address.country", _("Country"), Kind.TEXT)
    yield built_in("invoicing_address.country_code", _("Country code"), Kind.TEXT)
    yield built_in("created", _("Created"), Kind.DATETIME, "datetime")


def companies() -> tuple[CrmField, ...]:
    return (
        _id("id", _("Company ID")),
        built_in("name", _("Name"), Kind.TEXT, is_required=True),
        built_in("website", _("Website"), Kind.DOMAIN, "url"),
        built_in("reference", _("Reference"), Kind.TEXT, is_id=True),
        built_in("type", _("Type"), Kind.CHOICE, "list", choices=types()),
        *_of_both(),
        built_in("fax_number", _("Fax"), Kind.PHONE, "phone"),
        built_in("capital", _("Capital"), Kind.TEXT),
        built_in("auxiliary_code", _("Auxiliary code"), Kind.TEXT, is_id=True),
        built_in("legal_france.siret", _("SIRET"), Kind.TEXT, is_id=True),
        built_in("legal_france.siren", _("SIREN"), Kind.TEXT, is_id=True),
        built_in("legal_france.vat", _("VAT number"), Kind.TEXT, is_id=True),
        built_in("legal_france.ape_naf_code", _("NAF code"), Kind.TEXT),
        built_in("business_segment.label", _("Business segment"), Kind.TEXT),
        built_in("number_of_employees.label", _("Number of employees"), Kind.TEXT),
        built_in("updated_at", _("Changed"), Kind.DATETIME, "datetime"),
    )


def contacts() -> tuple[CrmField, ...]:
    return (
        _id("id", _("Contact ID")),
        built_in("first_name", _("First name"), Kind.TEXT),
        built_in("last_name", _("Last name"), Kind.TEXT, is_required=True),
        built_in("position", _("Position"), Kind.TEXT),
        built_in("civility", _("Civility"), Kind.CHOICE, "list", choices=civilities()),
        built_in("birth_date", _("Birthday"), Kind.DATE, "date"),
        *_of_both(),
        built_in("updated", _("Changed"), Kind.DATETIME, "datetime"),
    )


def opportunities() -> tuple[CrmField, ...]:
    return (
        _id("id", _("Opportunity ID")),
        built_in("number", _("Number"), Kind.TEXT, is_id=True),
        built_in("name", _("Name"), Kind.TEXT, is_required=True),
        built_in("amount.value", _("Amount"), Kind.MONEY, "amount"),
        built_in("amount.currency", _("Currency of the amount"), Kind.TEXT, "currency"),
        built_in("status", _("Status"), Kind.CHOICE, "list", choices=statuses()),
        built_in("pipeline.name", _("Pipeline"), Kind.TEXT),
        built_in("step.name", _("Step"), Kind.TEXT),
        built_in("probability", _("Probability"), Kind.NUMBER, "numeric"),
        built_in("due_date", _("Due date (closing date)"), Kind.DATE, "date"),
        built_in("source.name", _("Source"), Kind.TEXT),
        built_in("note", _("Note"), Kind.LONG_TEXT, "long-text"),
        built_in("owner", _("Owner"), Kind.PERSON, STAFF, is_person=True),
        built_in("assigned_staff", _("Assigned colleague"), Kind.PERSON, STAFF, is_person=True),
        built_in("smart_tags", _("Smart tags"), Kind.LIST, "tags"),
        built_in("created", _("Created"), Kind.DATETIME, "datetime"),
        built_in("updated_status", _("Status changed"), Kind.DATETIME, "datetime"),
    )


BUILT_IN = {"company": companies, "contact": contacts, "opportunity": opportunities}


def types() -> tuple[Choice, ...]:
    return (
        Choice("client", str(_("Client"))),
        Choice("prospect", str(_("Prospect"))),
        Choice("supplier", str(_("Supplier"))),
    )


def civilities() -> tuple[Choice, ...]:
    return tuple(Choice(one, one) for one in ("mr", "mrs", "ms"))


def statuses() -> tuple[Choice, ...]:
    words = {
        "open": _("Open"), "late": _("Open, past its due date"), "won": _("Won"), "lost": _("Lost"),
        "cancelled": _("Cancelled"), "closed": _("Closed"),
    }  # fmt: skip
    return tuple(Choice(value, str(label)) for value, label in words.items())


def fields_of(obj: str, definitions: Iterable[Mapping[str, Any]]) -> tuple[CrmField, ...]:
    own = (field for one in definitions if belongs(one, obj) for field in custom_fields_of(one))
    return (*BUILT_IN[obj](), *own)


def belongs(definition: Mapping[str, Any], obj: str) -> bool:
    """The document says `related_object`, the answers `related_objects`."""
    told = definition.get("related_objects") or definition.get("related_object") or ()
    return not set(OBJECTS[obj]).isdisjoint([told] if isinstance(told, str) else told)


def custom_fields_of(definition: Mapping[str, Any]) -> Iterator[CrmField]:
    type_ = str(definition["type"])
    if type_ not in KINDS:
        return
    path, label = f"{CUSTOM}.{definition['id']}", str(definition.get("name") or definition.get("code") or "")
    items = (definition.get("parameters") or {}).get("items") or ()
    yield CrmField(
        path, label, type_, KINDS[type_],
        # Stored by the number of the item, which stays when somebody renames it; shown by its label.
        choices=tuple(Choice(str(item["id"]), str(item["label"])) for item in items),
        is_custom=True,
        is_id=type_ in {"simple-text", "numeric", "company-individual"},
        is_person=type_ == STAFF,
        is_updateable=True,
        is_createable=True,
        is_required=False,
    )  # fmt: skip
    if type_ in CHOSEN:
        # For a field of the hub that is a text: the plan "Gold", not the number of an item.
        kind = Kind.LIST if type_ == "checkbox" else Kind.TEXT
        text = _("%(field)s (text)") % {"field": label}
        yield CrmField(f"{path}.label", text, "label", kind, is_custom=True)
    if type_ == "amount":
        text = _("%(field)s (currency)") % {"field": label}
        yield CrmField(f"{path}.currency", text, "currency", Kind.TEXT, is_custom=True)
