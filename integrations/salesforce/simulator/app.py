"""The WSGI application: from a request to the right handler, through quota, session and faults, to an answer."""

import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from wsgiref.types import StartResponse, WSGIEnvironment

from . import oauth
from .errors import ApiError, OAuthError, not_found
from .faults import Broken, oversized
from .messages import Request, Response, Route, find_route, send
from .org import Org
from .rest_metadata import FIRST_VERSION, LAST_VERSION
from .routes import DATA_ROUTES, OPEN_ROUTES
from .store import Store

_DATA = re.compile(r"/services/data/v(\d+\.\d)(/.*)?")
_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?")
_NO_CACHE = "no-cache,must-revalidate,max-age=0,no-store,private"


class SalesforceSimulator:
    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.org = Org(store, clock)
        self.org.dispatch = self._inner
        store.clock = self.org.now

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request.of(environ)
        uri = len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) + len(request.host)
        response = oversized(request, uri) or self.answer(request)
        if isinstance(response, Broken):
            whole = response.response.content()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(whole)))])
            return response.parts()
        response.headers.setdefault("Date", format_datetime(self.org.now().astimezone(UTC), usegmt=True))
        body = send(response, start_response)
        return [] if request.method == "HEAD" else body

    def answer(self, request: Request) -> Response | Broken:
        started = time.perf_counter()
        try:
            route, names, is_data = self._find(request)
        except ApiError as error:
            return Response(error.body(), error.status)
        faults = self.org.faults
        if is_data:
            self._expire_when_due()
        instead = faults.before(route.kind)
        response = instead or self._handle(route, names, request, is_data=is_data)
        if route.kind != "control":
            with self.store.transaction():
                self._account(route, request, response, is_data, started)
        return instead or faults.after(route.kind, response)

    def _find(self, request: Request) -> tuple[Route, dict[str, str], bool]:
        match = _DATA.fullmatch(request.path)
        if match is None:
            if request.path.startswith("/_control") and not _LOOPBACK.fullmatch(request.host):
                raise not_found()
            return *find_route(OPEN_ROUTES, request.method, request.path), False
        number = float(match[1])
        if number < FIRST_VERSION:
            raise ApiError("UNSUPPORTED_API_VERSION", "This API version was retired; use a newer one.", 410)
        if number > LAST_VERSION:
            raise not_found()
        request.base = f"/services/data/v{match[1]}"
        return *find_route(DATA_ROUTES, request.method, match[2] or ""), True

    def _handle(self, route: Route, names: dict[str, str], request: Request, *, is_data: bool) -> Response:
        revoked: OAuthError | None = None
        try:
            with self.store.transaction():
                if is_data:
                    self._admit(request)
                try:
                    return route.handler(self.org, request, **names)
                except oauth.RevokedError as error:
                    revoked = error
        except ApiError as error:
            return Response(error.body(), error.status)
        except OAuthError as error:
            return Response(error.body(), 400)
        assert revoked is not None
        return Response(revoked.body(), 400)

    def _admit(self, request: Request) -> None:
        org = self.org
        request.user_id = org.authenticate(request)
        if org.faults.api_disabled:
            raise ApiError("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", 403)
        if refusal := org.faults.quota_refusal(over=org.used() >= org.quota):
            raise refusal

    def _account(self, route: Route, request: Request, response: Response, is_data: bool, started: float) -> None:
        org = self.org
        if is_data and response.status != 401:
            org.spend_call()
            response.headers.setdefault("Sforce-Limit-Info", f"api-usage={org.used()}/{org.quota}")
            response.headers.setdefault("Cache-Control", _NO_CACHE)
            response.headers.setdefault("Vary", "Accept-Encoding")
        org.record_call(route.kind, request, response.status, (time.perf_counter() - started) * 1000)

    def _expire_when_due(self) -> None:
        # In a transaction of its own: the refusal that follows rolls back what it did itself.
        if self.org.faults.spend("expire_after") and not self.org.faults.expire_after:
            with self.store.transaction():
                self.org.expire_sessions()

    def _inner(self, request: Request) -> Response:
        """A part of a composite call: same rules, no session check, faults or quota of its own."""
        try:
            route, names, is_data = self._find(request)
            if not is_data:
                raise not_found()
            with self.store.savepoint("inner"):
                return route.handler(self.org, request, **names)
        except ApiError as error:
            return Response(error.body(), error.status)
