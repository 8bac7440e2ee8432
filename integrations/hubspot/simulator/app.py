"""The WSGI application: which handler a path leads to, who may come in, what an answer says about limits."""

import uuid

from integrations.simulation.app import Found, Refusal, Simulator
from integrations.simulation.messages import Request, Response, Route, find_route
from integrations.simulation.problems import NoRoute, Problem

from .control import control_of, expire
from .desk import HubSpotDesk
from .errors import CORRELATION, PageError, worded
from .faults import oversized
from .portal import Portal
from .routes import DATA_ROUTES, OPEN_ROUTES, SEARCH
from .store import Store
from .versions import resolve


class HubSpotSimulator(Simulator):
    def __init__(self, store: Store) -> None:
        self.store = store
        self.portal = Portal(store)
        self.control = control_of(self.portal)
        self.desk = HubSpotDesk(self.portal, self.control)
        self.open_routes = (*OPEN_ROUTES, *self.control.routes)
        self.data_routes = DATA_ROUTES
        super().__init__(store, self.portal.faults)

    @property
    def place(self) -> Portal:
        return self.portal

    def worded(self, problem: Problem) -> Refusal:
        return worded(problem)

    def refused_at_the_door(self, request: Request, uri_bytes: int) -> Response | None:
        return oversized(uri_bytes)

    def expire_sessions(self) -> None:
        expire(self.portal)

    def find(self, request: Request) -> Found:
        path, request.base = resolve(request.path)
        for routes, is_data in ((self.open_routes, False), (self.data_routes, True)):
            try:
                return Found(*find_route(routes, request.method, path), is_data=is_data)
            except NoRoute as none:
                if none.allowed:
                    raise
        raise PageError(request)

    def admit(self, request: Request, route: Route) -> None:
        self.portal.caller = self.portal.recognise(request)
        # Kept for `account`, which comes after others may have called.
        request.user_id = self.portal.caller.app
        self.portal.throttle.spend(request.user_id, search=route.kind == SEARCH)

    def account(self, found: Found, request: Request, response: Response) -> None:
        response.headers.setdefault(CORRELATION, str(uuid.uuid4()))
        if request.user_id:
            throttle = self.portal.throttle
            throttle.count(request.user_id)
            response.headers |= throttle.headers(request.user_id, search=found.route.kind == SEARCH)
