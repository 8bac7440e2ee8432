"""The portal behind the wire: its account, who may come in, whose call this is, which values its lists hold."""

from dataclasses import dataclass, field
from typing import Any

from integrations.simulation.grants import Grants
from integrations.simulation.messages import Request

from .errors import ApiError, missing_scopes
from .faults import Faults
from .kinds import Kind
from .moments import parse, short, told
from .pipeline_shapes import STANDARD_PIPELINES, Pipeline
from .properties import Property
from .schema import Schema
from .scopes import KNOWN, Caller
from .store import Store
from .throttle import Throttle

PORTAL_ID = 147_000_321
ZONE = "Europe/Paris"
UI_DOMAIN = "app-eu1.hubspot.com"
APP_ID = "19000001"
AUTH_DOCS = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one app and the one static token of a practice portal. Nothing here opens anything real."""

    client_id: str = "practice-console"
    client_secret: str = field(default="practice-secret-not-a-real-one", repr=False)
    access_token: str = field(default="pat-eu1-00000000-practice-0000-0000-000000000000", repr=False)


NOBODY = Caller(frozenset(), is_oauth=False)


@dataclass
class Portal:
    store: Store
    credentials: Credentials = field(default_factory=Credentials)
    faults: Faults = field(default_factory=Faults)
    pages: str = ""
    """Where people look at records: an address that `/object/id` is added to."""
    caller: Caller = NOBODY
    """Of the call that is being answered; calls are answered one at a time."""

    def __post_init__(self) -> None:
        self.schema = Schema(self.store, lambda: self.faults.property_lag)
        self.throttle = Throttle(self.store, self.faults, ZONE)

    @property
    def grants(self) -> Grants:
        return Grants(self.store)

    @property
    def portal_id(self) -> int:
        return int(self.store.state("portal_id", PORTAL_ID))

    @property
    def currency(self) -> str:
        return str(self.store.state("currency", "EUR"))

    # --- Who calls ----------------------------------------------------------------------------------------------------
    def recognise(self, request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated()
        if token == self.credentials.access_token and not self.store.state("static_revoked", False):
            return Caller(self._granted(KNOWN), is_oauth=False)
        if session := self.grants.session(token):
            return Caller(self._granted(tuple(session.scope.split())), is_oauth=True, user_id=session.user_id)
        ended = self.store.one("SELECT expires FROM _access WHERE token = ?", token)
        if ended:
            raise self._expired(str(ended[0]) + "Z")
        if token.startswith("pat-"):
            # Seen for a malformed static token: it reads as one that ended long ago.
            raise self._expired("1970-01-01T00:00:00Z")
        raise unauthenticated()

    def _granted(self, scopes: tuple[str, ...]) -> frozenset[str]:
        return frozenset(scopes) - frozenset(self.faults.withheld_scopes)

    def _expired(self, at: str) -> ApiError:
        moment = parse(at)
        assert moment is not None
        seconds = int((self.store.clock() - moment).total_seconds())
        message = f"The OAuth token used to make this call expired {seconds} second(s) ago."
        return ApiError(message, 401, "EXPIRED_AUTHENTICATION", context={"expire time": [told(moment)]})

    def require(self, any_of: tuple[str, ...]) -> None:
        if not self.caller.scopes & set(any_of):
            raise missing_scopes(any_of)

    # --- Values that lists of their own hold --------------------------------------------------------------------------
    def pipelines(self, kind: str) -> list[Pipeline]:
        found: list[Pipeline] = self.store.state(f"pipelines:{kind}") or STANDARD_PIPELINES.get(kind, [])
        return found

    def stage(self, kind: str, stage_id: str | None) -> dict[str, Any] | None:
        return next((s for p in self.pipelines(kind) for s in p["stages"] if s["id"] == stage_id), None)

    def options(self, kind: str, one: Property, pipeline: str | None = None) -> list[str]:
        """The values a property of this kind may take; a stage belongs to its pipeline."""
        if one.refers_to == "OWNER":
            return [row[0] for row in self.store.execute("SELECT id FROM _record WHERE kind = 'owners'").fetchall()]
        if one.name in {"dealstage", "hs_pipeline_stage"}:
            there = [p for p in self.pipelines(kind) if pipeline in (None, p["id"])]
            return [stage["id"] for p in there for stage in p["stages"]]
        if one.name in {"pipeline", "hs_pipeline"} and self.pipelines(kind):
            return [p["id"] for p in self.pipelines(kind)]
        return [value for _, value in one.options]

    # --- How it tells of itself ---------------------------------------------------------------------------------------
    def address(self, kind: Kind) -> str:
        """Where records of a kind are looked at; the id comes after it."""
        return f"https://{UI_DOMAIN}/contacts/{self.portal_id}/record/{kind.number}/"

    @property
    def now(self) -> str:
        return short(self.store.now)


def unauthenticated() -> ApiError:
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication "
        f"and you can find more details at {AUTH_DOCS}"
    )
    return ApiError(message, 401, "INVALID_AUTHENTICATION")
