"""What a field is: a key of its own, a name that may repeat, a type, options; kept as records, so that v1 has its numbers."""

import secrets
from dataclasses import dataclass
from typing import Any

from integrations.simulation.documents import Record

FIELD_KINDS = {
    "organization": "organizationField", "person": "personField", "deal": "dealField", "activity": "activityField",
}  # fmt: skip
ADDRESS_PARTS = (
    "street_number", "route", "sublocality", "locality", "admin_area_level_1", "admin_area_level_2", "country",
    "postal_code", "subpremise", "formatted_address",
)  # fmt: skip
MAKEABLE = (
    "varchar", "text", "double", "phone", "date", "daterange", "time", "timerange", "set", "enum", "varchar_auto",
    "address", "monetary", "org", "people", "user",
)  # fmt: skip
"""Types that a customer may make a field of. There is no boolean among them, and no web address."""
CHOICES = ("enum", "set")


@dataclass(frozen=True, slots=True)
class Field:
    number: int
    key: str
    name: str
    type: str
    custom: bool
    options: tuple[dict[str, Any], ...]
    deleted_options: tuple[dict[str, Any], ...]
    optional: bool
    """In an answer only when it is asked for."""
    mandatory: bool
    editable: bool
    shown: bool
    order: int
    description: str | None
    required: bool
    """In the forms of the app only: the API never enforces it."""
    made: str
    changed: str

    @classmethod
    def of(cls, record: Record) -> "Field":
        body = record.body
        return cls(
            int(record.id), body["key"], body["name"], body["type"], body.get("custom", False),
            tuple(body.get("options", ())),
            tuple(body.get("deleted_options", ())), body.get("optional", False), body.get("mandatory", False),
            body.get("editable", True), not body.get("hidden"), body.get("order", int(record.id)),
            body.get("description"),
            body.get("required", False), record.created, record.updated,
        )  # fmt: skip

    def option(self, number: Any) -> dict[str, Any] | None:
        return next((o for o in self.options if o["id"] == number), None)

    def labelled(self, label: str) -> int | None:
        return next((o["id"] for o in self.options if o["label"] == label), None)


def custom_body(name: str, kind: str, options: list[dict[str, Any]] | None = None, key: str = "") -> dict[str, Any]:
    """A field as a customer makes one. Its key is as good as random: two companies never share one."""
    body: dict[str, Any] = {"key": key or secrets.token_hex(20), "name": name, "type": kind, "custom": True}
    if options is not None:
        body["options"] = options
    return body


def subfields(field: Field) -> list[tuple[str, str, str]] | None:
    """Parts of a value: code, name, type; as v2 lists them and as v1 hangs them to the key."""
    match field.type:
        case "address":
            codes = ("value", *ADDRESS_PARTS)
            return [(part, f"{part.replace('_', ' ').capitalize()} of {field.name}", "varchar") for part in codes]
        case "monetary":
            return [("currency", f"Currency of {field.name}", "varchar")]
        case "daterange":
            return [("until", f"End date of {field.name}", "date")]
        case "time":
            return [("timezone_id", f"Timezone of {field.name}", "int")]
        case "timerange":
            return [("until", f"End time of {field.name}", "time"), ("timezone_id", f"Timezone of {field.name}", "int")]
    return None
