"""The company account behind the wire: who may sign in, what the plan allows, who asks and what they may see."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.grants import Grant, Grants
from integrations.simulation.messages import Request

from .book import PipedriveBook
from .errors import malformed_authorization, unauthorized, v1_error
from .faults import Faults

OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]", "testserver")
SCOPES = (
    "base,deals:full,activities:full,contacts:full,leads:full,mail:full,users:read,recents:read,search:read,admin,"
    "contact-fields:full,deal-fields:full,phone-integration"
)
"""All that a practice app has ticked in Developer Hub. Scopes are the app's: none are asked for on the way in."""
DEFAULTS: dict[str, Any] = {
    "plan": "lite", "seats": 5, "scopes": SCOPES, "callback_url": "", "contact_sync": False, "enrichment": True,
    "field_cap": 100, "deal_cap": 0,
}  # fmt: skip
API = "api"
"""The scope of a caller with an API token: whatever its user may do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one app and the one connecting user of a practice account. Nothing here opens anything real."""

    client_id: str = "practice-console"
    client_secret: str = field(default="practice-secret-not-a-real-one", repr=False)
    email: str = "ines.moreau@aldervale.example"
    api_token: str = field(default="0123456789abcdef0123456789abcdef01234567", repr=False)
    company_id: int = 13_480_211
    company_name: str = "Aldervale"
    company_domain: str = "aldervale"


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose call this is, and when it is."""

    user_id: int
    is_admin: bool
    now: str

    def sees(self, record: Record) -> bool:
        """What only its owner may see, others do not; administrators see all."""
        body = record.body
        return (
            self.is_admin or body.get("visible_to") != 1 or self.user_id in (body.get("owner_id"), body.get("user_id"))
        )

    @property
    def seen_rows(self) -> str:
        """The same as SQL over `body`."""
        if self.is_admin:
            return "1"
        return f"(coalesce(json_extract(body, '$.visible_to'), 3) <> 1 OR json_extract(body, '$.owner_id') = {self.user_id})"


@dataclass
class Account:
    book: PipedriveBook
    credentials: Credentials = field(default_factory=Credentials)
    faults: Faults = field(default_factory=Faults)
    pages: str = ""
    """Where people look at records: an address that `/kind/id` is added to."""

    def now(self) -> datetime:
        return self.book.clock()

    def setting(self, name: str) -> Any:
        return self.book.state(f"setting:{name}", DEFAULTS[name])

    def set_setting(self, name: str, value: Any) -> None:
        self.book.set_state(f"setting:{name}", value)

    # --- People -------------------------------------------------------------------------------------------------------
    def users(self) -> list[Record]:
        return self.book.find("user")

    def user(self) -> Record:
        """Who signs in: by address, else the first active administrator."""
        email = self.book.state("connect_as", self.credentials.email)
        users = self.users()
        found = next((u for u in users if u.body["email"].casefold() == email.casefold()), None)
        found = found or next((u for u in users if u.body["active_flag"] and u.body["is_admin"]), None)
        if found is None:
            raise v1_error(500, "This account has no user.")
        return found

    def asker(self, request: Request) -> Asker:
        record = self.book.get("user", request.user_id)
        return Asker(int(request.user_id), bool(record and record.body["is_admin"]), self.book.now)

    # --- Sessions -----------------------------------------------------------------------------------------------------
    @property
    def grants(self) -> Grants:
        return Grants(self.book)

    def api_token(self) -> str:
        return str(self.book.state("api_token", self.credentials.api_token))

    def regenerate_api_token(self) -> str:
        token = secrets.token_hex(20)
        self.book.set_state("api_token", token)
        return token

    def open_session(self, grant: Grant) -> str:
        # The vendor says that tokens grow, and to leave them 768 characters.
        token = f"v1u:{secrets.token_urlsafe(570)}"
        self.grants.open_session(token, grant, self.faults.session_seconds)
        return token

    def recognise(self, request: Request) -> tuple[str, str]:
        """User and scopes of a caller, or the gateway's refusal."""
        given = request.headers.get("authorization", "")
        if not given:
            # The query parameter is no longer documented, and works.
            token = request.headers.get("x-api-token") or request.query.get("api_token", "")
            if not token or not secrets.compare_digest(token.encode(), self.api_token().encode()):
                raise unauthorized()
            return self.user().id, API
        scheme, _, token = given.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise malformed_authorization()
        session = self.grants.session(token.strip())
        if session is None:
            raise unauthorized()
        return session.user_id, session.scope

    def api_domain(self, request: Request) -> str:
        """A token answer names the company's own host, whichever host signed it in."""
        name, colon, port = request.host.rpartition(":") if ":" in request.host else (request.host, "", "")
        if name in OWN_HOSTS:
            return request.origin
        return f"{request.headers['x-scheme']}://{self.credentials.company_domain}.pipedrive.com{colon}{port}"

    def cc_email(self, suffix: str = "") -> str:
        seed = hashlib.sha256(self.credentials.company_domain.encode()).hexdigest()[:6]
        return f"{self.credentials.company_domain}-{seed}{suffix}@pipedrivemail.example"
