"""Notes and their comments (v1): one link at least; a note on a deal also carries the deal's person and organization."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account, Asker
from .errors import PLAIN, bad_request, gone, v1_missing
from .lists import Where
from .objects import at
from .paging import Slice
from .whole import is_whole

Row = dict[str, Any]
LINKS = {"deal_id": "deal", "person_id": "person", "org_id": "organization", "lead_id": "lead"}
_FLAGS = ("deal", "person", "organization", "lead", "project", "task")
MOST_BYTES = 100_000
_ACTIVE = re.compile(
    r"<(script|style|iframe)\b.*?</\1\s*>|\son\w+\s*=\s*(\"[^\"]*\"|'[^']*')|javascript:", re.IGNORECASE | re.DOTALL
)
_SORTS = {
    "id": "CAST(id AS INTEGER)", "user_id": at("user_id"), "deal_id": at("deal_id"), "org_id": at("org_id"),
    "person_id": at("person_id"), "content": at("content"), "add_time": "created", "update_time": "updated",
}  # fmt: skip


def list_notes(account: Account, request: Request) -> Response:
    part, where = Slice.of(request), Where()
    for name in (*LINKS, "user_id"):
        if value := request.query.get(name):
            where.add(f"{at(name)} = ?", value if name == "lead_id" else _number(value))
    for flag in _FLAGS:
        if value := request.query.get(f"pinned_to_{flag}_flag"):
            where.add(f"coalesce({at(f'pinned_to_{flag}_flag')}, 0) = ?", int(value == "1"))
    _by_days(request, where)
    found = account.book.find(
        "note", where.sql, where.values, order=_order(request), limit=part.limit + 1, offset=part.start
    )
    return part.answer(rows(account, account.asker(request), found[: part.limit]), more=len(found) > part.limit)


def _by_days(request: Request, where: Where) -> None:
    for name, sql in (("start_date", "substr(created, 1, 10) >= ?"), ("end_date", "substr(created, 1, 10) <= ?")):
        if value := request.query.get(name):
            where.add(sql, value)
    if since := request.query.get("updated_since"):
        stamp = stamps.parse(since)
        if stamp is None:
            raise bad_request("updated_since is not a valid datetime")
        where.add("updated >= ?", stamp)


def _order(request: Request) -> str:
    """`update_time ASC, id DESC`; what is not known is left out, as v1 leaves it."""
    parts = []
    for one in request.query.get("sort", "").split(","):
        name, _, way = one.strip().partition(" ")
        if name in _SORTS:
            parts.append(f"{_SORTS[name]} {'DESC' if way.strip().upper() == 'DESC' else 'ASC'}")
    return ", ".join([*parts, "row"])


def read_note(account: Account, request: Request, number: str) -> Response:
    return _answer(account, request, _note(account, number))


def create_note(account: Account, request: Request) -> Response:
    given, asker = request.record, account.asker(request)
    if not given.get("content") or not any(given.get(name) for name in LINKS):
        raise bad_request("Note content and at least one of deal_id, person_id, org_id or lead_id must be given")
    body = new_note(account, {"user_id": asker.user_id, **given})
    record = account.book.add("note", body)
    if moment := stamps.parse_v1(str(given.get("add_time", ""))):
        account.book.stamp(record, created=moment)
    return _answer(account, request, record, 201)


def new_note(account: Account, given: Mapping[str, Any]) -> Row:
    content = str(given.get("content", ""))
    if len(content.encode()) > MOST_BYTES:
        raise bad_request("Note content is too long")
    body: Row = {"user_id": given["user_id"], "content": _ACTIVE.sub("", content)}
    body |= {name: given.get(name) for name in (*LINKS, "project_id", "task_id")}
    body |= {f"pinned_to_{one}_flag": bool(given.get(f"pinned_to_{one}_flag")) for one in _FLAGS}
    for name, kind in LINKS.items():
        if body[name] is not None and account.book.get(kind, body[name]) is None:
            raise v1_missing(kind.capitalize())
    deal = account.book.get("deal", body["deal_id"]) if body["deal_id"] else None
    if deal:
        body["person_id"] = body["person_id"] or deal.body.get("person_id")
        body["org_id"] = body["org_id"] or deal.body.get("org_id")
    return body


def update_note(account: Account, request: Request, number: str) -> Response:
    record, given = _note(account, number), request.record
    if "content" in given:
        record.body["content"] = _ACTIVE.sub("", str(given["content"]))
    for name in (*LINKS, "user_id"):
        record.body[name] = given.get(name, record.body.get(name))
    for one in _FLAGS:
        flag = f"pinned_to_{one}_flag"
        record.body[flag] = bool(given.get(flag, record.body.get(flag)))
    record.body["last_update_user_id"] = account.asker(request).user_id
    account.book.save(record)
    return _answer(account, request, record)


def delete_note(account: Account, _request: Request, number: str) -> Response:
    account.book.remove(_note(account, number))
    return Response({"success": True, "data": True}, content_type=PLAIN)


def _note(account: Account, number: str) -> Record:
    found = account.book.get("note", number, with_gone=True)
    if found is None:
        raise v1_missing("Note")
    if found.gone:
        raise gone()
    return found


def _answer(account: Account, request: Request, record: Record, status: int = 200) -> Response:
    [row] = rows(account, account.asker(request), [record])
    return Response({"success": True, "data": row}, status, content_type=PLAIN)


def rows(account: Account, asker: Asker, records: Sequence[Record]) -> list[Row]:
    named = {
        kind: account.book.many(kind, {str(r.body[name]) for r in records if r.body.get(name)})
        for name, kind in LINKS.items()
    }
    users = account.book.many("user", {str(r.body["user_id"]) for r in records})
    return [_row(asker, record, named, users) for record in records]


def _row(
    asker: Asker, record: Record, named: Mapping[str, Mapping[str, Record]], users: Mapping[str, Record]
) -> Row:  # fmt: skip
    body = record.body

    def beside(kind: str, name: str, shown: str) -> Row | None:
        found = named[kind].get(str(body.get(name)))
        return {shown: found.body[shown]} if found else None

    user = users.get(str(body["user_id"]))
    return {
        "id": int(record.id), "user_id": body["user_id"],
        **{name: body.get(name) for name in ("deal_id", "person_id", "org_id", "lead_id", "project_id", "task_id")},
        "content": body["content"], "add_time": stamps.v1(record.created), "update_time": stamps.v1(record.updated),
        "active_flag": record.gone is None,
        **{f"pinned_to_{one}_flag": body.get(f"pinned_to_{one}_flag", False) for one in _FLAGS},
        "last_update_user_id": body.get("last_update_user_id"),
        "organization": beside("organization", "org_id", "name"),
        "person": beside("person", "person_id", "name"), "deal": beside("deal", "deal_id", "title"),
        "lead": beside("lead", "lead_id", "title"),
        "user": {
            "email": user.body["email"], "name": user.body["name"], "icon_url": None,
            "is_you": int(user.id) == asker.user_id,
        } if user else None,
    }  # fmt: skip


def _number(value: str) -> int:
    if not is_whole(value):
        raise bad_request()
    return int(value)


# --- Comments ---------------------------------------------------------------------------------------------------------
def list_comments(account: Account, request: Request, number: str) -> Response:
    note = _note(account, number)
    found = account.book.find("comment", f"{at('object_id')} = ?", [note.id])
    return Slice.of(request).answer_all([_comment_row(account, one) for one in found])


def create_comment(account: Account, request: Request, number: str) -> Response:
    note, given, asker = _note(account, number), request.record, account.asker(request)
    if not given.get("content"):
        raise bad_request()
    body = {"object_id": note.id, "content": given["content"], "user_id": asker.user_id, "updater_id": asker.user_id}
    record = account.book.insert("comment", body, str(uuid.uuid4()))
    return Response({"success": True, "data": _comment_row(account, record)}, content_type=PLAIN)


def read_comment(account: Account, _request: Request, number: str, comment: str) -> Response:
    return Response(
        {"success": True, "data": _comment_row(account, _comment(account, number, comment))}, content_type=PLAIN
    )


def update_comment(account: Account, request: Request, number: str, comment: str) -> Response:
    record = _comment(account, number, comment)
    record.body |= {"content": request.record.get("content", ""), "updater_id": account.asker(request).user_id}
    account.book.save(record)
    return Response({"success": True, "data": _comment_row(account, record)}, content_type=PLAIN)


def delete_comment(account: Account, _request: Request, number: str, comment: str) -> Response:
    account.book.remove(_comment(account, number, comment))
    return Response({"success": True, "data": True}, content_type=PLAIN)


def _comment(account: Account, number: str, comment: str) -> Record:
    found = account.book.get("comment", comment)
    if found is None or found.body["object_id"] != number:
        raise v1_missing("Comment")
    return found


def _comment_row(account: Account, record: Record) -> Row:
    return {
        "uuid": record.id, "active_flag": True, "add_time": record.created,
        "company_id": account.credentials.company_id,
        "content": record.body["content"], "object_id": record.body["object_id"], "object_type": "note",
        "update_time": record.updated, "updater_id": record.body["updater_id"], "user_id": record.body["user_id"],
    }  # fmt: skip
