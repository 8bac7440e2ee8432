"""What differs between two configurations, in words a person would use."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.transforms import TRANSFORMS
from integrations.hub.fields import BUILT_IN, fields_of

from ..blocks import asked_of
from ..connector import CrmField, Schema
from ..default_checks import told
from ..metadata import metadata_of
from ..models import Block, Connection, DataType, FieldMapping
from ..registry import system_of
from .columns import label_columns, option_columns, own_columns, shown_choice
from .snapshot import LINE, NO_BLOCK, meaning

Data = Mapping[str, Any]
ASPECTS = ("direction", "on_conflict", "blanks", "transform", "argument", "constant", "default_out")
OF_BLOCK = ("on_crm_delete", "on_hub_delete")


class Labels(dict[str, dict[str, str]]):
    """Object → hub field → label, read once however many versions are compared.

    With a connection it knows also what its CRM calls its own fields and their values, as far as they were read.
    """

    def __init__(self, connection: Connection | None = None) -> None:
        super().__init__()
        self._connection, self._schemas = connection, dict[str, Schema | None]()

    def crm_field(self, object_name: str, path: str) -> CrmField | None:
        if self._connection is None or not path:
            return None
        if object_name not in self._schemas:
            self._schemas[object_name] = metadata_of(self._connection, object_name, (), may_ask=False).schema
        schema = self._schemas[object_name]
        return schema.get(path) if schema else None

    def __missing__(self, object_name: str) -> dict[str, str]:
        self[object_name] = labels_of(object_name)
        return self[object_name]


@dataclass(frozen=True, slots=True)
class Part:
    """What differs in one data type, or, without a title, in the connection itself."""

    title: str
    said: list[str]


def differences(old: Data, new: Data, labels: Labels | None = None) -> list[str]:
    """One sentence for each, every one of which says for itself what it is about."""
    parts = parted(old, new, labels)
    return [f"{part.title}, {said}" if part.title else said for part in parts for said in part.said]


def parted(old: Data, new: Data, labels: Labels | None = None) -> list[Part]:
    if not old:
        return [Part("", _first(new))]
    was, now, known = meaning(old), meaning(new), Labels() if labels is None else labels
    whole = [
        *_column(_("Name"), was["name"], now["name"]),
        *_columns(option_columns(), was["options"], now["options"]),
        *_settings(old, new),
    ]
    of_blocks = (
        Part(_object(name), _block(name, was["blocks"].get(name), now["blocks"].get(name), known, (old, new)))
        for name in _both(was["blocks"], now["blocks"])
    )
    return [part for part in (Part("", whole), *of_blocks) if part.said]


def _first(new: Data) -> list[str]:
    said = [_("New connection “%(name)s”") % {"name": new["name"]}]
    for name, block in new["blocks"].items():
        count = len(block["lines"])
        lines = ngettext("%(count)d line", "%(count)d lines", count) % {"count": count}
        mode = shown_choice(Block._meta.get_field("mode"), block["mode"])
        said.append(f"{_object(name)}: {mode}, {lines}")
    return said


def _columns(columns: Data, was: Data, now: Data) -> Iterator[str]:
    for name, column in columns.items():
        if name in was or name in now:
            before, after = (shown_choice(column, side.get(name)) for side in (was, now))
            yield from _column(as_label(column.verbose_name), before, after)


def _settings(old: Data, new: Data) -> Iterator[str]:
    system, was, now = new["system"], old["settings"], new["settings"]
    labels = label_columns(system)
    for name, column in own_columns(system).items():
        if was.get(name) != now.get(name):
            before, after = (_named(column, side, labels.get(name, "")) for side in (was, now))
            yield from _column(as_label(column.verbose_name), before, after)


def _named(column: Any, side: Data, label: str) -> Any:
    """A view is told by its name; its id only where the name is unknown."""
    return side.get(label) or shown_choice(column, side.get(column.name))


def _block(name: str, was: Data | None, now: Data | None, known: Labels, whole: tuple[Data, Data]) -> list[str]:
    if was == now:
        return []
    before, after = (side or {**NO_BLOCK, "lines": {}} for side in (was, now))
    labels = known[name]
    mode = Block._meta.get_field("mode")
    said = [
        *_column(_("mode"), shown_choice(mode, before["mode"]), shown_choice(mode, after["mode"])),
        *_column(_("merge keys"), *(_keys(side["merge_keys"], labels) for side in (before, after))),
        *_column(_("ID shared by all systems"), before["ref_is_common"], after["ref_is_common"]),
        *_block_settings(name, *(side["blocks"].get(name, {}).get("settings", {}) for side in whole)),
        *(text for column in OF_BLOCK for text in _of_block(column, before, after)),
    ]
    for hub in _both(before["lines"], after["lines"]):
        label = labels.get(hub, hub)
        old, new = before["lines"].get(hub), after["lines"].get(hub)
        said += [f"{label}: {text}" for text in _line(old, new, _Names(name, whole, known))]
    return said


def _block_settings(object_name: str, was: Data, now: Data) -> Iterator[str]:
    """A view is told by its name; its id only where the name is unknown."""
    for name, asked in asked_of(object_name).items():
        if asked.is_shown and was.get(name) != now.get(name):
            before, after = (side.get(asked.shown_by) or side.get(name) for side in (was, now))
            yield from _column(str(asked.label), before, after)


def _of_block(name: str, before: Data, after: Data) -> list[str]:
    column: Any = Block._meta.get_field(name)
    return _column(str(column.verbose_name), *(shown_choice(column, side[name]) for side in (before, after)))


class _Names:
    """What people call a field of the CRM and its values, where what they are stored by says nothing."""

    def __init__(self, object_name: str, whole: tuple[Data, Data], known: Labels) -> None:
        self._object, self._known = object_name, known
        self._by_path = system_of(whole[1]["system"]).abilities.has_plain_paths
        lines = [line for side in whole for line in side["blocks"].get(object_name, {}).get("lines", ())]
        self._seen = {line["crm"]: line.get("seen", {}).get("label") for line in lines}

    def source(self, line: Data) -> str:
        path = line["crm"]
        if self._by_path or not path:
            return path or _("a fixed value")
        found = self._known.crm_field(self._object, path)
        return self._seen.get(path) or (found.label if found else path)

    def values(self, line: Data) -> dict[str, str]:
        found = self._known.crm_field(self._object, line["crm"])
        return {one.value: one.label for one in found.choices} if found else {}

    def default(self, line: Data) -> str:
        return told(line.get("default_out") or "", self._known.crm_field(self._object, line["crm"]))


def _line(was: Data | None, now: Data | None, names: _Names) -> list[str]:
    if now is None:
        return [_("no longer mapped")]
    if was is None:
        return [
            _("mapped from %(source)s") % {"source": names.source(now)},
            *_aspects(_PLAIN, _named_default(now, names)),
        ]
    moved = [f"{names.source(was)} → {names.source(now)}"] if was["crm"] != now["crm"] else []
    sides = (_named_default(line, names) for line in (was, now))
    return [*moved, *_aspects(*sides), *_values(was["values"], now["values"], names.values(now))]


def _named_default(line: Data, names: _Names) -> Data:
    """By what the CRM's people see of it, where it is one of a list."""
    return {**line, "default_out": names.default(line)}


def _field(name: str) -> Any:
    return FieldMapping._meta.get_field(name)


_PLAIN: dict[str, Any] = {
    **{name: _field(column).get_default() for name, column in LINE.items()},
    "constant": None,
}


def _aspects(was: Data, now: Data) -> Iterator[str]:
    for name in ASPECTS:
        column = _field(name)
        before, after = (_aspect(name, column, side.get(name)) for side in (was, now))
        yield from _column(str(column.verbose_name), before, after)


def _aspect(name: str, column: Any, value: Any) -> Any:
    if name == "transform" and value in TRANSFORMS:
        return _(TRANSFORMS[value].label)
    return shown_choice(column, value)


def _values(was: Data, now: Data, labels: Mapping[str, str]) -> Iterator[str]:
    for value in _both(was, now):
        if was.get(value) != now.get(value):
            yield _("value “%(value)s”: %(before)s → %(after)s") % {
                "value": labels.get(value, value),
                "before": was.get(value) or _("unmapped"),
                "after": now.get(value) or _("unmapped"),
            }


def _column(label: str, before: Any, after: Any) -> list[str]:
    was, now = _shown(before), _shown(after)
    # Nothing said and nothing chosen are two values and one meaning.
    return [f"{label}: {was} → {now}"] if was != now else []


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _keys(names: Iterable[str], labels: Data) -> str:
    return ", ".join(str(labels.get(name, name)) for name in names)


def labels_of(object_name: str) -> dict[str, str]:
    fields = fields_of(object_name) if object_name in BUILT_IN else {}
    return {name: str(field.label) for name, field in fields.items()}


def _object(name: str) -> str:
    return str(dict(DataType.choices).get(name, name))


def _both(was: Data, now: Data) -> list[str]:
    return [*was, *(name for name in now if name not in was)]


def as_label(words: Any) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]
