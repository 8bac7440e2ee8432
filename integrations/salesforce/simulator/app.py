"""The WSGI application: which handler a path leads to, who may come in, what an answer says about the quota."""

import re

from integrations.simulation.app import Found, Simulator
from integrations.simulation.messages import Request, Response, Route, find_route
from integrations.simulation.problems import NoRoute, Problem

from .control import control_of
from .desk import SalesforceDesk
from .errors import ApiError, worded
from .faults import oversized
from .org import Org
from .rest_metadata import FIRST_VERSION, LAST_VERSION
from .routes import DATA_ROUTES, OPEN_ROUTES
from .store import Store

_DATA = re.compile(r"/services/data/v(\d+\.\d)(/.*)?")
_NO_CACHE = "no-cache,must-revalidate,max-age=0,no-store,private"


class SalesforceSimulator(Simulator):
    def __init__(self, store: Store) -> None:
        self.store = store
        self.org = Org(store)
        self.org.dispatch = self._inner
        self.control = control_of(self.org)
        self.desk = SalesforceDesk(self.org, self.control)
        self.open_routes = (*OPEN_ROUTES, *self.control.routes)
        self.data_routes = DATA_ROUTES
        super().__init__(store, self.org.faults)

    @property
    def place(self) -> Org:
        return self.org

    def worded(self, problem: Problem) -> ApiError:
        return worded(problem)

    def refused_at_the_door(self, request: Request, uri_bytes: int) -> Response | None:
        return oversized(request, uri_bytes)

    def expire_sessions(self) -> None:
        self.org.grants.end_sessions()

    def find(self, request: Request) -> Found:
        match = _DATA.fullmatch(request.path)
        if match is None:
            return Found(*find_route(self.open_routes, request.method, request.path), is_data=False)
        number = float(match[1])
        if number < FIRST_VERSION:
            raise ApiError("UNSUPPORTED_API_VERSION", "This API version was retired; use a newer one.", 410)
        if number > LAST_VERSION:
            raise NoRoute(request.method)
        request.base = f"/services/data/v{match[1]}"
        return Found(*find_route(self.data_routes, request.method, match[2] or ""))

    def admit(self, request: Request, route: Route) -> None:
        org = self.org
        request.user_id = org.authenticate(request)
        if org.faults.api_disabled:
            raise ApiError("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", 403)
        if refusal := org.faults.quota_refusal(over=org.used() >= org.quota):
            raise refusal

    def account(self, found: Found, request: Request, response: Response) -> None:
        org = self.org
        if found.is_data and response.status != 401:
            org.spend_call()
            response.headers.setdefault("Sforce-Limit-Info", f"api-usage={org.used()}/{org.quota}")
            response.headers.setdefault("Cache-Control", _NO_CACHE)
            response.headers.setdefault("Vary", "Accept-Encoding")

    def _inner(self, request: Request) -> Response:
        """A part of a composite call: same rules, no session check, faults or quota of its own."""
        try:
            found = self.find(request)
            if not found.is_data:
                raise NoRoute(request.method)
            with self.store.savepoint("inner"):
                return found.route.handler(self.org, request, **found.names)
        except ApiError as error:
            return error.answer()
        except Problem as problem:
            return worded(problem).answer()
