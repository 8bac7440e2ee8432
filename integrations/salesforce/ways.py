"""How somebody signs in to Salesforce, who it then is, and how the grant ends."""

from collections.abc import Mapping

from django.conf import settings

from integrations.setup.guide import Arrival
from integrations.setup.handshake import Attempt
from integrations.sync import credentials
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import Misconfigured
from integrations.wire.tokens import Tokens

from . import signin
from .client import SalesforceClient
from .models import SalesforceConnection
from .opening import Meter, app_of, login_url, open_session, policy, sign_in_alone
from .soql import to_18

NO_API = frozenset({"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"})


class SalesforceWays:
    """`integrations.setup.guide.Ways`."""

    def needs_browser(self, connection: SalesforceConnection) -> bool:
        return connection.sign_in == SalesforceConnection.SignIn.WEB

    def authorize_url(
        self, connection: SalesforceConnection, attempt: Attempt, *, redirect_uri: str, state: str, challenge: str
    ) -> str:
        login = login_url(connection)
        policy().check(login)
        app = app_of(connection, attempt.secrets)
        return signin.authorize_url(login, app, redirect_uri=redirect_uri, state=state, challenge=challenge)

    def exchange(
        self, connection: SalesforceConnection, attempt: Attempt, *, code: str, verifier: str, redirect_uri: str,
        asked: Mapping[str, str],
    ) -> Tokens:  # fmt: skip
        return signin.exchange_code(
            open_session(), login_url(connection), app_of(connection, attempt.secrets), code=code, verifier=verifier,
            redirect_uri=redirect_uri,
        )  # fmt: skip

    def alone(self, connection: SalesforceConnection, attempt: Attempt) -> Tokens:
        return sign_in_alone(open_session(), connection, attempt.secrets)

    def arrive(self, connection: SalesforceConnection, tokens: Tokens) -> Arrival:
        """Two calls or three; the second is the first that needs API access, so it says in time where that is missing."""
        client = SalesforceClient(
            open_session(Meter(), auth=StaticAuth(tokens.access_token)),
            tokens.instance_url,
            settings.SALESFORCE_API_VERSION,
        )
        told = signin.userinfo(open_session(), tokens)
        organisation_id = to_18(str(told["organization_id"]))
        user = str(told.get("name") or told.get("preferred_username") or told["user_id"])
        organisation = organisation_name(client) or organisation_id
        return Arrival(tokens, user, organisation, organisation_id, tokens.instance_url, client.session.quota)

    def leave(self, connection: SalesforceConnection) -> None:
        tokens, _version = credentials.store_for(connection).load()
        if tokens.access_token:
            signin.revoke(open_session(), login_url(connection), tokens)


def organisation_name(client: SalesforceClient) -> str:
    try:
        rows = client.query("SELECT Name FROM Organization LIMIT 1").records
    except Misconfigured as refused:
        if refused.code in NO_API:
            raise
        # The name is a courtesy; the user may lack the right to read it.
        client.limits()
        return ""
    return str(rows[0]["Name"]) if rows else ""
