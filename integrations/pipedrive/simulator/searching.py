"""Search: by a term in what the index holds, which lags behind the writes; and by the value of one field, to the letter."""

# ruff: noqa: S608  columns come from this file, every value is bound

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account, Asker
from .errors import PLAIN, invalid
from .lists import Where, choice, limit_of, page
from .objects import OBJECTS, at
from .paging import Slice
from .whole import is_whole

Row = dict[str, Any]
FIELDS = {
    "organization": ("address", "custom_fields", "notes", "name"),
    "person": ("custom_fields", "email", "notes", "phone", "name"),
    "deal": ("custom_fields", "notes", "title"),
    "lead": ("custom_fields", "notes", "title"),
}  # fmt: skip
KINDS = {"organizations": "organization", "persons": "person", "deals": "deal", "leads": "lead"}
_SEARCHABLE = ("address", "varchar", "text", "varchar_auto", "double", "monetary", "phone")
_NOTE_LINK = {"organization": "org_id", "person": "person_id", "deal": "deal_id", "lead": "lead_id"}
_NARROWING = {"person_id": "person_id", "organization_id": "org_id"}
MOST_ITEMS = 100


def search(account: Account, request: Request, plural: str) -> Response:
    kind, asker = KINDS[plural], account.asker(request)
    where = _where(account, asker, request, kind, _fields(request, kind))
    found = page(account, kind, request, where, gone=None)
    body = {"success": True, "data": {"items": _items(account, request, found.records)}}
    return Response({**body, "additional_data": {"next_cursor": found.cursor}}, content_type=PLAIN)


def search_v1(account: Account, request: Request, plural: str) -> Response:
    """The retired twin, and that of leads: the same under a start and a limit."""
    kind, asker, part = KINDS[plural], account.asker(request), Slice.of(request)
    where = _where(account, asker, request, kind, _fields(request, kind))
    found = account.book.find(kind, where.sql, where.values, limit=part.limit + 1, offset=part.start, gone=None)
    items = _items(account, request, found[: part.limit])
    pagination = part.pagination(more=len(found) > part.limit)
    body = {"success": True, "data": {"items": items}, "additional_data": {"pagination": pagination}}
    return Response(body, content_type=PLAIN)


def search_items(account: Account, request: Request) -> Response:
    """Over several kinds at once; a cursor is only the place in what was found."""
    asker, limit = account.asker(request), limit_of(request, MOST_ITEMS)
    asked = request.query.get("item_types") or ",".join(FIELDS)
    start = int(request.query.get("cursor") or 0) if is_whole(request.query.get("cursor") or "0") else -1
    if start < 0:
        raise invalid("cursor: Parameter 'cursor' is invalid")
    records: list[Record] = []
    for kind in (one for one in FIELDS if one in asked.split(",")):
        where = _where(account, asker, request, kind, FIELDS[kind])
        records += account.book.find(kind, where.sql, where.values, limit=start + limit + 1, gone=None)
    shown, more = records[start : start + limit], len(records) > start + limit
    data = {"items": _items(account, request, shown), "related_items": []}
    following = str(start + limit) if more else None
    body = {"success": True, "data": data, "additional_data": {"next_cursor": following}}
    return Response(body, content_type=PLAIN)


def search_field(account: Account, request: Request) -> Response:
    """The only look-up by the value of a field of one's own. Unlike all other searches it minds the case."""
    asker, kind = account.asker(request), request.query.get("entity_type", "")
    if kind not in FIELDS:
        raise invalid("entity_type: Parameter 'entity_type' must be one of " + ", ".join(FIELDS))
    match, key = choice(request, "match", ("exact", "beginning", "middle"), "exact"), request.query.get("field", "")
    term = _term(request, exact=match == "exact")
    entity = "deal" if kind == "lead" else kind
    field = next((f for f in account.book.fields(entity) if f.key == key and f.shown), None)
    if field is None:
        raise invalid(f"field: Unknown field '{key}'")
    where = _indexed(account, asker)
    path = f'custom_fields."{key}"' if field.custom else key
    column = f"CAST({at(path + ('.value' if field.type in ('address', 'monetary') else ''))} AS TEXT)"
    sql = {"exact": f"{column} = ?", "beginning": f"instr({column}, ?) = 1", "middle": f"instr({column}, ?) > 0"}[match]
    where.add(sql, term)
    found = page(account, kind, request, where, gone=None)
    name = "title" if entity == "deal" else "name"
    return found.answer([{"id": _id(one), name: one.body[name]} for one in found.records])


# --- What matches -----------------------------------------------------------------------------------------------------
def _fields(request: Request, kind: str) -> Sequence[str]:
    asked = [one for one in request.query.get("fields", "").split(",") if one]
    if unknown := [one for one in asked if one not in FIELDS[kind]]:
        raise invalid(f"fields: '{unknown[0]}' is not one of {', '.join(FIELDS[kind])}")
    return asked or FIELDS[kind]


def _term(request: Request, *, exact: bool) -> str:
    term = request.query.get("term", "").strip()
    if len(term) < (1 if exact else 2):
        raise invalid("term: Parameter 'term' must have at least 2 characters, or 1 with exact_match")
    return term


def _indexed(account: Account, asker: Asker) -> Where:
    """What the index knows: it lags behind the making of rows and behind their deletion."""
    behind = stamps.later(asker.now, -account.faults.index_lag)
    where = Where()
    where.add("created <= ? AND (gone IS NULL OR gone > ?)", behind, behind)
    where.add(asker.seen_rows)
    return where


def _where(account: Account, asker: Asker, request: Request, kind: str, fields: Sequence[str]) -> Where:
    exact = request.query.get("exact_match") in ("true", "1")
    term, where = _term(request, exact=exact).casefold(), _indexed(account, asker)
    matching = [_matching(account, kind, name, exact=exact) for name in fields]
    where.add(" OR ".join(matching), *[term] * len(matching))
    for name, column in _NARROWING.items():
        if (value := request.query.get(name)) and kind != "organization":
            if not is_whole(value):
                raise invalid(f"{name}: Parameter '{name}' is not a valid 'number'")
            where.add(f"{at(column)} = ?", int(value))
    if kind == "deal" and (status := request.query.get("status")):
        where.add(f"{at('status')} = ?", status)
    return where


def _matching(account: Account, kind: str, name: str, *, exact: bool) -> str:
    """SQL with one question mark."""
    meets: Callable[[str], str] = (
        (lambda column: f"fold({column}) = ?") if exact else (lambda column: f"instr(fold({column}), ?) > 0")
    )
    match name:
        case "name" | "title":
            return meets(at(name))
        case "address":
            return meets(at("address.value"))
        case "email" | "phone":
            return f"EXISTS (SELECT 1 FROM json_each(body, '$.{name}s') WHERE {meets(_INSIDE)})"
        case "notes":
            column = at(_NOTE_LINK[kind])
            inner = f"SELECT {column} FROM _record WHERE kind = 'note' AND gone IS NULL AND {meets(at('content'))}"
            return f"{'id' if kind == 'lead' else 'CAST(id AS INTEGER)'} IN ({inner})"
    fields = account.book.custom_fields("deal" if kind == "lead" else kind)
    keys = ", ".join(f"'{f.key}'" for f in fields if f.type in _SEARCHABLE)
    shown = "CAST(CASE type WHEN 'object' THEN json_extract(value, '$.value') ELSE value END AS TEXT)"
    return f"EXISTS (SELECT 1 FROM json_each(body, '$.custom_fields') WHERE key IN ({keys}) AND {meets(shown)})"


_INSIDE = "json_extract(json_each.value, '$.value')"


# --- What is shown: a summary, not the record -------------------------------------------------------------------------
def _items(account: Account, request: Request, records: Sequence[Record]) -> list[Row]:
    term = request.query.get("term", "").strip()
    homes = account.book.many("organization", {str(r.body["org_id"]) for r in records if r.body.get("org_id")})
    people = account.book.many("person", {str(r.body["person_id"]) for r in records if r.body.get("person_id")})
    stages = account.book.many("stage", {str(r.body["stage_id"]) for r in records if r.body.get("stage_id")})
    items = [{"result_score": _score(term, r), "item": _item(r, homes, people, stages)} for r in records]
    return sorted(items, key=lambda one: -one["result_score"])


def _score(term: str, record: Record) -> float:
    name = str(record.body.get("name") or record.body.get("title") or "")
    return round(len(term) / max(len(name), len(term)) if term.casefold() in name.casefold() else 0.05, 5)


def _item(
    record: Record, homes: Mapping[str, Record], people: Mapping[str, Record], stages: Mapping[str, Record]
) -> Row:  # fmt: skip
    body, home = record.body, homes.get(str(record.body.get("org_id")))
    common = {"visible_to": body.get("visible_to", 3), "owner": {"id": body.get("owner_id")}}
    organization = {"id": int(home.id), "name": home.body["name"], "address": _address(home)} if home else None
    found: Row = {"custom_fields": [], "notes": []}
    if record.kind == "organization":
        return {
            "id": int(record.id),
            "type": "organization",
            "name": body["name"],
            "address": _address(record),
            **common,
            **found,
        }
    if record.kind == "person":
        emails = [one["value"] for one in body.get("emails", [])]
        primary = next((one["value"] for one in body.get("emails", []) if one.get("primary")), None)
        return {
            "id": int(record.id), "type": "person", "name": body["name"],
            "phones": [one["value"] for one in body.get("phones", [])], "emails": emails, "primary_email": primary,
            **common,
            "organization": organization, **found,
        }  # fmt: skip
    person, stage = people.get(str(body.get("person_id"))), stages.get(str(body.get("stage_id")))
    shared = {
        "id": _id(record), "type": record.kind, "title": body["title"], **common,
        "person": {"id": int(person.id), "name": person.body["name"]} if person else None, "organization": organization,
        **found, "is_archived": body.get("is_archived", False),
    }  # fmt: skip
    if record.kind == "lead":
        money = body.get("value") or {}
        return {**shared, "phones": [], "emails": [], "value": money.get("amount"), "currency": money.get("currency")}
    return {
        **shared, "value": body.get("value"), "currency": body.get("currency"), "status": body.get("status"),
        "stage": {"id": int(stage.id), "name": stage.body["name"]} if stage else None,
    }  # fmt: skip


def _address(record: Record) -> str | None:
    return (record.body.get("address") or {}).get("value")


def _id(record: Record) -> int | str:
    return int(record.id) if record.kind in OBJECTS else record.id
