"""How somebody signs in to Zoho, who it then is, and how the grant ends."""

from collections.abc import Mapping
from typing import Any

from integrations.setup.guide import Arrival
from integrations.setup.handshake import Attempt
from integrations.sync import credentials
from integrations.wire.auth import StaticAuth
from integrations.wire.tokens import Tokens

from . import signin
from .centres import web_url_of
from .client import ZohoClient
from .credits import credits_of
from .models import ZohoConnection
from .opening import Meter, accounts_url, app_of, open_session, policy, sign_in_alone


class ZohoWays:
    """`integrations.setup.guide.Ways`."""

    def needs_browser(self, connection: ZohoConnection) -> bool:
        return connection.sign_in == ZohoConnection.SignIn.WEB

    def authorize_url(
        self, connection: ZohoConnection, attempt: Attempt, *, redirect_uri: str, state: str, challenge: str
    ) -> str:
        accounts = accounts_url(connection)
        policy().check(accounts)
        return signin.authorize_url(
            accounts, app_of(connection, attempt.secrets), redirect_uri=redirect_uri, state=state
        )

    def exchange(
        self, connection: ZohoConnection, attempt: Attempt, *, code: str, verifier: str, redirect_uri: str,
        asked: Mapping[str, str],
    ) -> Tokens:  # fmt: skip
        """At the data centre of the person who signed in, whichever it was begun at: only there the code is known."""
        session = open_session()
        server = signin.accounts_server(session, asked.get("accounts-server", ""), accounts_url(connection))
        app = app_of(connection, attempt.secrets)
        return signin.exchange_code(session, server, app, code=code, redirect_uri=redirect_uri)

    def alone(self, connection: ZohoConnection, attempt: Attempt) -> Tokens:
        return sign_in_alone(open_session(), connection, attempt.secrets)

    def arrive(self, connection: ZohoConnection, tokens: Tokens) -> Arrival:
        """Two calls: who it is, and the organisation with its licence, which says how much may be asked in a day."""
        meter = Meter()
        client = ZohoClient(open_session(meter, auth=StaticAuth(tokens.access_token)), tokens.instance_url)
        user, told = client.current_user(), client.organisation()
        number = str(told["zgid"])
        keep_credits(connection, told)
        return Arrival(
            tokens,
            str(user.get("full_name") or user["id"]),
            str(told.get("company_name") or number),
            number,
            web_url_of(tokens.instance_url, number),
        )

    def leave(self, connection: ZohoConnection) -> None:
        tokens, _version = credentials.store_for(connection).load()
        if tokens.access_token and tokens.identity_url:
            signin.revoke(open_session(), tokens)


def keep_credits(connection: ZohoConnection, told: Mapping[str, Any]) -> None:
    connection.credits_limit = credits_of(told)
    if connection.pk:
        ZohoConnection.objects.filter(pk=connection.pk).update(credits_limit=connection.credits_limit)
