"""The account behind the wire: which keys open it, what they may read, how many calls a second it takes."""

from dataclasses import dataclass, field
from datetime import datetime

from integrations.simulation.documents import Record
from integrations.simulation.limits import Window
from integrations.simulation.messages import Request

from .errors import expired_key, forbidden, invalid_key, no_key, no_such, too_many
from .faults import Faults
from .store import Store

ACCOUNT_ID = "acct_1AldervalePract"
PER_SECOND = 25
"""Of a sandbox; live it is about a hundred."""
SEARCHES_PER_SECOND = 20
LISTS = ("customer", "subscription", "price", "product", "event")
ALL = tuple(f"{one}_read" for one in LISTS)
VERSION, OLD_VERSION = "2026-10-28.endive", "2020-08-27"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A restricted key that reads, and a secret one that may all. Nothing here opens anything real."""

    restricted_key: str = field(default="rk_test_practice_only_not_a_real_key_0001", repr=False)
    secret_key: str = field(default="sk_test_practice_only_not_a_real_key_0002", repr=False)
    email: str = "ines.moreau@aldervale.example"


@dataclass
class Account:
    store: Store
    credentials: Credentials = field(default_factory=Credentials)
    faults: Faults = field(default_factory=Faults)
    pages: str = ""
    """Where people look at records: an address that `/object/id` is added to."""
    windows: dict[str, Window] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.windows = {
            "calls": Window(PER_SECOND, 1, self.now), "searches": Window(SEARCHES_PER_SECOND, 1, self.now),
        }  # fmt: skip

    def now(self) -> datetime:
        return self.store.clock()

    # --- Who calls
    def authenticate(self, request: Request) -> str:
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        key = told.strip() if scheme.lower() == "bearer" else basic_user(told) if scheme.lower() == "basic" else ""
        if not key:
            raise no_key()
        if key in self.store.state("expired_keys", []):
            raise expired_key()
        if key not in {self.credentials.restricted_key, self.credentials.secret_key}:
            raise invalid_key(key)
        return key

    def must_may(self, key: str, permission: str) -> None:
        """The secret key may everything; the restricted one what it was given, and never to write."""
        if permission and key != self.credentials.secret_key and permission not in self.permissions:
            raise forbidden(permission, ACCOUNT_ID)

    @property
    def permissions(self) -> list[str]:
        granted: list[str] = self.store.state("permissions", list(ALL))
        return granted

    def spend(self, kind: str) -> None:
        if self.faults.unlimited:
            return
        if not self.windows["calls"].take() or (kind == "search" and not self.windows["searches"].take()):
            raise too_many()

    # --- Records
    def must_get(self, kind: str, record_id: str, *, param: str = "id", status: int = 404) -> Record:
        found = self.store.get(kind, record_id)
        if found is None:
            raise no_such(kind, record_id, param=param, status=status)
        return found


def basic_user(told: str) -> str:
    """The key as the user, and no password."""
    import base64
    import binascii

    try:
        return base64.b64decode(told.strip()).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
