"""The search over all objects: an index of its own, told in UTC, with the companies of each contact."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .asked import NO_OFFSET
from .deals import status_of, today
from .errors import invalid
from .filters import body
from .kind import Told
from .listing import answer
from .rules import CHOICE
from .shapes import first_related, owner
from .times import kept, told_in_utc

_SEARCHED = {
    "company": ("name", "email", "reference", "phone_number"),
    "individual": ("last_name", "first_name", "email", "reference"),
    "contact": ("last_name", "first_name", "email", "phone_number", "mobile_number"),
    "opportunity": ("name", "number"),
}
_SUB_TYPES = ("client", "prospect", "supplier")
MOST = 100


def search(account: Account, request: Request) -> Response:
    wanted = _types(request)
    limit = int(request.query["limit"]) if request.query.get("limit", "").isdecimal() else 25
    hits: list[Told] = []
    counts: dict[str, list[int]] = {}
    for kind, sub_types in wanted.items():
        found = _find(account, request, kind, sub_types)
        if found:
            counts[kind] = [len(found), 0]
        hits += _TELL[kind](account, found)
    page = hits[: min(limit, MOST)]
    return answer({
        "data": page,
        "aggregations": {"count_by_type": counts},
        "pagination": {"limit": limit, "count": len(page), "total": len(hits), "offset": NO_OFFSET},
    })  # fmt: skip


def _types(request: Request) -> dict[str, set[str]]:
    """`type[]=company.client` narrows; without it everything is searched."""
    asked = request.values("type[]") or [*_SEARCHED]
    wanted: dict[str, set[str]] = {}
    for one in asked:
        kind, _, sub_type = one.partition(".")
        if kind not in _SEARCHED:
            raise invalid({"type": CHOICE})
        wanted.setdefault(kind, set()).update({sub_type} if sub_type else _SUB_TYPES)
    return wanted


def _find(account: Account, request: Request, kind: str, sub_types: set[str]) -> list[Record]:
    words = request.query.get("q", "").split()
    cutoff = kept(account.now() - timedelta(seconds=account.faults.index_lag))
    parts, values = ["created <= ?"], [cutoff]
    for word in words:
        parts.append("(" + " OR ".join(f"{body(name)} LIKE ?" for name in _SEARCHED[kind]) + ")")
        values += [f"%{word}%"] * len(_SEARCHED[kind])
    if kind in {"company", "individual"}:
        parts.append(f"{body('type')} IN ({', '.join('?' for _ in sub_types)})")
        values += sorted(sub_types)
    if "archived" in request.query:
        parts.append(f"coalesce({body('is_archived')}, 0) = {int(request.query['archived'] == 'true')}")
    return account.store.find(kind, " AND ".join(parts), values, limit=MOST)


def _head(record: Record, sub_type: str) -> Told:
    return {
        "id": hashlib.sha256(f"{record.kind} {record.id}".encode()).hexdigest()[:32],
        "object": {"type": record.kind, "sub_type": sub_type, "id": int(record.id)},
        "owner": owner(record.body),
        "created": told_in_utc(record.created),
        "updated": told_in_utc(record.updated),
        "is_archived": bool(record.body.get("is_archived")),
    }


def _phones(found: Told) -> Told:
    # Here a number that was never set is an empty text, not null (recorded).
    return {name: found.get(name) or "" for name in ("mobile_number", "fax_number", "phone_number")}


def _companies(_account: Account, records: list[Record]) -> list[Told]:
    return [
        {
            **_head(one, one.body["type"]), "name": one.body.get("name"), **_phones(one.body), "email": one.body.get("email"),
            "invoicing_address": None, "delivery_address": None, "main_contact": None,
            "reference": one.body.get("reference") or "",
        }
        for one in records
    ]  # fmt: skip


def _individuals(_account: Account, records: list[Record]) -> list[Told]:
    return [
        {
            **_head(one, one.body["type"]), "first_name": one.body.get("first_name"), "last_name": one.body.get("last_name"),
            "civility": one.body.get("civility"), **_phones(one.body), "email": one.body.get("email"),
            "invoicing_address": None, "delivery_address": None, "reference": one.body.get("reference") or "",
        }
        for one in records
    ]  # fmt: skip


def _contacts(account: Account, records: list[Record]) -> list[Told]:
    links = list(account.store.links("contact", [one.id for one in records], "company"))
    companies = account.store.many("company", {other for _, other, _ in links})
    return [
        {
            **_head(one, "contact"), "first_name": one.body.get("first_name"), "last_name": one.body.get("last_name"),
            "civility": one.body.get("civility"), **_phones(one.body), "email": one.body.get("email"),
            "position": one.body.get("position"),
            "companies": [
                {"name": companies[other].body["name"], "id": int(other)} for start, other, _ in links if start == one.id
            ],
            "invoicing_address": None, "delivery_address": None,
        }
        for one in records
    ]  # fmt: skip


def _deals(account: Account, records: list[Record]) -> list[Told]:
    companies = account.store.many("company", {first_related(one.body, "company") or 0 for one in records})
    day = today(account)
    found = []
    for one in records:
        company = companies.get(str(first_related(one.body, "company")))
        related = {"id": int(company.id), "name": company.body["name"], "type": "company"} if company else None
        found.append({
            **_head(one, "opportunity"), "number": one.body.get("number"), "name": one.body.get("name"),
            "status": status_of(one.body, day), "amount": float(one.body.get("amount") or 0), "related": related,
        })  # fmt: skip
    return found


_TELL: dict[str, Callable[[Account, list[Record]], list[Told]]] = {
    "company": _companies,
    "individual": _individuals,
    "contact": _contacts,
    "opportunity": _deals,
}
