"""The workspace behind the wire: who may come in, what is in it, how ids and times look."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from integrations.simulation.documents import Documents, Record
from integrations.simulation.grants import Grant, Grants
from integrations.simulation.messages import Request

from .errors import unauthorized
from .faults import Faults

DEFAULTS: dict[str, Any] = {
    "timezone": "Europe/Paris", "rate_limit": 1666, "region": "EU", "lists_deserted": False,
}  # fmt: skip
"""`lists_deserted`: companies without a contact are listed too, for tests that only count companies."""
FOREVER = 100 * 365 * 86_400.0
"""Seconds: a token of Intercom does not end by itself."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one app and the one connecting person of a practice workspace. Nothing here opens anything real."""

    client_id: str = "practice-console"
    client_secret: str = field(default="practice-secret-not-a-real-one", repr=False)
    email: str = "ines.moreau@aldervale.example"
    access_token: str = field(default="dG9rOnByYWN0aWNlLWludGVyY29tLW5vdC1hLXJlYWwtb25l", repr=False)
    workspace_id: str = "av3llde1"
    workspace_name: str = "Aldervale"


@dataclass
class Workspace:
    book: Documents
    credentials: Credentials = field(default_factory=Credentials)
    faults: Faults = field(default_factory=Faults)
    pages: str = ""
    """Where people look at records: an address that `/kind/id` is added to."""

    def setting(self, name: str) -> Any:
        return self.book.state(f"setting:{name}", DEFAULTS[name])

    def set_setting(self, name: str, value: Any) -> None:
        self.book.set_state(f"setting:{name}", value)

    # --- People and access ----------------------------------------------------------------------------------------------
    def admin(self) -> Record:
        """Who signs in: by address, else the first."""
        admins = self.book.find("admin")
        return next((one for one in admins if one.body["email"] == self.credentials.email), admins[0])

    @property
    def grants(self) -> Grants:
        return Grants(self.book)

    def access_token(self) -> str:
        return str(self.book.state("access_token", self.credentials.access_token))

    def revoke(self) -> None:
        self.book.set_state("access_token", secrets.token_urlsafe(32))
        self.grants.revoke_all()

    def open_session(self, grant: Grant) -> str:
        token = f"dG9rO{secrets.token_urlsafe(40)}"
        self.grants.open_session(token, grant, FOREVER)
        return token

    def recognise(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized()
        token = token.strip()
        if secrets.compare_digest(token.encode(), self.access_token().encode()):
            return self.admin().id
        session = self.grants.session(token)
        if session is None:
            raise unauthorized()
        return session.user_id

    # --- Records ----------------------------------------------------------------------------------------------------------
    def new_id(self, kind: str) -> str:
        """Companies and contacts have 24 digits of sixteen, everything else has plain numbers."""
        number = self.book.new_id()
        return hex_id(int(number)) if kind in {"company", "contact"} else number

    def insert(self, kind: str, body: dict[str, Any]) -> Record:
        return self.book.insert(kind, body, self.new_id(kind))

    def company_by_ref(self, ref: str) -> Record | None:
        found = self.book.find("company", "json_extract(body, '$.company_id') = ?", [ref], limit=1)
        return found[0] if found else None

    def linked(self, kind: str, record_id: str, other: str) -> list[str]:
        return [to for _from, to, _label in self.book.links(kind, [record_id], other)]


def hex_id(number: int) -> str:
    return f"6700{number:020x}"


def seconds(text: str) -> int:
    return int(moment(text).timestamp())


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
