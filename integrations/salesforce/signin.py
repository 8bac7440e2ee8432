"""The three ways into an organisation. Whatever address an answer names is checked before a token goes there."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from integrations.wire import oauth
from integrations.wire.errors import Misconfigured, NeedsSignIn, Transient, WireError
from integrations.wire.messages import Reply, Request
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

from .replies import xml_text

LIVE = "https://login.salesforce.com"
SANDBOX = "https://test.salesforce.com"
SHARED_HOSTS = ("login.salesforce.com", "test.salesforce.com")
SCOPE = "api refresh_token"
ASSUME_LIFE = timedelta(minutes=100)
"""Salesforce does not say how long an access lasts: two hours, unless the organisation chose otherwise."""

# login() does not exist from version 65.0 on; this one call stays behind the pinned version.
SOAP_VERSION = "64.0"
ENVELOPE = """<?xml version="1.0" encoding="utf-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com">
<soapenv:Body><urn:login><urn:username>{username}</urn:username><urn:password>{password}</urn:password></urn:login>
</soapenv:Body></soapenv:Envelope>"""


def authorize_url(
    login_url: str, app: App, *, redirect_uri: str, state: str, challenge: str, login_hint: str = ""
) -> str:
    # "login consent": the person sees which user and which organisation they connect, whoever is signed in.
    extra = {"prompt": "login consent"} | ({"login_hint": login_hint} if login_hint else {})
    endpoint = f"{login_url.rstrip('/')}/services/oauth2/authorize"
    return oauth.authorize_url(
        endpoint, app, redirect_uri=redirect_uri, scope=SCOPE, state=state, challenge=challenge, **extra
    )


def exchange_code(session: Session, login_url: str, app: App, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
    tokens = oauth.exchange(session, token_url(login_url), app, code=code, verifier=verifier, redirect_uri=redirect_uri)
    return checked(session, tokens)


def refresh(session: Session, login_url: str, app: App, tokens: Tokens) -> Tokens:
    return checked(session, oauth.refresh(session, token_url(login_url), app, tokens))


def client_credentials(session: Session, my_domain_url: str, app: App) -> Tokens:
    if urlsplit(my_domain_url).hostname in SHARED_HOSTS:
        raise Misconfigured(
            "MY_DOMAIN_NEEDED", "Client credentials work on the organisation's own address only.", fields=("base_url",)
        )
    return checked(session, oauth.client_credentials(session, token_url(my_domain_url), app))


def password_login(session: Session, login_url: str, *, username: str, password: str, security_token: str) -> Tokens:
    """Legacy: the session id of SOAP's login() serves as the access token. It cannot be refreshed, only asked anew."""
    request = Request(
        "POST",
        f"{login_url.rstrip('/')}/services/Soap/u/{SOAP_VERSION}",
        headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login", "Accept": "text/xml"},
        data=ENVELOPE.format(username=escape(username), password=escape(password + security_token)).encode(),
        safe=True,
        # Every wrong try counts towards the lock-out of the user.
        replayable=False,
        kind="sign-in",
        needs=None,
    )
    try:
        return checked(session, session_of(session.send(request), session))
    except WireError as error:
        error.hide((password + security_token, password, security_token))
        raise


def session_of(reply: Reply, session: Session) -> Tokens:
    session_id, server_url = xml_text(reply, "sessionId"), xml_text(reply, "serverUrl")
    if not session_id or not server_url:
        raise Transient("BROKEN_ANSWER", "The sign-in answered without a session.", sent=True)
    if xml_text(reply, "passwordExpired") == "true":
        # login() succeeds with such a password, and every call after it fails with this code.
        raise NeedsSignIn("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "The password of this user has expired.")
    lasts, now = xml_text(reply, "sessionSecondsValid"), session.clock()
    parts = urlsplit(server_url)
    return Tokens(
        access_token=session_id,
        # Old answers name the SOAP host, which serves no REST.
        instance_url=f"{parts.scheme}://{parts.netloc.replace('-api.', '.', 1)}",
        expires_at=now + timedelta(seconds=int(lasts)) if lasts.isdigit() else None,
        issued_at=now,
    )


def revoke(session: Session, login_url: str, tokens: Tokens) -> None:
    """Ends the grant at Salesforce; an access that is dead already is what we wanted."""
    form = {"token": tokens.refresh_token or tokens.access_token}
    request = Request(
        "POST",
        f"{login_url.rstrip('/')}/services/oauth2/revoke",
        data=form,
        safe=True,
        replayable=True,
        kind="sign-in",
        needs=None,
    )
    try:
        session.send(request)
    except (NeedsSignIn, Misconfigured) as error:
        if error.code not in {"invalid_token", "invalid_grant", "unsupported_token_type"}:
            raise


def userinfo(session: Session, tokens: Tokens) -> dict[str, Any]:
    """Who signed in, asked with the fresh token before it is stored anywhere."""
    checked(session, tokens)
    request = Request(
        "GET",
        f"{tokens.instance_url}/services/oauth2/userinfo",
        headers={"Authorization": f"Bearer {tokens.access_token}"},
        kind="sign-in",
        needs=("user_id", "organization_id"),
    )
    try:
        answer: dict[str, Any] = session.send(request).json()
    except WireError as error:
        error.hide(tokens.secrets)
        raise
    return answer


def checked(session: Session, tokens: Tokens) -> Tokens:
    if not tokens.instance_url:
        raise Transient("BROKEN_ANSWER", "The sign-in did not name the organisation's address.", sent=True)
    session.policy.check(tokens.instance_url)
    return replace(tokens, instance_url=tokens.instance_url.rstrip("/"))


def token_url(login_url: str) -> str:
    return f"{login_url.rstrip('/')}/services/oauth2/token"
