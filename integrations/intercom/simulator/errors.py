"""Refusals as Intercom words them: a list of errors; and the other shape, in which broken JSON is answered."""

import secrets
from typing import Any

from integrations.simulation.app import Refusal
from integrations.simulation.control import UnknownControl
from integrations.simulation.messages import Response
from integrations.simulation.problems import NoRoute, NotAnObject, NotANumber, NotJson, NotWellFormed, Problem

PLAIN = "application/json; charset=utf-8"


class ApiError(Refusal):
    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers or {}

    def answer(self) -> Response:
        return Response(self.body, self.status, dict(self.headers), PLAIN)


def error(status: int, code: str, message: str, *, field: str = "", headers: dict[str, str] | None = None) -> ApiError:
    told = {"code": code, "message": message, **({"field": field} if field else {})}
    return ApiError(
        status, {"type": "error.list", "request_id": secrets.token_hex(10), "errors": [told]}, headers
    )  # fmt: skip


def unauthorized() -> ApiError:
    return error(401, "unauthorized", "Access Token Invalid")


def not_acceptable() -> ApiError:
    told = {
        "code": "media_type_not_acceptable", "message": "The Accept header should send a media type of application/json",
    }  # fmt: skip
    return ApiError(406, {"errors": [told], "type": "error.list"})


def missing(what: str = "Resource") -> ApiError:
    return error(404, "not_found", f"{what} Not Found")


def no_company() -> ApiError:
    return error(404, "company_not_found", "Company Not Found")


def invalid(message: str, field: str = "") -> ApiError:
    return error(400, "parameter_invalid", message, field=field)


def absent(message: str) -> ApiError:
    return error(400, "parameter_not_found", message)


def bad(message: str) -> ApiError:
    return error(400, "bad_request", message)


def conflict(contact_id: str) -> ApiError:
    return error(409, "conflict", f"A contact matching those details already exists with id={contact_id}")


def scroll_exists() -> ApiError:
    return error(400, "scroll_exists", "scroll already exists for this workspace")


def scroll_gone() -> ApiError:
    return error(404, "not_found", "scroll parameter not found")


def too_many(most: int, headers: dict[str, str]) -> ApiError:
    return error(429, "rate_limit_exceeded", f"Exceeded rate limit of {most} in 10_seconds", headers=headers)


def unavailable(status: int) -> ApiError:
    return error(status, "service_unavailable" if status == 503 else "server_error", "Something went wrong")


def broken_json() -> ApiError:
    mark = secrets.token_hex(16)
    return ApiError(
        400,
        {"status": 400, "error": f"There was a problem in the JSON you submitted [{mark}]: logged with error code"},
    )


def worded(problem: Problem) -> ApiError:
    """What is wrong with a request before the workspace looks at it."""
    match problem:
        case NoRoute(_, ()):
            return missing()
        case NoRoute():
            return error(405, "method_not_allowed", "Method Not Allowed")
        case NotANumber(name, _):
            return invalid(f"{name.replace('_', ' ').title()} is not a number")
        case NotWellFormed():
            return broken_json()
        case NotJson() | NotAnObject():
            return error(400, "content_type_invalid", "The body should be a JSON object")
        case UnknownControl():
            return bad(str(problem))
    return bad("Bad Request")
