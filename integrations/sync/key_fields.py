"""The field of a CRM that keeps our own key: whether it is there, and what is kept of that.

It is the organisation's own state. While it is gone, records go out without a key: one whose answer gets lost is asked
about, and never sent a second time unasked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import audit

from . import metadata
from .connector import ObjectAbility, Schema
from .drift import shows
from .models import Block, Connection, Outbox
from .store.marks import OUTWARD


@dataclass(frozen=True, slots=True)
class OurKey:
    """What a page says of it."""

    path: str
    """Empty: there was never one."""
    is_gone: bool

    @property
    def is_there(self) -> bool:
        return bool(self.path) and not self.is_gone


def our_key(block: Block, ability: ObjectAbility, schema: Schema | None) -> OurKey | None:
    """None where the CRM keeps none of this data type, or nothing of it goes out."""
    if not (ability.has_key_field and block.pk and block.mode in OUTWARD):
        return None
    return OurKey(block.key_field, is_lost(block, schema))


def is_lost(block: Block, schema: Schema | None) -> bool:
    """By what the CRM shows now, else by what the last run found."""
    if not block.key_field:
        return False
    return block.key_gone_at is not None if schema is None else not shows(schema, block.key_field)


def keep(request: HttpRequest, connection: Connection, made: Mapping[str, str]) -> None:
    """Data type → the field that was made, or found, just now: what was sent before has no key in it."""
    for object_name, path in made.items():
        Block.objects.filter(connection=connection.pk, object=object_name).update(key_field=path, key_gone_at=None)
        forget_keys(connection.pk, object_name)
        metadata.forget(connection, object_name)
    if made:
        audit.record(request, audit.Verb.CHANGED, connection, after=made, note=_("Fields for our own ID"))


def note_gone(block: Block, now: datetime) -> None:
    block.key_gone_at = now
    Block.objects.filter(pk=block.pk).update(key_gone_at=now)


def note_back(block: Block) -> None:
    """What went out meanwhile has no key, and would be looked for in vain."""
    block.key_gone_at = None
    Block.objects.filter(pk=block.pk).update(key_gone_at=None)
    forget_keys(block.connection_id, block.object)


def forget_keys(connection_id: int, object_name: str) -> None:
    """Of what is still unanswered: a field that was made anew holds none of the keys that the former one held."""
    Outbox.objects.filter(connection=connection_id, object=object_name, state=Outbox.State.SENT).update(key_field="")
