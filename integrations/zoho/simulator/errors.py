"""Refusals as Zoho words them: flat for a whole request, inside an array for one item of a batch, short for a token."""

from typing import Any

from integrations.simulation.app import LastingRefusal, Refusal
from integrations.simulation.control import UnknownControl
from integrations.simulation.messages import Response
from integrations.simulation.problems import NoRoute, NotANumber, Problem


class ZohoError(Refusal):
    def __init__(self, code: str, message: str, status: int = 400, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.details = code, message, status, details or {}

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "details": self.details, "message": self.message, "status": "error"}

    def answer(self) -> Response:
        return Response(self.body(), self.status)


class WrappedError(ZohoError):
    """One that concerns the whole request but comes inside the array of its items."""

    def __init__(self, wrapper: str, error: ZohoError) -> None:
        super().__init__(error.code, error.message, error.status, error.details)
        self.wrapper = wrapper

    def answer(self) -> Response:
        return Response({self.wrapper: [self.body()]}, self.status)


class TokenError(Refusal):
    """Token errors come with HTTP 200, so a client that looks at the status alone takes them for tokens."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error

    def answer(self) -> Response:
        return Response({"error": self.error})


class Throttled(LastingRefusal):
    """Too many access tokens for one refresh token: the only token error with a status of its own."""

    def answer(self) -> Response:
        said = "You have made too many requests continuously. Please try again after some time."
        return Response({"error_description": said, "error": "Access Denied", "status": "failure"}, 400)


def invalid(message: str = "invalid data", status: int = 400, **details: Any) -> ZohoError:
    return ZohoError("INVALID_DATA", message, status, details)


def mandatory(api_name: str, path: str) -> ZohoError:
    return ZohoError(
        "MANDATORY_NOT_FOUND", "required field not found", details={"api_name": api_name, "json_path": path}
    )


def missing_param(name: str) -> ZohoError:
    return ZohoError("REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", details={"param_name": name})


def invalid_module(**details: Any) -> ZohoError:
    details = details or {"resource_path_index": 0}
    return ZohoError("INVALID_MODULE", "the module name given seems to be invalid", details=details)


def ambiguous(message: str, *names: str) -> ZohoError:
    details = {"ambiguity_due_to": [{"param_name": name} for name in names]}
    return ZohoError("AMBIGUITY_DURING_PROCESSING", message, details=details)


def no_permission(permission: str) -> ZohoError:
    return ZohoError("NO_PERMISSION", "Permission denied", 403, {"permissions": [permission]})


def unparsable() -> ZohoError:
    return ZohoError("UNABLE_TO_PARSE_DATA_TYPE", "either the request body or parameters is in wrong format")


def wrong_path() -> ZohoError:
    return ZohoError("INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one", 404)


def too_many(message: str = "You have exceeded the number of API calls allowed. Please try again later.") -> ZohoError:
    return ZohoError("TOO_MANY_REQUESTS", message, 429)


def worded(problem: Problem) -> ZohoError:
    """What is wrong with a request before the organisation looks at it."""
    match problem:
        case NoRoute(_, ()):
            return wrong_path()
        case NoRoute():
            return ZohoError("INVALID_REQUEST_METHOD", "The http request method type is not a valid one")
        case NotANumber(name, _):
            return invalid(expected_data_type="integer", param_name=name)
        case UnknownControl():
            return ZohoError("UNKNOWN_CONTROL", str(problem))
    return unparsable()
