"""Runs a query: the ids of all its rows first, then a page of rows at a time, so that a locator need keep only the ids."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from array import array
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson

from ..errors import ApiError
from ..ids import make_id
from ..store import Store, stamp
from .answer import Record, Shape
from .needed import require_filter
from .parse import parse
from .scope import Column, Scope, resolve
from .select import PAGE, Output, is_aggregate, is_count, outputs, page_size
from .tree import Call, Query, Selected
from .where import operand, rows_sql

LOCATOR_LIFE = timedelta(days=2)
_SMALLEST_BATCH = 200


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and under which path the answer's links go."""

    user_id: str
    base: str
    with_deleted: bool = False
    made_until: str = ""
    """Rows that were made later are not visible yet; empty: all are."""


def run(store: Store, text: str, asker: Asker, batch: int = PAGE, *, bounded: bool = True) -> dict[str, Any]:
    query = parse(text)
    scope = _scope(store, text, query, asker)
    require_filter(query)
    if is_count(query):
        return {"totalSize": _count(store, scope, query, asker), "done": True, "records": []}
    if is_aggregate(query):
        return _aggregate(store, scope, query, asker)
    selected = outputs(scope, query)
    row_ids = _row_ids(store, scope, query, asker)
    size = page_size(selected, max(_SMALLEST_BATCH, min(batch, PAGE))) if bounded else PAGE
    records = _page(store, scope, query, asker, selected, row_ids[:size].tolist())
    if len(row_ids) <= size:
        return {"totalSize": len(row_ids), "done": True, "records": records}
    locator = _keep(store, text, asker, size, row_ids)
    return _unfinished(len(row_ids), f"{asker.base}/query/{locator}-{size}", records)


def more(store: Store, locator: str, offset: int, asker: Asker) -> dict[str, Any]:
    oldest = stamp(store.clock() - LOCATOR_LIFE)
    found = store.one(
        "SELECT soql, hidden, batch, total, substr(row_ids, ? * 8 + 1, batch * 8) FROM _locator WHERE id = ? AND made > ?",
        offset, locator, oldest,
    )  # fmt: skip
    if found is None or offset >= found[3]:
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
    text, hidden, batch, total, content = found
    asker = replace(asker, with_deleted=bool(hidden))
    query = parse(text)
    scope = _scope(store, text, query, asker)
    row_ids = array("q")
    row_ids.frombytes(content)
    records = _page(store, scope, query, asker, outputs(scope, query), row_ids.tolist())
    following = offset + batch
    if following >= total:
        return {"totalSize": total, "done": True, "records": records}
    return _unfinished(total, f"{asker.base}/query/{locator}-{following}", records)


def _unfinished(total: int, url: str, records: list[Record]) -> dict[str, Any]:
    return {"totalSize": total, "done": False, "nextRecordsUrl": url, "records": records}


def _scope(store: Store, text: str, query: Query, asker: Asker) -> Scope:
    sobject = resolve(store.schema, text, query)
    return Scope(
        store.schema, text, sobject, store.clock().date(), asker.user_id, alias=query.alias, made_until=asker.made_until
    )


def _count(store: Store, scope: Scope, query: Query, asker: Asker) -> int:
    body = rows_sql(scope, query, with_deleted=asker.with_deleted)
    row = store.execute(f"SELECT count(*) FROM (SELECT 1{body})", scope.values).fetchone()
    return int(row[0])


def _row_ids(store: Store, scope: Scope, query: Query, asker: Asker) -> "array[int]":
    body = rows_sql(scope, query, with_deleted=asker.with_deleted)
    return array("q", (row[0] for row in store.execute(f"SELECT {scope.root}._row{body}", scope.values)))


def _page(
    store: Store, scope: Scope, query: Query, asker: Asker, selected: list[Output], row_ids: list[int]
) -> list[Record]:
    columns: list[str] = []
    prefixes = {o.prefix: o.name for o in store.schema.everything.values()}
    shape = Shape(lambda record_id: prefixes[record_id[:3]], f'{scope.root}."Id"', columns, asker.base)
    for output in selected:
        shape.add(output)
    shaped = shape.shaper()
    gone = "" if asker.with_deleted or not scope.sobject.field("IsDeleted") else f' WHERE {scope.root}."IsDeleted" = 0'
    sql = (
        f'SELECT {", ".join(columns)} FROM json_each(?) page CROSS JOIN "{scope.sobject.name}" {scope.root} '
        f"ON {scope.root}._row = page.value {' '.join(scope.joins.values())}{gone} ORDER BY page.key"
    )
    rows = store.execute(sql, [orjson.dumps(row_ids).decode()]).fetchall()
    records = [shaped(row) for row in rows]
    for child in query.select:
        if isinstance(child, Query):
            _add_children(store, scope, child, asker, records, [row[0] for row in rows])
    return records


def _add_children(
    store: Store, scope: Scope, query: Query, asker: Asker, records: list[Record], parents: list[str]
) -> None:
    found = store.schema.children(scope.sobject.name).get(query.sobject.lower())
    if found is None:
        raise scope.error(
            "INVALID_TYPE", query.at, f"Didn't understand relationship '{query.sobject}' in FROM part of query call."
        )
    name = found.field.children
    for record, parent in zip(records, parents, strict=True):
        inner = Query(query.select, found.sobject, query.at, query.alias, query.scope, query.where, order_by=query.order_by,
                      limit=query.limit, offset=query.offset)  # fmt: skip
        child_scope = _scope(store, scope.text, inner, asker)
        selected = outputs(child_scope, inner)
        owner = f'{child_scope.root}."{found.field.name}" = {child_scope.bind(parent)}'
        body = rows_sql(child_scope, inner, with_deleted=asker.with_deleted, also=owner)
        sql = f"SELECT {child_scope.root}._row{body}"
        row_ids = [row[0] for row in store.execute(sql, child_scope.values)]
        rows = _page(store, child_scope, inner, asker, selected, row_ids) if row_ids else []
        record[str(name)] = {"totalSize": len(rows), "done": True, "records": rows} if rows else None


def _aggregate(store: Store, scope: Scope, query: Query, asker: Asker) -> dict[str, Any]:
    columns: list[tuple[str, Column]] = []
    grouped = {operand(scope, g).sql for g in query.group_by}
    unnamed = 0
    for item in query.select:
        if not isinstance(item, Selected):
            raise ApiError("MALFORMED_QUERY", "Sub-selects and FIELDS() cannot be used in an aggregate query")
        column = operand(scope, item.value)
        is_call = isinstance(item.value, Call)
        if not is_call and column.sql not in grouped:
            raise scope.error(
                "MALFORMED_QUERY", item.value.at, f"Field must be grouped or aggregated: {column.field.name}"
            )
        key = item.alias or (f"expr{unnamed}" if is_call else column.field.name)
        unnamed += is_call and item.alias is None
        columns.append((key, column))
    body = rows_sql(scope, query, with_deleted=asker.with_deleted)
    sql = f"SELECT {', '.join(c.sql for _, c in columns)}{body}"
    rows = store.execute(sql, scope.values).fetchall()
    if len(rows) > PAGE:
        raise ApiError(
            "EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT to restrict the results"
        )
    records = [{"attributes": {"type": "AggregateResult"}, **_aggregate_row(columns, row)} for row in rows]
    return {"totalSize": len(records), "done": True, "records": records}


def _aggregate_row(columns: list[tuple[str, Column]], row: tuple[Any, ...]) -> Record:
    return {
        key: bool(value) if column.field.type == "boolean" else value
        for (key, column), value in zip(columns, row, strict=True)
    }


def _keep(store: Store, text: str, asker: Asker, batch: int, row_ids: "array[int]") -> str:
    store.execute("DELETE FROM _locator WHERE made <= ?", (stamp(store.clock() - LOCATOR_LIFE),))
    number = store.state("locators", 0) + 1
    store.set_state("locators", number)
    locator = make_id("0r8", number)
    values = (locator, text, int(asker.with_deleted), batch, len(row_ids), store.now, row_ids.tobytes())
    store.execute("INSERT INTO _locator VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    return locator
