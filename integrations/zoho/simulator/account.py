"""The organisation behind the wire: who may sign in, whose token this is, what the caller may do and see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from integrations.simulation.grants import Grants, Session
from integrations.simulation.messages import Request

from .centres import is_elsewhere
from .errors import (
    WrappedError,
    ZohoError,
    invalid,
    invalid_module,
    mandatory,
    missing_param,
    no_permission,
    unparsable,
)
from .faults import Faults
from .limits import Limits
from .moments import Zone
from .names import user_ref
from .schema import Module, Schema
from .scopes import require
from .shapes import Shaper
from .store import Store

TIME_ZONE = "Europe/Paris"
_VERBS = {"READ": "View", "CREATE": "Create", "UPDATE": "Edit", "DELETE": "Delete"}
SESSION, SCOPE, ENDS = "x-practice-session", "x-practice-scope", "x-practice-ends"
"""Kept in the request's own headers while it is answered."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one client and the one user of a practice organisation. Nothing here opens anything real."""

    client_id: str = "1000.PRACTICECONSOLE"
    client_secret: str = field(default="practice-secret-not-a-real-one", repr=False)
    username: str = "ines.moreau@aldervale.example"
    email_domain: str = "aldervale.example"


@dataclass
class Account:
    store: Store
    credentials: Credentials = field(default_factory=Credentials)
    faults: Faults = field(default_factory=Faults)
    pages: str = ""
    """Where people look at records: an address that `/module/id` is added to."""
    deliver: Callable[[str, dict[str, Any]], object] | None = None
    """Sends a notification on; without it the control plane shows what would have been sent."""

    def __post_init__(self) -> None:
        self.schema = Schema(self.store)
        self.limits = Limits(self.store.clock)

    def now(self) -> datetime:
        return self.store.clock()

    @property
    def grants(self) -> Grants:
        return Grants(self.store)

    # --- Who calls ---------------------------------------------------------------------------------------------------
    def user_id(self) -> str:
        """The user who signs in: by address, else the first active one. The control plane may send another one."""
        name = self.store.state("signs_in", self.credentials.username)
        sql = "json_extract(body, '$.status') = 'active'"
        users = self.store.find("users", sql)
        if not users:
            raise ZohoError("INTERNAL_ERROR", "This organisation has no user.", 500)
        return next((u.id for u in users if u.body["email"] == name), users[0].id)

    def authenticate(self, request: Request) -> Session:
        header = request.headers.get("authorization", "")
        if not header:
            raise ZohoError("AUTHENTICATION_FAILURE", "Authentication failed", 401)
        scheme, _, token = header.partition(" ")
        known = scheme.lower() in {"zoho-oauthtoken", "bearer"} and not is_elsewhere(request)
        session = self.grants.session(token.strip()) if known else None
        if session is None:
            raise ZohoError("INVALID_TOKEN", "invalid oauth token", 401)
        return session

    def user(self, user_id: str) -> dict[str, Any] | None:
        found = self.store.get("users", user_id)
        return user_ref(user_id, found.body) if found else None

    def zone(self, user_id: str) -> Zone:
        found = self.store.get("users", user_id)
        return Zone((found.body.get("time_zone") if found else None) or TIME_ZONE)

    def is_admin(self, user_id: str) -> bool:
        found = self.store.get("users", user_id)
        return found is not None and found.body["profile"] == "Administrator"

    # --- What the caller may do --------------------------------------------------------------------------------------
    def require(self, request: Request, *scopes: str) -> None:
        require(request.headers[SCOPE], *scopes)

    def permit(self, permission: str) -> None:
        if permission in self.faults.denied:
            raise no_permission(permission)

    def module(self, request: Request, name: str, operation: str, *, more: Iterable[str] = ()) -> Module:
        """A module by its exact name, for one who may do this in it."""
        found = self.schema.modules.get(name)
        if found is None:
            raise invalid_module()
        area = "custom" if found.custom else name.lower()
        self.require(request, f"ZohoCRM.modules.{area}.{operation}", *more)
        self.permit(f"Crm_Implied_{_VERBS[operation]}_{name}")
        return found

    def named_module(self, request: Request, param: str = "module") -> Module:
        """One that the query names, for metadata."""
        name = request.query.get(param)
        if not name:
            raise missing_param(param)
        found = self.schema.modules.get(name)
        if found is None:
            raise invalid_module(param_name=param)
        return found

    def shaper(self, request: Request) -> Shaper:
        return Shaper(self.store, self.schema, self.zone(request.user_id), version_of(request))


def version_of(request: Request) -> float:
    return float(request.version or 8)


def payload(request: Request) -> Any:
    """The vendor's own client sends JSON without saying so: the content type decides nothing."""
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise unparsable() from None


def items_of(request: Request, key: str, most: int | None = None) -> list[Any]:
    """The array under one key of the body."""
    body = payload(request)
    if not isinstance(body, dict):
        raise unparsable()
    found = body.get(key)
    if found is None:
        raise mandatory(key, f"$.{key}")
    if not isinstance(found, list) or not found:
        raise invalid(expected_data_type="jsonarray", api_name=key, json_path=f"$.{key}")
    if most is not None and len(found) > most:
        details = {"maximum_length": most, "api_name": key}
        error = ZohoError("LIMIT_EXCEEDED", "count of records in your request exceeds the limit", details=details)
        raise WrappedError(key, error)
    return found
