"""The mapping and the scope as sentences that somebody who is no admin can read and sign."""

from collections.abc import Container, Iterable
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from integrations.engine.mapping import Direction
from integrations.engine.mapping import Mode as Ceiling
from integrations.engine.merge import within
from integrations.engine.plan import REF

from ..blocks import asked_of
from ..default_checks import told
from ..deletions import ON_CRM_DELETE, ON_HUB_DELETE, choices_of
from ..models import Block, Connection, DataType, FieldMapping
from ..models.connection import Mode, OnDelete
from ..registry import child_of, system_of
from .changes import Labels, as_label, labels_of
from .columns import label_columns, own_columns, shown_choice

Line = FieldMapping


def in_words(block: Block, name: str) -> list[str]:
    """`name` is what people call the CRM here: the connection's own name."""
    if block.mode == Mode.DISABLED:
        return [_("Disabled: nothing is read and nothing is written.")]
    labels = labels_of(block.object)
    lines = list(block.lines.all())
    if block.object == DataType.SCORES:
        return _scores(lines, labels, name)
    said = {"name": name}
    acting = [line for line in lines if line.suspended_at is None]
    ways = {line.pk: within(Ceiling(block.mode), Direction(line.direction)) for line in acting}
    read = [line for line in acting if ways[line.pk] is Direction.IN and line.crm_field]
    compared = [] if _makes_rows(block) else [line for line in read if line.hub_field == REF]
    fills = [line for line in read if line.blanks == Line.Blanks.FILL and line not in compared]
    groups = (
        (_("%(name)s decides %(fields)s."), [line for line in read if line not in fills and line not in compared]),
        (_("%(name)s fills %(fields)s, only where nothing stands here."), fills),
        (_("%(fields)s is only compared with what %(name)s holds, and never written."), compared),
        (_("Either side may change %(fields)s."), [n for n in acting if ways[n.pk] is Direction.BOTH]),
        (_("The hub decides %(fields)s."), [n for n in acting if ways[n.pk] is Direction.OUT]),
        (_("Resting in this mode: %(fields)s."), [n for n in acting if ways[n.pk] is None and n.crm_field]),
        (_("A fixed value stands in %(fields)s."), [n for n in acting if n.constant is not None]),
    )
    sentences = [text % {**said, "fields": _listed(found, labels)} for text, found in groups if found]
    writing = [line for line in acting if line.direction != Line.Direction.IN]
    if filled := [line for line in writing if line.default_out and ways[line.pk] not in {None, Direction.IN}]:
        sentences.append(_defaults(block, filled, labels, name))
    if block.mode in {Mode.TWO_WAY, Mode.OUTPUT} and not writing:
        sentences.append(_("No field is written to %(name)s yet: choose who writes in the mapping.") % said)
    sentences += [_blanks(acting, labels, name), *_deletions(block, name)]
    if resting := [line for line in lines if line.suspended_at is not None]:
        sentences.append(
            _("Resting until the field is found again: %(fields)s.") % {"fields": _listed(resting, labels)}
        )
    return [*_own(block), *sentences] if lines else [_("No field is mapped yet.")]


def _makes_rows(block: Block) -> bool:
    return system_of(block.connection.system).abilities.of(block.object).makes_rows


def _scores(lines: list[Line], labels: dict[str, str], name: str) -> list[str]:
    written = [line for line in lines if line.crm_field and line.suspended_at is None]
    said = [
        _("%(field)s is written to “%(target)s” in %(name)s.")
        % {"field": labels[line.hub_field], "target": line.crm_label or line.crm_field, "name": name}
        for line in written
    ]
    if resting := [line for line in lines if line.suspended_at is not None]:
        said.append(_("Resting until the field is found again: %(fields)s.") % {"fields": _listed(resting, labels)})
    return [*said, _("Nothing of them is read back.")] if said else [_("No field is mapped yet.")]


def _own(block: Block) -> list[str]:
    """What the data type asks for itself, a view by its name."""
    asked, said = asked_of(block.object), block.settings
    pairs = [(one.label, said.get(one.shown_by) or said.get(name)) for name, one in asked.items() if one.is_shown]
    text = "; ".join(f"{label}: {value}" for label, value in pairs if value not in (None, ""))
    return [f"{as_label(text)}."] if text else []


def _blanks(lines: list[Line], labels: dict[str, str], name: str) -> str:
    erasing = [line for line in lines if line.blanks == Line.Blanks.ERASE]
    if not erasing:
        return _("Blanks in %(name)s never erase.") % {"name": name}
    return _("Blanks in %(name)s never erase, except in %(fields)s.") % {
        "name": name,
        "fields": _listed(erasing, labels),
    }


def _defaults(block: Block, lines: list[Line], labels: dict[str, str], name: str) -> str:
    """By what the CRM's people see of them, as far as its fields were read."""
    known = Labels(block.connection)
    said = [
        f"“{told(line.default_out, known.crm_field(block.object, line.crm_field))}” "
        f"({labels.get(line.hub_field, line.hub_field)})"
        for line in lines
    ]
    return _("Where a record made here has nothing, %(name)s gets %(values)s, which never comes back.") % {
        "name": name,
        "values": get_text_list(said, _("and")),
    }


def _deletions(block: Block, name: str) -> list[str]:
    ability = system_of(block.connection.system).abilities.of(block.object)
    said = {
        ON_HUB_DELETE: _("What is deleted here is deleted in %(name)s too."),
        ON_CRM_DELETE: _("What is deleted in %(name)s is deleted here too."),
    }
    asked = choices_of(block.mode, ability)
    return [said[column] % {"name": name} for column in asked if getattr(block, column) == OnDelete.DELETE]


def _listed(lines: Iterable[Line], labels: dict[str, str]) -> str:
    return get_text_list([labels.get(line.hub_field, line.hub_field) for line in lines], _("and"))


def scope_in_words(connection: Connection, only: Container[str] | None = None) -> list[tuple[str, str]]:
    """What the system's own settings say: (label, value), filled ones only, a view by its name."""
    child, labels = child_of(connection), label_columns(connection.system)
    found: list[tuple[str, Any]] = []
    for name, column in own_columns(connection.system).items():
        if only is not None and name not in only:
            continue
        value = getattr(child, labels[name], "") if name in labels else shown_choice(column, getattr(child, name))
        kept = getattr(child, name)
        said = (_("yes") if kept else _("no")) if isinstance(kept, bool) else value or kept
        found.append((as_label(column.verbose_name), said))
    return [(label, str(value)) for label, value in found if value not in ("", None)]
