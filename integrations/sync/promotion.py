"""Carries one connection's configuration to another of the same system: from the sandbox to the live organisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User

from .blocks import asked_of
from .configuration import Archived, Part, admit, locked, parted, refusal_of, save_version, snapshot, write
from .configuration.changes import as_label
from .configuration.columns import label_columns, own_columns
from .connector import Connector
from .erasures import Erasure, erasures_in
from .models import Connection, Version
from .models.connection import Mode
from .registry import child_of, connector_for, missing_scope, system_of

HERE = ("base_url", "order")
"""Options that belong to a connection's place, not to what it does."""
Data = dict[str, Any]


class PromotionRefused(Exception):  # noqa: N818 (an answer, said to a person)
    """The target would read more than anybody chose; nothing was written."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A setting whose view is not found in the target's organisation."""

    setting: str
    names: str
    stands: str
    """What the target has afterwards; empty: nothing narrows its records down."""
    is_kept: bool
    """It is the target's own, as it was."""


@dataclass(frozen=True, slots=True)
class Promotion:
    data: Data
    parts: list[Part]
    lost: list[Lost]
    expected: tuple[int, int]
    """The versions of source and target that were compared."""
    harm: str = ""
    """What would come of it while the target is on; empty: nothing."""
    refusal: str = ""
    """Why it cannot be carried over at all, on or not; empty: it can."""
    erasures: Sequence[Erasure] = ()
    """What blanks would empty of what the target has brought in."""

    @property
    def number(self) -> int:
        return sum(len(part.said) for part in self.parts)


def targets_of(source: Connection) -> list[Connection]:
    others = Connection.objects.filter(system=source.system).exclude(pk=source.pk)
    return list(others.exclude(state=Connection.State.ARCHIVED))


def planned(source: Connection, target: Connection) -> Promotion:
    """What the target would say afterwards. Asks the target's CRM for its views; may raise the wire's errors."""
    # Before their rows are read: a save in between is noticed then, and never overwritten.
    expected = (source.version, target.version)
    theirs, now = snapshot(source), snapshot(target)
    connector = connector_for(target, read_only=True, interactive=True)
    settings, lost = _settings(connector, target.system, theirs["settings"], now["settings"])
    blocks, lost_of_blocks = _blocks(connector, theirs["blocks"], now["blocks"])
    lost += lost_of_blocks
    data = {
        **theirs,
        "name": now["name"],
        "options": theirs["options"] | {name: now["options"][name] for name in HERE},
        "settings": now["settings"] | settings,
        "blocks": blocks,
    }
    harm = _harm(source, target, data["settings"], lost)
    return Promotion(data, parted(now, data), lost, expected, harm, refusal_of(target, data), erasures_in(target, data))


def _settings(connector: Connector, system: str, theirs: Data, now: Data) -> tuple[Data, list[Lost]]:
    """What says which records come in, a view by its name in the target's organisation."""
    labels, columns = label_columns(system), own_columns(system)
    settings, lost = Data(), list[Lost]()
    for name in system_of(system).scope:
        pair = tuple(one for one in (name, labels.get(name)) if one)
        found, missing = connector.fitted({one: theirs[one] for one in pair})
        settings |= found
        if missing:
            own = {one: now[one] for one in pair} if now[name] else {}
            settings |= own
            lost.append(_lost(str(columns[name].verbose_name), missing, [settings[one] for one in pair], own))
    return settings, lost


def _blocks(connector: Connector, theirs: Data, now: Data) -> tuple[Data, list[Lost]]:
    blocks, lost = Data(), list[Lost]()
    for name, block in theirs.items():
        settings, missing = connector.fitted_block(name, block["settings"])
        if missing:
            own = _own_view(settings, now.get(name, {}).get("settings", {}))
            settings = settings | own
            if block["mode"] != Mode.DISABLED:
                stands = [settings.get("view", ""), settings.get("view_label", "")]
                lost.append(_lost(str(asked_of(name)["view"].label), missing, stands, own))
        blocks[name] = {**block, "settings": settings}
    return blocks, lost


def _own_view(fitted: Data, own: Data) -> Data:
    """The target's own view of the same object: of another one it would mean nothing."""
    if not own.get("view") or own.get("source", "") != fitted.get("source", ""):
        return {}
    return {name: own[name] for name in ("view", "view_label") if name in own}


def _lost(setting: str, missing: list[str], stands: list[Any], own: Data) -> Lost:
    """`stands`: an id and, where it is known, its name."""
    called = next((str(one) for one in reversed(stands) if one), "")
    return Lost(as_label(setting), ", ".join(missing), called, bool(own))


def _harm(source: Connection, target: Connection, settings: Data, lost: list[Lost]) -> str:
    """A connection that is on would read by an empty setting within minutes, and without one it reads everything."""
    said = {"target": target.name, "source": source.name}
    if empty := [one.setting for one in lost if not one.stands]:
        text = _(
            "%(target)s is on, and without a view it would read every record: %(settings)s would be empty there. "
            "Choose a view in the set-up of %(target)s, or give one there the name that it has in %(source)s; "
            "then compare again."
        )
        return text % {**said, "settings": ", ".join(empty)}
    child = child_of(target)
    for name, value in settings.items():
        setattr(child, name, value)
    if missing := missing_scope(child):
        text = _("%(target)s is on, and %(source)s does not say which records come in. %(missing)s Then compare again.")
        return text % {**said, "missing": missing}
    return ""


@transaction.atomic
def promote(
    source: Connection, target: Connection, promotion: Promotion, author: User, *, read: str = ""
) -> Version | None:
    """Raises VersionMoved where somebody saved either of them since they were compared.

    `read`: the seal of the erasures that the person was shown. Raises WouldErase where there are others by now.
    """
    _lock(promotion.expected, source, target)
    target.refresh_from_db()
    if target.is_archived:
        raise Archived(target)
    if target.is_live and promotion.harm:
        raise PromotionRefused(promotion.harm)
    admit(target, promotion.data, read)
    write(target, promotion.data)
    target.refresh_from_db()
    return save_version(target, author, _note(source))


def _lock(expected: tuple[int, int], source: Connection, target: Connection) -> None:
    """In the order of their rows: two people who carry in opposite directions must not wait for each other."""
    for connection, version in sorted(zip((source, target), expected, strict=True), key=lambda one: one[0].pk):
        locked(connection.pk, version)


def _note(source: Connection) -> str:
    said: Mapping[str, Any] = {"name": source.name, "number": source.version}
    return _("From %(name)s, version %(number)s") % said
