"""Refusals as the data API words them: an array of message and code, with the fields where it names any."""

from typing import Any

from integrations.simulation.app import Refusal
from integrations.simulation.control import UnknownControl
from integrations.simulation.messages import Response
from integrations.simulation.problems import NoRoute, NotANumber, NotJson, NotWellFormed, Problem

REFERENCE = (
    "If you are attempting to use a custom {kind}, be sure to append the '__c' after the {what} name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


class ApiError(Refusal):
    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        fields: list[str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.fields = code, message, status, fields
        self.more = more or {}

    def answer(self) -> Response:
        return Response(self.body(), self.status)

    def body(self) -> list[dict[str, Any]]:
        entry: dict[str, Any] = {"message": self.message, "errorCode": self.code, **self.more}
        if self.fields is not None:
            entry["fields"] = self.fields
        return [entry]

    def result(self) -> dict[str, Any]:
        # Collections say `statusCode` where the rest of the API says `errorCode`.
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or [], **self.more}


class OAuthError(Refusal):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description

    def answer(self) -> Response:
        return Response(self.body(), 400)

    def body(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    return ApiError("NOT_FOUND", message, 404)


def worded(problem: Problem) -> ApiError:
    """What is wrong with a request before the org looks at it, as Salesforce says it."""
    match problem:
        case NoRoute(_, ()):
            return not_found()
        case NoRoute(method, allowed):
            return ApiError(
                "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}", 405
            )
        case NotJson(content_type):
            said = f"Content-Type header specified in HTTP request is not supported: {content_type}"
            return ApiError("UNSUPPORTED_MEDIA_TYPE", said, 415)
        case NotWellFormed(message, line, column):
            return ApiError("JSON_PARSER_ERROR", f"{message} at [line:{line}, column:{column}]")
        case NotANumber(name, text):
            return ApiError("INVALID_FIELD", f"{name} must be a whole number, not {text}")
        case UnknownControl():
            return ApiError("UNKNOWN_CONTROL", str(problem))
    return ApiError("JSON_PARSER_ERROR", "Can not deserialize instance of SObject at [line:1, column:1]")


def no_such_type(name: str) -> str:
    return f"sObject type '{name}' is not supported. " + REFERENCE.format(kind="object", what="entity")


def no_such_column(name: str, entity: str) -> str:
    return f"No such column '{name}' on entity '{entity}'. " + REFERENCE.format(kind="field", what="custom field")
