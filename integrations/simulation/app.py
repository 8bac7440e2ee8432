"""From a request to the right handler, through faults, limits and recognition, to an answer; the same for every practice CRM."""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from .book import Book
from .control import Control
from .desk import Desk
from .faults import CONTROL, Broken, Faults
from .messages import JSON, Request, Response, Route, find_route, send
from .problems import NoRoute, Problem

_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?")


class Refusal(Exception):  # noqa: N818  an answer, not a fault
    """Raised by a handler: the transaction is rolled back and this is the answer. Each system shapes its own."""

    def answer(self) -> Response:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Found:
    route: Route
    names: dict[str, str]
    is_data: bool = True
    """Counted and limited, and only for a caller who is known; else open to all."""


class Simulator(ABC):
    """A WSGI application. `place` is what handlers get first: the org, the portal, the account."""

    def __init__(self, book: Book, faults: Faults) -> None:
        self.book = book
        self.faults = faults

    # --- What a system says about itself ---------------------------------------------------------------------------------
    open_routes: Sequence[Route]
    data_routes: Sequence[Route]
    desk: Desk
    """What its own people see and do."""
    control: Control

    @property
    @abstractmethod
    def place(self) -> Any: ...

    @abstractmethod
    def admit(self, request: Request, route: Route) -> None:
        """Recognises the caller and spends the limits, or raises a Refusal."""

    @abstractmethod
    def worded(self, problem: Problem) -> Refusal: ...

    @abstractmethod
    def expire_sessions(self) -> None: ...

    @abstractmethod
    def account(self, found: Found, request: Request, response: Response) -> None:
        """Headers about limits, put on every answer that reached the system."""

    def refused_at_the_door(self, request: Request, uri_bytes: int) -> Response | None:
        """What a gateway turns away before the system sees it."""
        return None

    def find(self, request: Request) -> Found:
        try:
            return Found(*find_route(self.open_routes, request.method, request.path), is_data=False)
        except NoRoute as none:
            if none.allowed:
                raise
        return Found(*find_route(self.data_routes, request.method, request.path))

    # --- The way through ---------------------------------------------------------------------------------------------------
    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request.of(environ)
        uri = len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) + len(request.host)
        response = self.refused_at_the_door(request, uri) or self.answer(request)
        if isinstance(response, Broken):
            whole = response.response.content()
            start_response("200 OK", [("Content-Type", JSON), ("Content-Length", str(len(whole)))])
            return response.parts()
        if "Date" not in response.headers:
            with self.book.transaction():
                now = self.book.clock()
            response.headers["Date"] = format_datetime(now.astimezone(UTC), usegmt=True)
        body = send(response, start_response)
        return [] if request.method == "HEAD" else body

    def answer(self, request: Request) -> Response | Broken:
        started = time.perf_counter()
        try:
            found = self._found(request)
        except Problem as problem:
            return self.worded(problem).answer()
        except Refusal as refusal:
            return refusal.answer()
        kind = found.route.kind
        if found.is_data:
            self._expire_when_due()
        instead = self.faults.before(kind)
        if isinstance(instead, Broken):
            return instead
        response = instead or self._handle(found, request)
        if kind != CONTROL:
            with self.book.transaction():
                self.account(found, request, response)
                took = (time.perf_counter() - started) * 1000
                self.book.record_call(kind, request.method, request.path, response.status, took)
        return instead or self.faults.after(kind, response)

    def _found(self, request: Request) -> Found:
        if request.path.startswith("/_control") and not _LOOPBACK.fullmatch(request.host):
            raise NoRoute(request.method)
        return self.find(request)

    def _handle(self, found: Found, request: Request) -> Response:
        try:
            with self.book.transaction():
                try:
                    if found.is_data:
                        self.admit(request, found.route)
                    return found.route.handler(self.place, request, **found.names)
                except LastingRefusal as lasting:
                    refusal = lasting
        except Problem as problem:
            return self.worded(problem).answer()
        except Refusal as refused:
            return refused.answer()
        return refusal.answer()

    def _expire_when_due(self) -> None:
        # In a transaction of its own: the refusal that follows rolls back what it did itself.
        if self.faults.spend("expire_after") and not self.faults.expire_after:
            with self.book.transaction():
                self.expire_sessions()


class LastingRefusal(Refusal):
    """A refusal that changed something, so its transaction must not be rolled back."""
