"""How somebody signs in to Pipedrive, who it then is, and how the grant ends."""

from collections.abc import Mapping

from integrations.setup.guide import Arrival
from integrations.setup.handshake import Attempt
from integrations.sync import credentials
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import WireError
from integrations.wire.tokens import Tokens

from . import signin
from .client import PipedriveClient
from .models import PipedriveConnection
from .opening import Meter, app_of, auth_of, by_token, open_session, policy, server_of


class PipedriveWays:
    """`integrations.setup.guide.Ways`."""

    def needs_browser(self, connection: PipedriveConnection) -> bool:
        return connection.sign_in == PipedriveConnection.SignIn.WEB

    def authorize_url(
        self, connection: PipedriveConnection, attempt: Attempt, *, redirect_uri: str, state: str, challenge: str
    ) -> str:
        server = server_of(connection)
        policy().check(server)
        return signin.authorize_url(server, app_of(connection, attempt.secrets), redirect_uri=redirect_uri, state=state)

    def exchange(
        self, connection: PipedriveConnection, attempt: Attempt, *, code: str, verifier: str, redirect_uri: str,
        asked: Mapping[str, str],
    ) -> Tokens:  # fmt: skip
        app = app_of(connection, attempt.secrets)
        return signin.exchange_code(open_session(), server_of(connection), app, code=code, redirect_uri=redirect_uri)

    def alone(self, connection: PipedriveConnection, attempt: Attempt) -> Tokens:
        return by_token(connection, attempt.secrets)

    def arrive(self, connection: PipedriveConnection, tokens: Tokens) -> Arrival:
        """Two calls: who it is, and whether the organizations are open to them."""
        session = open_session(Meter(), auth=auth_of(connection, tokens, StaticAuth(tokens.access_token)))
        client = PipedriveClient(session, tokens.instance_url)
        try:
            told = client.me()
            # Without the right to see organizations and their deals nothing would come in: said here, in time.
            client.page("organizations", {"limit": 1, "include_fields": "won_deals_count"})
        except WireError as error:
            error.hide(tokens.secrets)
            raise
        company = str(told["company_id"])
        return Arrival(
            tokens,
            str(told.get("name") or told["id"]),
            str(told.get("company_name") or company),
            company,
            tokens.instance_url,
            session.quota,
        )

    def leave(self, connection: PipedriveConnection) -> None:
        tokens, _version = credentials.store_for(connection).load()
        if self.needs_browser(connection) and tokens.refresh_token:
            app = app_of(connection, credentials.load(connection))
            signin.revoke(open_session(), server_of(connection), app, tokens)
