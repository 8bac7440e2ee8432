"""Parents, daughters and relatives among organizations (v1): asked for one organization at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account
from .counts import Counts
from .errors import PLAIN, bad_request, v1_missing
from .objects import ORGANIZATION, at
from .paging import Slice
from .whole import is_whole

Row = dict[str, Any]
KIND = "organizationRelationship"
OWNER, LINKED = "rel_owner_org_id", "rel_linked_org_id"
TYPES = ("parent", "related")


def list_relationships(account: Account, request: Request) -> Response:
    """There is no list of all: an organization has to be named."""
    asked = request.query.get("org_id", "")
    if not is_whole(asked):
        raise bad_request()
    found = account.book.find(KIND, f"{at(OWNER)} = ? OR {at(LINKED)} = ?", [int(asked), int(asked)])
    shaper = _Shaper(account, found)
    rows = [shaper.row(record, int(asked)) for record in found]
    part = Slice.of(request)
    shown = rows[part.start : part.start + part.limit]
    return part.answer(
        shown, more=len(rows) > part.start + part.limit, related_objects={"organization": shaper.related()}
    )


def read_relationship(account: Account, request: Request, number: str) -> Response:
    asked = request.query.get("org_id", "")
    return _answer(account, _record(account, number), int(asked) if is_whole(asked) else None)


def create_relationship(account: Account, request: Request) -> Response:
    given = request.record
    if given.get("type") not in TYPES or not given.get(OWNER) or not given.get(LINKED):
        raise bad_request()
    _both(account, given)
    # Several parents and circles are taken as they come.
    record = account.book.add(KIND, {key: given[key] for key in ("type", OWNER, LINKED)})
    return _answer(account, record, given.get("org_id"))


def update_relationship(account: Account, request: Request, number: str) -> Response:
    record, given = _record(account, number), request.record
    record.body |= {key: given[key] for key in ("type", OWNER, LINKED) if key in given}
    _both(account, record.body)
    account.book.save(record)
    return _answer(account, record, given.get("org_id"))


def delete_relationship(account: Account, _request: Request, number: str) -> Response:
    account.book.remove(_record(account, number))
    return Response({"success": True, "data": {"id": int(number)}}, content_type=PLAIN)


def _both(account: Account, given: Mapping[str, Any]) -> None:
    for key in (OWNER, LINKED):
        if account.book.get("organization", given[key]) is None:
            raise v1_missing("Organization")


def _record(account: Account, number: str) -> Record:
    found = account.book.get(KIND, number)
    if found is None:
        raise v1_missing("Organization relationship")
    return found


def _answer(account: Account, record: Record, asked: int | None) -> Response:
    shaper = _Shaper(account, [record])
    row = shaper.row(record, asked)
    row.pop("related_organization_name")
    return Response(
        {"success": True, "data": row, "related_objects": {"organization": shaper.related()}}, content_type=PLAIN
    )


class _Shaper:
    def __init__(self, account: Account, records: Sequence[Record]) -> None:
        self._account = account
        numbers = {str(r.body[key]) for r in records for key in (OWNER, LINKED)}
        self._organizations = account.book.many("organization", numbers)
        self._people = Counts(account, ORGANIZATION.kind, [int(n) for n in numbers]).plain("person")

    def row(self, record: Record, asked: int | None) -> Row:
        """`calculated` tells what the other side is to the one that was asked about."""
        parent, linked = record.body[OWNER], record.body[LINKED]
        asked_is_linked = asked == linked
        other = parent if asked_is_linked else linked
        kind = "related" if record.body["type"] == "related" else "parent" if asked_is_linked else "daughter"
        found = self._organizations.get(str(other))
        return {
            "id": int(record.id), "type": record.body["type"], OWNER: self._side(parent), LINKED: self._side(linked),
            "add_time": stamps.v1(record.created), "update_time": stamps.v1(record.updated),
            # A word, not a truth value.
            "active_flag": "true", "calculated_type": kind, "calculated_related_org_id": other,
            "related_organization_name": found.body["name"] if found else None,
        }  # fmt: skip

    def related(self) -> Row:
        return {n: {"id": int(n), **self._short(int(n))} for n in sorted(self._organizations, key=int)}

    def _side(self, number: int) -> Row:
        return {**self._short(number), "value": number}

    def _short(self, number: int) -> Row:
        record = self._organizations.get(str(number))
        if record is None:
            return {
                "name": None,
                "people_count": 0,
                "owner_id": None,
                "address": None,
                "active_flag": False,
                "cc_email": None,
            }
        return {
            "name": record.body["name"], "people_count": self._people.get(number, 0),
            "owner_id": record.body.get("owner_id"),
            "address": (record.body.get("address") or {}).get("value"), "active_flag": True,
            "cc_email": self._account.cc_email(),
        }  # fmt: skip
