"""Another field takes the place of a lost one: its line as it was, read from the successor, saved as a version."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from integrations.hub.fields import fields_of

from .configuration import save_mapping, snapshot
from .connector import CrmField
from .default_checks import UnfitError, fitted
from .drift import WRITING, can_be_written
from .erasures import erasures_of
from .fit import Fit, suits, takes
from .metadata import Metadata
from .models import Block, DataType, FieldMapping, Version
from .score_checks import ReadBack, newly_read_back, with_lines


class CannotSucceed(Exception):  # noqa: N818 (a refusal, said to a person)
    """Nothing was saved; the mapping page shows why and what else there is."""


def succeed(
    block: Block, line: FieldMapping, path: str, metadata: Metadata, *, author: User, expected: int
) -> Version | None:
    """Raises CannotSucceed, or VersionMoved where somebody saved since the button was shown."""
    if metadata.schema is None:
        raise CannotSucceed(metadata.trouble)
    found = metadata.schema.get(path)
    if found is None:
        raise CannotSucceed(_("That field is gone as well: choose another in the mapping."))
    if reason := _why_not(line, found):
        raise CannotSucceed(reason)
    name = block.connection.name
    lines = [_replaced(said, found, name) if said["hub"] == line.hub_field else said for said in _lines(block)]
    if clashes := _newly_read_back(block, lines):
        raise CannotSucceed(str(clashes[0]))
    if erasures_of(block, lines, {name: str(field.label) for name, field in fields_of(block.object).items()}):
        raise CannotSucceed(_("The line lets blanks erase: choose the field in the mapping, which tells what is lost."))
    note = _("%(label)s in place of %(lost)s") % {"label": found.label, "lost": line.crm_label or line.crm_field}
    return save_mapping(
        block, lines, merge_keys=block.merge_keys, ref_is_common=block.ref_is_common, author=author, note=note,
        expected=expected,
    )  # fmt: skip


def _why_not(line: FieldMapping, found: CrmField) -> str:
    hub = fields_of(line.block.object).get(line.hub_field)
    if hub is None:
        return _("The hub has no such field any more.")
    out = line.block.object == DataType.SCORES
    verdict = takes(hub, found, line.value_map) if out else suits(hub, found, line.transform)
    if verdict.fit is Fit.UNMATCHED:
        return str(verdict.why)
    if line.direction in WRITING and not can_be_written(found):
        return _("The signed-in user may only read “%(label)s”, and the line writes it.") % {"label": found.label}
    return ""


def _newly_read_back(block: Block, lines: list[dict[str, Any]]) -> list[ReadBack]:
    blocks = snapshot(block.connection)["blocks"]
    return newly_read_back(blocks, with_lines(blocks, block, lines))


def _lines(block: Block) -> list[dict[str, Any]]:
    return list(snapshot(block.connection)["blocks"][block.object]["lines"])


def _replaced(said: dict[str, Any], found: CrmField, name: str) -> dict[str, Any]:
    seen = {"label": found.label[:255], "type": found.type[:40]}
    return said | {"crm": found.path, "seen": seen, "default_out": _default(said.get("default_out") or "", found, name)}


def _default(text: str, found: CrmField, name: str) -> str:
    """What the successor cannot hold is dropped: every record made here would be refused for it."""
    try:
        return fitted(text, found, name) if text else ""
    except UnfitError:
        return ""
