"""Reads a configuration file, says what it would change, and applies it. See docs/configuration.md."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.engine.compare import fold
from integrations.hub.fields import fields_of
from integrations.hub.models import CustomField, Tag

from .. import credentials
from ..agreement_checks import missing_in
from ..blocks import changed
from ..erasures import Erasure, erasures_in
from ..models import Connection
from ..models.connection import Mode
from ..registry import system_of, systems
from ..score_checks import newly_read_back
from .admission import ReadsScores, admit
from .changes import differences
from .checks import Problems
from .columns import label_columns, model_of, option_columns, own_columns
from .file_shape import FORMAT, KEY_FIELD, file_shape, portable, unknown_names
from .reader import load
from .snapshot import NO_BLOCK, NO_LINE, snapshot, write
from .versions import VersionMoved, locked, save_version

Data = dict[str, Any]
NOT_HERE = -1
"""In place of a version: the file would make a new connection."""


class FileRefused(Exception):  # noqa: N818 (a sentence is raised to a person, as RunRefused is)
    """Nothing was written. `problems` names each path with what is wrong there."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("\n".join(f"{path}: {text}" if path else text for path, text in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that was understood: only what it says, the team's own fields and tags still by name."""

    slug: str
    system: str
    said: Data
    credentials: Mapping[str, str] = field(default_factory=dict)
    """Name → the environment variable that holds it; the value is read only when the draft is applied."""
    custom_fields: Mapping[str, list[Data]] = field(default_factory=dict)
    tags: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def connection(self) -> Connection | None:
        return Connection.objects.filter(slug=self.slug).first()

    @property
    def version(self) -> int:
        """Of the connection that it is compared with."""
        connection = self.connection
        return connection.version if connection else NOT_HERE


def read_yaml(text: str) -> Draft:
    """Raises FileRefused with every problem at once."""
    try:
        raw = load(text)
    except ValueError as refusal:
        raise FileRefused([("", str(refusal))]) from None
    known = {system.abilities.system: system.abilities for system in systems()}
    system = raw.get("system") if isinstance(raw, dict) else None
    if not isinstance(system, str) or system not in known:
        raise FileRefused([("system", _("must be one of: %(values)s") % {"values": ", ".join(known)})])
    problems: Problems = []
    said = file_shape(known[system]).read(raw, "", problems)
    if FORMAT not in said:
        problems.append((FORMAT, _("is missing")))
    problems += unknown_names(said)
    own, tags = said.get("custom_fields", {}), said.get("tags", {})
    draft = Draft(said.get("connection", ""), system, said, _variables(said), own, tags)
    _refuse(problems or _collisions(draft) or _unanswered(draft) or _read_back(draft))
    return draft


def _refuse(problems: Problems) -> None:
    if problems:
        raise FileRefused(problems)


def _variables(said: Data) -> dict[str, str]:
    return dict(said.get("credentials", {}))


def _collisions(draft: Draft) -> Problems:
    connection = draft.connection
    if connection and connection.system != draft.system:
        return [("connection", _("“%(slug)s” belongs to another system here") % {"slug": draft.slug})]
    if connection and connection.is_archived:
        return [("connection", _("“%(slug)s” is archived here: it never syncs again") % {"slug": draft.slug})]
    name = draft.said.get("name", "")
    if Connection.objects.filter(name=name).exclude(slug=draft.slug).exists():
        return [("name", _("another connection is called “%(name)s” already") % {"name": name})]
    return _other_fields(draft) + _other_tags(draft)


def _unanswered(draft: Draft) -> Problems:
    """What a data type has to know before it can be read, by what stands here and what the file changes of it."""
    connection = draft.connection
    blocks = _target(draft, snapshot(connection) if connection else {})["blocks"]
    return [
        (f"blocks.{name}.lines", _("is missing: %(what)s") % {"what": label})
        for name in draft.said.get("blocks", {})
        for label in missing_in(name, blocks[name])
    ]


def _read_back(draft: Draft) -> Problems:
    """Beside the line of the file that brings it about: the one that reads the field, else the one that sends to it."""
    connection = draft.connection
    now = snapshot(connection) if connection else {}
    blocks = _target(draft, now)["blocks"]
    brings = "customers" if "customers" in draft.said.get("blocks", {}) else "scores"
    numbers = {line["hub"]: number for number, line in enumerate(blocks.get(brings, NO_BLOCK)["lines"], 1)}
    is_said = "lines" in draft.said.get("blocks", {}).get(brings, {})
    found = [
        (one.hub_field if brings == "customers" else one.score, str(one))
        for one in newly_read_back(now.get("blocks", {}), blocks)
    ]
    return [
        (f"blocks.{brings}.lines[{numbers[name]}].crm" if is_said else f"blocks.{brings}", text) for name, text in found
    ]


def _other_fields(draft: Draft) -> Problems:
    """A team's field keeps its type for ever, and two spellings of one name would be two fields nobody can tell apart:
    also where the file itself brings both."""
    known = {(found.entity, fold(found.name)): found for found in CustomField.objects.all()}
    return [
        (
            f"custom_fields.{entity}[{number}]",
            _("is “%(name)s” of type %(type)s here") % {"name": found.name, "type": found.type},
        )
        for entity, specs in draft.custom_fields.items()
        for number, spec in enumerate(specs, 1)
        if (found := known.setdefault((entity, fold(spec["name"])), CustomField(name=spec["name"], type=spec["type"])))
        and (found.name, found.type) != (spec["name"], spec["type"])
    ]


def _other_tags(draft: Draft) -> Problems:
    known = {(tag.entity, fold(tag.name)): tag.name for tag in Tag.objects.filter(is_system=False)}
    return [
        (f"tags.{entity}[{number}]", _("is spelled “%(name)s” here") % {"name": found})
        for entity, names in draft.tags.items()
        for number, name in enumerate(names, 1)
        if (found := known.setdefault((entity, fold(name)), name)) != name
    ]


def draft_differences(draft: Draft) -> list[str]:
    """What applying the draft would change, in words; empty: nothing."""
    connection = draft.connection
    now = snapshot(connection) if connection else {}
    said = [
        _("New field of your team for %(object)s: %(name)s") % {"object": entity, "name": spec["name"]}
        for entity, spec in _missing_fields(draft)
    ]
    said += [
        _("New tag for %(object)s: %(name)s") % {"object": entity, "name": name}
        for entity, name in _missing_tags(draft)
    ]
    said += differences(now, _target(draft, now))
    return said + [
        (
            _("Credential “%(name)s” is taken from the environment variable %(variable)s")
            if os.environ.get(v)
            else _(
                "Credential “%(name)s”: the environment variable %(variable)s is not set, so the file would be refused"
            )
        )
        % {"name": n, "variable": v}
        for n, v in draft.credentials.items()
    ]


def draft_erasures(draft: Draft) -> list[Erasure]:
    """Which values the draft would let blanks empty, that none empties yet."""
    connection = draft.connection
    return erasures_in(connection, _target(draft, snapshot(connection))) if connection else []


def _target(draft: Draft, now: Data) -> Data:
    """What the file does not say stays as it is; a new connection takes the defaults. Lines are said all or none."""
    base = now or _defaults(draft)
    said = draft.said
    return {
        "name": said.get("name", base["name"]),
        "system": draft.system,
        "options": base["options"] | said.get("options", {}),
        "settings": _settings(draft, base["settings"]),
        "blocks": base["blocks"] | {n: _block_in(draft, n, base["blocks"].get(n)) for n in said.get("blocks", {})},
    }


def _settings(draft: Draft, base: Data) -> Data:
    merged = base | draft.said.get("settings", {})
    # The name of another view is not known before its CRM is asked: better none than the former one's.
    stale = {label for name, label in label_columns(draft.system).items() if merged[name] != base[name]}
    return {name: "" if name in stale else value for name, value in merged.items()}


def _defaults(draft: Draft) -> Data:
    columns = own_columns(draft.system)
    labels = dict.fromkeys(label_columns(draft.system).values(), "")
    return {
        "name": draft.slug,
        "options": {name: column.get_default() for name, column in option_columns().items()},
        "settings": {name: column.get_default() for name, column in columns.items()} | labels,
        "blocks": {},
    }


def _block_in(draft: Draft, object_name: str, base: Data | None) -> Data:
    said = draft.said["blocks"][object_name]
    names = {portable(name, found): name for name, found in fields_of(object_name).items()}
    kept = {name: value for name, value in said.items() if name not in {"lines", KEY_FIELD}}
    block = (base or _new_block(draft, object_name)) | kept
    block["settings"] = changed(object_name, base["settings"] if base else {}, said.get("settings", {}))
    if "merge_keys" in said:
        block["merge_keys"] = [names.get(name, name) for name in said["merge_keys"]]
    if "lines" in said:
        block["lines"] = [NO_LINE | line | {"hub": names.get(line["hub"], line["hub"])} for line in said["lines"]]
    return block


def _new_block(draft: Draft, object_name: str) -> Data:
    keys = system_of(draft.system).abilities.of(object_name).default_keys
    return {**NO_BLOCK, "mode": Mode.INPUT.value, "merge_keys": list(keys)}


def _missing_fields(draft: Draft) -> list[tuple[str, Data]]:
    known = set(CustomField.objects.values_list("entity", "name"))
    named = {(entity, spec["name"]): spec for entity, specs in draft.custom_fields.items() for spec in specs}
    return [(one[0], spec) for one, spec in named.items() if one not in known]


def _missing_tags(draft: Draft) -> list[tuple[str, str]]:
    known = set(Tag.objects.filter(is_system=False).values_list("entity", "name"))
    named = {(entity, name): None for entity, names in draft.tags.items() for name in names}
    return [one for one in named if one not in known]


def apply_yaml(draft: Draft, author: User | None, *, expected: int | None = None, read: str = "") -> Connection:
    """Creates or updates the connection of that slug; all of it, or nothing at all.

    `expected`: the draft's version as a person was shown it. Raises VersionMoved where it has another one by now.
    `read`: the seal of the erasures that the person was shown. Raises WouldErase where there are others.
    """
    secrets = _resolved(draft)
    with transaction.atomic():
        _lock(draft, expected)
        _admit(draft, read)
        for entity, spec in _missing_fields(draft):
            columns = {"name": spec["name"], "type": spec["type"], "is_key": spec.get("recognises", False)}
            CustomField.objects.create(entity=entity, **columns)
        Tag.objects.bulk_create([Tag(entity=entity, name=name) for entity, name in _missing_tags(draft)])
        connection = draft.connection
        now = snapshot(connection) if connection else {}
        target = _target(draft, now)
        if connection is None:
            connection = model_of(draft.system)(system=draft.system, slug=draft.slug, name=target["name"])
            connection.save()
        write(connection, target)
        connection.refresh_from_db()
        version = save_version(connection, author, _("Imported from a file"))
        if secrets:
            credentials.save(connection, {**credentials.load_readable(connection), **secrets})
    _leave_trail(connection, author, version.diff if version else [], list(secrets))
    return Connection.objects.get(pk=connection.pk)


def _admit(draft: Draft, read: str) -> None:
    """Before the team's fields are made: the file names them as it did when it was shown."""
    connection = draft.connection
    try:
        admit(connection, _target(draft, snapshot(connection) if connection else {}), read)
    except ReadsScores as refusal:
        # Somebody saved since the file was read.
        raise FileRefused([("", str(refusal))]) from None


def _lock(draft: Draft, expected: int | None) -> None:
    if connection := draft.connection:
        locked(connection.pk, expected)
    elif expected not in {None, NOT_HERE}:
        raise VersionMoved(None)


def _resolved(draft: Draft) -> dict[str, str]:
    missing = {name: variable for name, variable in draft.credentials.items() if not os.environ.get(variable)}
    says = _("the environment variable %(name)s is not set; set it where this runs, or leave the credential out")
    _refuse([(f"credentials.{name}", says % {"name": variable}) for name, variable in missing.items()])
    return {name: os.environ[variable] for name, variable in draft.credentials.items()}


def _leave_trail(connection: Connection, author: User | None, diff: list[str], names: list[str]) -> None:
    if diff or names:
        after = {"changes": diff, "set": ", ".join(names)}
        audit.record(author, audit.Verb.CHANGED, connection, after=after, note=_("Imported from a file"))
