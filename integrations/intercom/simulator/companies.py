"""Companies: one by one, in a list, in a scroll; what may be written of them, and what never."""

import secrets
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import attributes
from .errors import absent, bad, no_company, scroll_exists, scroll_gone
from .paging import numbered
from .shapes import companies, company, contacts
from .workspace import Workspace

SCROLL, LISTED, FURTHEST = 100, 15, 10_000
IDLE = 60.0
"""Seconds after which a scroll is dead."""
WRITABLE = ("name", "plan", "size", "website", "industry", "monthly_spend", "remote_created_at")
_LISTED = """EXISTS (SELECT 1 FROM _link l JOIN _record c ON c.kind = 'contact' AND c.id = l.to_id AND c.gone IS NULL
    WHERE l.from_kind = 'company' AND l.from_id = _record.id AND l.to_kind = 'contact')"""


def listed(space: Workspace, order: str = "row") -> list[str]:
    """Only those that somebody belongs to."""
    where = "1" if space.setting("lists_deserted") else _LISTED
    return [one.id for one in space.book.find("company", where, order=order)]


def in_order(space: Workspace, ids: list[str]) -> list[Record]:
    found = space.book.many("company", ids)
    return [found[one] for one in ids if one in found]


def find(space: Workspace, request: Request) -> Response:
    query = request.query
    if ref := query.get("company_id"):
        record = space.company_by_ref(ref)
        if record is None:
            raise no_company()
        return Response(company(space, record))
    if name := query.get("name"):
        found = space.book.find("company", "json_extract(body, '$.name') = ?", [name], limit=1)
        if not found:
            raise no_company()
        return Response(company(space, found[0]))
    return list_all(space, request)


def list_all(space: Workspace, request: Request) -> Response:
    order = "json_extract(body, '$.last_request_at') DESC, row DESC"
    ids = listed(space, order)
    shown, pages = numbered(request, ids[:FURTHEST], LISTED)
    body = {"type": "list", "data": companies(space, in_order(space, shown)), "pages": pages, "total_count": len(ids)}
    return Response(body)


def scroll(space: Workspace, request: Request) -> Response:
    now, kept = space.book.clock().timestamp(), space.book.state("scroll")
    lives = bool(kept) and now - kept["used"] <= IDLE
    asked = request.query.get("scroll_param", "")
    if not asked:
        if lives:
            raise scroll_exists()
        kept = {"param": secrets.token_hex(16), "ids": listed(space), "at": 0}
    elif not lives or asked != kept["param"]:
        raise scroll_gone()
    shown = kept["ids"][kept["at"] : kept["at"] + SCROLL]
    kept = {**kept, "at": kept["at"] + SCROLL, "used": now}
    space.book.set_state("scroll", kept if shown else None)
    body = {
        "type": "list", "data": companies(space, in_order(space, shown)), "pages": None, "total_count": None,
        "scroll_param": kept["param"] if shown else None,
    }  # fmt: skip
    return Response(body)


def read(space: Workspace, _request: Request, company_id: str) -> Response:
    return Response(company(space, get(space, company_id)))


def get(space: Workspace, company_id: str) -> Record:
    record = space.book.get("company", company_id)
    if record is None:
        raise no_company()
    return record


def create_or_update(space: Workspace, request: Request) -> Response:
    asked = request.record
    ref = asked.get("company_id")
    if not ref:
        raise absent("company_id is required")
    record = space.company_by_ref(str(ref))
    if record is None:
        record = space.insert("company", {"company_id": str(ref), "custom_attributes": {}, "last_request_at": None})
    write(space, record, asked)
    return Response(company(space, record))


def update(space: Workspace, request: Request, company_id: str) -> Response:
    record, asked = get(space, company_id), request.record
    if "company_id" in asked and str(asked["company_id"]) != record.body["company_id"]:
        raise bad("bad 'company_id' parameter")
    write(space, record, asked)
    return Response(company(space, record))


def write(space: Workspace, record: Record, asked: dict[str, Any]) -> None:
    space.faults.on_write()
    custom = attributes.checked(space, "company", asked.get("custom_attributes") or {})
    record.body.update({name: asked[name] for name in WRITABLE if name in asked})
    record.body["custom_attributes"] = merged(record, custom)
    space.book.save(record)


def merged(record: Record, custom: dict[str, Any]) -> dict[str, Any]:
    """An attribute that is set to null is no longer there."""
    whole = {**(record.body.get("custom_attributes") or {}), **custom}
    return {name: value for name, value in whole.items() if value is not None}


def delete(space: Workspace, _request: Request, company_id: str) -> Response:
    record = get(space, company_id)
    space.book.purge(record)
    return Response({"id": company_id, "object": "company", "deleted": True})


def people(space: Workspace, request: Request, company_id: str) -> Response:
    get(space, company_id)
    shown, pages = numbered(request, space.linked("company", company_id, "contact"))
    found = space.book.many("contact", shown)
    data = contacts(space, [found[one] for one in shown if one in found])
    total = len(space.linked("company", company_id, "contact"))
    return Response({"type": "list", "data": data, "pages": pages, "total_count": total})
