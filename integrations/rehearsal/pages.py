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
from django.utils.translation import gettext as _

from integrations.simulation.app import Refusal
from integrations.simulation.messages import Request, Response, find_route, route, send
from integrations.simulation.problems import NoRoute, Problem

from . import fault_pages, record_pages, view_pages
from .others import Listening
from .page_context import NotDone, Practice, refused, render

_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class RehearsalPages:
    def __init__(self, systems: Sequence[Listening]) -> None:
        self.systems = systems

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request.of(environ)
        response = self.answer(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return send(response, start_response)

    def answer(self, request: Request) -> Response:
        if not _LOOPBACK.fullmatch(request.host) or not _from_here(request):
            return refused(self.systems, NotDone(_("This page answers only to itself, on this machine."), 403))
        try:
            return self._answer(request)
        except (NotDone, Refusal, Problem) as problem:
            return refused(self.systems, _worded(problem))

    def _answer(self, request: Request) -> Response:
        try:
            found, names = find_route(OPEN, request.method, request.path)
        except NoRoute:
            found, names = find_route(ROUTES, request.method, request.path)
            system = names.pop("system")
            listening = next((one for one in self.systems if one.name == system), None)
            if listening is None:
                raise NotDone(_("There is no such practice CRM."), 404) from None
            with listening.app.book.transaction():
                answer: Response = found.handler(Practice.of(listening), request, **names)
                return answer
        return found.handler(self.systems, request, **names)


def _worded(problem: Exception) -> Exception:
    if isinstance(problem, NoRoute):
        return NotDone(_("There is no such page."), 405 if problem.allowed else 404)
    return problem


def _from_here(request: Request) -> bool:
    """Another site's page must not change records through this browser."""
    if request.method in {"GET", "HEAD"}:
        return True
    origin = request.headers.get("origin", "")
    same = not origin or urlsplit(origin).netloc == request.host
    return same and request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def index(systems: Sequence[Listening], request: Request) -> Response:
    rows = []
    for one in systems:
        with one.app.book.transaction():
            desk = one.app.desk
            counts = [(shelf, desk.count(shelf)) for shelf in desk.shelves[:2]]
            rows.append((one, counts, sum(one.app.book.calls().values()), fault_pages.standing(one.app)))
    return render("index.html", rows=rows, systems=systems)


def overview(practice: Practice, request: Request) -> Response:
    counts = [(shelf, practice.desk.count(shelf)) for shelf in practice.shelves]
    return practice.page("overview.html", request, counts=counts)


def reset(practice: Practice, request: Request) -> Response:
    practice.app.control.apply({"reset_world": True})
    return practice.go("", _("Filled anew: every change is gone."))


def static(systems: Sequence[Listening], request: Request, name: str) -> Response:
    found = finders.find(name) if ".." not in name else None
    if not isinstance(found, str):
        raise NotDone(_("There is no such file."), 404)
    kind = guess_type(found)[0] or "application/octet-stream"
    return Response(Path(found).read_bytes(), headers={"Cache-Control": "max-age=3600"}, content_type=kind)


Page = Callable[..., Any]
OPEN = (
    route("GET", "/", "page", index),
    route("GET", "/static/(?P<name>.+)", "page", static),
)
ROUTES = (
    route("GET", "/{system}", "page", overview),
    route("POST", "/{system}/reset", "page", reset),
    route("GET", "/{system}/views", "page", view_pages.listing),
    route("POST", "/{system}/views/{view_id}", "page", view_pages.change),
    route("GET", "/{system}/faults", "page", fault_pages.panel),
    route("POST", "/{system}/faults", "page", fault_pages.change),
    route("GET", "/{system}/calls", "page", fault_pages.calls),
    route("POST", "/{system}/calls", "page", fault_pages.forget_calls),
    route("GET", "/{system}/{name}", "page", record_pages.listing),
    route("GET", "/{system}/{name}/new", "page", record_pages.blank),
    route("POST", "/{system}/{name}/new", "page", record_pages.create),
    route("GET", "/{system}/{name}/{record_id}", "page", record_pages.form),
    route("POST", "/{system}/{name}/{record_id}", "page", record_pages.save),
    route("POST", "/{system}/{name}/{record_id}/(?P<verb>delete|undelete|merge)", "page", record_pages.act),
)
