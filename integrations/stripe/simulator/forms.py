"""Parameters as Stripe takes them: forms with brackets, `metadata[key]=v`, `expand[]=data.customer`, `items[0][price]=`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from integrations.simulation.messages import Request

from .errors import ApiError, invalid, unknown_parameter

_PART = re.compile(r"\[([^\]]*)\]")
Params = dict[str, Any]


def query_of(request: Request) -> Params:
    return nested(parse_qsl(request.query_string, keep_blank_values=True))


def body_of(request: Request) -> Params:
    if "json" in request.headers.get("content-type", "").lower():
        raise ApiError(
            400, "Invalid request: JSON bodies are not supported, send a form (application/x-www-form-urlencoded)."
        )
    return nested(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def nested(pairs: list[tuple[str, str]]) -> Params:
    found: Params = {}
    for name, value in pairs:
        head, parts = name.partition("[")[0], _PART.findall(name)
        put(found, [head, *parts], value)
    return {name: listed(value) for name, value in found.items()}


def put(into: Params, path: list[str], value: str) -> None:
    for step in path[:-1]:
        into = into.setdefault(step, {})
    last = path[-1] or str(len(into))
    into[last] = value


def listed(value: Any) -> Any:
    """Maps whose keys are numbers are lists."""
    if not isinstance(value, dict):
        return value
    inner = {key: listed(one) for key, one in value.items()}
    if inner and all(key.isdecimal() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def require_known(params: Params, known: set[str]) -> None:
    if strange := sorted(set(params) - known):
        raise unknown_parameter(strange[0])


def whole(params: Params, name: str, default: int) -> int:
    text = str(params.get(name, default))
    if not text.isdecimal():
        raise ApiError(400, f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
    return int(text)


def flag(params: Params, name: str, default: bool) -> bool:
    text = str(params.get(name, default)).lower()
    if text not in {"true", "false"}:
        raise invalid(f"Invalid boolean: {text}", name)
    return text == "true"
