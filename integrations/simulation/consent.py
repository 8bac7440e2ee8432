"""The page on which a person of a practice system lets an app in, or not, and the way back to the app."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit

from .messages import HTML, Request, Response

STYLE_PATH = "/_pages/consent.css"
_OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
_KEPT = ("client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "response_type")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Practice {system} · allow access</title><link rel="stylesheet" href="{style}"></head>
<body><main><p class="kicker">Practice {system} · Aldervale</p><h1>{client} asks for access</h1>
<p>It wants to read and change this {place}’s records as {user}, and to stay signed in.</p>
<form method="post" action="{action}">{hidden}
<button name="answer" value="allow">Allow as {user}</button>
<button name="answer" value="deny" class="quiet">Deny</button></form>
<p class="small">This is a made-up {place} on this machine: no real account is involved.</p></main></body></html>
"""
_STYLE = """:root{color-scheme:light dark;--paper:#f2f5f5;--sheet:#fff;--ink:#0f2122;--ink2:#405657;--line:#dbe3e3;--brand:#0e4a4d;--on:#fff;--focus:#0b62d0}
@media (prefers-color-scheme:dark){:root{--paper:#0c1415;--sheet:#121c1d;--ink:#e2edec;--ink2:#a8bcbb;--line:#253435;--brand:#8ed6cd;--on:#052322;--focus:#6fb4ff}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:14px/1.5 Inter,system-ui,sans-serif}
main{background:var(--sheet);border:1px solid var(--line);border-radius:8px;padding:32px;max-width:420px;margin:16px}
h1{font-size:22px;margin:4px 0 12px}p{margin:0 0 16px}.kicker,.small{font-size:12px;color:var(--ink2);margin:0}form{margin:0 0 20px;display:flex;gap:8px;flex-wrap:wrap}
button{font:inherit;font-weight:500;min-height:36px;padding:0 16px;border-radius:4px;border:1px solid var(--brand);background:var(--brand);color:var(--on);cursor:pointer}
button.quiet{background:none;color:var(--ink);border-color:var(--ink2)}button:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
"""
# No form-action: browsers apply it to the redirect back to the app too.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Consent:
    system: str
    place: str
    """What the system calls an account of its own: org, portal, company."""
    action: str
    kept: Sequence[str] = _KEPT
    """What the form hands on of the query."""

    def page(self, query: Mapping[str, str], user: str) -> Response:
        hidden = "".join(
            f'<input type="hidden" name="{key}" value="{escape(query[key])}">'
            for key in self.kept
            if query.get(key) is not None
        )
        client = escape(query.get("client_id", ""))
        text = _PAGE.format(
            system=self.system, place=self.place, action=self.action, client=client, user=escape(user), hidden=hidden,
            style=STYLE_PATH,
        )  # fmt: skip
        return Response(text, headers=_HEADERS, content_type=HTML)


def is_safe(callback: str) -> bool:
    """Encrypted, or on this very machine: nowhere else is a code sent."""
    target = urlsplit(callback)
    return target.scheme == "https" or (target.scheme == "http" and target.hostname in _OWN_HOSTS)


def back(query: Mapping[str, Any], **answer: str) -> Response:
    """The browser returns to the app that sent it, with the app's own state."""
    if state := query.get("state"):
        answer["state"] = state
    target = query["redirect_uri"]
    return Response(None, 302, {"Location": f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}"})


def client_of(request: Request) -> tuple[str, str] | None:
    """The app's id and secret, from the header or from the form; None: the header cannot be read."""
    header = request.headers.get("authorization", "")
    if not header.lower().startswith("basic "):
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(name), unquote_plus(secret)


def style(_place: object, _request: Request) -> Response:
    return Response(_STYLE, content_type="text/css;charset=UTF-8")
