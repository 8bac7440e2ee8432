"""Stripe's refusals: one envelope, told apart by status, type and code."""

from typing import Any

from integrations.simulation.app import Refusal
from integrations.simulation.messages import Response
from integrations.simulation.problems import NoRoute, NotANumber, Problem

DOCS = "https://stripe.com/docs/error-codes/"


class ApiError(Refusal):
    def __init__(
        self, status: int, message: str, *, code: str = "", param: str = "", kind: str = "invalid_request_error",
        headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.code, self.param, self.kind, self.headers = status, code, param, kind, headers or {}

    def answer(self) -> Response:
        error: dict[str, Any] = {"message": str(self), "type": self.kind}
        if self.code:
            error |= {"code": self.code, "doc_url": DOCS + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        return Response({"error": error}, self.status, dict(self.headers))


def no_such(noun: str, record_id: str, *, param: str = "id", status: int = 404) -> ApiError:
    return ApiError(status, f"No such {noun}: '{record_id}'", code="resource_missing", param=param)


def unknown_parameter(name: str) -> ApiError:
    return ApiError(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> ApiError:
    return ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def invalid(message: str, param: str) -> ApiError:
    return ApiError(400, message, code="parameter_invalid", param=param)


def invalid_key(key: str) -> ApiError:
    shown = f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 16 else "***"
    return ApiError(401, f"Invalid API Key provided: {shown}", headers={"WWW-Authenticate": 'Basic realm="Stripe"'})


def expired_key() -> ApiError:
    return ApiError(401, "Expired API Key provided.", code="api_key_expired")


def no_key() -> ApiError:
    return ApiError(401, "You did not provide an API key. Provide it as: Authorization: Bearer YOUR_SECRET_KEY.")


def forbidden(permission: str, account: str) -> ApiError:
    return ApiError(
        403,
        f"The provided key 'rk_test_*********' does not have the required permissions for this endpoint on account "
        f"'{account}'. Having the 'rak_{permission}' permission would allow this request to continue.",
    )


def too_many(*, retry: str = "true", reason: str = "global-rate") -> ApiError:
    return ApiError(
        429, "Request rate limit exceeded.", code="rate_limit",
        headers={"Stripe-Should-Retry": retry, "Stripe-Rate-Limited-Reason": reason},
    )  # fmt: skip


def locked(status: int = 429) -> ApiError:
    return ApiError(
        status, "This object cannot be accessed right now because another API request is currently accessing it.",
        code="lock_timeout", headers={"Stripe-Should-Retry": "true"},
    )  # fmt: skip


def worded(problem: Problem) -> Refusal:
    match problem:
        case NoRoute(method=method):
            return ApiError(404, f"Unrecognized request URL ({method}).")
        case NotANumber(name=name, text=text):
            return ApiError(400, f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
    return ApiError(400, str(problem) or "Invalid request.")
