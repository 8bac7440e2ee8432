"""A saved filter's conditions as SQL over records: one group of all-of and one of any-of, joined by and."""

# ruff: noqa: S608  columns come from this file, every value is bound

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .account import Account, Asker
from .errors import bad_request
from .fields import Field
from .filter_helpers import RELATIVE_DATES
from .lists import Where
from .objects import FILTERED, OBJECTS, at, entity_of

Conditions = Mapping[str, Any]
_OWN_COLUMNS = {"id": "CAST(id AS INTEGER)", "add_time": "created", "update_time": "updated"}
_LINKS = {
    ("organization", "deal"): ("org_id", "org_id"), ("organization", "person"): ("org_id", "org_id"),
    ("organization", "activity"): ("org_id", "org_id"), ("person", "deal"): ("person_id", "person_id"),
    ("person", "activity"): ("person_id", "person_id"), ("deal", "activity"): ("deal_id", "deal_id"),
}  # fmt: skip
"""A record of the second kind names one of the first in this property."""
_UPWARD = {
    ("person", "organization"): "org_id", ("deal", "organization"): "org_id", ("deal", "person"): "person_id",
    ("lead", "organization"): "org_id", ("lead", "person"): "person_id", ("activity", "organization"): "org_id", ("activity", "person"): "person_id", ("activity", "deal"): "deal_id",
}  # fmt: skip
_COUNTS = {
    "open_deals_count": "kind = 'deal' AND json_extract(body, '$.status') = 'open'",
    "won_deals_count": "kind = 'deal' AND json_extract(body, '$.status') = 'won'",
    "lost_deals_count": "kind = 'deal' AND json_extract(body, '$.status') = 'lost'",
    "closed_deals_count": "kind = 'deal' AND json_extract(body, '$.status') IN ('won', 'lost')",
    "people_count": "kind = 'person'",
    "activities_count": "kind = 'activity'",
    "done_activities_count": "kind = 'activity' AND json_extract(body, '$.done') = 1",
    "undone_activities_count": "kind = 'activity' AND json_extract(body, '$.done') = 0",
}
_COMPARING = ("=", "!=", ">", "<", ">=", "<=")
_LIKE = {
    "LIKE '%$%'": ("%{}%", False), "LIKE '$%'": ("{}%", False), "LIKE '%$'": ("%{}", False),
    "NOT LIKE '%$%'": ("%{}%", True),
    "NOT LIKE '$%'": ("{}%", True), "NOT LIKE '%$'": ("%{}", True),
}  # fmt: skip


class FilterSql:
    def __init__(self, account: Account, asker: Asker, filter_type: str) -> None:
        self._account, self._asker = account, asker
        self._kind = FILTERED[filter_type]
        self.where = Where()

    def read(self, conditions: Conditions) -> Where:
        for group in conditions.get("conditions", []):
            parts = [self._one(one) for one in group.get("conditions", [])]
            if parts:
                glue = " OR " if group.get("glue") == "or" else " AND "
                self.where.add(glue.join(sql for sql, _ in parts), *(v for _, values in parts for v in values))
        return self.where

    def _one(self, one: Conditions) -> tuple[str, list[Any]]:
        kind = str(one.get("object"))
        field = self._field(kind, str(one.get("field_id")))
        if kind == self._kind:
            return self._compare(self._column(kind, field), field, one)
        sql, values = self._compare(self._column(kind, field, inner=True), field, one)
        if (self._kind, kind) in _LINKS:
            link = _LINKS[self._kind, kind][0]
            inner = (
                f"SELECT json_extract(body, '$.{link}') FROM _record WHERE kind = '{kind}' AND gone IS NULL AND {sql}"
            )
            return f"CAST(id AS INTEGER) IN ({inner})", values
        if (self._kind, kind) in _UPWARD:
            inner = f"SELECT CAST(id AS INTEGER) FROM _record WHERE kind = '{kind}' AND gone IS NULL AND {sql}"
            return f"{at(_UPWARD[self._kind, kind])} IN ({inner})", values
        raise bad_request(f"A filter of this type has no conditions on {kind}")

    def _field(self, kind: str, number: str) -> Field:
        if entity_of(kind) in OBJECTS:
            found = next((f for f in self._account.book.fields(entity_of(kind)) if str(f.number) == number), None)
            if found:
                return found
        raise bad_request("Filter conditions hold an unknown field")

    def _column(self, kind: str, field: Field, *, inner: bool = False) -> str:
        if field.key in _OWN_COLUMNS:
            return _OWN_COLUMNS[field.key]
        if field.key in _COUNTS and not inner:
            link = "org_id" if kind == "organization" else "person_id"
            # The plus takes the number's affinity away, which would keep SQLite from the index of links.
            return f"""(SELECT count(*) FROM _record AS other WHERE {_COUNTS[field.key]} AND gone IS NULL
                AND json_extract(body, '$.{link}') = +CAST(_record.id AS INTEGER))"""
        path = f'custom_fields."{field.key}"' if field.custom else field.key
        return at(path + (".value" if field.type in ("monetary", "address", "daterange", "time", "timerange") else ""))

    def _compare(self, column: str, field: Field, one: Conditions) -> tuple[str, list[Any]]:
        operator, value = str(one.get("operator")), one.get("value")
        if operator in ("IS NULL", "IS NOT NULL"):
            return f"{column} {operator}", []
        if operator in _LIKE:
            pattern, negated = _LIKE[operator]
            sql = f"fold(coalesce({column}, '')) {'NOT ' if negated else ''}LIKE fold(?)"
            return sql, [pattern.format(value)]
        if field.type == "set" and operator in ("=", "!=", "contains", "not_contains"):
            within = f"EXISTS (SELECT 1 FROM json_each(coalesce({column}, '[]')) WHERE json_each.value = ?)"
            return f"{'NOT ' if operator in ('!=', 'not_contains') else ''}{within}", [_number(value)]
        if operator not in _COMPARING:
            raise bad_request(f"Filter conditions hold an unknown operator: {operator}")
        return self._plain(column, field, operator, value)

    def _plain(self, column: str, field: Field, operator: str, value: Any) -> tuple[str, list[Any]]:
        if field.type in ("date", "daterange"):
            column, value = f"substr({column}, 1, 10)", self._day(str(value))
        elif field.type in ("varchar", "varchar_auto", "text", "phone", "status"):
            column, value = f"fold({column})", str(value).casefold()
        else:
            value = _number(value)
        # A filter that says "is not" shows the empty ones too.
        return (f"({column} IS NULL OR {column} <> ?)" if operator == "!=" else f"{column} {operator} ?"), [value]

    def _day(self, value: str) -> str:
        """A day, or one of the words that move with the calendar."""
        today = datetime.fromisoformat(self._asker.now)
        if value in RELATIVE_DATES:
            return (today + timedelta(days=RELATIVE_DATES[value])).date().isoformat()
        return value[:10]


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
