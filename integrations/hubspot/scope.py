"""Which records belong: companies by their lifecycle stage and one more condition, as a search asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.engine.mapping import Kind
from integrations.sync.connector import CrmField, Schema

from .models import BETWEEN, HubSpotConnection
from .schema import ID
from .values import written

Filter = dict[str, Any]
Groups = list[list[Filter]]
"""Of the groups any one is met, of a group all its filters."""
STAGE = "lifecyclestage"
PARENT = "hs_parent_company_id"
PRIMARY = "associatedcompanyid"
WON = "hs_is_closed_won"
PIPELINE = "pipeline"
Operator = HubSpotConnection.Operator
ON_TEXT = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.PHONE, Kind.DOMAIN})


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records of a data type stand."""

    object: str
    modified: str = "hs_lastmodifieddate"
    """Contacts have a stamp of another name than everything else."""
    name: tuple[str, ...] = ("name",)
    """Properties that together say what a record is called."""
    needed: tuple[str, ...] = ()
    """Beside its stamp: what says whether it belongs, and to whom."""
    prefix: str = ""
    """Before an id that could be taken for another object's of the same data type."""
    is_company: bool = False
    created: str = "createdate"
    hangs: bool = False
    """It comes in for the sake of its company, and of those in scope only their ties tell."""
    through: tuple[str, ...] = ()
    """Objects of which it may stand on one alone, and then belongs to the company of that."""

    @property
    def properties(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.name, self.modified, *self.needed)))

    def title(self, held: Mapping[str, Any]) -> str:
        return " ".join(part for name in self.name if (part := held.get(name)))


COMPANIES = Source("companies", needed=(STAGE,), is_company=True)
CONTACTS = Source("contacts", "lastmodifieddate", ("firstname", "lastname"), (PRIMARY,), hangs=True)


def several(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(BETWEEN) if part)


def label_stages(connection: HubSpotConnection, schema: Schema) -> None:
    """In memory alone, as long as nobody has chosen stages: what is proposed bears HubSpot's own words."""
    if not connection.stages_label and (field := schema.get(STAGE)):
        labels = {one.value: one.label for one in field.choices}
        connection.stages_label = ", ".join(labels.get(one, one) for one in several(connection.stages))


def where(name: str, operator: str, value: str | None = None, **more: Any) -> Filter:
    return {"propertyName": name, "operator": operator, **({"value": value} if value is not None else {}), **more}


def among(name: str, values: Sequence[str]) -> Filter:
    return where(name, "IN", values=list(values))


def after(record_id: str) -> Filter:
    """From one page to the next: a search ends at 10,000 records however it is paged, and an id never comes twice."""
    return where(ID, "GT", record_id or "0")


def customers(connection: HubSpotConnection, fields: Mapping[str, CrmField] | None = None) -> Groups:
    """The companies that become customers. `fields`: how the filtered property is compared hangs on its type."""
    stage = among(STAGE, several(connection.stages))
    if not connection.filter_field:
        return [[stage]]
    field = (fields or {}).get(connection.filter_field)
    operator, values = Operator(connection.filter_operator), several(connection.filter_values)
    return [[stage, *one] for one in condition(connection.filter_field, operator, values, field)]


def outside(connection: HubSpotConnection, fields: Mapping[str, CrmField]) -> Groups:
    """Every company that `customers` leaves out."""
    return opposite(STAGE, Operator.ANY, several(connection.stages)) + (
        opposite(
            connection.filter_field, Operator(connection.filter_operator), several(connection.filter_values),
            fields.get(connection.filter_field),
        )
        if connection.filter_field
        else []
    )  # fmt: skip


def opposite(name: str, operator: Operator, values: Sequence[str], field: CrmField | None = None) -> Groups:
    match operator:
        case Operator.ANY:
            return condition(name, Operator.NONE, values, field)
        case Operator.NONE:
            return condition(name, Operator.ANY, values, field)
        case Operator.FILLED:
            return condition(name, Operator.EMPTY, values)
        case Operator.EMPTY:
            return condition(name, Operator.FILLED, values)
        case Operator.LEAST:
            return [[where(name, "LT", values[0])], [where(name, "NOT_HAS_PROPERTY")]]
        case Operator.MOST:
            return [[where(name, "GT", values[0])], [where(name, "NOT_HAS_PROPERTY")]]


def condition(name: str, operator: Operator, values: Sequence[str], field: CrmField | None = None) -> Groups:
    match operator:
        case Operator.ANY:
            return [[among(name, spelled(values, field))]]
        case Operator.NONE:
            # A company without a value is in no comparison of HubSpot's, not even in an unlike one.
            return [[where(name, "NOT_IN", values=spelled(values, field))], [where(name, "NOT_HAS_PROPERTY")]]
        case Operator.FILLED:
            return [[where(name, "HAS_PROPERTY")]]
        case Operator.EMPTY:
            return [[where(name, "NOT_HAS_PROPERTY")]]
        case Operator.LEAST:
            return [[where(name, "GTE", values[0])]]
        case Operator.MOST:
            return [[where(name, "LTE", values[0])]]


def spelled(values: Sequence[str], field: CrmField | None) -> list[str]:
    """A list of texts is compared with small letters only; the values of a list of options with those they have."""
    is_text = field is not None and field.type == "string" and field.kind in ON_TEXT
    return [value.lower() for value in values] if is_text else list(values)


def since(source: Source, floor: datetime | None) -> Groups:
    """By the day of logging, which nobody edits: a record never drops out of the time that is read."""
    return [[where(source.created, "GTE", written(floor))]] if floor else []


def both(groups: Groups, *more: Filter) -> Groups:
    return [[*group, *more] for group in groups] or [list(more)]
