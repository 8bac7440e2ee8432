"""Pipedrive's fields of an object as those that may be mapped. What stores them is a key; what people read is a name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.sync.connector import Choice, CrmField

ID, NAME, EMAILS, PHONES = "id", "name", "emails", "phones"
FIRST, LAST = "first_name", "last_name"
STAMP, MADE = "update_time", "add_time"
USER = "user"
CURRENCY, UNTIL = ".currency", ".until"
"""What a value holds beside itself: an amount its currency, a period its last day."""
KINDS = {
    "varchar": Kind.TEXT,
    "varchar_auto": Kind.TEXT,
    "varchar_options": Kind.TEXT,
    "text": Kind.LONG_TEXT,
    "double": Kind.NUMBER,
    "int": Kind.INTEGER,
    "monetary": Kind.MONEY,
    "date": Kind.DATE,
    "moment": Kind.DATETIME,
    "daterange": Kind.DATE,
    "time": Kind.TEXT,
    "timerange": Kind.TEXT,
    "enum": Kind.CHOICE,
    "status": Kind.CHOICE,
    "set": Kind.LIST,
    "boolean": Kind.BOOL,
    "phone": Kind.PHONE,
    "email": Kind.EMAIL,
    "address": Kind.TEXT,
    "website": Kind.DOMAIN,
    "org": Kind.ID,
    "people": Kind.ID,
    "number": Kind.ID,
    "stage": Kind.ID,
    USER: Kind.PERSON,
}
"""Types that are missing here (picture, json, visible_to) cannot be mapped."""
WORDS = {
    "varchar": _("text"),
    "varchar_auto": _("text"),
    "varchar_options": _("text"),
    "text": _("long text"),
    "double": _("number"),
    "int": _("number"),
    "monetary": _("amount"),
    "date": _("date"),
    "moment": _("date and time"),
    "daterange": _("period"),
    "time": _("time"),
    "timerange": _("period of time"),
    "enum": _("list"),
    "status": _("list"),
    "set": _("list, several at once"),
    "boolean": _("yes/no"),
    "phone": _("phone"),
    "email": _("e-mail"),
    "address": _("address"),
    "website": _("website"),
    "org": _("link to an organization"),
    "people": _("link to a person"),
    "number": _("ID"),
    "stage": _("stage"),
    USER: _("user"),
}
MOMENTS = frozenset({STAMP, MADE, "won_time", "lost_time", "close_time", "stage_change_time"})
"""Called dates by the metadata, and times with seconds in truth."""
TYPES = {
    ID: "number", EMAILS: "email", PHONES: "phone", "website": "website", "pipeline_id": "number",
    **dict.fromkeys(MOMENTS, "moment"),
}  # fmt: skip
"""What standard fields are, whatever the metadata calls them."""
IDENTIFYING = frozenset({"varchar", "varchar_auto", "double", "number"})
WRITABLE = frozenset(
    {"varchar", "varchar_auto", "text", "double", "date", "enum", "set", "phone", "org", "people", USER}
)  # fmt: skip
"""Of custom fields. Amounts would need a currency, periods an end, addresses all of their parts: these are only read."""
STANDARD_WRITABLE: Mapping[str, frozenset[str]] = {
    "organization": frozenset(
        {NAME, "owner_id", "label_ids", "website", "linkedin", "industry", "annual_revenue", "employee_count"}
    ),
    "person": frozenset({NAME, FIRST, LAST, EMAILS, PHONES, "owner_id", "label_ids"}),
}  # fmt: skip
REQUIRED = {"organization": frozenset({NAME}), "person": frozenset({LAST})}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of Pipedrive's metadata."""

    key: str
    label: str
    type: str
    is_custom: bool
    is_optional: bool
    """Answered only where it is asked for by name."""
    options: Mapping[str, str]
    """Number → label."""

    @property
    def numbers(self) -> Mapping[str, str]:
        """Label → number."""
        return {label: number for number, label in self.options.items()}


class Described:
    """The fields of one entity, by key and by the path that a mapping line stores."""

    def __init__(self, entity: str, raw: Iterable[Mapping[str, Any]]) -> None:
        self.entity = entity
        self.known: dict[str, Field] = {one.key: one for one in map(field_of, raw)}
        if entity == "person":
            # Not listed, and answered all the same: Pipedrive makes them of the name.
            self.known[FIRST] = Field(FIRST, str(_("First name")), "varchar", False, False, {})
            self.known[LAST] = Field(LAST, str(_("Last name")), "varchar", False, False, {})

    @cached_property
    def fields(self) -> tuple[CrmField, ...]:
        repeated = {label for label, number in Counter(one.label for one in self.known.values()).items() if number > 1}
        return tuple(
            found for one in self.known.values() if one.type in KINDS for found in self._offered(one, repeated)
        )

    def field(self, path: str) -> Field | None:
        return self.known.get(path.removesuffix(CURRENCY).removesuffix(UNTIL))

    def optional(self, paths: Iterable[str]) -> Sequence[str]:
        """Which of them have to be asked for by name."""
        found = (self.field(path) for path in paths)
        return sorted({one.key for one in found if one and one.is_optional})

    def has_people(self, paths: Iterable[str]) -> bool:
        return any(found.type == USER for found in map(self.field, paths) if found)

    def _offered(self, one: Field, repeated: set[str]) -> Iterable[CrmField]:
        # Names repeat; then only the key tells them apart.
        label = f"{one.label} ({one.key[:6]})" if one.is_custom and one.label in repeated else one.label
        yield CrmField(
            path=one.key,
            label=label,
            type=one.type,
            kind=KINDS[one.type],
            choices=tuple(Choice(name, name) for name in one.options.values()),
            is_custom=one.is_custom,
            is_id=may_identify(one),
            is_person=one.type == USER,
            length=255 if one.type == "varchar" else None,
            is_updateable=self.is_writable(one),
            is_createable=self.is_writable(one),
            is_required=one.key in REQUIRED.get(self.entity, ()),
        )
        if one.type == "monetary" and one.is_custom:
            yield CrmField(
                one.key + CURRENCY,
                str(_("%(field)s: currency")) % {"field": label},
                "varchar",
                Kind.TEXT,
                is_custom=True,
            )
        if one.type == "daterange":
            yield CrmField(
                one.key + UNTIL, str(_("%(field)s: last day")) % {"field": label}, "date", Kind.DATE, is_custom=True
            )

    def is_writable(self, one: Field) -> bool:
        if one.is_custom:
            return one.type in WRITABLE
        return one.key in STANDARD_WRITABLE.get(self.entity, ())


def field_of(raw: Mapping[str, Any]) -> Field:
    key = str(raw["field_code"])
    is_custom = bool(raw.get("is_custom_field"))
    return Field(
        key,
        str(raw.get("field_name") or key),
        str(raw["field_type"]) if is_custom else TYPES.get(key, str(raw["field_type"])),
        is_custom,
        bool(raw.get("is_optional_response_field")),
        options_of(raw.get("options") or ()),
    )


def options_of(raw: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Two options of one label are told apart by their numbers."""
    told = [(str(one["id"]), str(one.get("label") or one["id"])) for one in raw]
    often = Counter(label for _number, label in told)
    return {number: label if often[label] == 1 else f"{label} (#{number})" for number, label in told}


def may_identify(one: Field) -> bool:
    """Pipedrive knows no unique fields: the number of the record, or a field that the company itself numbers by."""
    return one.key == ID or (one.is_custom and one.type in IDENTIFYING)
