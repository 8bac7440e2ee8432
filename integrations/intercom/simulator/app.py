"""The WSGI application: which handler a path leads to, who may come in, what an answer says about limits."""

from integrations.simulation.app import Found, Simulator
from integrations.simulation.documents import Documents
from integrations.simulation.limits import Window
from integrations.simulation.messages import JSON, Request, Response, Route
from integrations.simulation.problems import Problem

from .control import control_of
from .desk import IntercomDesk
from .errors import PLAIN, ApiError, not_acceptable, too_many, worded
from .routes import DATA_ROUTES, OPEN_ROUTES
from .workspace import Credentials, Workspace

SECONDS = 10


class IntercomSimulator(Simulator):
    def __init__(self, book: Documents, credentials: Credentials | None = None) -> None:
        self._space = Workspace(book, credentials or Credentials())
        # Set anew at every call, for the control plane may change it.
        self._window = Window(0, SECONDS, book.clock)
        self.control = control_of(self._space, self._window.clear)
        self.desk = IntercomDesk(self._space, self.control)
        self.open_routes = (*OPEN_ROUTES, *self.control.routes)
        self.data_routes = DATA_ROUTES
        super().__init__(book, self._space.faults)

    @property
    def place(self) -> Workspace:
        return self._space

    def worded(self, problem: Problem) -> ApiError:
        return worded(problem)

    def expire_sessions(self) -> None:
        """They do not end by themselves, and there is no way to renew one: whoever wants it revokes them."""

    def admit(self, request: Request, route: Route) -> None:
        request.user_id = self._space.recognise(request)
        accepts = request.headers.get("accept", "*/*")
        if "json" not in accepts and "*/*" not in accepts:
            raise not_acceptable()
        self._window.most = int(self._space.setting("rate_limit"))
        if not self._space.faults.unlimited and not self._window.take():
            raise too_many(self._window.most, self._headers())

    def account(self, found: Found, request: Request, response: Response) -> None:
        if response.content_type == JSON:
            response.content_type = PLAIN
        if found.is_data and request.user_id:
            for name, value in self._headers().items():
                response.headers.setdefault(name, value)
            response.headers.setdefault("Intercom-Version", request.headers.get("intercom-version", "2.15"))

    def _headers(self) -> dict[str, str]:
        # Until the oldest call of the window is forgotten, at most.
        ends = int(self.book.clock().timestamp()) + SECONDS
        limit = int(self._space.setting("rate_limit"))
        left = limit if self._space.faults.unlimited else self._window.left
        return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": str(ends)}
