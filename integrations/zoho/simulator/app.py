"""The WSGI application: which handler a path leads to, who may come in, what each call costs."""

import re

from integrations.simulation.app import Found, Simulator
from integrations.simulation.faults import Broken
from integrations.simulation.messages import Request, Response, Route, find_route
from integrations.simulation.problems import NoRoute, Problem

from .account import ENDS, SCOPE, Account
from .control import control_of
from .costs import cost_of
from .desk import ZohoDesk
from .errors import ZohoError, too_many, worded
from .limits import is_heavy
from .moments import shown
from .routes import BULK_ROUTES, DATA_ROUTES, NO_MODULES, OPEN_ROUTES
from .store import Store

_DATA = re.compile(r"/crm/(bulk/)?v(\d(?:\.\d)?)(/.*)?")
_FIRST_VERSION, _LAST_VERSION = 2, 8
_HEADERS = {
    "Cache-Control": "no-store, no-cache, must-revalidate, private",
    "Content-Disposition": "attachment; filename=response.json",
}


class ZohoSimulator(Simulator):
    def __init__(self, store: Store) -> None:
        self.store = store
        self.account_of = Account(store)
        self.control = control_of(self.account_of)
        self.desk = ZohoDesk(self.account_of, self.control)
        self.open_routes = (*OPEN_ROUTES, *self.control.routes)
        self.data_routes = DATA_ROUTES
        super().__init__(store, self.account_of.faults)

    @property
    def place(self) -> Account:
        return self.account_of

    def worded(self, problem: Problem) -> ZohoError:
        return worded(problem)

    def expire_sessions(self) -> None:
        self.account_of.grants.end_sessions()

    def find(self, request: Request) -> Found:
        match = _DATA.fullmatch(request.path)
        if match is None:
            return Found(*find_route(self.open_routes, request.method, request.path), is_data=False)
        if not _FIRST_VERSION <= float(match[2]) <= _LAST_VERSION:
            raise NoRoute(request.method)
        request.base = f"/crm/v{match[2]}"
        routes = BULK_ROUTES if match[1] else self.data_routes
        found = Found(*find_route(routes, request.method, match[3] or ""))
        if found.names.get("module") in NO_MODULES:
            # A path of its own that was asked for with a wrong verb, or with something wrong behind it.
            raise NoRoute(request.method, ("GET",) if (match[3] or "").count("/") == 1 else ())
        return found

    def admit(self, request: Request, route: Route) -> None:
        account = self.account_of
        session = account.authenticate(request)
        request.user_id = session.user_id
        request.headers |= {SCOPE: session.scope, ENDS: session.expires}
        faults = account.faults
        if faults.credits_exhausted or faults.spend("concurrent_limit"):
            raise too_many()
        if faults.unlimited:
            return
        if account.limits.traffic.is_over or not account.limits.credits.take(cost_of(route.kind, request)):
            raise too_many()

    def account(self, found: Found, request: Request, response: Response) -> None:
        if not found.is_data:
            return
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        limits = self.account_of.limits
        if ends := request.headers.get(ENDS):
            zone = self.account_of.zone(request.user_id)
            response.headers["X-ACCESSTOKEN-RESET"] = str(shown(ends, zone))
        # Told only once half of the day's credits are gone.
        if not self.account_of.faults.unlimited and limits.used * 2 >= limits.credits.most:
            response.headers["X-API-CREDITS-REMAINING"] = str(limits.credits.left)

    def answer(self, request: Request) -> Response | Broken:
        if not request.path.startswith("/crm/"):
            return super().answer(request)
        with self.account_of.limits.traffic.call(heavy=is_heavy(request)):
            return super().answer(request)
