"""Attributes that this console adds to a workspace, with an admin's consent: where the IDs of another CRM will stand.

One name names one attribute, of companies or of people: hence two names. Every step may be repeated.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.wire.errors import Misconfigured, Rejected

from .client import IntercomClient
from .replies import TAKEN
from .schema import CUSTOM, NAMING

DESCRIPTION = "The ID of the record in the CRM; kept by Skalin Sync."
NOT_ALLOWED, FIELD_TAKEN = "ATTRIBUTE_NOT_ALLOWED", "ATTRIBUTE_OF_OTHERS"
Attribute = Mapping[str, Any]


def create(client: IntercomClient, model: str, name: str) -> str:
    """Makes the attribute, or finds it, and returns its path; done twice, it makes one."""
    found = named(client.attributes(model), name)
    if found is None:
        found = _made(client, model, name)
    if str(found.get("data_type")) not in NAMING or found.get("api_writable") is False:
        message = _("The attribute “%(name)s” is there already, and holds no text that may be written.")
        raise Misconfigured(FIELD_TAKEN, message % {"name": name}, fields=(name,))
    return f"{CUSTOM}{found['name']}"


def _made(client: IntercomClient, model: str, name: str) -> Attribute:
    try:
        return client.create_attribute(model, name, DESCRIPTION)
    except Rejected as refused:
        if refused.code != TAKEN:
            raise Misconfigured(NOT_ALLOWED, refused.message, fields=(name,)) from refused
        # Made a moment ago, or the answer to our own making was lost: it is there now.
        found = named(client.attributes(model), name)
        if found is None:
            raise Misconfigured(FIELD_TAKEN, refused.message, fields=(name,)) from refused
        return found


def named(attributes: Iterable[Attribute], name: str) -> Attribute | None:
    custom = (one for one in attributes if one.get("custom") and not one.get("archived"))
    return next((one for one in custom if str(one["name"]).casefold() == name.casefold()), None)
