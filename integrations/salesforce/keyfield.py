"""Custom fields that this console adds to an organisation, with an admin's consent: the key of our records, and scores.

A field that is made by the API is hidden from everybody, the API's own user too, until permissions on it exist. So each
is made, shown to the profile of the connecting user, and looked for in the describe; whatever stands there already is
used as it is. Every step may be repeated.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integrations.engine.mapping import Kind
from integrations.wire.errors import Misconfigured, NotFound, Rejected

from .schema import KINDS, Described
from .soql import fill, select
from .writing_client import WritingClient

KEY_NAME, KEY_LABEL, KEY_LENGTH = "Skalin_Sync_Id", "Skalin Sync ID", 64
ACTIVITIES = frozenset({"Task", "Event"})
ACTIVITY = "Activity"
"""Custom fields of tasks and events are made here, and show on both."""
TAKEN = "DUPLICATE_DEVELOPER_NAME"
MAY_NOT = "FIELD_NOT_ALLOWED"
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class NewField:
    name: str
    """Without the `__c`."""
    label: str
    metadata: dict[str, Any] = field(default_factory=dict)
    kinds: frozenset[Kind] = frozenset({Kind.TEXT})
    """What a field of that name may already be and still serve."""

    @property
    def path(self) -> str:
        return f"{self.name}__c"


def key_field(obj: str) -> NewField:
    """Unique and case-sensitive, so that Salesforce itself refuses a second record with the same key; activities cannot."""
    unique = {} if obj in ACTIVITIES else {"unique": True, "caseSensitive": True}
    metadata = {"type": "Text", "length": KEY_LENGTH, "externalId": True, **unique}
    return NewField(KEY_NAME, KEY_LABEL, metadata, frozenset({Kind.TEXT, Kind.ID}))


def number_field(label: str, *, digits: int = 5, scale: int = 2) -> NewField:
    """`number_field("Skalin Healthscore")` is `Skalin_Healthscore__c`, 000.00."""
    metadata = {"type": "Number", "precision": digits, "scale": scale}
    return NewField(name_of(label), label, metadata, frozenset({Kind.NUMBER, Kind.INTEGER, Kind.MONEY}))


def text_field(label: str, *, length: int = 255) -> NewField:
    """`text_field("Skalin CSM Pulse")` is `Skalin_CSM_Pulse__c`."""
    metadata = {"type": "Text", "length": length}
    return NewField(name_of(label), label, metadata, frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE}))


def name_of(label: str) -> str:
    """Letters and digits with single underscores, beginning with a letter: what a developer name may be."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", label).strip("_")[:LONGEST_NAME].strip("_")
    return name if name[:1].isalpha() else f"X{name}"


def create_key_field(client: WritingClient, obj: str) -> str:
    """Makes or finds the field for our own key on the object, and returns its path."""
    return create_field(client, obj, key_field(obj))


def create_field(client: WritingClient, obj: str, wanted: NewField) -> str:
    """Makes the field on the object, or finds it, so that the connecting user reads and writes it; returns its path.

    Done twice, it makes nothing twice. Misconfigured says what an administrator has to do: the right to make fields is
    missing, the field stays hidden, or another field has the name.
    """
    described = Described(client.describe(obj))
    if is_ready(described, obj, wanted):
        return wanted.path
    if wanted.path not in described.raw:
        make(client, obj, wanted)
    show(client, obj, wanted)
    if not is_ready(Described(client.describe(obj)), obj, wanted):
        message = _("The field “%(label)s” exists on %(object)s, and the connecting user cannot write it.")
        raise Misconfigured("FIELD_HIDDEN", message % said(obj, wanted), fields=(wanted.path,))
    return wanted.path


def is_ready(described: Described, obj: str, wanted: NewField) -> bool:
    found = described.raw.get(wanted.path)
    if found is None:
        return False
    if KINDS.get(found["type"]) not in wanted.kinds:
        message = _("On %(object)s another field, of another type, has the name “%(label)s”.")
        raise Misconfigured("FIELD_TAKEN", message % said(obj, wanted), fields=(wanted.path,))
    return bool(found.get("createable") and found.get("updateable"))


def make(client: WritingClient, obj: str, wanted: NewField) -> None:
    home = ACTIVITY if obj in ACTIVITIES else obj
    metadata = {"label": wanted.label, "required": False, **wanted.metadata}
    try:
        client.create_custom_field(f"{home}.{wanted.path}", metadata)
    except (Rejected, Misconfigured, NotFound) as refused:
        # The name is taken by a field that this user does not see: showing it is all that is missing.
        if refused.code != TAKEN:
            raise may_not(obj, wanted, refused) from refused


def show(client: WritingClient, obj: str, wanted: NewField) -> None:
    """Through the permission set that belongs to the user's own profile."""
    try:
        parent = permission_set(client)
        for of in sorted(ACTIVITIES) if obj in ACTIVITIES else (obj,):
            permit(client, parent, of, f"{of}.{wanted.path}")
    except (Rejected, Misconfigured, NotFound) as refused:
        raise may_not(obj, wanted, refused) from refused


def permission_set(client: WritingClient) -> str:
    user_id = str(client.userinfo()["user_id"])
    of_user = client.query(select(["ProfileId"], "User", fill("Id = {id}", id=user_id))).records
    profile = of_user[0]["ProfileId"] if of_user else ""
    condition = fill("IsOwnedByProfile = true AND ProfileId = {profile}", profile=profile)
    found = client.query(select(["Id"], "PermissionSet", condition)).records
    if not found:
        raise NotFound("NOT_FOUND", "The connecting user's profile has no permission set that can be seen.")
    return str(found[0]["Id"])


def permit(client: WritingClient, parent: str, obj: str, full_name: str) -> None:
    granted = {"PermissionsRead": True, "PermissionsEdit": True}
    condition = fill("ParentId = {parent} AND Field = {field}", parent=parent, field=full_name)
    found = client.query(select(["Id", "PermissionsEdit"], "FieldPermissions", condition)).records
    if not found:
        client.create_field_permissions({"ParentId": parent, "SobjectType": obj, "Field": full_name, **granted})
    elif not found[0]["PermissionsEdit"]:
        client.update_field_permissions(str(found[0]["Id"]), granted)


def may_not(obj: str, wanted: NewField, refused: Rejected | Misconfigured | NotFound) -> Misconfigured:
    message = _("Salesforce does not let the connecting user add the field “%(label)s” to %(object)s: %(reason)s")
    return Misconfigured(MAY_NOT, message % {**said(obj, wanted), "reason": str(refused)}, fields=(wanted.path,))


def said(obj: str, wanted: NewField) -> dict[str, str]:
    return {"label": wanted.label, "object": obj}
