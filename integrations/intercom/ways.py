"""How somebody signs in to Intercom, and which workspace it then is."""

from collections.abc import Mapping

from integrations.setup.guide import Arrival
from integrations.setup.handshake import Attempt
from integrations.wire.auth import StaticAuth
from integrations.wire.tokens import Tokens

from . import signin
from .client import IntercomClient
from .models import IntercomConnection
from .opening import Meter, api_of, app_of, by_token, open_session, pages_of, policy


class IntercomWays:
    """`integrations.setup.guide.Ways`."""

    def needs_browser(self, connection: IntercomConnection) -> bool:
        return connection.sign_in == IntercomConnection.SignIn.WEB

    def authorize_url(
        self, connection: IntercomConnection, attempt: Attempt, *, redirect_uri: str, state: str, challenge: str
    ) -> str:
        pages = pages_of(connection)
        policy().check(pages)
        return signin.authorize_url(pages, app_of(connection, attempt.secrets), redirect_uri=redirect_uri, state=state)

    def exchange(
        self, connection: IntercomConnection, attempt: Attempt, *, code: str, verifier: str, redirect_uri: str,
        asked: Mapping[str, str],
    ) -> Tokens:  # fmt: skip
        return signin.exchange_code(open_session(), api_of(connection), app_of(connection, attempt.secrets), code=code)

    def alone(self, connection: IntercomConnection, attempt: Attempt) -> Tokens:
        return by_token(attempt.secrets)

    def arrive(self, connection: IntercomConnection, tokens: Tokens) -> Arrival:
        """One call: whether the token opens anything, whose it is, and which workspace."""
        session = open_session(Meter(), auth=StaticAuth(tokens.access_token))
        me = IntercomClient(session, api_of(connection)).me()
        app = me["app"]
        workspace = str(app["id_code"])
        return Arrival(
            tokens, str(me.get("name") or me["id"]), str(app.get("name") or workspace), workspace,
            web_url(connection, workspace), session.quota,
        )  # fmt: skip

    def leave(self, connection: IntercomConnection) -> None:
        """Nothing to ask for: the token is revoked in Intercom, and forgotten here."""


def web_url(connection: IntercomConnection, workspace: str) -> str:
    return f"{pages_of(connection)}/a/apps/{workspace}"
