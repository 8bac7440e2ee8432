"""An interaction that was typed by hand, as the body of an activity or of a note, and how it is found again.

Neither takes a field of anybody's own, so that a record whose answer was lost is found by what it says: the body that was
sent is read as if Pipedrive had answered it, and held against what was made since.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.plain_text import to_html
from integrations.engine.values import Value, is_blank
from integrations.sync.connector import Answer, Send, Sent

from ..client import PipedriveClient, Row, second
from ..rows import CUSTOMER, Operation, Written
from ..schema import MADE
from ..values import moment
from .sources import CONTACTS, CONTENT, MEETING, MINUTES, NOTE, NOTES, ORGANIZATION, SOURCES, STARTS, Source

COMPARED = 255
"""Letters of a text that tell it from others, whatever Pipedrive cuts off behind them."""
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InteractionWriter:
    client: PipedriveClient
    data_type: str

    @property
    def source(self) -> Source:
        return SOURCES[self.data_type]

    def rows(self, sends: Sequence[Send]) -> list[Written | Sent]:
        return [self._row(send) for send in sends]

    def found(self, sends: Sequence[Send], since: datetime) -> Mapping[str, list[str]]:
        """Our key → numbers of the records made since that say what is sent, oldest first."""
        made = sorted(self._made(since), key=lambda row: int(row["id"]))
        alike: dict[tuple[Any, ...], list[str]] = {}
        told: dict[str, list[str]] = {}
        for send in sends:
            row = self._row(send)
            if not isinstance(row, Written):
                continue
            paths = [path for path in send.values if path in self.source.ways and not is_blank(send.values[path])]
            wanted = self._said(row.body, paths)
            if (*paths, *wanted) not in alike:
                alike[(*paths, *wanted)] = [str(one["id"]) for one in made if self._said(one, paths) == wanted]
            told[send.key] = alike[(*paths, *wanted)]
        return told

    # --- What goes

    def _row(self, send: Send) -> Written | Sent:
        plural, is_new = self.source.plural, not send.source_id
        if send.delete:
            return Written(plural, Operation.DELETE, id=send.source_id)
        body: Body = {}
        for path, value in send.values.items():
            # What is empty in a new record is left to Pipedrive.
            if not (is_new and is_blank(value)):
                body |= placed(path, value, self.source, is_new=is_new)
        if self.source.entity == NOTE and (is_new or CONTENT in body) and not body.get(CONTENT):
            message = _("Pipedrive keeps no note without a text.")
            return Sent(Answer.REFUSED, send.source_id, "NOTE_WITHOUT_TEXT", message, (CONTENT,))
        if is_new:
            body = {**self._needed(send), **body}
        return Written(plural, Operation.CREATE if is_new else Operation.UPDATE, body, send.source_id)

    def _needed(self, send: Send) -> Body:
        if self.source.entity == NOTE:
            return {}
        starts = send.values.get(STARTS)
        is_ahead = isinstance(starts, datetime) and starts > timezone.now()
        # E-mails and calls are written down once they took place; a meeting may be planned.
        return {"type": self.source.type, "done": not (self.source.type == MEETING and is_ahead)}

    # --- What is there

    def _made(self, since: datetime) -> Iterator[Row]:
        """The newest first."""
        cursor = ""
        while True:
            if self.source.entity == NOTE:
                asked = {"sort": "id DESC", "updated_since": second(since)}
                found = self.client.notes(asked, start=int(cursor or 0))
            else:
                found = self.client.page(self.source.plural, {"sort_by": "id", "sort_direction": "desc"}, cursor)
                fresh = [row for row in found.rows if moment(str(row[MADE])) >= since]
                found = replace(found, rows=fresh, cursor=found.cursor if len(fresh) == len(found.rows) else "")
            yield from found.rows
            cursor = found.cursor
            if not cursor:
                return

    def _said(self, row: Row, paths: Sequence[str]) -> tuple[Any, ...]:
        values = (comparable(self.source.ways[path].value(row)) for path in paths)
        return (str(row.get(ORGANIZATION) or ""), self.source.holds(row), *values)


def placed(path: str, value: Value, source: Source, *, is_new: bool) -> Body:
    if path == CUSTOMER:
        # Where a record hangs is settled when it is made; moving it stays Pipedrive's to do.
        return {ORGANIZATION: int(str(value))} if is_new else {}
    if path not in source.ways or not source.ways[path].is_written:
        return {}
    if path == STARTS:
        return at(value)
    if path == MINUTES:
        return {"duration": length(value)}
    if path == CONTACTS:
        return people(value, source)
    # Version 2 refuses null where it names a text.
    text = "" if is_blank(value) else str(value)
    return {path: to_html(text) if path in NOTES else text}


def at(value: Value) -> Body:
    """Day and hour stand apart, both of Greenwich."""
    if not isinstance(value, datetime):
        return {}
    there = value.astimezone(UTC)
    return {"due_date": there.date().isoformat(), "due_time": there.strftime("%H:%M:%S")}


def length(value: Value) -> str:
    return f"{value // 60:02d}:{value % 60:02d}:00" if isinstance(value, int) else ""


def people(value: Value, source: Source) -> Body:
    """An activity names all who took part, the first one before the others; a note hangs on one person."""
    numbers = [int(one) for one in value if one.isdecimal()] if isinstance(value, tuple) else []
    if source.entity == NOTE:
        return {"person_id": numbers[0] if numbers else None}
    return {"participants": [{"person_id": one, "primary": place == 0} for place, one in enumerate(numbers)]}


def comparable(value: Value) -> Any:
    """Without what a CRM may change on its way: seconds, blanks, the end of a long text, who stands first."""
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    if isinstance(value, tuple):
        return tuple(sorted(value))
    return " ".join(value.split())[:COMPARED] if isinstance(value, str) else value
