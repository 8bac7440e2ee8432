"""Rows of SQL as the nested records of an answer: attributes first, parents as records of their own or null."""

from collections.abc import Callable
from typing import Any

from ..fields import Field
from .select import Output

Record = dict[str, Any]
Shaper = Callable[[tuple[Any, ...]], Record]
_ADDRESS_PARTS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")


class Shape:
    """Collects the SQL columns of one level, and shapes their values; the first column is that level's Id."""

    def __init__(self, sobject: Callable[[str], str], id_sql: str, columns: list[str], base: str) -> None:
        self._sobject, self._base, self._columns = sobject, base, columns
        self._id = self._add(id_sql)
        self._parts: list[tuple[str, int | Shape | Shaper]] = []
        self._parents: dict[str, Shape] = {}
        self._booleans: list[str] = []

    def add(self, output: Output, level: int = 0) -> None:
        steps = output.column.steps
        if level < len(steps):
            self._parent(output, level).add(output, level + 1)
        elif output.column.field.type == "address":
            self._parts.append((output.key, self._address(output.column.field, output.column.sql.split(".")[0])))
        else:
            self._parts.append((output.key, self._add(output.column.sql)))
            if output.column.field.type == "boolean":
                self._booleans.append(output.key)

    def shaper(self) -> Shaper:
        flat = [(key, part) for key, part in self._parts if isinstance(part, int)]
        nested = [(key, p.shaper() if isinstance(p, Shape) else p) for key, p in self._parts if not isinstance(p, int)]
        order, booleans, own, name_of, base = (
            [k for k, _ in self._parts],
            self._booleans,
            self._id,
            self._sobject,
            self._base,
        )
        keys, places = [k for k, _ in flat], [p for _, p in flat]

        def shape(row: tuple[Any, ...]) -> Record:
            name = name_of(row[own])
            record: Record = {"attributes": {"type": name, "url": f"{base}/sobjects/{name}/{row[own]}"}}
            values = dict(zip(keys, [row[p] for p in places], strict=True))
            for key in booleans:
                values[key] = bool(values[key])
            if not nested:
                record.update(values)
                return record
            values.update((key, part(row)) for key, part in nested)
            record.update((key, values[key]) for key in order)
            return record

        def shape_or_null(row: tuple[Any, ...]) -> Record:
            return None if row[own] is None else shape(row)  # type: ignore[return-value]

        return shape_or_null

    def _add(self, sql: str) -> int:
        self._columns.append(sql)
        return len(self._columns) - 1

    def _parent(self, output: Output, level: int) -> "Shape":
        step = output.column.steps[level]
        if step.relationship not in self._parents:
            parent = Shape(self._sobject, step.id_sql, self._columns, self._base)
            self._parents[step.relationship] = parent
            self._parts.append((step.relationship, parent))
        return self._parents[step.relationship]

    def _address(self, field: Field, table: str) -> Shaper:
        kind = field.name.removesuffix("Address")
        places = {part[0].lower() + part[1:]: self._add(f'{table}."{kind}{part}"') for part in _ADDRESS_PARTS}

        def address(row: tuple[Any, ...]) -> Record:
            found = {key: row[place] for key, place in places.items()}
            return found if any(v is not None for v in found.values()) else None  # type: ignore[return-value]

        return address
