"""The org behind the wire: who may sign in, whose session this is, how many calls were made."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from integrations.simulation.grants import Grant, Grants
from integrations.simulation.messages import Request, Response

from .errors import ApiError
from .faults import Faults
from .organization import ORG_ID
from .soql.run import Asker
from .store import Store, stamp

LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
MY_DOMAIN = "aldervale.my.salesforce.com"
DEFAULT_QUOTA = 100_000

_ANY_USER = """SELECT "Id" FROM "User" WHERE "IsActive" = 1 ORDER BY "UserType" <> 'Standard', "Username" LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one connected app and the one integration user of a practice org. Nothing here opens anything real."""

    client_id: str = "practice-console"
    client_secret: str = field(default="practice-secret-not-a-real-one", repr=False)
    username: str = "ines.moreau@aldervale.example"
    password: str = field(default="practice", repr=False)
    security_token: str = field(default="PRACTICETOKEN", repr=False)


@dataclass
class Org:
    store: Store
    credentials: Credentials = field(default_factory=Credentials)
    faults: Faults = field(default_factory=Faults)
    pages: str = ""
    """Where people look at records: an address that `/object/id` is added to."""
    dispatch: Callable[[Request], Response] | None = None
    """Answers the parts of a composite call; the application sets it."""

    def now(self) -> datetime:
        return self.store.clock()

    # --- Sessions ----------------------------------------------------------------------------------------------------
    def user_id(self) -> str:
        """The integration user: by user name, else the first active administrator that the org has."""
        row = self.store.one('SELECT "Id" FROM "User" WHERE "Username" = ? COLLATE NOCASE', self.credentials.username)
        row = row or self.store.one(_ANY_USER)
        if row is None:
            raise ApiError("INVALID_LOGIN", "This org has no user.", 500)
        return str(row[0])

    def password(self) -> str:
        return str(self.store.state("password", self.credentials.password + self.credentials.security_token))

    @property
    def grants(self) -> Grants:
        return Grants(self.store)

    def open_session(self, scope: str = "api", family: str = "") -> str:
        grant = Grant(self.user_id(), scope, family)
        token = f"{ORG_ID[:15]}!AQ{secrets.token_urlsafe(48)}"
        self.grants.open_session(token, grant, self.faults.session_seconds)
        return token

    def authenticate(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        # Bulk clients send the session in a header of its own.
        token = token.strip() or request.headers.get("x-sfdc-session", "")
        session = self.grants.session(token) if scheme.lower() in {"bearer", "oauth", ""} else None
        if session is None:
            raise ApiError("INVALID_SESSION_ID", "Session expired or invalid", 401)
        return session.user_id

    def instance(self, request: Request) -> str:
        """Signing in at a login host leads to the org's own host, as it does for real."""
        name, _, port = request.host.partition(":")
        if name not in LOGIN_HOSTS:
            return request.origin
        return f"{request.headers['x-scheme']}://{MY_DOMAIN}{':' + port if port else ''}"

    def asker(self, request: Request, *, with_deleted: bool = False) -> Asker:
        lag = self.faults.commit_lag
        return Asker(
            request.user_id, request.base, with_deleted, stamp(self.now() - timedelta(seconds=lag)) if lag else ""
        )

    # --- The quota of a day ------------------------------------------------------------------------------------------
    @property
    def quota(self) -> int:
        return int(self.store.state("quota_max", DEFAULT_QUOTA))

    def used(self) -> int:
        oldest = (self.now() - timedelta(hours=24)).astimezone(UTC).strftime("%Y-%m-%dT%H")
        row = self.store.one("SELECT coalesce(sum(calls), 0) FROM _usage WHERE hour > ?", oldest)
        return int(row[0]) if row else 0

    def spend_call(self, calls: int = 1) -> None:
        hour = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H")
        sql = "INSERT INTO _usage VALUES (?, ?) ON CONFLICT (hour) DO UPDATE SET calls = calls + excluded.calls"
        self.store.execute(sql, (hour, calls))
