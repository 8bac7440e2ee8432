"""The WSGI application: recognition, permissions, limits, and the number that every answer has."""

import secrets

from integrations.simulation.app import Found, Refusal, Simulator
from integrations.simulation.messages import Request, Response, Route
from integrations.simulation.problems import Problem

from .account import VERSION, Account
from .control import control_of
from .desk import StripeDesk
from .errors import ApiError, worded
from .routes import DATA_ROUTES, OPEN_ROUTES, PERMISSIONS
from .store import Store


class StripeSimulator(Simulator):
    def __init__(self, store: Store) -> None:
        self.store = store
        self.practice_account = Account(store)
        self.control = control_of(self.practice_account)
        self.desk = StripeDesk(self.practice_account, self.control)
        self.open_routes = (*OPEN_ROUTES, *self.control.routes)
        self.data_routes = DATA_ROUTES
        super().__init__(store, self.practice_account.faults)

    @property
    def place(self) -> Account:
        return self.practice_account

    def worded(self, problem: Problem) -> Refusal:
        return worded(problem)

    def expire_sessions(self) -> None:
        """A key has none."""

    def admit(self, request: Request, route: Route) -> None:
        request.user_id = self.place.authenticate(request)
        version = request.headers.get("stripe-version", "")
        if version and version not in {VERSION, VERSION.partition(".")[0]}:
            raise ApiError(400, f"Invalid Stripe API version: {version}.")
        self.place.spend(route.kind)
        self.place.must_may(request.user_id, PERMISSIONS[route])

    def account(self, found: Found, request: Request, response: Response) -> None:
        if found.is_data:
            response.headers |= {"Request-Id": f"req_{secrets.token_hex(7)}", "Stripe-Version": VERSION}
