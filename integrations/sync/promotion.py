"""Carries one connection's configuration to another of the same system: from the sandbox to the live organisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User

from .configuration import Part, parted, save_version, snapshot, write
from .configuration.columns import label_columns
from .models import Connection, Version
from .registry import connector_for, system_of

HERE = ("base_url", "order")
"""Options that belong to a connection's place, not to what it does."""


@dataclass(frozen=True, slots=True)
class Promotion:
    data: dict[str, Any]
    parts: list[Part]
    lost: list[str]
    """Views of the source that the target's organisation does not have."""

    @property
    def number(self) -> int:
        return sum(len(part.said) for part in self.parts)


def targets_of(source: Connection) -> list[Connection]:
    others = Connection.objects.filter(system=source.system).exclude(pk=source.pk)
    return list(others.exclude(state=Connection.State.ARCHIVED))


def planned(source: Connection, target: Connection) -> Promotion:
    """What the target would say afterwards. Asks the target's CRM for its views; may raise the wire's errors."""
    theirs, now = snapshot(source), snapshot(target)
    scope = set(system_of(source.system).scope)
    labels = label_columns(source.system)
    carried = scope | {labels[name] for name in scope if name in labels}
    wanted = {name: value for name, value in theirs["settings"].items() if name in carried}
    connector = connector_for(target, read_only=True, interactive=True)
    fitted, lost = connector.fitted(wanted)
    blocks: dict[str, Any] = {}
    for name, block in theirs["blocks"].items():
        settings, missing = connector.fitted_block(name, block["settings"])
        blocks[name] = {**block, "settings": settings}
        lost = [*lost, *missing]
    data = {
        **theirs,
        "name": now["name"],
        "options": theirs["options"] | {name: now["options"][name] for name in HERE},
        "settings": now["settings"] | fitted,
        "blocks": blocks,
    }
    return Promotion(data, parted(now, data), lost)


@transaction.atomic
def promote(source: Connection, target: Connection, promotion: Promotion, author: User) -> Version | None:
    write(target, promotion.data)
    target.refresh_from_db()
    return save_version(target, author, _note(source))


def _note(source: Connection) -> str:
    said: Mapping[str, Any] = {"name": source.name, "number": source.version}
    return _("From %(name)s, version %(number)s") % said
