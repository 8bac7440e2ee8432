"""What changed in the CRM under a connection's mapping, as lines in words: which field, how, and what may replace it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from .drift import GONE, KEY_GONE, LOCKED, REQUIRED, RETYPED, VALUE
from .models import Block, DataType, FieldMapping, Mode
from .store.marks import OUTWARD

SAID: Mapping[str, str | Promise] = {
    GONE: gettext_lazy("“%(label)s” of %(what)s is gone"),
    RETYPED: gettext_lazy("“%(label)s” of %(what)s is of another type now"),
    LOCKED: gettext_lazy("“%(label)s” of %(what)s can no longer be written"),
    VALUE: gettext_lazy("“%(label)s” of %(what)s has new values: %(detail)s"),
    REQUIRED: gettext_lazy("%(what)s cannot be created without “%(label)s”, and nothing fills it"),
    KEY_GONE: gettext_lazy(
        "“%(label)s” of %(what)s, the field for our own ID, is gone: a new record whose answer gets lost is asked about"
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One change of the CRM's schema that was told and that nobody has settled yet."""

    connection_id: int
    object: str
    code: str
    label: str
    """The CRM's, as last seen."""
    detail: str
    rests: bool
    """Its line is suspended; else it goes on."""
    since: datetime
    hub_field: str = ""
    successors: Sequence[tuple[str, str]] = ()

    @property
    def as_details(self) -> dict[str, str]:
        """What an alert keeps: said in the reader's language when it is read."""
        return {"code": self.code, "label": self.label, "detail": self.detail, "object": self.object}


def say(details: Mapping[str, Any]) -> str:
    label = str(DataType(details["object"]).label)
    text = SAID.get(details["code"], gettext_lazy("“%(label)s” of %(what)s rests"))
    return text % {"label": details["label"], "detail": details["detail"], "what": label}


def say_all(all_details: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(say(details) for details in all_details)


def lines_told(connections: Sequence[int]) -> list[Told]:
    """One statement, or none where no connection is asked for; so is the next."""
    if not connections:
        return []
    lines = FieldMapping.objects.filter(Q(suspended_at__isnull=False) | Q(noticed_at__isnull=False))
    lines = lines.filter(block__connection__in=connections).select_related("block")
    return [_of_line(line) for line in lines.order_by("block", "position", "pk")]


def required_told(connections: Sequence[int]) -> list[Told]:
    if not connections:
        return []
    blocks = Block.objects.filter(connection__in=connections, required_at__isnull=False).exclude(mode=Mode.DISABLED)
    return [told for block in blocks for told in _of_block(block)]


def keys_told(connections: Sequence[int]) -> list[Told]:
    if not connections:
        return []
    blocks = Block.objects.filter(connection__in=connections, key_gone_at__isnull=False, mode__in=OUTWARD)
    return [_of_key(block) for block in blocks]


def _of_line(line: FieldMapping) -> Told:
    return Told(
        line.block.connection_id,
        line.block.object,
        line.suspended_code or line.noticed_code,
        line.crm_label or line.crm_field,
        line.drift_detail,
        line.suspended_at is not None,
        line.suspended_at or line.noticed_at,  # type: ignore[arg-type]
        line.hub_field,
        [(path, label) for path, label in line.successors] if line.suspended_at else (),
    )


def _of_key(block: Block) -> Told:
    since: Any = block.key_gone_at
    return Told(block.connection_id, block.object, KEY_GONE, block.key_field, "", rests=False, since=since)


def _of_block(block: Block) -> list[Told]:
    since: Any = block.required_at
    return [
        Told(block.connection_id, block.object, REQUIRED, label, "", rests=False, since=since)
        for label in block.required_new.values()
    ]
