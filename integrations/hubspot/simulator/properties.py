"""A property of an object and how the API tells its definition."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Definition = dict[str, Any]
_MADE = "2020-06-30T15:57:38.068Z"
_CHANGED = "2025-09-09T22:06:57.163Z"
TRUE_FALSE = (("True", "true"), ("False", "false"))


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    label: str
    type: str = "string"
    field: str = "text"
    group: str = ""
    options: tuple[tuple[str, str], ...] = ()
    description: str = ""
    read_only: bool = False
    calculated: bool = False
    unique: bool = False
    hidden: bool = False
    external: bool = False
    """Its options live elsewhere: owners, pipelines, lifecycle stages."""
    refers_to: str = ""
    money: bool = False
    order: int = -1
    form: bool = False
    own: bool = False
    """Made by somebody of the account, not by HubSpot."""
    made: str = _MADE
    changed: str = _CHANGED
    limits: Mapping[str, bool] | None = None
    """What may be changed about it, where that is not what is usual for its kind."""
    described: bool = True
    """Whether its options have a description, empty as it is: of some they have none."""
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def writable(self) -> bool:
        return not (self.read_only or self.calculated)

    @property
    def multiple(self) -> bool:
        return self.type == "enumeration" and self.field == "checkbox"

    def definition(self) -> Definition:
        limits = self.limits
        if limits is None:
            limits = {"archivable": True, "readOnlyDefinition": True}
            if self.type == "enumeration" and not self.external and not self.read_only:
                limits["readOnlyOptions"] = False
        told: Definition = {
            "updatedAt": self.changed, "createdAt": self.made, "name": self.name, "label": self.label,
            "type": self.type,
            "fieldType": self.field, "description": self.description, "groupName": self.group,
            "options": self._options(),
            **({"referencedObjectType": self.refers_to} if self.refers_to else {}), "displayOrder": self.order,
            "calculated": self.calculated, "externalOptions": self.external, "hasUniqueValue": self.unique,
            "hidden": self.hidden, **({} if self.own else {"hubspotDefined": True}),
            **({"showCurrencySymbol": True} if self.money else {}),
            "modificationMetadata": {**limits, "readOnlyValue": not self.writable}, "formField": self.form,
            "dataSensitivity": "non_sensitive", **self.extra,
        }  # fmt: skip
        if self.name in _WITHOUT_STAMPS:
            del told["updatedAt"], told["createdAt"]
        return told

    def _options(self) -> list[Definition]:
        return [
            {
                "label": label,
                "value": value,
                **({"description": ""} if self.described else {}),
                "displayOrder": place,
                "hidden": False,
            }
            for place, (label, value) in enumerate(self.options)
        ]


# Of these two the vendor tells neither when they were made nor when they changed.
_WITHOUT_STAMPS = {"hs_object_id", "hs_unique_creation_key"}


def text(name: str, label: str, field_type: str = "text", **more: Any) -> Property:
    return Property(name, label, "string", field_type, **more)


def number(name: str, label: str, **more: Any) -> Property:
    return Property(name, label, "number", "number", **more)


def money(name: str, label: str, **more: Any) -> Property:
    return number(name, label, money=True, **more)


def rollup(name: str, label: str, **more: Any) -> Property:
    return Property(name, label, "number", "calculation_rollup", read_only=True, **more)


def moment(name: str, label: str, **more: Any) -> Property:
    # The field type of a moment is `date` too: only the type tells a day from a moment.
    return Property(name, label, "datetime", "date", **more)


def day(name: str, label: str, **more: Any) -> Property:
    return Property(name, label, "date", "date", **more)


def flag(name: str, label: str, **more: Any) -> Property:
    return Property(name, label, "bool", "booleancheckbox", options=TRUE_FALSE, **more)


def choice(
    name: str, label: str, values: str | Sequence[tuple[str, str]], field_type: str = "select", **more: Any
) -> Property:
    """Values as label=value|…, or a value alone that is its own label."""
    if isinstance(values, str):
        parts = [part.partition("=") for part in values.split("|") if part]
        values = [(label, value or label) for label, _, value in parts]
    return Property(name, label, "enumeration", field_type, options=tuple(values), **more)


def owner(name: str, label: str, **more: Any) -> Property:
    # No options: the owners endpoint has them.
    return Property(name, label, "enumeration", "select", external=True, refers_to="OWNER", **more)


def computed(one: Property) -> Property:
    return replace(one, read_only=True)


def system(
    created: str, modified: str, group: str, *, noun: str = "Record", activity: str = "", sales: str = ""
) -> tuple[Property, ...]:  # fmt: skip
    """What every object has; some of it stands in other groups where an object has them."""
    return (
        moment(created, "Create Date", group=group, read_only=True, order=19),
        moment(modified, "Last Modified Date", group=activity or group, read_only=True),
        number("hs_object_id", "Record ID", group=group, read_only=True),
        text("hs_unique_creation_key", "Unique creation key", group=group, read_only=True, unique=True, hidden=True),
        text("hs_object_source", "Record source", group=group, read_only=True),
        text("hs_object_source_id", "Record source ID", group=group, read_only=True),
        text("hs_object_source_label", "Record source label", group=group, read_only=True),
        Property("hs_merged_object_ids", f"Merged {noun} IDs", "enumeration", "checkbox", group, read_only=True),
        owner("hubspot_owner_id", f"{noun} owner", group=sales or group, order=6),
        moment("hubspot_owner_assigneddate", "Owner assigned date", group=group, read_only=True),
    )
