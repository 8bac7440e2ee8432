"""A CSV file of scores as lines: which column says what is read off its first line, wherever the file was made."""

import csv
import io
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from integrations.engine.compare import fold

from .fields import CUSTOMER_FIELDS, SCORE_FIELDS
from .scores import Asked, Problem

LARGEST = 1024 * 1024
MOST = 5000
"""Lines of one file."""
DELIMITERS = ",;\t"
REF_ID = "ref_id"
NAMED = [CUSTOMER_FIELDS[0], *SCORE_FIELDS]
ALSO = {"ref_id": ("ref_id", "customer id", "id"), "health_score": ("health score",), "pulse": ("pulse", "csm pulse")}


class FileRefused(Exception):  # noqa: N818 (a sentence is raised to a person)
    """The file as a whole cannot be read; nothing was matched."""


@dataclass(slots=True)
class ScoreFile:
    asked: list[Asked] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def text_of(raw: bytes) -> str:
    try:
        # Spreadsheets put a mark before the text.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(_("The file is no text in UTF-8: save it as “CSV UTF-8”.")) from None


def read_file(text: str) -> ScoreFile:
    if len(text) > LARGEST:
        raise FileRefused(_("The file is larger than 1 MB. Split it into several."))
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text), delimiter=max(DELIMITERS, key=first.count), strict=True)
    found, columns = ScoreFile(), dict[int, str]()
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells)
                continue
            if len(found.asked) + len(found.problems) >= MOST:
                raise FileRefused(_("The file has more than %(most)d lines. Split it into several.") % {"most": MOST})
            _take(found, reader.line_num, cells, columns)
    except csv.Error as broken:
        said = {"line": reader.line_num, "why": broken}
        raise FileRefused(_("Line %(line)d cannot be read as CSV: %(why)s.") % said) from None
    if not columns:
        raise FileRefused(_("The file is empty."))
    return found


def _columns(header: list[str]) -> dict[int, str]:
    """Place → hub field. Columns with other names are passed over: an export has many."""
    names = {fold(said): hub.name for hub in NAMED for said in (hub.name, str(hub.label), *ALSO[hub.name])}
    found: dict[int, str] = {}
    for place, title in enumerate(header):
        name = names.get(fold(title))
        if name in found.values():
            raise FileRefused(_("The column “%(name)s” stands twice in the first line.") % {"name": title.strip()})
        if name:
            found[place] = name
    if REF_ID not in found.values():
        raise FileRefused(_("The first line has no column “ref_id”: it says which customer is meant."))
    if len(found) < 2:
        raise FileRefused(_("The first line has neither a column “health_score” nor a column “pulse”."))
    return found


def _take(found: ScoreFile, line: int, cells: list[str], columns: dict[int, str]) -> None:
    said = {name: cells[place].strip() for place, name in columns.items() if place < len(cells)}
    ref_id = said.pop(REF_ID, "")
    if len(cells) <= max(columns):
        found.problems.append(Problem(line, ref_id, "", _("The line has fewer columns than the first one.")))
        return
    # An empty cell says nothing: it empties no score.
    found.asked.append(Asked(line, ref_id, {name: value for name, value in said.items() if value}))
