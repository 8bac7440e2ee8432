"""Custom fields that this console adds to an organisation, with an admin's consent: the key of our records, and scores.

The name is chosen by Zoho, so a field is made by its label and looked for by it afterwards; one that stands there already
is used as it is. Every step may be repeated.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integrations.engine.mapping import Kind
from integrations.sync.connector import CrmField
from integrations.wire.errors import Misconfigured, NotFound, Rejected

from .client import WritingClient
from .replies import error_of
from .schema import Described
from .verdicts import SUCCESS, TAKEN

KEY_LABEL, KEY_LENGTH = "Skalin Sync ID", 64
MAY_NOT = "FIELD_NOT_ALLOWED"


@dataclass(frozen=True, slots=True)
class NewField:
    label: str
    definition: dict[str, Any] = field(default_factory=dict)
    kinds: frozenset[Kind] = frozenset({Kind.TEXT})
    """What a field of that label may already be and still serve."""
    must_be_unique: bool = False


KEY_FIELD = NewField(
    KEY_LABEL,
    # Unique, so that Zoho itself refuses a second record with the same key.
    {"data_type": "text", "length": KEY_LENGTH, "unique": {"case_sensitive": False}},
    must_be_unique=True,
)


def number_field(label: str) -> NewField:
    return NewField(label, {"data_type": "integer", "length": 9}, frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY}))


def create_key_field(client: WritingClient, module: str) -> str:
    return create_field(client, module, KEY_FIELD)


def create_field(client: WritingClient, module: str, wanted: NewField) -> str:
    """Makes the field in the module, or finds it, so that the connecting user writes it; returns its path.

    Done twice, it makes nothing twice. Misconfigured says what an administrator has to do: the right to make fields or
    the room for one is missing, another field has the label, or the field cannot be written.
    """
    found = labelled(Described(client.fields(module)), wanted)
    if found is None:
        make(client, module, wanted)
        found = labelled(Described(client.fields(module)), wanted)
    if found is None or not (found.is_createable and found.is_updateable):
        message = _("The field “%(label)s” exists in %(module)s, and the connecting user cannot write it.")
        raise Misconfigured("FIELD_HIDDEN", message % said(module, wanted), fields=(wanted.label,))
    if found.kind not in wanted.kinds or (wanted.must_be_unique and not found.is_id):
        message = _("In %(module)s another field, of another type, has the label “%(label)s”.")
        raise Misconfigured("FIELD_TAKEN", message % said(module, wanted), fields=(found.path,))
    return found.path


def labelled(described: Described, wanted: NewField) -> CrmField | None:
    same = (one for one in described.fields if one.label.casefold() == wanted.label.casefold())
    return next(same, None)


def make(client: WritingClient, module: str, wanted: NewField) -> None:
    try:
        item = client.create_field(module, {"field_label": wanted.label, **wanted.definition})
    except (Rejected, Misconfigured, NotFound) as refused:
        raise may_not(module, wanted, str(refused)) from refused
    # The label is taken: by an unanswered attempt of ours, or by a field that this user does not see.
    if item.get("code") not in {SUCCESS, TAKEN}:
        raise may_not(module, wanted, str(error_of(item, 0)))


def may_not(module: str, wanted: NewField, reason: str) -> Misconfigured:
    message = _("Zoho does not let the connecting user add the field “%(label)s” to %(module)s: %(reason)s")
    return Misconfigured(MAY_NOT, message % {**said(module, wanted), "reason": reason}, fields=(wanted.label,))


def said(module: str, wanted: NewField) -> dict[str, str]:
    return {"label": wanted.label, "module": module}
