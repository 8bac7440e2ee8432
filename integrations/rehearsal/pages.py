"""The pages about the practice CRMs: records to look at and change, list views, faults on demand, the log of calls."""

# ruff: noqa: ARG001  all handlers have one signature

import re
from collections.abc import Callable, Iterable, Sequence
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from integrations.salesforce.simulator import SalesforceSimulator
from integrations.salesforce.simulator.errors import ApiError, worded
from integrations.simulation.messages import HTML, Request, Response, find_route, route, send
from integrations.simulation.problems import Problem

from . import fault_pages, record_pages, view_pages
from .others import Listening
from .page_context import Practice

_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class RehearsalPages:
    def __init__(
        self, app: SalesforceSimulator, port: int, https_port: int | None, others: Sequence[Listening] = ()
    ) -> None:
        self.practice = Practice(app, port, https_port, others)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request.of(environ)
        response = self.answer(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return send(response, start_response)

    def answer(self, request: Request) -> Response:
        if not _LOOPBACK.fullmatch(request.host) or not _from_here(request):
            return self._refused(403, "This page answers only to itself, on this machine.")
        try:
            found, names = find_route(ROUTES, request.method, request.path)
            with self.practice.store.transaction():
                return found.handler(self.practice, request, **names)
        except (ApiError, Problem) as problem:
            error = problem if isinstance(problem, ApiError) else worded(problem)
            return self._refused(error.status, error.message)

    def _refused(self, status: int, message: str) -> Response:
        page = render_to_string("rehearsal/refused.html", {"message": message, "practice": self.practice})
        return Response(page, status, content_type=HTML)


def _from_here(request: Request) -> bool:
    """Another site's page must not change records through this browser."""
    if request.method in {"GET", "HEAD"}:
        return True
    origin = request.headers.get("origin", "")
    same = not origin or urlsplit(origin).netloc == request.host
    return same and request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def index(practice: Practice, request: Request) -> Response:
    counts = {}
    for name in ("Account", "Contact", "User", "Opportunity"):
        row = practice.store.one(f'SELECT count(*) FROM "{name}"')  # noqa: S608  the names stand in the line above
        counts[name] = row[0] if row else 0
    return practice.page("index.html", request, counts=counts, who=practice.org.credentials)


def reset(practice: Practice, request: Request) -> Response:
    assert practice.app.control.refill is not None
    practice.org.faults.clear()
    practice.app.control.refill()
    return practice.go("/", "The org is filled anew: every change to it is gone.")


def static(practice: Practice, request: Request, name: str) -> Response:
    found = finders.find(name) if ".." not in name else None
    if not isinstance(found, str):
        raise ApiError("NOT_FOUND", "There is no such file.", 404)
    kind = guess_type(found)[0] or "application/octet-stream"
    return Response(Path(found).read_bytes(), headers={"Cache-Control": "max-age=3600"}, content_type=kind)


Page = Callable[..., Any]
ROUTES = (
    route("GET", "/", "page", index),
    route("POST", "/reset", "page", reset),
    route("GET", "/static/(?P<name>.+)", "page", static),
    route("GET", "/salesforce/views", "page", view_pages.listing),
    route("POST", "/salesforce/views/{view_id}", "page", view_pages.change),
    route("GET", "/salesforce/faults", "page", fault_pages.panel),
    route("POST", "/salesforce/faults", "page", fault_pages.change),
    route("GET", "/salesforce/calls", "page", fault_pages.calls),
    route("POST", "/salesforce/calls", "page", fault_pages.forget_calls),
    route("GET", "/salesforce/{name}", "page", record_pages.listing),
    route("GET", "/salesforce/{name}/new", "page", record_pages.blank),
    route("POST", "/salesforce/{name}/new", "page", record_pages.create),
    route("GET", "/salesforce/{name}/{record_id}", "page", record_pages.form),
    route("POST", "/salesforce/{name}/{record_id}", "page", record_pages.save),
    route("POST", "/salesforce/{name}/{record_id}/(?P<verb>delete|undelete|merge)", "page", record_pages.act),
)
