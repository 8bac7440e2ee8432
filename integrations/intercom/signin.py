"""The two ways into a workspace: an access token of an own app, or a person in the browser. Tokens do not end by themselves."""

from urllib.parse import urlencode

from integrations.wire.errors import NeedsSignIn, Transient, WireError
from integrations.wire.messages import Request
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

PAGES = {"us": "https://app.intercom.com", "eu": "https://app.eu.intercom.com", "au": "https://app.au.intercom.com"}
TOKEN_PATH = "/auth/eagle/token"  # noqa: S105 (where one is asked for)


def authorize_url(pages: str, app: App, *, redirect_uri: str, state: str) -> str:
    """No scopes: they are the app's, ticked in Intercom's Developer Hub; and no PKCE, which it does not know."""
    query = {"client_id": app.client_id, "state": state, "redirect_uri": redirect_uri}
    return f"{pages.rstrip('/')}/oauth?{urlencode(query)}"


def exchange_code(session: Session, api: str, app: App, *, code: str) -> Tokens:
    """The answer holds the token twice, under its old name and its new one; no refresh token and no end."""
    form = {"code": code, "client_id": app.client_id, "client_secret": app.client_secret}
    # It changes nothing there. A code works once: it is not sent again.
    request = Request("POST", f"{api}{TOKEN_PATH}", json=form, safe=True, replayable=False, kind="sign-in")
    try:
        answer = session.send(request).json()
    except WireError as error:
        error.hide((code, app.client_secret))
        raise
    token = str(answer.get("access_token") or answer.get("token") or "") if isinstance(answer, dict) else ""
    if not token:
        raise Transient("BROKEN_ANSWER", "The sign-in answered without an access token.", sent=True)
    return Tokens(token, issued_at=session.clock())


def renew(_tokens: Tokens) -> Tokens:
    """A token that is refused was revoked: nothing renews it but a person."""
    raise NeedsSignIn("token_revoked", "Intercom does not accept the access token any more.")
