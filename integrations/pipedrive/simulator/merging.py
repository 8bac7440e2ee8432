"""Merging two of a kind (v1): the one in the path vanishes, the other survives, wins conflicts and takes what hung on it."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import PLAIN, bad_request, v1_missing
from .objects import BY_PLURAL
from .relationships import KIND, LINKED, OWNER
from .shapes_v1 import ShaperV1

_POINTERS = {"organization": ("org_id",), "person": ("person_id",), "deal": ("deal_id",)}
_LISTS = ("emails", "phones", "label_ids")


def merge(account: Account, request: Request, plural: str, number: str) -> Response:
    obj, given, asker = BY_PLURAL[plural], request.record, account.asker(request)
    other = given.get("merge_with_id")
    if not isinstance(other, int) or str(other) == number:
        raise bad_request()
    going, staying = account.book.get(obj.kind, number), account.book.get(obj.kind, other)
    if going is None or staying is None:
        raise v1_missing(obj.noun)
    join(account, staying, going, asker.user_id, "api")
    if obj.kind == "organization":
        return Response({"success": True, "data": {"id": other}}, content_type=PLAIN)
    [row] = ShaperV1(account, asker, obj.kind, [staying]).rows()
    if obj.kind == "person":
        row |= {
            "owner_id": staying.body.get("owner_id"),
            "org_id": staying.body.get("org_id"),
            "merge_what_id": int(number),
        }
    return Response({"success": True, "data": row}, content_type=PLAIN)


def join(account: Account, staying: Record, going: Record, user_id: int, source: str) -> None:
    """In a delta this is one record changed and one missing; only a webhook says that they were merged."""
    book, before = account.book, dict(staying.body)
    staying.body = _joined(staying.body, going.body)
    book.save(staying)
    book.note_changes(staying, before, user_id, source)
    for column in _POINTERS[staying.kind]:
        # The stamps of what hung on it stay: nothing in these rows was edited by anybody.
        sql = f"""UPDATE _record SET body = json_set(body, '$.{column}', ?)
            WHERE kind IN ('person', 'deal', 'activity', 'note', 'lead', 'mailMessage') AND json_extract(body, '$.{column}') = ?"""  # noqa: S608  a constant
        book.execute(sql, (int(staying.id), int(going.id)))
    if staying.kind == "person":
        _take_part(account, staying, going)
    if staying.kind == "organization":
        for side in (OWNER, LINKED):
            sql = f"UPDATE _record SET body = json_set(body, '$.{side}', ?) WHERE kind = ? AND json_extract(body, '$.{side}') = ?"  # noqa: S608
            book.execute(sql, (int(staying.id), KIND, int(going.id)))
    book.remove(going)


def _take_part(account: Account, staying: Record, going: Record) -> None:
    sql = """UPDATE _record SET body = json_set(body, fullkey || '.person_id', ?) FROM (
        SELECT r.row AS at, p.fullkey AS fullkey FROM _record r, json_each(r.body, '$.participants') p
        WHERE r.kind = 'activity' AND json_extract(p.value, '$.person_id') = ?) WHERE row = at"""
    account.book.execute(sql, (int(staying.id), int(going.id)))


def _joined(winner: dict[str, Any], loser: dict[str, Any]) -> dict[str, Any]:
    joined = dict(winner)
    for key, value in loser.items():
        if key in _LISTS:
            joined[key] = [*winner.get(key, []), *(one for one in value if not _has(winner.get(key, []), one))]
        elif winner.get(key) in (None, "", {}):
            joined[key] = value
    custom, other = winner.get("custom_fields") or {}, loser.get("custom_fields") or {}
    joined["custom_fields"] = {**other, **{k: v for k, v in custom.items() if v is not None}}
    return joined


def _has(those: list[Any], one: Any) -> bool:
    """One address once, and one of them is primary already."""
    if isinstance(one, dict):
        one["primary"] = False
        return any(it["value"] == one["value"] for it in those)
    return one in those
