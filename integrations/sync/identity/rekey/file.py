"""A file of two columns, old ID and new ID, as lines; what cannot be read is named by its line."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations.engine.compare import compared, fold
from integrations.engine.mapping import Compare

LARGEST = 16 * 1024 * 1024
MOST = 200_000
"""Lines of one file."""
LONGEST = 500
DELIMITERS = ",;\t"
TITLES = frozenset({"old", "old id", "old_id", "ref_id", "customer id", "contact id", "id"})
"""What the first cell of a line of titles says."""


class FileRefused(Exception):  # noqa: N818 (a sentence for a person)
    """The file as a whole cannot be read; nothing was prepared."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    old: str
    new: str


def read(raw: bytes) -> list[Line]:
    if len(raw) > LARGEST:
        raise FileRefused(_("The file is larger than 16 MB. Split it into several."))
    try:
        # Spreadsheets put a mark before the text.
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(_("The file is no text in UTF-8: save it as “CSV UTF-8”.")) from None
    found = list(_lines(text))
    if not found:
        raise FileRefused(_("The file names no ID. Each line holds two: the old one and the new one."))
    return found


def _lines(text: str) -> Iterator[Line]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text), delimiter=max(DELIMITERS, key=first.count), strict=True)
    number = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            number += 1
            if number > MOST:
                raise FileRefused(_("The file has more than %(most)d lines. Split it into several.") % {"most": MOST})
            if number > 1 or fold(cells[0]) not in TITLES:
                yield _line(reader.line_num, cells)
    except csv.Error as broken:
        said = {"line": reader.line_num, "why": broken}
        raise FileRefused(_("Line %(line)d cannot be read as CSV: %(why)s.") % said) from None


def _line(number: int, cells: list[str]) -> Line:
    old, new = (compared(Compare.ID, cell.replace("\x00", ""))[:LONGEST] for cell in [*cells, "", ""][:2])
    if not old or not new:
        text = _("Line %(line)d does not hold two IDs: the old one, then the new one. Nothing was prepared.")
        raise FileRefused(text % {"line": number})
    return Line(number, old, new)
