"""Custom fields that this console adds to a company's Pipedrive, with an admin's consent: the key of our records, and scores.

Pipedrive makes two fields of one name without a word, so a field is looked for by its name first, and one that stands
there already is used as it is. Every step may be repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integrations.wire.errors import Misconfigured, NotFound, Rejected

from .client import PipedriveClient
from .schema import Described, Field
from .scope import Source

KEY_LABEL = "Skalin Sync ID"
MAY_NOT = "FIELD_NOT_ALLOWED"


@dataclass(frozen=True, slots=True)
class NewField:
    label: str
    type: str
    serving: frozenset[str]
    """What a field of that name may already be and still serve."""
    more: Mapping[str, Any] = field(default_factory=dict)


KEY_FIELD = NewField(KEY_LABEL, "varchar", frozenset({"varchar", "varchar_auto"}))


def number_field(label: str) -> NewField:
    return NewField(label, "double", frozenset({"double"}))


def create_field(client: PipedriveClient, source: Source, wanted: NewField) -> str:
    """Makes the field, or finds it, and returns its key.

    Misconfigured says what an administrator has to do: the right to make fields or the room for one is missing, or
    another field has the name.
    """
    found = named(Described(source.entity, client.fields(source.fields_named)), wanted)
    if found is None:
        return make(client, source, wanted)
    if found.type not in wanted.serving:
        message = _("Another field, of another type, has the name “%(label)s” in Pipedrive.")
        raise Misconfigured("FIELD_TAKEN", message % {"label": wanted.label}, fields=(found.key,))
    return found.key


def named(described: Described, wanted: NewField) -> Field | None:
    """The first of that name that serves, whatever others are called so too; else any of them."""
    same = [
        one for one in described.known.values() if one.is_custom and one.label.casefold() == wanted.label.casefold()
    ]
    return next((one for one in same if one.type in wanted.serving), same[0] if same else None)


def make(client: PipedriveClient, source: Source, wanted: NewField) -> str:
    body = {"field_name": wanted.label, "field_type": wanted.type, **wanted.more}
    try:
        return str(client.create_field(source.fields_named, body)["field_code"])
    except (Rejected, Misconfigured, NotFound) as refused:
        message = _("Pipedrive does not let the connecting user add the field “%(label)s”: %(reason)s")
        said = {"label": wanted.label, "reason": str(refused)}
        raise Misconfigured(MAY_NOT, message % said, fields=(wanted.label,)) from refused
