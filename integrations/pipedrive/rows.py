"""A record to write as a body of Pipedrive's: standard fields beside each other, custom ones under a key of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from integrations.engine.values import Value, is_blank
from integrations.sync.colleagues import People
from integrations.sync.connector import Answer, Send, Sent, Unsendable
from integrations.wire.errors import Misconfigured

from .client import MOST_IDS, PipedriveClient, Row, parts_of
from .columns import column_value, text
from .replies import FIELD_GONE
from .schema import FIRST, LAST, NAME, USER, Described
from .scope import Source
from .values import LINES, name_part

CUSTOMER = "@customer"
IN_PARTS = frozenset({FIRST, LAST, *LINES})
"""Pipedrive takes a whole name, and all addresses at once: what else is there has to be sent again."""


class Operation(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Written:
    plural: str
    operation: Operation
    body: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


class Bodies:
    """Turns sends of one data type into calls; a value without a way out refuses its own record."""

    def __init__(self, client: PipedriveClient, source: Source, described: Described, people: People) -> None:
        self.client = client
        self.source = source
        self.described = described
        self.people = people

    def of(self, sends: Sequence[Send], key_field: str = "") -> list[Written | Sent]:
        if key_field and self.described.field(key_field) is None and any(send.key for send in sends):
            # Made without their keys, records whose answer gets lost would be made twice.
            message = f"Pipedrive shows no field {key_field} to the connecting user."
            raise Misconfigured("KEY_FIELD_GONE", message, fields=(key_field,))
        standing = self._standing(sends)
        return [self._one(send, key_field, standing) for send in sends]

    def _standing(self, sends: Sequence[Send]) -> Mapping[str, Row]:
        """What the records hold of which only a part is to change; one call for a hundred of them."""
        asked = [send.source_id for send in sends if send.source_id and not send.delete and IN_PARTS & set(send.values)]
        found = (
            row
            for part in parts_of(asked, MOST_IDS)
            for row in self.client.page(self.source.plural, {"ids": ",".join(part)}).rows
        )
        return {str(row["id"]): row for row in found}

    def _one(self, send: Send, key_field: str, standing: Mapping[str, Row]) -> Written | Sent:
        if send.delete:
            return Written(self.source.plural, Operation.DELETE, id=send.source_id)
        is_new = not send.source_id
        plain: dict[str, Any] = {}
        custom: dict[str, Any] = {key_field: send.key} if is_new and send.key and key_field else {}
        row = standing.get(send.source_id, {})
        for path, value in send.values.items():
            if is_new and is_blank(value):
                # What is empty in a new record is left to Pipedrive: its own default, its own owner.
                continue
            try:
                self._place(path, value, row, plain, custom)
            except Unsendable as refused:
                return Sent(Answer.REFUSED, send.source_id, refused.code, refused.message, (path,))
        if FIRST in plain or LAST in plain:
            plain[NAME] = whole_name(plain.pop(FIRST, name_part(row, FIRST)), plain.pop(LAST, name_part(row, LAST)))
        body = {**plain, "custom_fields": custom} if custom else plain
        return Written(self.source.plural, Operation.CREATE if is_new else Operation.UPDATE, body, send.source_id)

    def _place(self, path: str, value: Value, row: Row, plain: dict[str, Any], custom: dict[str, Any]) -> None:
        if path == CUSTOMER:
            plain[self.source.customer] = None if is_blank(value) else int(str(value))
            return
        found = self.described.field(path)
        if found is None or found.key != path or not self.described.is_writable(found):
            raise Misconfigured(FIELD_GONE, f"Pipedrive has no field {path} that can be written.", fields=(path,))
        if path in {FIRST, LAST}:
            plain[path] = None if is_blank(value) else text(value)
        elif path in LINES:
            plain[path] = lines(row.get(path) or (), None if is_blank(value) else text(value))
        elif found.type == USER:
            target = custom if found.is_custom else plain
            target[path] = None if is_blank(value) else int(self.people.id_of(str(value)))
        else:
            (custom if found.is_custom else plain)[path] = column_value(value, found)


def whole_name(first: Any, last: Any) -> str:
    return " ".join(str(part) for part in (first, last) if part)


def lines(standing: Sequence[Mapping[str, Any]], value: str | None) -> list[dict[str, Any]]:
    """The main one is replaced, the others stay: the array that is sent takes the place of all."""
    kept = [dict(one) for one in standing if one.get("value")]
    place = next((number for number, one in enumerate(kept) if one.get("primary")), 0)
    if value is None:
        kept[place : place + 1] = []
        return kept
    label = kept[place].get("label") or "work" if kept else "work"
    kept[place : place + 1] = [{"label": label, "value": value, "primary": True}]
    return kept
