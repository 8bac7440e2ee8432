"""The two ways into an account: a personal app by itself, or a person in the browser with PKCE."""

from integrations.wire import oauth
from integrations.wire.errors import AuthExpired, Misconfigured, NeedsSignIn
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

INVALID = frozenset({"invalid_request", "UNAUTHORIZED"})


def authorize_url(login_url: str, app: App, *, redirect_uri: str, state: str, challenge: str) -> str:
    """Scopes are granted to the app in Sellsy, and not asked for here."""
    found = oauth.authorize_url(
        f"{login_url}/authorization", app, redirect_uri=redirect_uri, scope="", state=state, challenge=challenge
    )
    return found.replace("&scope=&", "&")


def exchange_code(session: Session, login_url: str, app: App, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
    return oauth.exchange(session, token_url(login_url), app, code=code, verifier=verifier, redirect_uri=redirect_uri)


def refresh(session: Session, login_url: str, app: App, tokens: Tokens) -> Tokens:
    """Each one brings another refresh token, and ends the old one."""
    try:
        return oauth.refresh(session, token_url(login_url), app, tokens)
    except (Misconfigured, AuthExpired) as refused:
        if refused.code in INVALID:
            # Told in either of these words where the refresh token is dead.
            raise NeedsSignIn("invalid_grant", refused.message, status=refused.status) from refused
        raise


def client_credentials(session: Session, login_url: str, app: App) -> Tokens:
    """There is no refresh token in the answer: the next access is asked for in the same way."""
    return oauth.client_credentials(session, token_url(login_url), app)


def token_url(login_url: str) -> str:
    return f"{login_url.rstrip('/')}/access-tokens"
