"""How somebody signs in to Sellsy, and who it then is. The API has no way to end a grant: that is done in Sellsy."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from integrations.setup.guide import Arrival
from integrations.setup.handshake import Attempt
from integrations.wire.auth import StaticAuth
from integrations.wire.quota import Quota
from integrations.wire.tokens import Tokens

from . import signin
from .client import SellsyClient
from .models import SellsyConnection
from .opening import Meter, app_of, hosts_of, open_session, policy, sign_in_alone
from .people import name_of

WEB = "https://go.sellsy.com"


class SellsyWays:
    """`integrations.setup.guide.Ways`."""

    def needs_browser(self, connection: SellsyConnection) -> bool:
        return connection.sign_in == SellsyConnection.SignIn.WEB

    def authorize_url(
        self, connection: SellsyConnection, attempt: Attempt, *, redirect_uri: str, state: str, challenge: str
    ) -> str:
        login = hosts_of(connection).login
        policy().check(login)
        app = app_of(connection, attempt.secrets)
        return signin.authorize_url(login, app, redirect_uri=redirect_uri, state=state, challenge=challenge)

    def exchange(
        self, connection: SellsyConnection, attempt: Attempt, *, code: str, verifier: str, redirect_uri: str,
        asked: Mapping[str, str],
    ) -> Tokens:  # fmt: skip
        app = app_of(connection, attempt.secrets)
        return signin.exchange_code(
            open_session(), hosts_of(connection).login, app, code=code, verifier=verifier, redirect_uri=redirect_uri
        )

    def alone(self, connection: SellsyConnection, attempt: Attempt) -> Tokens:
        return sign_in_alone(open_session(), connection, attempt.secrets)

    def arrive(self, connection: SellsyConnection, tokens: Tokens) -> Arrival:
        """Three calls: whether the API is open and how much may be asked in a day, who it is, and whose account."""
        session = open_session(Meter(), auth=StaticAuth(tokens.access_token))
        client = SellsyClient(session, hosts_of(connection))
        quota = quota_of(client)
        me, first = client.me(), client.first_staff()
        return Arrival(
            tokens, name_of(me) or str(me["id"]), domain_of(me), account_key(first or me), web_url(connection), quota
        )

    def leave(self, connection: SellsyConnection) -> None:
        """Nothing to ask for: without the tokens, which are forgotten here, the access simply ends."""


def quota_of(client: SellsyClient) -> Quota | None:
    rate = client.quotas().get("api_rate_days") or {}
    limit = rate.get("limit")
    return Quota(int(rate.get("used") or 0), int(limit), client.session.clock()) if limit else None


def account_key(first: Mapping[str, Any]) -> str:
    """No call names the account. Its oldest colleague does: two accounts share ids, and not people with these."""
    said = f"{first.get('id')}:{str(first.get('email') or '').lower()}"
    return blake2b(said.encode(), digest_size=16).hexdigest()


def domain_of(me: Mapping[str, Any]) -> str:
    """The account has no name in the API: its people's domain stands for it."""
    return str(me.get("email") or "").rpartition("@")[2].lower()


def web_url(connection: SellsyConnection) -> str:
    return connection.base_url.rstrip("/") or WEB
