"""How a key signs in to Stripe, whose account it then is, and what it may not read. A key ends in Stripe's dashboard alone."""

from collections.abc import Mapping
from typing import Any

from integrations.setup.guide import Arrival
from integrations.setup.handshake import Attempt
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import Misconfigured, WireError
from integrations.wire.tokens import Tokens

from .client import LISTS, StripeClient
from .models import StripeConnection
from .opening import Meter, address_of, by_key, open_session
from .replies import FORBIDDEN, MAY_NOT_READ

DASHBOARD = "https://dashboard.stripe.com"
SANDBOX = ("sk_test_", "rk_test_")


class StripeWays:
    """`integrations.setup.guide.Ways`."""

    def needs_browser(self, connection: StripeConnection) -> bool:
        return False

    def authorize_url(
        self, connection: StripeConnection, attempt: Attempt, *, redirect_uri: str, state: str, challenge: str
    ) -> str:
        raise NotImplementedError("a key needs no browser")

    def exchange(
        self, connection: StripeConnection, attempt: Attempt, *, code: str, verifier: str, redirect_uri: str,
        asked: Mapping[str, str],
    ) -> Tokens:  # fmt: skip
        raise NotImplementedError("a key needs no browser")

    def alone(self, connection: StripeConnection, attempt: Attempt) -> Tokens:
        return by_key(connection, attempt.secrets)

    def arrive(self, connection: StripeConnection, tokens: Tokens) -> Arrival:
        """Whose account it is, then one small look at each list: what a key may not read is said here, in time."""
        session = open_session(Meter(), auth=StaticAuth(tokens.access_token))
        client = StripeClient(session, tokens.instance_url)
        try:
            account = client.account()
            require_permissions(client)
        except WireError as error:
            error.hide(tokens.secrets)
            raise
        name, is_sandbox = name_of(account), tokens.access_token.startswith(SANDBOX)
        return Arrival(
            tokens, str(account.get("email") or name), name, f"{account['id']}{':sandbox' if is_sandbox else ''}",
            web_url(connection, is_sandbox=is_sandbox),
        )  # fmt: skip

    def leave(self, connection: StripeConnection) -> None:
        """Nothing to ask for: without the key, which is forgotten here, the access simply ends."""


def require_permissions(client: StripeClient) -> None:
    lacking = [name for name in LISTS if not _may_read(client, name)]
    if lacking:
        said = ", ".join(name.capitalize() for name in lacking)
        raise Misconfigured(MAY_NOT_READ + lacking[0], f"Missing for this key, each as Read: {said}.", status=403)


def _may_read(client: StripeClient, name: str) -> bool:
    try:
        client.page(name, {}, limit=1)
    except Misconfigured as refused:
        if refused.code == FORBIDDEN or refused.code.startswith(MAY_NOT_READ):
            return False
        raise
    return True


def name_of(account: Mapping[str, Any]) -> str:
    """What a restricted key may see of its own account differs."""
    shown = ((account.get("settings") or {}).get("dashboard") or {}).get("display_name")
    return str((account.get("business_profile") or {}).get("name") or shown or account["id"])


def web_url(connection: StripeConnection, *, is_sandbox: bool) -> str:
    if connection.base_url:
        return address_of(connection)
    return f"{DASHBOARD}/test" if is_sandbox else DASHBOARD
