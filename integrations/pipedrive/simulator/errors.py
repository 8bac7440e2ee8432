"""Refusals as Pipedrive words them: one envelope for v1, another for v2, a third for the gateway, a fourth for tokens."""

from collections.abc import Mapping
from typing import Any

from integrations.simulation.app import Refusal
from integrations.simulation.control import UnknownControl
from integrations.simulation.messages import Response
from integrations.simulation.problems import NoRoute, NotAnObject, NotANumber, NotWellFormed, Problem

PLAIN = "application/json"
SEE = "Please check developers.pipedrive.com for more information about Pipedrive API."
_GATEWAY = "Please check developers.pipedrive.com"


class ApiError(Refusal):
    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body.get("error")))
        self.status, self.body, self.headers = status, dict(body), dict(headers or {})

    def answer(self) -> Response:
        return Response(self.body, self.status, dict(self.headers), PLAIN)


# --- The gateway: before any version of the API -----------------------------------------------------------------------
def _at_the_gateway(status: int, error: str, headers: Mapping[str, str] | None = None) -> ApiError:
    return ApiError(
        status, {"success": False, "error": error, "errorCode": status, "error_info": _GATEWAY}, headers
    )  # fmt: skip


def unauthorized() -> ApiError:
    return _at_the_gateway(401, "unauthorized access", {"x-401-by-gw": "true"})


def malformed_authorization() -> ApiError:
    return _at_the_gateway(400, "Invalid request: malformed authorization header")


def scope_mismatch() -> ApiError:
    return _at_the_gateway(403, "Scope and URL mismatch")


def over_limit(headers: Mapping[str, str]) -> ApiError:
    return _at_the_gateway(429, "Request over limit", headers)


def not_open() -> ApiError:
    """The trial is over, or nobody paid."""
    return v1_error(402, "Payment required")


# --- v2 ---------------------------------------------------------------------------------------------------------------
def v2_error(status: int, error: str, code: str) -> ApiError:
    return ApiError(status, {"success": False, "error": error, "code": code})


def invalid(*complaints: str) -> ApiError:
    """`name: what is wrong`, joined as the vendor joins them."""
    return v2_error(400, "Validation failed: " + "; ".join(complaints), "ERR_SCHEMA_VALIDATION_FAILED")


def v2_missing(what: str) -> ApiError:
    return v2_error(404, f"{what} not found", "ERR_NOT_FOUND")


def forbidden(error: str = "You do not have permission to perform this action.") -> ApiError:
    return v2_error(403, error, "ERR_FORBIDDEN")


# --- v1 ---------------------------------------------------------------------------------------------------------------
def v1_error(status: int, error: str, info: str = SEE, **more: Any) -> ApiError:
    body = {"success": False, "error": error, "error_info": info, "data": None, "additional_data": None}
    return ApiError(status, {**body, **more})


def v1_missing(what: str) -> ApiError:
    return v1_error(404, f"{what} not found")


def bad_request(error: str = "Bad request") -> ApiError:
    return v1_error(400, error)


def gone() -> ApiError:
    """Deleted a second time: the answer says success all the same."""
    return ApiError(410, {"success": True, "data": None, "additional_data": None})


def capped(error: str, code: str) -> ApiError:
    """What the plan does not include any more of."""
    return v1_error(403, error, code=code)


# --- Tokens -----------------------------------------------------------------------------------------------------------
def oauth_error(error: str, message: str, status: int = 400) -> ApiError:
    # `success` is a word here, not a truth value.
    return ApiError(status, {"success": "false", "message": message, "error": error})


def worded(problem: Problem) -> ApiError:
    """What is wrong with a request before the account looks at it."""
    match problem:
        case NoRoute(_, ()):
            return v1_error(404, "Unknown method .")
        case NoRoute(method, _):
            return v1_error(405, f"Method {method} is not allowed here.")
        case NotANumber(name, _):
            return invalid(f"{name}: Parameter '{name}' is not a valid 'number'")
        case NotWellFormed() | NotAnObject():
            return v1_error(400, "Invalid JSON")
        case UnknownControl():
            return v1_error(400, str(problem))
    return v1_error(400, "Bad request")
