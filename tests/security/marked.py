"""A practice Salesforce whose every secret is known, the issued ones too, and which can be made to tell them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

from integrations.rehearsal.practice import PracticeSalesforce

Start = Callable[..., Any]
ISSUED = (("_access", "token"), ("_renewal", "token"), ("_code", "code"))


class MarkedSalesforce(PracticeSalesforce):
    def __init__(self, folder: Path, accounts: int | None = None, **more: Any) -> None:
        super().__init__(folder, accounts, **more)
        self.credentials = self.app.org.credentials = replace(
            self.credentials,
            client_secret="canary-client-secret-3f9a71",
            password="canary-password-é&<b>-82c4",
            security_token="CanaryTokenQ7x2mWz9",
        )
        self.border = Border(self.app)
        self.issued: set[str] = set()

    @property
    def base_url(self) -> str:
        # The border stands between the socket and the org; only whoever listens must know.
        if self._server is None:
            org, self.app = self.app, self.border  # type: ignore[assignment]
            try:
                return super().base_url
            finally:
                self.app = org
        return super().base_url

    def secrets(self) -> set[str]:
        """Those of the app and the user, and every token and code that was ever given out."""
        with self.store.transaction():
            for table, column in ISSUED:
                self.issued |= {row[0] for row in self.store.execute(f"SELECT {column} FROM {table}").fetchall()}
        known = self.credentials
        return {known.client_secret, known.password, known.security_token, *self.issued, *self.border.seen}

    def leaks(self, text: str | bytes) -> list[str]:
        """Which secrets stand in a text, as they are or as an address or HTML would write them."""
        plain = text.decode(errors="replace") if isinstance(text, bytes) else text
        return [secret for secret in self.secrets() if any(form in plain for form in forms_of(secret))]


def forms_of(secret: str) -> set[str]:
    escaped = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {secret, quote(secret), quote(secret, safe=""), escaped, json.dumps(secret)[1:-1]}


class Border:
    """WSGI around the org: notes what came in as a secret, and answers in the org's place when told to."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.seen: set[str] = set()
        self.asked: list[str] = []
        """Every address that came in, readable."""
        self.hostile: Callable[[str, str], tuple[str, dict[str, str], bytes] | None] | None = None

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        self.seen |= {token} - {""}
        self.asked.append(unquote_plus(f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"))
        answer = self.hostile(environ["PATH_INFO"], token) if self.hostile else None
        if answer is None:
            return self.app(environ, start)
        # Read, or the connection would be cut before the answer is.
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, headers, body = answer
        start(status, [("Content-Length", str(len(body))), *headers.items()])
        return iter([body])
