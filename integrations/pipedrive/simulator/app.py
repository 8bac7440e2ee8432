"""The WSGI application: which handler a path leads to, who may come in, what an answer says about limits."""

import secrets

from integrations.simulation.app import Found, Simulator
from integrations.simulation.messages import JSON, Request, Response, Route
from integrations.simulation.problems import NoRoute, Problem

from .account import API, Account, Credentials
from .book import PipedriveBook
from .budget import Budget
from .control import control_of
from .desk import PipedriveDesk
from .errors import PLAIN, ApiError, not_open, scope_mismatch, worded
from .faults import Faults, challenge
from .prices import Call
from .routes import DATA_ROUTES, OPEN_ROUTES


class PipedriveSimulator(Simulator):
    def __init__(self, book: PipedriveBook, credentials: Credentials | None = None) -> None:
        self._account = Account(book, credentials or Credentials(), Faults())
        self.budget = Budget(self._account)
        self.control = control_of(self._account, self.budget)
        self.desk = PipedriveDesk(self._account, self.control)
        self.open_routes = (*OPEN_ROUTES, *self.control.routes)
        self.data_routes = DATA_ROUTES
        super().__init__(book, self._account.faults)

    @property
    def place(self) -> Account:
        return self._account

    def worded(self, problem: Problem) -> ApiError:
        return worded(problem)

    def expire_sessions(self) -> None:
        self._account.grants.end_sessions()

    def find(self, request: Request) -> Found:
        try:
            found = super().find(request)
        except NoRoute:
            # The gateway asks who is there before it looks where the path leads.
            with self.book.transaction():
                self._account.recognise(request)
            raise
        if isinstance(found.route, Call) and found.route.retired and self._account.faults.retired_v1_gone:
            raise NoRoute(request.method)
        return found

    def admit(self, request: Request, route: Route) -> None:
        account = self._account
        request.user_id, scope = account.recognise(request)
        assert isinstance(route, Call)
        caller = self._caller(request)
        if self.budget.is_banned(caller):
            raise BannedError
        if scope != API and not route.opens_to(scope):
            raise scope_mismatch()
        if account.faults.account_closed:
            raise not_open()
        self.budget.take(caller, scope, route)
        if route.kind in {"create", "update"}:
            account.faults.on_write(v2="/v2/" in request.path)

    def account(self, found: Found, request: Request, response: Response) -> None:
        if response.content_type == JSON:
            response.content_type = PLAIN
        response.headers.setdefault("x-correlation-id", _uuid())
        if not isinstance(found.route, Call) or not request.user_id or response.content_type != PLAIN:
            return
        scope = self._scope_of(request)
        self.budget.sign(self._caller(request), scope, found.route, response)
        response.headers.setdefault("cache-control", "no-cache, private" if "/v2/" in request.path else "no-cache")

    def _scope_of(self, request: Request) -> str:
        """Only whether it is an API token matters to the limits."""
        return "" if request.headers.get("authorization") else API

    def _caller(self, request: Request) -> str:
        return request.headers.get("authorization") or request.headers.get("x-api-token", API)


class BannedError(ApiError):
    """Too many calls after 429."""

    def __init__(self) -> None:
        super().__init__(403, {"error": "challenge"})

    def answer(self) -> Response:
        return challenge()


def _uuid() -> str:
    raw = secrets.token_hex(16)
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"
