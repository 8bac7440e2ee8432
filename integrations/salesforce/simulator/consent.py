"""The page on which a person of the practice org lets an app in, or not."""

from collections.abc import Mapping
from html import escape

_KEPT = ("client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "response_type")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Practice Salesforce · allow access</title><link rel="stylesheet" href="/_pages/consent.css"></head>
<body><main><p class="kicker">Practice Salesforce · Aldervale</p><h1>{client} asks for access</h1>
<p>It wants to read and change this org's records as {user}, and to stay signed in.</p>
<form method="post" action="/services/oauth2/authorize">{hidden}
<button name="answer" value="allow">Allow as {user}</button>
<button name="answer" value="deny" class="quiet">Deny</button></form>
<p class="small">This is a made-up org on this machine: no real account is involved.</p></main></body></html>
"""
STYLE = """:root{color-scheme:light dark;--paper:#f2f5f5;--sheet:#fff;--ink:#0f2122;--ink2:#405657;--line:#dbe3e3;--brand:#0e4a4d;--on:#fff;--focus:#0b62d0}
@media (prefers-color-scheme:dark){:root{--paper:#0c1415;--sheet:#121c1d;--ink:#e2edec;--ink2:#a8bcbb;--line:#253435;--brand:#8ed6cd;--on:#052322;--focus:#6fb4ff}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:14px/1.5 Inter,system-ui,sans-serif}
main{background:var(--sheet);border:1px solid var(--line);border-radius:8px;padding:32px;max-width:420px;margin:16px}
h1{font-size:22px;margin:4px 0 12px}p{margin:0 0 16px}.kicker,.small{font-size:12px;color:var(--ink2);margin:0}form{margin:0 0 20px;display:flex;gap:8px;flex-wrap:wrap}
button{font:inherit;font-weight:500;min-height:36px;padding:0 16px;border-radius:4px;border:1px solid var(--brand);background:var(--brand);color:var(--on);cursor:pointer}
button.quiet{background:none;color:var(--ink);border-color:var(--ink2)}button:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
"""


def consent_page(query: Mapping[str, str], user: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{key}" value="{escape(query[key])}">'
        for key in _KEPT
        if query.get(key) is not None
    )
    return _PAGE.format(client=escape(query.get("client_id", "")), user=escape(user), hidden=hidden)
