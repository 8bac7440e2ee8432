"""A route with what it costs and which scopes open it, as the vendor's own description of its API gives them."""

from dataclasses import dataclass

from integrations.simulation.messages import Handler, Route, route

CONTACTS = ("contacts:read", "contacts:full")
DEALS = ("deals:read", "deals:full")
ACTIVITIES = ("activities:read", "activities:full")
LEADS = ("leads:read", "leads:full")
MAIL = ("mail:read", "mail:full")
BASE = ("base",)


@dataclass(frozen=True, slots=True)
class Call(Route):
    cost: int = 0
    scopes: tuple[str, ...] = ()
    """Any one of them."""
    retired: bool = False
    """A v1 twin of a v2 call: out of support, answering for now."""

    @property
    def searches(self) -> bool:
        return self.kind == "search"

    def opens_to(self, scope: str) -> bool:
        return bool(set(self.scopes) & set(scope.split(",")))


def v2(method: str, path: str, kind: str, handler: Handler, cost: int, scopes: tuple[str, ...]) -> Call:
    return _call(route(method, f"/api/v2{path}", kind, handler), cost, scopes)


def v1(
    method: str, path: str, kind: str, handler: Handler, cost: int, scopes: tuple[str, ...], *, retired: bool = False
) -> Call:
    """Both prefixes work: the documented clients still use the one without `api`."""
    return _call(route(method, f"(?:/api)?/v1{path}", kind, handler), cost, scopes, retired=retired)


def _call(made: Route, cost: int, scopes: tuple[str, ...], *, retired: bool = False) -> Call:
    return Call(made.method, made.pattern, made.kind, made.handler, cost, scopes, retired)
