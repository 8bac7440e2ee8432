"""Whether the lines of a data type are enough to read it, wherever they come from: a step, the editor or a file."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.engine import agreements
from integrations.engine.mapping import FieldRule

from .configuration.snapshot import LINE
from .models import DataType, Mode
from .rules import HubTerms, rules_from
from .words import cure, sentence

Lines = Iterable[Mapping[str, Any]]
"""As a configuration keeps them."""


def missing(lines: Lines) -> list[str]:
    """What is not answered yet, by the names that pages give it, in English for gettext; empty: nothing."""
    return agreements.complete(_rules(lines))


def missing_in(object_name: str, block: Mapping[str, Any]) -> list[str]:
    """Of any data type, as a configuration keeps it: only agreements that are read have something to answer."""
    is_read = object_name == DataType.AGREEMENTS and block["mode"] != Mode.DISABLED
    return [_(label) for label in missing(block["lines"])] if is_read else []


def unusual(lines: Lines) -> list[tuple[str, str]]:
    """What is allowed but seldom meant: (why, what to do)."""
    return [(sentence(one.code, one.params), cure(one.code, one.params)) for one in agreements.warnings(_rules(lines))]


def _rules(lines: Lines) -> list[FieldRule]:
    return rules_from(DataType.AGREEMENTS, [_columns(line) for line in lines], HubTerms())


def _columns(line: Mapping[str, Any]) -> dict[str, Any]:
    said = {column: line[name] for name, column in LINE.items() if name in line}
    return said | {"crm_label": line.get("seen", {}).get("label", "")}
