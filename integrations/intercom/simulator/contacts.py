"""Contacts: users and leads, the companies they belong to, their notes and tags."""

from typing import Any
from zoneinfo import ZoneInfo

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import attributes, search
from .companies import get as get_company
from .companies import in_order, merged
from .errors import absent, bad, conflict, invalid, missing
from .paging import MOST, cut, numbered, size
from .shapes import companies, company, contact, contacts, note
from .workspace import Workspace, moment, seconds

WRITABLE = (
    "role", "external_id", "email", "phone", "name", "signed_up_at", "last_seen_at", "owner_id",
    "unsubscribed_from_emails",
)  # fmt: skip


def list_all(space: Workspace, request: Request) -> Response:
    cursor, rows = request.query.get("starting_after", ""), size(request)
    found, pages, total = cut(space, "contact", "1", [], by="created", newest=False, cursor=cursor, rows=rows)
    return Response({"type": "list", "data": contacts(space, found), "total_count": total, "pages": pages})


def find(space: Workspace, request: Request) -> Response:
    asked = request.record
    search.check(asked.get("query"), by_day=True)
    paging = asked.get("pagination") or {}
    rows = int(paging.get("per_page") or 50)
    if rows > MOST:
        raise invalid("Per Page is too big")
    ids = [one.id for one in space.book.find("contact") if _is_found(space, one, asked["query"])]
    found, pages, total = cut(
        space, "contact", "1", [], by="created", newest=False, cursor=str(paging.get("starting_after") or ""), rows=rows,
        ids=ids,
    )  # fmt: skip
    return Response({"type": "list", "data": contacts(space, found), "total_count": total, "pages": pages})


def _is_found(space: Workspace, record: Record, query: dict[str, Any]) -> bool:
    age = (space.book.clock() - moment(record.created)).total_seconds()
    zone = ZoneInfo(space.setting("timezone"))
    return age >= space.faults.index_lag and search.holds(query, lambda name: _value(record, name), zone)


def _value(record: Record, name: str) -> Any:
    if name == "id":
        return record.id
    if name in {"created_at", "updated_at"}:
        return seconds(record.created if name == "created_at" else record.updated)
    if name.startswith("custom_attributes."):
        return (record.body.get("custom_attributes") or {}).get(name.removeprefix("custom_attributes."))
    return record.body.get(name)


def get(space: Workspace, contact_id: str) -> Record:
    record = space.book.get("contact", contact_id)
    if record is None:
        raise missing("User")
    return record


def read(space: Workspace, _request: Request, contact_id: str) -> Response:
    return Response(contact(space, get(space, contact_id)))


def by_external_id(space: Workspace, _request: Request, external_id: str) -> Response:
    found = space.book.find("contact", "json_extract(body, '$.external_id') = ?", [external_id], limit=1)
    if not found:
        raise missing("User")
    return Response(contact(space, found[0]))


def create(space: Workspace, request: Request) -> Response:
    asked = request.record
    if not any(asked.get(name) for name in ("email", "external_id", "role")):
        raise absent("At least one of email, external_id or role is required")
    _refuse_twins(space, asked, "")
    record = space.insert("contact", {"role": asked.get("role") or "user", "custom_attributes": {}})
    write(space, record, asked)
    return Response(contact(space, record))


def update(space: Workspace, request: Request, contact_id: str) -> Response:
    record = get(space, contact_id)
    _refuse_twins(space, {**record.body, **request.record}, contact_id)
    write(space, record, request.record)
    return Response(contact(space, record))


def write(space: Workspace, record: Record, asked: dict[str, Any]) -> None:
    space.faults.on_write()
    custom = attributes.checked(space, "contact", asked.get("custom_attributes") or {})
    if asked.get("role") not in {None, "user", "lead"}:
        raise invalid("Role must be user or lead", "role")
    record.body.update({name: asked[name] for name in WRITABLE if name in asked})
    record.body["custom_attributes"] = merged(record, custom)
    space.book.save(record)


def _refuse_twins(space: Workspace, asked: dict[str, Any], own: str) -> None:
    """One external id names one contact; one address one user, and any number of leads."""
    external, email = asked.get("external_id"), asked.get("email")
    where, values = [], []
    if external:
        where.append("json_extract(body, '$.external_id') = ?")
        values.append(str(external))
    if email and asked.get("role", "user") == "user":
        where.append("(fold(json_extract(body, '$.email')) = ? AND json_extract(body, '$.role') = 'user')")
        values.append(str(email).casefold())
    if where:
        for one in space.book.find("contact", " OR ".join(where), values):
            if one.id != own:
                raise conflict(one.id)


def delete(space: Workspace, _request: Request, contact_id: str) -> Response:
    record = get(space, contact_id)
    space.book.purge(record)
    return Response(
        {"type": "contact", "id": contact_id, "external_id": record.body.get("external_id"), "deleted": True}
    )


def archive(space: Workspace, _request: Request, contact_id: str) -> Response:
    record = get(space, contact_id)
    space.book.remove(record)
    body = {"type": "contact", "id": contact_id, "external_id": record.body.get("external_id"), "archived": True}
    return Response(body)


def unarchive(space: Workspace, _request: Request, contact_id: str) -> Response:
    record = space.book.get("contact", contact_id, with_gone=True)
    if record is None:
        raise missing("User")
    space.book.restore(record)
    body = {"type": "contact", "id": contact_id, "external_id": record.body.get("external_id"), "archived": False}
    return Response(body)


def merge(space: Workspace, request: Request) -> Response:
    """A lead into a user, and nothing else; the lead is nowhere any more."""
    asked = request.record
    going, staying = get(space, str(asked.get("from"))), get(space, str(asked.get("into")))
    if going.body.get("role") != "lead" or staying.body.get("role") != "user":
        raise bad("Only a lead can be merged into a user")
    join(space, staying, going)
    return Response(contact(space, staying))


def join(space: Workspace, staying: Record, going: Record) -> None:
    for company_id in space.linked("contact", going.id, "company"):
        space.book.link(("contact", staying.id), ("company", company_id))
    for one in space.book.find("conversation"):
        held = one.body.get("contacts") or []
        if going.id in held:
            one.body["contacts"] = list(
                dict.fromkeys(staying.id if held_id == going.id else held_id for held_id in held)
            )
            space.book.save(one)
    space.book.purge(going)
    space.book.save(staying)


# --- Companies of a contact --------------------------------------------------------------------------------------------
def companies_of(space: Workspace, request: Request, contact_id: str) -> Response:
    get(space, contact_id)
    ids = space.linked("contact", contact_id, "company")
    shown, pages = numbered(request, ids)
    body = {"type": "list", "data": companies(space, in_order(space, shown)), "pages": pages, "total_count": len(ids)}
    return Response(body)


def attach(space: Workspace, request: Request, contact_id: str) -> Response:
    record = get(space, contact_id)
    other = get_company(space, str(request.record.get("id")))
    space.book.link(("contact", contact_id), ("company", other.id))
    space.book.save(record)
    return Response(company(space, other))


def detach(space: Workspace, _request: Request, contact_id: str, company_id: str) -> Response:
    record, other = get(space, contact_id), get_company(space, company_id)
    space.book.unlink(("contact", contact_id), ("company", other.id))
    space.book.save(record)
    return Response(company(space, other))


# --- Notes -------------------------------------------------------------------------------------------------------------
def notes(space: Workspace, request: Request, contact_id: str) -> Response:
    get(space, contact_id)
    ids = list(reversed(space.linked("contact", contact_id, "note")))
    shown, pages = numbered(request, ids)
    if pages["page"] < pages["total_pages"]:
        # An address, where every other list has an object.
        query = f"per_page={pages['per_page']}&page={pages['page'] + 1}"
        pages["next"] = f"{request.origin}/contacts/{contact_id}/notes?{query}"
    found = space.book.many("note", shown)
    data = [note(space, found[one]) for one in shown if one in found]
    return Response({"type": "list", "data": data, "total_count": len(ids), "pages": pages})


def add_note(space: Workspace, request: Request, contact_id: str) -> Response:
    get(space, contact_id)
    asked = request.record
    if not asked.get("body"):
        raise absent("body is required")
    record = space.insert(
        "note", {"contact": contact_id, "admin": str(asked.get("admin_id") or space.admin().id), "body": asked["body"]}
    )
    space.book.link(("contact", contact_id), ("note", record.id))
    return Response(note(space, record))


def read_note(space: Workspace, _request: Request, note_id: str) -> Response:
    record = space.book.get("note", note_id)
    if record is None:
        raise missing()
    return Response(note(space, record))
