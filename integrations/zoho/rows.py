"""A record to write in Zoho's own fields: what it is, and how it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.engine.values import Value, is_blank
from integrations.sync.colleagues import People
from integrations.sync.connector import Answer, Send, Sent, Unsendable
from integrations.wire.errors import Misconfigured

from .columns import column_value
from .schema import ID, Described
from .values import PERSON

CUSTOMER = "@customer"


class Operation(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Row:
    module: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    """Ready for the wire, without id and key."""
    id: str = ""
    key: str = ""
    key_field: str = ""
    deletes: bool = False

    @property
    def operation(self) -> Operation:
        if self.id:
            return Operation.DELETE if self.deletes else Operation.UPDATE
        return Operation.CREATE

    @property
    def has_key(self) -> bool:
        return bool(self.key and self.key_field)

    @property
    def named(self) -> dict[str, Any]:
        """The columns with what says which record it is."""
        if self.id:
            return {"id": self.id, **self.columns}
        return {**self.columns, self.key_field: self.key} if self.has_key else dict(self.columns)


class Columns:
    """Turns sends of one data type into rows; a value without a way out refuses its own record."""

    def __init__(self, module: str, described: Described, people: People, customer_path: str = "") -> None:
        self.module = module
        self.described = described
        self.people = people
        self.customer_path = customer_path

    def rows(self, sends: Sequence[Send], key_field: str = "") -> list[Row | Sent]:
        if key_field and not self.described.has(key_field) and any(send.key for send in sends):
            # Made without their keys, records whose answer gets lost would be made twice.
            message = f"{self.module} has no field {key_field} that the connecting user can see."
            raise Misconfigured("KEY_FIELD_GONE", message, fields=(key_field,))
        return [self._row(send, key_field) for send in sends]

    def _row(self, send: Send, key_field: str) -> Row | Sent:
        if send.delete:
            return Row(self.module, id=send.source_id, deletes=True)
        columns: dict[str, Any] = {}
        for path, value in send.values.items():
            if not send.source_id and is_blank(value):
                # What is empty in a new record is left to Zoho: its own default, its own owner.
                continue
            try:
                columns[self._column(path)] = self._value(path, value)
            except Unsendable as refused:
                return Sent(Answer.REFUSED, send.source_id, refused.code, refused.message, (path,))
        return Row(self.module, columns, send.source_id, send.key, key_field if send.key else "")

    def _column(self, path: str) -> str:
        return self.customer_path if path == CUSTOMER else path.removesuffix(PERSON)

    def _value(self, path: str, value: Value) -> Any:
        if path == CUSTOMER:
            return {ID: str(value)}
        self._require(path)
        if self.described.is_person(path):
            return None if is_blank(value) else {ID: self.people.id_of(str(value))}
        return column_value(value, self.described.type_of(path))

    def _require(self, path: str) -> None:
        """Zoho passes over a name that it does not know, and over a field that may not be written, as if all were well."""
        if path == ID or not self.described.has(path):
            raise Misconfigured("FIELD_GONE", f"{self.module} has no field {path} that can be written.", fields=(path,))
