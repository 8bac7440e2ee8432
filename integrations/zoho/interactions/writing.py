"""An interaction that was typed by hand, in the fields of the module that keeps it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from integrations.engine.placeholders import filled
from integrations.engine.values import Value, is_blank
from integrations.sync.colleagues import People
from integrations.sync.connector import Answer, Send, Sent, Unsendable
from integrations.wire.chunks import unique_chunks
from integrations.wire.errors import Misconfigured

from .. import writing
from ..client import WritingClient
from ..columns import column_value, stamp
from ..coql import IDS_PER_QUERY, is_one_of, select
from ..rows import CUSTOMER, Row
from ..schema import ID, Described
from ..scope import ACCOUNTS
from ..values import PERSON, moment
from .placeholders import PLACEHOLDERS, SHORTEST_CALL, USUAL_MEETING, first_words
from .sources import CALLS, CONTACTS, MEETINGS, MINUTES, NOTES, PARENT, SOURCES, WHAT, WHO, Source

LONGEST = {"Subject": 300, "Event_Title": 255, "Note_Title": 120}
Columns = dict[str, Any]


class InteractionWriter:
    def __init__(self, client: WritingClient, people: People, described: Described, data_type: str) -> None:
        self.client, self.people, self.described = client, people, described
        self.source: Source = SOURCES[data_type]
        self.placeholders = PLACEHOLDERS[data_type]

    def write(self, sends: Sequence[Send], key_field: str) -> list[Sent]:
        if key_field and not self.described.has(key_field) and any(send.key for send in sends):
            message = f"{self.source.module} has no field {key_field} that the connecting user can see."
            raise Misconfigured("KEY_FIELD_GONE", message, fields=(key_field,))
        spans = self._spans(sends)
        return writing.write(self.client, [self._row(send, key_field, spans) for send in sends])

    def _row(self, send: Send, key_field: str, spans: Mapping[str, tuple[datetime, datetime]]) -> Row | Sent:
        module = self.source.module
        if send.delete:
            return Row(module, id=send.source_id, deletes=True)
        values = send.values if send.source_id else filled(send.values, self.placeholders)
        columns: Columns = {}
        for path, value in values.items():
            if not send.source_id and is_blank(value):
                continue
            try:
                columns |= self._column(path, value, is_new=not send.source_id)
            except Unsendable as refused:
                return Sent(Answer.REFUSED, send.source_id, refused.code, refused.message, (path,))
        if self.source is MEETINGS:
            columns |= ends_of(values, spans.get(send.source_id))
        if not send.source_id and self.source is CALLS and not values["Call_Type"]:
            # An outbound call without a status would count as planned.
            columns = {"Outbound_Call_Status": "Completed", **columns}
        return Row(module, columns, send.source_id, send.key, key_field if send.key else "")

    def _column(self, path: str, value: Value, *, is_new: bool) -> Columns:
        if path in {ID, "Created_Time"} or (path == CONTACTS and self.source is NOTES):
            # What only Zoho says of a record.
            return {}
        if path == CUSTOMER:
            # Where a record hangs is settled when it is made; moving it stays Zoho's to do.
            return hung_on(self.source, str(value)) if is_new else {}
        if path == CONTACTS:
            first = value[0] if isinstance(value, tuple) and value else None
            return {WHO: {ID: first} if first else None}
        if path == MINUTES:
            return {"Call_Duration": duration(value)} if self.source is CALLS else {}
        if path == "Call_Type":
            return {path: "Inbound" if value else "Outbound"}
        if path in LONGEST:
            return {path: str(value or "")[: LONGEST[path]] or first_words("")}
        if path in self.source.ways:
            return {path: stamp(value) if isinstance(value, datetime) else None if is_blank(value) else str(value)}
        if self.described.is_person(path):
            return {path.removesuffix(PERSON): None if is_blank(value) else {ID: self.people.id_of(str(value))}}
        return {path: column_value(value, self.described.type_of(path))}

    def _spans(self, sends: Sequence[Send]) -> dict[str, tuple[datetime, datetime]]:
        """Start and end of the meetings of which one is to change: the length is kept, or counted from the start."""
        if self.source is not MEETINGS:
            return {}
        moved = [s.source_id for s in sends if s.source_id and {MINUTES, "Start_DateTime"} & set(s.values)]
        found: dict[str, tuple[datetime, datetime]] = {}
        for part in unique_chunks((one for one in moved if one.isdecimal()), IDS_PER_QUERY):
            asked = select(["Start_DateTime", "End_DateTime"], MEETINGS.module, is_one_of(ID, part), IDS_PER_QUERY)
            for row in self.client.query(asked).rows:
                if row.get("Start_DateTime") and row.get("End_DateTime"):
                    found[str(row["id"])] = moment(row["Start_DateTime"]), moment(row["End_DateTime"])
        return found


def ends_of(values: Mapping[str, Value], span: tuple[datetime, datetime] | None) -> Columns:
    """Zoho keeps an end, and this console a length."""
    said, minutes = values.get("Start_DateTime"), values.get(MINUTES)
    start = said if isinstance(said, datetime) else span[0] if span else None
    if start is None or not {MINUTES, "Start_DateTime"} & set(values):
        return {}
    length = timedelta(minutes=minutes) if isinstance(minutes, int) else span[1] - span[0] if span else None
    return {"End_DateTime": stamp(start + (length or timedelta(minutes=USUAL_MEETING)))}


def hung_on(source: Source, account: str) -> Columns:
    if source is NOTES:
        return {PARENT: {ID: account, "module": {"api_name": ACCOUNTS}}}
    return {WHAT: {ID: account}, "$se_module": ACCOUNTS}


def duration(value: Value) -> str:
    """Minutes and seconds; a call of no length is refused."""
    return f"{max(SHORTEST_CALL, value if isinstance(value, int) else SHORTEST_CALL):02d}:00"
