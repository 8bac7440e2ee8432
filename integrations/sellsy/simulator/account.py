"""The account behind the wire: who may sign in, what the client may touch, how many calls are left."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.grants import Grant, Grants
from integrations.simulation.limits import Window
from integrations.simulation.messages import Request, Response

from .errors import forbidden, not_found, unauthorized
from .faults import Faults
from .scopes import ALL
from .store import Store
from .times import kept

REFRESH_LIFE = timedelta(days=60)
LIMITS = {"second": 35, "minute": 2_100, "day": 432_000}
"""Recorded in 2021; about 149 a minute were seen in 2026 on another plan: set `quotas` for that."""
SECONDS = {"second": 1, "minute": 60, "day": 86_400, "month": 30 * 86_400}
RPC_PER_SECOND = 5


@dataclass(frozen=True, slots=True)
class Credentials:
    """A private client for people to let in, and a personal one for a robot. Nothing here opens anything real."""

    client_id: str = "practice-console"
    client_secret: str = field(default="practice-secret-not-a-real-one", repr=False)
    personal_id: str = "practice-robot"
    personal_secret: str = field(default="practice-robot-secret-not-a-real-one", repr=False)
    email: str = "ines.moreau@aldervale.example"


@dataclass
class Account:
    store: Store
    credentials: Credentials = field(default_factory=Credentials)
    faults: Faults = field(default_factory=Faults)
    pages: str = ""
    """Where people look at records: an address that `/object/id` is added to."""
    dispatch: Callable[[Request], Response] | None = None
    """Answers the lines of a batch; the application sets it."""
    windows: dict[str, Window] = field(default_factory=dict)
    rpc_window: Window | None = None

    def __post_init__(self) -> None:
        self.set_limits(LIMITS)
        self.rpc_window = Window(RPC_PER_SECOND, 1, self.now)

    def now(self) -> datetime:
        return self.store.clock()

    # --- Limits ----------------------------------------------------------------------------------------------------------
    def set_limits(self, limits: dict[str, int]) -> None:
        self.windows = {name: Window(most, SECONDS[name], self.now) for name, most in limits.items()}

    def spend(self) -> bool:
        """Whether the call may go on. Every window counts it, whatever another says: a burst of refusals drains the minute."""
        taken = [window.take() for window in self.windows.values()]
        return all(taken) or self.faults.unlimited

    # --- Sessions --------------------------------------------------------------------------------------------------------
    @property
    def grants(self) -> Grants:
        return Grants(self.store)

    def staff_id(self) -> str:
        """The person of the integration, else the first who may work."""
        found = self.store.find("staff", "json_extract(body, '$.email') = ?", [self.credentials.email], limit=1)
        found = found or self.store.find("staff", "json_extract(body, '$.status') = 'ok'", order="row", limit=1)
        return found[0].id if found else "1"

    def open_session(self, grant: Grant) -> str:
        token = secrets.token_urlsafe(48)
        self.grants.open_session(token, grant, self.faults.session_seconds)
        return token

    def keep_refresh(self, grant: Grant) -> str:
        token = "def502" + secrets.token_hex(48)
        self.grants.keep_refresh(token, grant)
        ends = kept(self.now() + REFRESH_LIFE)
        self.store.execute("INSERT INTO _renewal_end VALUES (?, ?)", (token, ends))
        return token

    def refresh_has_ended(self, token: str) -> bool:
        found = self.store.one("SELECT ends FROM _renewal_end WHERE token = ?", token)
        return bool(found and found[0] < kept(self.now()))

    def authenticate(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        session = self.grants.session(token.strip()) if scheme.lower() == "bearer" else None
        if session is None:
            raise unauthorized()
        return session.user_id

    # --- Scopes: granted to the client in Sellsy, so that a change holds at once ------------------------------------------
    def scopes(self) -> frozenset[str]:
        return frozenset(self.store.state("scopes", ALL))

    def must_have(self, wanted: tuple[str, ...]) -> None:
        if not self.scopes().issuperset(wanted):
            raise forbidden()

    def may(self, *wanted: str) -> bool:
        return self.scopes().issuperset(wanted)

    # --- Records ---------------------------------------------------------------------------------------------------------
    def must_get(self, kind: str, record_id: Any) -> Record:
        record = self.store.get(kind, record_id)
        if record is None:
            # A deleted record and the loser of a merge leave no trace: both are simply not there.
            raise not_found()
        return record

    def touch(self, record: Record) -> None:
        """After a value, a link or an address of it was written."""
        if not self.faults.quiet_values:
            self.store.write(record)
