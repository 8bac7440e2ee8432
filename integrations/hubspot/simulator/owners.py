"""The people records belong to; those who left are told only when asked for."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .errors import ApiError, PageError
from .moments import short
from .portal import Portal
from .scopes import OWNERS
from .store import NUMBER

PAGE, MOST = 100, 500
KIND = "owners"


def tell(record: Record) -> dict[str, Any]:
    body, gone = record.body, record.gone is not None
    # An owner has a number of its own; the user's number goes away with the user.
    return {
        "id": record.id, "email": body["email"], "type": body.get("type", "PERSON"), "firstName": body["firstName"],
        "lastName": body["lastName"], **({} if gone else {"userId": body["userId"]}),
        "userIdIncludingInactive": body["userId"],
        "createdAt": short(record.created), "updatedAt": short(record.updated), "archived": gone,
        **({"teams": body["teams"]} if body.get("teams") else {}),
    }  # fmt: skip


def read_page(portal: Portal, request: Request) -> Response:
    portal.require(OWNERS)
    limit = request.number("limit", PAGE)
    if not 1 <= limit <= MOST:
        raise ApiError(f"limit must be between 1 and {MOST}, got {limit}")
    after, email = request.query.get("after") or "0", request.query.get("email")
    if not after.isdecimal():
        raise ApiError(f"after is not a valid offset: {after}")
    where, values = f"{NUMBER} >= CAST(? AS INTEGER)", [after]
    if email:
        where = f"{where} AND fold(json_extract(body, '$.email')) = ?"
        values.append(email.casefold())
    archived = request.query.get("archived", "").lower() == "true"
    found = portal.store.find(KIND, where, values, order=NUMBER, limit=limit + 1, gone=archived)
    body: dict[str, Any] = {"results": [tell(record) for record in found[:limit]]}
    if len(found) > limit:
        following = str(int(found[limit - 1].id) + 1)
        link = f"{request.origin}{request.path}?limit={limit}&after={following}"
        body["paging"] = {"next": {"after": following, "link": link}}
    return Response(body)


def read_one(portal: Portal, request: Request, owner_id: str) -> Response:
    portal.require(OWNERS)
    archived = request.query.get("archived", "").lower() == "true"
    by_user = request.query.get("idProperty", "id").lower() == "userid"
    where = "json_extract(body, '$.userId') = CAST(? AS INTEGER)" if by_user else "id = ?"
    found = portal.store.find(KIND, where, [owner_id], gone=archived)
    if not found:
        raise PageError(request)
    return Response(tell(found[0]))
