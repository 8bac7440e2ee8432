"""Properties that this console adds to a portal, with an admin's consent. Every step may be repeated."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext as _

from integrations.wire.errors import AlreadyExists, Misconfigured, Rejected

from .client import HubSpotClient

KEY_NAME, KEY_LABEL = "skalin_sync_id", "Skalin Sync ID"
GROUPS = {"companies": "companyinformation", "contacts": "contactinformation"}
OWN_GROUP, OWN_GROUP_LABEL = "skalin_sync", "Skalin Sync"
"""Of the objects whose usual group HubSpot names nowhere."""
SHOWN_AFTER = (0.0, 0.5, 1.0, 2.0)
"""Seconds between looks: a new property can be read and written a moment later only."""


def key_property(obj: str) -> dict[str, Any]:
    """Unique, so that HubSpot itself finds the record that a lost answer has made."""
    return {
        "name": KEY_NAME, "label": KEY_LABEL, "type": "string", "fieldType": "text", "groupName": GROUPS.get(obj, OWN_GROUP),
        "hasUniqueValue": True, "formField": False,
    }  # fmt: skip


def create_key_field(client: HubSpotClient, obj: str, pause: Callable[[float], None] = time.sleep) -> str:
    return create_property(client, obj, key_property(obj), pause)


def create_property(
    client: HubSpotClient, obj: str, wanted: dict[str, Any], pause: Callable[[float], None] = time.sleep
) -> str:
    """Makes the property, or finds it; done twice, it makes nothing twice."""
    if found := named(client, obj, wanted["name"]):
        return checked(obj, wanted, found)
    try:
        if wanted["groupName"] == OWN_GROUP:
            make_group(client, obj)
        client.create_property(obj, wanted)
    except (AlreadyExists, Rejected) as refused:
        # Somebody else made it a moment ago; whatever else was refused is said.
        if found := named(client, obj, wanted["name"]):
            return checked(obj, wanted, found)
        raise may_not(obj, wanted, str(refused)) from refused
    except Misconfigured as refused:
        raise may_not(obj, wanted, str(refused)) from refused
    for seconds in SHOWN_AFTER:
        if seconds:
            pause(seconds)
        if found := named(client, obj, wanted["name"]):
            return checked(obj, wanted, found)
    raise may_not(obj, wanted, _("it does not show"))


def make_group(client: HubSpotClient, obj: str) -> None:
    # Made at an earlier try; whatever else was refused, the property that needs it says.
    with suppress(AlreadyExists, Rejected):
        client.create_group(obj, OWN_GROUP, OWN_GROUP_LABEL)


def named(client: HubSpotClient, obj: str, name: str) -> dict[str, Any] | None:
    return next((one for one in client.properties(obj) if one["name"] == name), None)


def checked(obj: str, wanted: dict[str, Any], found: dict[str, Any]) -> str:
    is_unique = bool(found.get("hasUniqueValue")) or not wanted.get("hasUniqueValue")
    if found["type"] != wanted["type"] or not is_unique:
        message = _("Another property of %(object)s, of another kind, has the name “%(label)s”.")
        raise Misconfigured("FIELD_TAKEN", message % said(obj, wanted), fields=(wanted["name"],))
    return str(wanted["name"])


def may_not(obj: str, wanted: dict[str, Any], reason: str) -> Misconfigured:
    message = _("HubSpot does not let this sign-in add the property “%(label)s” to %(object)s: %(reason)s")
    return Misconfigured(
        "FIELD_NOT_ALLOWED", message % {**said(obj, wanted), "reason": reason}, fields=(wanted["name"],)
    )


def said(obj: str, wanted: dict[str, Any]) -> dict[str, str]:
    return {"label": str(wanted["label"]), "object": obj}
