"""How somebody signs in to HubSpot, which portal it then is, and how the grant ends."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from integrations.setup.guide import Arrival
from integrations.setup.handshake import Attempt
from integrations.sync import credentials
from integrations.wire.auth import StaticAuth
from integrations.wire.tokens import Tokens

from . import signin
from .client import HubSpotClient
from .connector import web_url
from .models import HubSpotConnection
from .opening import Meter, api_of, app_of, open_session, pages_of, policy

SignIn = HubSpotConnection.SignIn


class HubSpotWays:
    """`integrations.setup.guide.Ways`."""

    def needs_browser(self, connection: HubSpotConnection) -> bool:
        return connection.sign_in == SignIn.WEB

    def authorize_url(
        self, connection: HubSpotConnection, attempt: Attempt, *, redirect_uri: str, state: str, challenge: str
    ) -> str:
        pages = pages_of(connection)
        policy().check(pages)
        return signin.authorize_url(pages, app_of(connection, attempt.secrets), redirect_uri=redirect_uri, state=state)

    def exchange(
        self, connection: HubSpotConnection, attempt: Attempt, *, code: str, verifier: str, redirect_uri: str,
        asked: Mapping[str, str],
    ) -> Tokens:  # fmt: skip
        app = app_of(connection, attempt.secrets)
        session = open_session()
        tokens = signin.exchange_code(session, connection.base_url, app, code=code, redirect_uri=redirect_uri)
        return replace(tokens, identity_url=signin.who(session, connection.base_url, app, tokens))

    def alone(self, connection: HubSpotConnection, attempt: Attempt) -> Tokens:
        return signin.with_key(connection.base_url, str(attempt.secrets.get("access_key") or ""))

    def arrive(self, connection: HubSpotConnection, tokens: Tokens) -> Arrival:
        """The portal, and one look at companies and contacts: a missing scope is said now and not by the first sync."""
        client = HubSpotClient(open_session(Meter(), auth=StaticAuth(tokens.access_token)), api_of(connection))
        told = client.account()
        for obj in ("companies", "contacts"):
            client.search(obj, [], ["hs_object_id"], limit=1)
        next(client.owners(), None)
        portal = str(told["portalId"])
        # A key belongs to the portal and to nobody in it.
        user = tokens.identity_url or str(_("a service key"))
        return Arrival(tokens, user, portal, portal, web_url(connection, told), client.session.quota)

    def leave(self, connection: HubSpotConnection) -> None:
        """A key is not ended from here: whoever made it deletes it in HubSpot."""
        tokens, _version = credentials.store_for(connection).load()
        if tokens.refresh_token:
            app = app_of(connection, credentials.load(connection))
            signin.revoke(open_session(), connection.base_url, app, tokens)
