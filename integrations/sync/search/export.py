"""Rows as CSV, one line per field, streamed; no cell can become a formula in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from accounts.templatetags.console import said

from ..lines import Line, lines_of
from ..models.journal import JournalRow

LIMIT = 10_000
_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
"""Spreadsheets drop these, as they drop spaces, before they look whether a cell computes."""
CHUNK = 500


def safe(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    is_formula = text.lstrip().lstrip(_UNSEEN).lstrip().startswith(_STARTS_A_FORMULA)
    return f"'{text}" if is_formula or text.startswith(("\t", "\r", "\n")) else text


def csv_response(rows: QuerySet[Any], filename: str) -> StreamingHttpResponse:
    return table_response(_head(), _rows(rows[:LIMIT]), filename)


def table_response(head: Sequence[Any], rows: Iterable[Sequence[Any]], filename: str) -> StreamingHttpResponse:
    """Any list: a line of titles, then a line for each row, written while it is read."""
    response = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


class Echo:
    """What csv.writer asks of a file: here the line itself is the answer."""

    def write(self, line: str) -> str:
        return line


def _lines(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(Echo())
    # The mark tells spreadsheets that the file is UTF-8.
    yield "\ufeff" + writer.writerow([safe(cell) for cell in head])
    for cells in rows:
        yield writer.writerow([safe(cell) for cell in cells])


def _rows(rows: QuerySet[Any]) -> Iterator[Sequence[Any]]:
    for chunk in _chunks(rows):
        for line in lines_of(chunk):
            yield from _cells(line)


def _chunks(rows: QuerySet[Any]) -> Iterator[Sequence[JournalRow]]:
    chunk: list[JournalRow] = []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _head() -> list[str]:
    return [
        _("Time"), _("Run"), _("Data type"), _("Record"), _("CRM ID"), _("Hub ID"), _("Outcome"), _("Field"),
        _("Before"), _("After"), _("Why"), _("Repair"),
    ]  # fmt: skip


def _cells(line: Line) -> Iterable[list[Any]]:
    row = line.row
    record = [row.at.isoformat(), row.run_id, row.object, line.subject.name, row.source_id, row.hub_id, line.word]
    if not line.fields:
        yield [*record, "", "", "", line.reason, line.cure]
    for field in line.fields:
        values = ["" if value is None else said(value) for value in (field.before, field.after)]
        yield [*record, field.label, *values, field.reason or line.reason, line.cure]
