"""The WSGI application: three hosts told apart by their paths, recognition, scopes, and what an answer says about the quota."""

from integrations.simulation.app import Found, Refusal, Simulator
from integrations.simulation.messages import Request, Response, Route, find_route
from integrations.simulation.problems import NoRoute, Problem

from .account import Account
from .control import control_of
from .desk import SellsyDesk
from .errors import no_route, too_many, worded
from .quotas import headers
from .routes import DATA_ROUTES, OPEN_ROUTES, SCOPES
from .store import Store

_LINES = tuple(one for one in DATA_ROUTES if one.kind not in {"batch", "rpc"})


class SellsySimulator(Simulator):
    """`/v2` is api.sellsy.com, `/oauth2` is login.sellsy.com, `/0/` is apifeed.sellsy.com."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.practice_account = Account(store)
        self.practice_account.dispatch = self._line
        self.control = control_of(self.practice_account)
        self.desk = SellsyDesk(self.practice_account, self.control)
        self.open_routes = (*OPEN_ROUTES, *self.control.routes)
        self.data_routes = DATA_ROUTES
        super().__init__(store, self.practice_account.faults)

    @property
    def place(self) -> Account:
        return self.practice_account

    def worded(self, problem: Problem) -> Refusal:
        return worded(problem)

    def expire_sessions(self) -> None:
        self.place.grants.end_sessions()

    def find(self, request: Request) -> Found:
        try:
            return super().find(request)
        except NoRoute as none:
            raise no_route(request.method, request.path, none.allowed) from None

    def admit(self, request: Request, route: Route) -> None:
        request.user_id = self.place.authenticate(request)
        if route.kind != "rpc" and not self.place.spend():
            raise too_many()
        self.place.must_have(SCOPES.get(route, ()))

    def account(self, found: Found, request: Request, response: Response) -> None:
        # A caller whom nobody knows has no quota to be told of.
        if found.is_data and request.user_id and found.route.kind != "rpc":
            response.headers.update(headers(self.place))

    def _line(self, request: Request) -> Response:
        """A line of a batch: the caller is known, the scopes are the line's own, a failure undoes only its own line."""
        try:
            found = Found(*find_route(_LINES, request.method, request.path))
            with self.store.savepoint("line"):
                self.place.must_have(SCOPES.get(found.route, ()))
                return found.route.handler(self.place, request, **found.names)
        except Refusal as refusal:
            return refusal.answer()
        except NoRoute as none:
            return no_route(request.method, request.path, none.allowed).answer()
        except Problem as problem:
            return worded(problem).answer()
