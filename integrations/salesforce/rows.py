"""A record to write in Salesforce's own columns: what it is, how it is written, and what hangs on its parent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.engine.values import Value, is_blank
from integrations.sync.connector import Answer, Send, Sent, Unsendable
from integrations.wire.errors import Misconfigured

from .columns import Column, column_value
from .owners import PERSON, Owners
from .schema import Described

CUSTOMER = "@customer"


class Operation(StrEnum):
    """As Salesforce's bulk jobs call them."""

    CREATE = "insert"
    UPSERT = "upsert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Row:
    object: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    """Ready for the wire: text, yes/no, numbers, None; without id and key."""
    id: str = ""
    key: str = ""
    key_field: str = ""
    key_finds: bool = False
    """Salesforce itself looks the record up by the key, and makes it only where there is none."""
    parent: str = ""
    """Rows of one parent stand together, for a write locks the parent."""
    references: frozenset[str] = frozenset()
    """Which columns name other records: an unknown id may be one of theirs."""
    prefix: str = ""
    """Of the ids of its object, where it is known."""
    deletes: bool = False

    @property
    def operation(self) -> Operation:
        if self.id:
            return Operation.DELETE if self.deletes else Operation.UPDATE
        return Operation.UPSERT if self.key and self.key_finds else Operation.CREATE

    @property
    def named(self) -> dict[str, Any]:
        """The columns with what says which record it is."""
        if self.id:
            return {"Id": self.id} if self.deletes else {"Id": self.id, **self.columns}
        return {**self.columns, self.key_field: self.key} if self.key and self.key_field else dict(self.columns)


class Columns:
    """Turns sends of one data type whose records are of one object into rows; a value without a way out refuses its own."""

    def __init__(self, obj: str, described: Described, owners: Owners, customer_path: str = "") -> None:
        self.object = obj
        self.described = described
        self.owners = owners
        self.customer_path = customer_path

    def rows(self, sends: Sequence[Send], key_field: str = "") -> list[Row | Sent]:
        require_key_field(self.object, self.described, sends, key_field)
        self.owners.learn(self._people(sends))
        finds = self.described.finds_by(key_field)
        return [self._row(send, key_field, finds=finds) for send in sends]

    def _people(self, sends: Sequence[Send]) -> set[str]:
        return {
            str(value)
            for send in sends
            for path, value in send.values.items()
            if self._is_person(path) and not is_blank(value)
        }

    def _row(self, send: Send, key_field: str, *, finds: bool) -> Row | Sent:
        if send.delete:
            return Row(self.object, id=send.source_id, deletes=True, prefix=self.described.prefix)
        columns: dict[str, Column] = {}
        for path, value in send.values.items():
            if not send.source_id and is_blank(value):
                # What is empty in a new record is left to Salesforce: its own default, its own owner.
                continue
            name = self._column(path)
            try:
                columns[name] = self._value(path, name, value)
            except Unsendable as refused:
                return Sent(Answer.REFUSED, send.source_id, refused.code, refused.message, (path,))
        return Row(
            self.object, columns, send.source_id, send.key, key_field if send.key else "", key_finds=finds,
            parent=str(columns.get(self.customer_path) or ""), prefix=self.described.prefix,
            references=frozenset(name for name in columns if self.described.type_of(name) == "reference"),
        )  # fmt: skip

    def _is_person(self, path: str) -> bool:
        return path.endswith(PERSON) and path.removesuffix(PERSON) in self.described.lookups

    def _column(self, path: str) -> str:
        if path == CUSTOMER:
            return self.customer_path
        return self.described.lookups[path.removesuffix(PERSON)] if self._is_person(path) else path

    def _value(self, path: str, name: str, value: Value) -> Column:
        if self._is_person(path) and not is_blank(value):
            return self.owners.id_of(str(value))
        return column_value(value, self.described.type_of(name))


def require_key_field(obj: str, described: Described, sends: Sequence[Send], key_field: str) -> None:
    """Made without their keys, records whose answer gets lost would be made twice."""
    if key_field and key_field not in described.raw and any(send.key for send in sends):
        message = f"{obj} has no field {key_field} that the connecting user can see."
        raise Misconfigured("KEY_FIELD_GONE", message, fields=(key_field,))
