"""Whose access a connection has, and whether it still may what the syncs need."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrations.sync import credentials
from integrations.wire.errors import Misconfigured

from . import signin
from .models import HubSpotConnection
from .opening import app_of, open_session
from .schema import ID

if TYPE_CHECKING:
    from .connector import HubSpotConnector

READS = {"companies": "crm.objects.companies.read", "contacts": "crm.objects.contacts.read"}


@dataclass(frozen=True, slots=True)
class Rights:
    user: str
    """Empty: a key, which belongs to the portal and to nobody in it."""
    missing: tuple[str, ...]
    """Scopes, as HubSpot calls them."""


def rights_of(connector: "HubSpotConnector") -> Rights:
    connection = connector.hubspot
    # Renews an access that has ended, so that what is asked about is the one that the syncs use.
    connector.client.account()
    if connection.sign_in == HubSpotConnection.SignIn.KEY:
        return Rights("", tuple(scope for obj, scope in READS.items() if not _may_read(connector, obj)))
    tokens, _version = credentials.store_for(connection).load()
    app = app_of(connection, credentials.load(connection))
    told = signin.introspect(open_session(), connection.base_url, app, tokens)
    given = set(told.get("scopes") or ())
    return Rights(str(told.get("user") or connection.account), tuple(one for one in signin.NEEDED if one not in given))


def _may_read(connector: "HubSpotConnector", obj: str) -> bool:
    try:
        connector.client.search(obj, [], [ID], limit=1)
    except Misconfigured:
        return False
    return True
