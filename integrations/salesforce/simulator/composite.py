"""Several requests in one call: composite (with references between them) and batch."""

import re
from typing import Any

from integrations.simulation.messages import Request, Response

from .errors import ApiError
from .org import Org

MAX_PARTS = 25
MAX_QUERIES = 5
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_HALTED = "The transaction was rolled back since another operation in the same transaction failed."


class _HaltError(Exception):
    pass


def composite(org: Org, request: Request) -> Response:
    body = request.record
    parts = body.get("compositeRequest") or []
    _check_size(parts, "compositeRequest")
    if sum("/query" in p.get("url", "") or "/composite/sobjects" in p.get("url", "") for p in parts) > MAX_QUERIES:
        raise ApiError(
            "LIMIT_EXCEEDED", f"Limit of {MAX_QUERIES} query and collection operations per composite request exceeded"
        )
    results: list[dict[str, Any]] = []
    try:
        with org.store.savepoint("composite"):
            for part in parts:
                results.append(_part(org, request, part, results))
                if body.get("allOrNone") and results[-1]["httpStatusCode"] >= 400:
                    raise _HaltError  # noqa: TRY301  rolls the savepoint back
    except _HaltError:
        halted = ApiError("PROCESSING_HALTED", _HALTED).body()
        failed = results[-1]
        results = [failed if p["referenceId"] == failed["referenceId"] else _result(p, halted, 400, {}) for p in parts]
    return Response({"compositeResponse": results})


def _check_size(parts: list[Any], name: str) -> None:
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise ApiError("JSON_PARSER_ERROR", f"{name} must be a list of requests")
    if not parts or len(parts) > MAX_PARTS:
        raise ApiError("LIMIT_EXCEEDED", f"{name}: between 1 and {MAX_PARTS} requests are allowed")


def _part(org: Org, request: Request, part: dict[str, Any], before: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        url, body = _filled(part.get("url", ""), before), _filled(part.get("body"), before)
    except ApiError as error:
        return _result(part, error.body(), 400, {})
    assert org.dispatch is not None
    inner = request.inner(part.get("method", "GET"), url, body, part.get("httpHeaders"))
    answer = org.dispatch(inner)
    return _result(part, answer.payload, answer.status, answer.headers)


def _result(part: dict[str, Any], body: Any, status: int, headers: dict[str, str]) -> dict[str, Any]:
    shown = {k: v for k, v in headers.items() if k == "Location"}
    return {"body": body, "httpHeaders": shown, "httpStatusCode": status, "referenceId": part.get("referenceId")}


def _filled(value: Any, before: list[dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return {k: _filled(v, before) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, before) for v in value]
    if not isinstance(value, str):
        return value
    if whole := _REFERENCE.fullmatch(value):
        return _referenced(whole, before)
    return _REFERENCE.sub(lambda match: str(_referenced(match, before)), value)


def _referenced(match: re.Match[str], before: list[dict[str, Any]]) -> Any:
    found: Any = next((r["body"] for r in before if r["referenceId"] == match[1]), None)
    try:
        for key, index in _STEP.findall(match[2]):
            found = found[int(index)] if index else found[key]
    except (KeyError, IndexError, TypeError):
        found = None
    if found is None:
        raise ApiError(
            "PROCESSING_HALTED", f"Invalid reference specified. No value for {match[0][2:-1]} found in {match[1]}."
        )
    return found


def batch(org: Org, request: Request) -> Response:
    body = request.record
    parts = body.get("batchRequests") or []
    _check_size(parts, "batchRequests")
    assert org.dispatch is not None
    results: list[dict[str, Any]] = []
    for part in parts:
        # Paths of a batch may leave out the part before the version.
        url = part.get("url", "")
        inner = request.inner(
            part.get("method", "GET"), url if url.startswith("/") else f"/services/data/{url}", part.get("richInput")
        )
        answer = org.dispatch(inner)
        results.append({"statusCode": answer.status, "result": answer.payload})
        if body.get("haltOnError") and answer.status >= 400:
            halted = ApiError("BATCH_PROCESSING_HALTED", "Batch processing halted per request").body()
            results += [{"statusCode": 412, "result": halted}] * (len(parts) - len(results))
            break
    # Each part of a batch counts; the call around them is counted by the application.
    org.spend_call(len(parts) - 1)
    return Response({"hasErrors": any(r["statusCode"] >= 400 for r in results), "results": results})
