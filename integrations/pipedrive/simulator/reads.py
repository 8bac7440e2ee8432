"""Organizations, persons, deals and activities in v2: one by its number, many by page, filter, stamp or list of numbers."""

import orjson

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import counts, stamps
from .account import Account, Asker
from .book import NUMBER
from .errors import PLAIN, ApiError, gone, invalid, v2_missing
from .filter_sql import FilterSql
from .lists import Where, page
from .objects import ACTIVITY, BY_PLURAL, DEAL, Object
from .saved_filters import usable_filter
from .shapes import Shaper
from .whole import is_whole

MOST_IDS = 100
MOST_CUSTOM = 15
STATUSES = ("open", "won", "lost", "deleted")
KEPT_DAYS = 30
"""Deleted rows are there so long; then they are purged."""


def list_records(account: Account, request: Request, plural: str) -> Response:
    return _list(account, request, BY_PLURAL[plural], archived=False)


def list_archived(account: Account, request: Request) -> Response:
    return _list(account, request, DEAL, archived=True)


def _list(account: Account, request: Request, obj: Object, *, archived: bool) -> Response:
    asker = account.asker(request)
    wanted, where = _included(request, obj), Where()
    where.add(asker.seen_rows)
    if request.query.get("filter_id"):
        # It overrides every other condition of the query.
        _by_filter(account, asker, request, obj, where)
    else:
        _by_query(request, obj, where)
        _by_stamps(request, asker, where)
    dead = _status(asker, request, where, archived=archived) if obj is DEAL else False
    found = page(account, obj.kind, request, where, sorts=obj.sorted_by, gone=dead)
    rows = Shaper(account, obj, asker.now, request.query).rows(found.records)
    counts.add(account, obj, found.records, rows, wanted)
    return found.answer(rows)


def read_record(account: Account, request: Request, plural: str, number: str) -> Response:
    obj, asker = BY_PLURAL[plural], account.asker(request)
    wanted = _included(request, obj)
    record = visible(account, asker, obj, number, with_gone=account.faults.gone_as == "record")
    row = Shaper(account, obj, asker.now, request.query).row(record)
    counts.add(account, obj, [record], [row], wanted)
    return Response({"success": True, "data": row}, content_type=PLAIN)


def visible(account: Account, asker: Asker, obj: Object, number: str, *, with_gone: bool = False) -> Record:
    """The record, or the refusal. What one may not see is not there."""
    record = account.book.get(obj.kind, number, with_gone=True) if is_whole(number) else None
    if record is None or not asker.sees(record) or (record.gone and record.gone < _oldest(asker)):
        raise v2_missing(obj.noun)
    if record.gone and not with_gone:
        raise _of_gone(account, obj)
    return record


def _oldest(asker: Asker) -> str:
    """What was deleted before is purged."""
    return stamps.later(asker.now, -KEPT_DAYS * 86_400)


def _of_gone(account: Account, obj: Object) -> ApiError:
    return gone() if account.faults.gone_as == "410" else v2_missing(obj.noun)


# --- What narrows a list ----------------------------------------------------------------------------------------------
def _included(request: Request, obj: Object) -> list[str]:
    wanted = [name for name in request.query.get("include_fields", "").split(",") if name]
    if unknown := [name for name in wanted if name not in counts.KNOWN[obj.kind]]:
        raise invalid(f"include_fields: '{unknown[0]}' is not allowed")
    if len([k for k in request.query.get("custom_fields", "").split(",") if k]) > MOST_CUSTOM:
        raise invalid(f"custom_fields: a maximum of {MOST_CUSTOM} keys is allowed")
    return wanted


def _by_query(request: Request, obj: Object, where: Where) -> None:
    for name, column in obj.narrowed_by.items():
        if value := request.query.get(name):
            where.few = where.few or name in ("org_id", "person_id", "deal_id")
            where.add(f"{column} = ?", value if name == "lead_id" else _number(name, value))
    if obj.kind == "person" and (deal := request.query.get("deal_id")):
        sql = "SELECT json_extract(body, '$.person_id') FROM _record WHERE kind = 'deal' AND gone IS NULL AND id = ?"
        where.add(f"{NUMBER} IN ({sql})", str(_number("deal_id", deal)))
    if obj is ACTIVITY and (done := request.query.get("done")):
        if done not in ("true", "false"):
            raise invalid("done: Parameter 'done' is not a valid 'boolean'")
        where.add("json_extract(body, '$.done') = ?", int(done == "true"))
    if ids := request.query.get("ids"):
        numbers = [_number("ids", one) for one in ids.split(",") if one]
        if len(numbers) > MOST_IDS:
            raise invalid(f"ids: a maximum of {MOST_IDS} ids is allowed")
        where.add("id IN (SELECT CAST(value AS TEXT) FROM json_each(?))", orjson.dumps(numbers).decode())


def _number(name: str, value: str) -> int:
    if not is_whole(value.strip()):
        raise invalid(f"{name}: Parameter '{name}' is not a valid 'number'")
    return int(value)


def _by_stamps(request: Request, asker: Asker, where: Where) -> None:
    """From `since` on, up to but without `until`. A row without a stamp, or not yet settled, is in no delta."""
    for name, way in (("updated_since", ">="), ("updated_until", "<")):
        if given := request.query.get(name):
            # A + that was not escaped arrives as a space.
            stamp = stamps.parse(given.replace(" ", "+"))
            if stamp is None:
                raise invalid(f"{name}: Parameter '{name}' is not a valid datetime")
            where.add(f"updated <> '' AND updated {way} ? AND updated <= ?", stamp, asker.now)


def _status(asker: Asker, request: Request, where: Where, *, archived: bool) -> bool | None:
    """Deals list their deleted ones too, for thirty days; no other object does."""
    where.add("coalesce(json_extract(body, '$.is_archived'), 0) = ?", int(archived))
    asked = [one for one in request.query.get("status", "").split(",") if one and not request.query.get("filter_id")]
    if unknown := [one for one in asked if one not in STATUSES]:
        raise invalid(f"status: '{unknown[0]}' is not one of {', '.join(STATUSES)}")
    if not asked:
        return False
    living = orjson.dumps([one for one in asked if one != "deleted"]).decode()
    alive = "gone IS NULL AND json_extract(body, '$.status') IN (SELECT value FROM json_each(?))"
    oldest = _oldest(asker) if "deleted" in asked else "9999"
    where.add(f"({alive}) OR (gone IS NOT NULL AND gone >= ?)", living, oldest)
    return None


def _by_filter(account: Account, asker: Asker, request: Request, obj: Object, where: Where) -> None:
    kept = usable_filter(account, asker, _number("filter_id", request.query["filter_id"]), obj.filter_type)
    found = FilterSql(account, asker, obj.filter_type).read(kept.body["conditions"])
    where.add(found.sql, *found.values)
