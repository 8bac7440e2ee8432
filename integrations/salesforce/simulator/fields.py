"""Fields and objects of an org as values, with short constructors that read like an object reference page."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

NUMBERS = frozenset({"int", "double", "currency", "percent"})
LONG_TEXT = 255
"""Text areas beyond this length can be neither filtered nor sorted, and halve the size of a page."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    default: str | int | None = None
    to: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None
    """The name under which the parent's rows select these rows as a sub-query."""
    cascades: bool = False
    values: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    restricted: bool = False
    external_id: bool = False
    id_lookup: bool = False
    unique: bool = False
    name_field: bool = False
    calculated: bool = False
    auto_number: bool = False
    compound: str | None = None

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def is_long(self) -> bool:
        return self.type == "textarea" and self.length > LONG_TEXT

    @property
    def filterable(self) -> bool:
        return not self.is_long and self.type != "address"

    @property
    def stored(self) -> bool:
        return self.type != "address"


@dataclass(frozen=True)
class SObject:
    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[Field, ...]
    mergeable: bool = False
    has_views: bool = False
    is_setup: bool = False

    @cached_property
    def by_name(self) -> dict[str, Field]:
        # Salesforce takes any case of a name and answers with its own.
        return {f.name.lower(): f for f in self.fields}

    @cached_property
    def by_relationship(self) -> dict[str, Field]:
        return {f.relationship.lower(): f for f in self.fields if f.relationship}

    def field(self, name: str) -> Field | None:
        return self.by_name.get(name.lower())

    @property
    def name_field(self) -> Field | None:
        return next((f for f in self.fields if f.name_field), None)


def text(name: str, label: str, length: int = 255, **more: object) -> Field:
    return Field(name, label, "string", length, **more)  # type: ignore[arg-type]


def area(name: str, label: str, length: int = 32_000, **more: object) -> Field:
    return Field(name, label, "textarea", length, **more)  # type: ignore[arg-type]


def picklist(name: str, label: str, values: str, length: int = 255, **more: object) -> Field:
    return Field(name, label, "picklist", length, values=tuple(values.split("|")), **more)  # type: ignore[arg-type]


def lookup(name: str, label: str, to: str, **more: object) -> Field:
    """The relationship is the name without Id (standard) or with __r (custom)."""
    own = name[:-1] + "r" if name.endswith("__c") else name.removesuffix("Id")
    return Field(name, label, "reference", 18, to=tuple(to.split("|")), relationship=own, **more)  # type: ignore[arg-type]


def checkbox(name: str, label: str, **more: object) -> Field:
    return Field(name, label, "boolean", required=True, defaulted=True, default=0, **more)  # type: ignore[arg-type]


def plain(type_: str, name: str, label: str, length: int = 0, **more: object) -> Field:
    return Field(name, label, type_, length, **more)  # type: ignore[arg-type]


def currency(name: str, label: str, **more: object) -> Field:
    return Field(name, label, "currency", precision=18, scale=2, **more)  # type: ignore[arg-type]


def double(name: str, label: str, precision: int = 18, scale: int = 2, **more: object) -> Field:
    return Field(name, label, "double", precision=precision, scale=scale, **more)  # type: ignore[arg-type]


def whole(name: str, label: str, **more: object) -> Field:
    return Field(name, label, "int", precision=8, **more)  # type: ignore[arg-type]


def read_only(field: Field) -> Field:
    return replace(field, createable=False, updateable=False)


def postal_address(kind: str) -> tuple[Field, ...]:
    group = f"{kind}Address"
    parts = (
        area(f"{kind}Street", f"{kind} Street", 255, compound=group),
        text(f"{kind}City", f"{kind} City", 40, compound=group),
        text(f"{kind}State", f"{kind} State/Province", 80, compound=group),
        text(f"{kind}PostalCode", f"{kind} Zip/Postal Code", 20, compound=group),
        text(f"{kind}Country", f"{kind} Country", 80, compound=group),
        double(f"{kind}Latitude", f"{kind} Latitude", 18, 15, compound=group),
        double(f"{kind}Longitude", f"{kind} Longitude", 18, 15, compound=group),
        picklist(
            f"{kind}GeocodeAccuracy", f"{kind} Geocode Accuracy", "Address|Street|City|Unknown", 40, compound=group
        ),
    )
    return (*parts, read_only(plain("address", group, f"{kind} Address")))


def identity(label: str) -> Field:
    return Field(
        "Id", f"{label} ID", "id", 18, required=True, createable=False, updateable=False, defaulted=True, id_lookup=True
    )


def _system(name: str, label: str, type_: str, **more: object) -> Field:
    return Field(
        name,
        label,
        type_,
        required=True,
        createable=False,
        updateable=False,
        defaulted=True,
        **more,  # type: ignore[arg-type]
    )


def stamps() -> tuple[Field, ...]:
    return (
        _system("CreatedDate", "Created Date", "datetime"),
        _system("CreatedById", "Created By ID", "reference", length=18, to=("User",), relationship="CreatedBy"),
        _system("LastModifiedDate", "Last Modified Date", "datetime"),
        _system(
            "LastModifiedById",
            "Last Modified By ID",
            "reference",
            length=18,
            to=("User",),
            relationship="LastModifiedBy",
        ),
        _system("SystemModstamp", "System Modstamp", "datetime"),
    )


def business_object(
    name: str,
    plural: str,
    prefix: str,
    fields: Iterable[Field],
    *,
    label: str = "",
    merges: bool = False,
    views: bool = False,
) -> SObject:
    """An object whose rows people own, delete and find again in the recycle bin."""
    deleted = _system("IsDeleted", "Deleted", "boolean", default=0)
    master = (
        (
            Field(
                "MasterRecordId",
                "Master Record ID",
                "reference",
                18,
                createable=False,
                updateable=False,
                to=(name,),
                relationship="MasterRecord",
            ),
        )
        if merges
        else ()
    )
    title = label or name
    return SObject(name, title, plural, prefix, (identity(title), deleted, *master, *fields, *stamps()), merges, views)


def setup_object(name: str, plural: str, prefix: str, fields: Iterable[Field], *, label: str = "") -> SObject:
    """An object of the org's own set-up: no owner, no recycle bin."""
    title = label or name
    return SObject(name, title, plural, prefix, (identity(title), *fields, *stamps()), is_setup=True)
