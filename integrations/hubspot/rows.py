"""A record to write in HubSpot's own properties: what it is, which input of a batch it becomes, and to whom it is tied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.engine.records import Record
from integrations.engine.values import Value, is_blank
from integrations.sync.connector import Answer, CrmField, Send, Sent, Unsendable
from integrations.wire.errors import Misconfigured

from .owners import Owners
from .values import convert, moment, written

CUSTOMER = "@customer"


class Operation(StrEnum):
    """As HubSpot's batches call them."""

    CREATE = "create"
    UPSERT = "upsert"
    UPDATE = "update"
    DELETE = "archive"


@dataclass(frozen=True, slots=True)
class Row:
    trace: str
    """Tells its answer apart: those of a batch come in any order."""
    properties: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    key: str = ""
    key_field: str = ""
    ties: Sequence[Mapping[str, Any]] = ()
    """What a new one is tied to as it is made."""
    deletes: bool = False

    @property
    def operation(self) -> Operation:
        if self.id:
            return Operation.DELETE if self.deletes else Operation.UPDATE
        return Operation.UPSERT if self.key and self.key_field else Operation.CREATE

    @property
    def input(self) -> dict[str, Any]:
        named: dict[str, Any] = {"properties": dict(self.properties), "objectWriteTraceId": self.trace}
        if self.id:
            return {**named, "id": self.id}
        if self.ties:
            named["associations"] = list(self.ties)
        return {**named, "idProperty": self.key_field, "id": self.key} if self.operation is Operation.UPSERT else named


class Rows:
    """Turns sends of one data type into rows; a value without a way out refuses its own record."""

    def __init__(
        self, obj: str, fields: Mapping[str, CrmField], owners: Owners, *, customer_path: str = "",
        born_with: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """`born_with`: what a new record has where nothing else is said, so that it belongs."""
        self.object = obj
        self.fields = fields
        self.owners = owners
        self.customer_path = customer_path
        self.born_with = born_with or {}

    def of(self, sends: Sequence[Send], key_field: str = "") -> list[Row | Sent]:
        require_key_field(self.object, self.fields, sends, key_field)
        return [self._row(str(place), send, key_field) for place, send in enumerate(sends)]

    def _row(self, trace: str, send: Send, key_field: str) -> Row | Sent:
        if send.delete:
            return Row(trace, id=send.source_id, deletes=True)
        properties: dict[str, str] = {} if send.source_id else dict(self.born_with)
        for path, value in send.values.items():
            if not send.source_id and is_blank(value):
                # What is empty in a new record is left to HubSpot's own defaults.
                continue
            name = self.customer_path if path == CUSTOMER else path
            try:
                properties[name] = self.value(name, value)
            except Unsendable as refused:
                return Sent(Answer.REFUSED, send.source_id, refused.code, refused.message, (path,))
        return Row(trace, properties, send.source_id, send.key, key_field if send.key else "")

    def kept(self, row: Row, told: Mapping[str, Any]) -> Record:
        """Of what was sent, the values that HubSpot has now: its answer holds all of them, cut or put in order by it."""
        held = told["properties"]
        values: dict[str, Value] = {
            name: convert(held[name], self.fields.get(name)) for name in row.properties if name in held
        }
        for name, value in values.items():
            known = self.fields.get(name)
            if known and known.is_person and not is_blank(value):
                values[name] = self.owners.address(str(value))
        return Record(str(told["id"]), values, moment(told["updatedAt"]) if told.get("updatedAt") else None)

    def value(self, name: str, value: Value) -> str:
        known = self.fields.get(name)
        if known and known.is_person and not is_blank(value):
            return self.owners.id_of(str(value))
        return written(value)


def require_key_field(obj: str, fields: Mapping[str, CrmField], sends: Sequence[Send], key_field: str) -> None:
    """Made without their keys, records whose answer gets lost would be made twice."""
    if key_field and key_field not in fields and any(send.key for send in sends):
        message = f"{obj} have no property {key_field} that this sign-in can see."
        raise Misconfigured("KEY_FIELD_GONE", message, fields=(key_field,))
