"""Many calls in one: pairs of lines, what to call and what to send, answered in order, each with a code of its own."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import ApiError, invalid, too_many
from .listing import answer

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def batch(account: Account, request: Request) -> Response:
    lines = [line for line in request.body.decode("utf-8", "replace").split("\n") if line.strip()]
    if not lines or len(lines) % 2:
        raise invalid({"body": "Cette valeur doit contenir des paires de lignes"})
    pairs = [(_json(head), _json(body)) for head, body in zip(lines[::2], lines[1::2], strict=True)]
    if account.faults.batch_most and len(pairs) > account.faults.batch_most:
        raise ApiError(413, "Payload Too Large")
    made: dict[str, str] = {}
    answers = [_line(account, request, head, body, made) for head, body in pairs]
    responses = [{"code": one.status, "response": one.payload} for one in answers]
    return answer({"error": any(one.status >= 400 for one in answers), "responses": responses}, 207)


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise ApiError(400, "Le contenu de la requête n'est pas un JSON valide.") from None


def _line(account: Account, request: Request, head: Any, body: Any, made: dict[str, str]) -> Response:
    if not isinstance(head, dict) or not isinstance(head.get("uri"), str) or head.get("method") not in _METHODS:
        return invalid({"uri": "Cette valeur n'est pas valide"}).answer()
    if account.faults.batch_costs_lines and not account.spend():
        return too_many().answer()
    uri = head["uri"]
    for uuid, number in made.items():
        # What an earlier line made is called by the uuid that was given to it.
        uri = uri.replace(uuid, number)
    url = f"/v2{uri}{'&' if '?' in uri else '?'}{php_query(head.get('query') or {})}"
    assert account.dispatch is not None
    sends = head["method"] not in {"GET", "DELETE"}
    found = account.dispatch(request.inner(head["method"], url, body if sends else None))
    if found.status == 201 and isinstance(found.payload, dict) and head.get("uuid"):
        made[str(head["uuid"])] = str(found.payload["id"])
    return found


def php_query(query: dict[str, Any]) -> str:
    """{"embed": ["cf.1"], "limit": 2} as PHP writes it into an address."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        some = value if isinstance(value, list) else [value]
        key = name if not isinstance(value, list) or name.endswith("[]") else f"{name}[]"
        pairs += [(key, str(one).lower() if isinstance(one, bool) else str(one)) for one in some]
    return urlencode(pairs, quote_via=quote)
