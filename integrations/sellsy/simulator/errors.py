"""Refusals as Sellsy words them: one envelope for the API, plain OAuth for the sign-in host, and a status of its own for the old RPC."""

import json
from typing import Any

from integrations.simulation.app import Refusal
from integrations.simulation.control import UnknownControl
from integrations.simulation.messages import Response
from integrations.simulation.problems import NoRoute, NotANumber, NotWellFormed, Problem

MISSING = "Ce champ est manquant"
# The account's language is French. The two texts that were recorded are Symfony's own without their full stop, so the others are too.
UNEXPECTED = "Ce champ n'a pas été prévu"
_INVALID = "Le contenu de la requête est invalide"


class ApiError(Refusal):
    def __init__(
        self, status: int, message: str, details: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.details, self.headers = status, message, details or {}, headers or {}

    def answer(self) -> Response:
        return Response(self.body(), self.status, dict(self.headers), "application/json")

    def body(self) -> dict[str, Any]:
        # PHP writes an empty map as a list: recorded answers carry `"details": []`.
        return {
            "error": {
                "code": self.status,
                "message": self.message,
                "details": self.details or [],
                "context": None,
            }
        }


class OAuthError(Refusal):
    """The sign-in host speaks plain OAuth, not the API's envelope."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description

    def answer(self) -> Response:
        body = {"error": self.error, "error_description": self.description}
        return Response(body, self.status, {"Cache-Control": "no-store"}, "application/json")


class RpcError(Refusal):
    """The old RPC answers 200 whatever happened; the body says that it failed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    def answer(self) -> Response:
        error = {"code": self.code, "message": self.message, "more": "", "inerror": None}
        return Response({"response": None, "error": error, "status": "error"}, 200, {}, "application/json")


def invalid(problems: dict[str, str]) -> ApiError:
    name, text = next(iter(problems.items()))
    said = f"le champ '{name}' est manquant" if text == MISSING else f"{name}: {text}"
    return ApiError(400, f"{_INVALID}: {said}.", problems)


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def unauthorized() -> ApiError:
    return ApiError(401, "The resource owner or authorization server denied the request.")


def forbidden() -> ApiError:
    """One refusal for a missing scope and for a missing right: a client cannot tell them apart."""
    return ApiError(403, "Access Denied.")


def too_many() -> ApiError:
    return ApiError(429, "Too Many Requests")


def plan_limit(what: str) -> ApiError:
    return ApiError(402, f"La limite de votre abonnement est atteinte : {what}")


def conflict(message: str) -> ApiError:
    return ApiError(409, message)


def no_route(method: str, path: str, allowed: tuple[str, ...] = ()) -> ApiError:
    """Answered before any quota is looked at, and repeated in a header with its quotes and slashes escaped, as PHP does."""
    message = f'No route found for "{method} {path}"'
    status = 404
    if allowed:
        message, status = f"{message}: Method Not Allowed (Allow: {', '.join(allowed)})", 405
    error = ApiError(status, message)
    text = json.dumps(error.body(), separators=(",", ":")).replace('\\"', "\\u0022").replace("/", "\\/")
    error.headers["X-Json-Error"] = text
    return error


def worded(problem: Problem) -> ApiError:
    """What is wrong with a request before the account looks at it."""
    match problem:
        case NoRoute():
            return not_found()
        case NotWellFormed():
            return ApiError(400, "Le contenu de la requête n'est pas un JSON valide.")
        case NotANumber(name, _):
            return invalid({name: "Cette valeur doit être de type int"})
        case UnknownControl():
            return ApiError(400, str(problem))
    return ApiError(400, "Le contenu de la requête est invalide.")
