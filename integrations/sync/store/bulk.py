"""Set-based writes that SQLite and PostgreSQL both understand: one prepared statement for a whole page.

Django's bulk_create compiles SQL per row (2.6 s CPU for 20,000 rows) and cuts a page into statements of 999
parameters on SQLite; `executemany` does neither.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import orjson
from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.db.models.functions import Cast

from integrations.engine.values import from_json, to_json

Row = Sequence[Any]


class JsonText(str):
    """A JSON column as it stands in the database: moved from table to table without being read."""

    __slots__ = ()

    def read(self) -> Any:
        return orjson.loads(str(self))


def fetch(
    rows: models.QuerySet[Any], names: Sequence[str], limit: int, *, unread: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The first rows as dictionaries. JSON is read by orjson (a third of Django's time), or not at all."""
    as_text = {f"{name}_text": name for name in names if _is_json(rows.model, name)}
    columns = [name for name in names if name not in as_text.values()]
    casts = {alias: Cast(name, models.TextField()) for alias, name in as_text.items()}
    found = rows.annotate(**casts).values(*columns, *as_text)[:limit]
    for row in found:
        for alias, name in as_text.items():
            text = row.pop(alias)
            row[name] = None if text is None else JsonText(text) if name in unread else orjson.loads(text)
    return list(found)


def _is_json(model: type[models.Model], name: str) -> bool:
    return name != "pk" and isinstance(model._meta.get_field(name), models.JSONField)


def upsert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Row],
    *,
    conflict: Sequence[str] = (),
    update: Sequence[str] = (),
    add: Sequence[str] = (),
) -> None:
    """Inserts; on a conflict writes `update` anew and adds to `add`; with neither, the row that is there stays."""
    prepared = _prepared(model, names, rows)
    if not prepared:
        return
    table, columns = _table(model), _columns(model, names)
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 (names of models' own columns)
    if conflict:
        sql += f" ON CONFLICT ({', '.join(_columns(model, conflict))}) DO {_on_conflict(model, update, add)}"
    _run_many(sql, prepared)


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Each row: its new values in the order of `names`, then its id."""
    prepared = _prepared(model, [*names, "id"], rows)
    if not prepared or not names:
        return
    sets = ", ".join(f"{column} = %s" for column in _columns(model, names))
    _run_many(f"UPDATE {_table(model)} SET {sets} WHERE id = %s", prepared)  # noqa: S608 (names of models' own columns)


def new_ids(model: type[models.Model], number: int) -> list[int]:
    """Ids for rows that are about to be inserted in this transaction: links and journal name them in the same page."""
    if not number:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return _from_sequence(cursor, model, number)
        # A SQLite transaction that writes is alone (IMMEDIATE), so nobody takes the same ids meanwhile.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + number))


def dumps(value: Any) -> str:
    """JSON text; what PostgreSQL's jsonb cannot hold is replaced by what the reading cleans and notes all the same."""
    if isinstance(value, JsonText):
        return value
    try:
        raw = orjson.dumps(value)
    except orjson.JSONEncodeError:
        raw = orjson.dumps(storable(value))
    if b"\\u0000" in raw:
        raw = orjson.dumps(storable(value))
    return raw.decode()


def columns_to_json(model: type[models.Model], columns: dict[str, Any]) -> dict[str, Any]:
    """Columns as they stood, for JSON to keep; what is JSON itself stays as it is."""
    return {name: value if _is_json(model, name) else to_json(value) for name, value in columns.items()}


def columns_from_json(model: type[models.Model], kept: dict[str, Any]) -> dict[str, Any]:
    return {name: value if _is_json(model, name) else from_json(value) for name, value in kept.items()}


def storable(value: Any) -> Any:
    """Without what JSON cannot carry."""
    if isinstance(value, str):
        # A lone surrogate is no character; NUL becomes another control character.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\x01")
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list | tuple) else value


def _prepared(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> list[Row]:
    converters = [(place, convert) for place, name in enumerate(names) if (convert := _converter(model, name))]
    return [_converted(row, converters) for row in rows]


def _converted(row: Row, converters: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for place, convert in converters:
        if values[place] is not None:
            values[place] = convert(values[place])
    return values


def _converter(model: type[models.Model], name: str) -> Callable[[Any], Any] | None:
    field = model._meta.get_field(name)
    if isinstance(field, models.JSONField):
        return dumps
    if isinstance(field, models.DateTimeField):
        # Rows of one page share their moments, and adapting one costs more than all else about the row.
        return lru_cache(maxsize=4096)(_moment)
    return connection.ops.adapt_datefield_value if isinstance(field, models.DateField) else None


def _moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def _on_conflict(model: type[models.Model], update: Sequence[str], add: Sequence[str]) -> str:
    table = _table(model)
    sets = [f"{column} = excluded.{column}" for column in _columns(model, update)]
    sets += [f"{column} = {table}.{column} + excluded.{column}" for column in _columns(model, add)]
    return f"UPDATE SET {', '.join(sets)}" if sets else "NOTHING"


def _from_sequence(cursor: CursorWrapper, model: type[models.Model], number: int) -> list[int]:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [_table(model), number]
    )
    return [row[0] for row in cursor.fetchall()]


def _run_many(sql: str, rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    fields = (cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in names)
    return [connection.ops.quote_name(str(field.column)) for field in fields]
