"""Refusals as HubSpot words them: a message and a correlation id, the rest only where it has something to say."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from integrations.simulation.app import Refusal
from integrations.simulation.control import UnknownControl
from integrations.simulation.messages import HTML, Request, Response
from integrations.simulation.problems import NoRoute, NotANumber, NotJson, NotWellFormed, Problem

CORRELATION = "X-HubSpot-Correlation-Id"
INVALID = "VALIDATION_ERROR"
NOT_FOUND = "OBJECT_NOT_FOUND"
SCOPES_PAGE = "https://developers.hubspot.com/scopes"
_HTML_404 = (
    '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
    "<title>Error 404 Not Found</title>\n"
    "</head>\n<body><h2>HTTP ERROR 404</h2>\n<p>Resource not found</p>\n</body>\n</html>\n"
)
Context = Mapping[str, Sequence[str]]


class ApiError(Refusal):
    """Every field but status, message and correlation id is left out where it is empty: the vendor does so too."""

    def __init__(
        self, message: str, status: int = 400, category: str | None = INVALID, *, sub: str | None = None,
        errors: list[dict[str, Any]] | None = None, context: Context | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.message, self.status, self.category, self.sub = message, status, category, sub
        self.errors, self.context, self.more = errors, context, more or {}

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": str(uuid.uuid4())}
        told = {
            "errors": self.errors, "context": self.context, **self.more, "category": self.category,
            "subCategory": self.sub,
        }  # fmt: skip
        return body | {name: value for name, value in told.items() if value}

    def answer(self) -> Response:
        body = self.body()
        return Response(body, self.status, {CORRELATION: body["correlationId"]})

    def part(self) -> dict[str, Any]:
        """As one of the errors of a batch: without a correlation id, its context always there."""
        part: dict[str, Any] = {"status": "error", "category": self.category}
        if self.sub:
            part["subCategory"] = self.sub
        part |= {"message": self.message, "context": dict(self.context or {})}
        return part | ({"errors": self.errors} if self.errors else {})


class PageError(Refusal):
    """What nothing behind the gateway was found for: a page, unless the caller asks for JSON."""

    def __init__(self, request: Request) -> None:
        super().__init__("resource not found")
        self.wants_json = "application/json" in request.headers.get("accept", "")

    def answer(self) -> Response:
        if self.wants_json:
            response = ApiError("resource not found", 404, None).answer()
        else:
            response = Response(_HTML_404, 404, {CORRELATION: str(uuid.uuid4())}, "text/html;charset=iso-8859-1")
        response.headers["X-HubSpot-NotFound"] = "true"
        return response


def not_numeric(record_id: str) -> ApiError:
    # Two blanks, as the vendor has them.
    return ApiError("Object not found.  objectId are usually numeric.", 404, NOT_FOUND, context={"id": [record_id]})


def invalid_values(flaws: Sequence[Mapping[str, Any]]) -> ApiError:
    """The message repeats every flaw as JSON; the list beside it names the property of each."""
    told = orjson.dumps([{"isValid": False, **flaw} for flaw in flaws]).decode()
    errors = [
        {"message": flaw["message"], "code": flaw["error"], "context": {"propertyName": [flaw["name"]]}}
        for flaw in flaws
    ]
    return ApiError(f"Property values were not valid: {told}", errors=errors)


def unreadable(what: str, column: int = 1) -> ApiError:
    return ApiError(f"Invalid input JSON on line 1, column {column}: {what}", category=None)


def missing_scopes(any_of: Sequence[str]) -> ApiError:
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {SCOPES_PAGE}."
    )
    told = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(any_of)},
    }
    return ApiError(message, 403, "MISSING_SCOPES", errors=[told], more={"links": {"scopes": SCOPES_PAGE}})


def worded(problem: Problem) -> Refusal:
    """What is wrong with a request before the portal looks at it."""
    match problem:
        case NoRoute(_, ()):
            return ApiError("resource not found", 404, None)
        case NoRoute(method, allowed):
            return MethodError(method, allowed)
        case NotJson(content_type):
            return ApiError(f"Unsupported media type: {content_type or 'none given'}", 415, None)
        case NotWellFormed(message, line, column):
            return ApiError(f"Invalid input JSON on line {line}, column {column}: {message}", category=None)
        case NotANumber(name, text):
            return ApiError(f"{name} must be a whole number: {text}")
        case UnknownControl():
            return ApiError(str(problem), category="UNKNOWN_CONTROL")
    return unreadable("Cannot deserialize value of type `Object` from Array value")


class MethodError(Refusal):
    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(method)
        self.allowed = allowed

    def answer(self) -> Response:
        headers = {"Allow": ",".join(self.allowed), CORRELATION: str(uuid.uuid4())}
        page = (
            "<html><head><title>Error 405 Method Not Allowed</title></head><body><h2>HTTP ERROR 405</h2></body></html>"
        )
        return Response(page, 405, headers, HTML)
