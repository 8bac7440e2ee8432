"""COQL: one select over the records as they are now, without the lag of a search."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account, payload, version_of
from .conditions import USERS, BadCriterion, Where, column, field_of
from .coql_words import Query, parse
from .errors import ZohoError, invalid_module, mandatory
from .field import Field
from .moments import Zone
from .names import target_of
from .schema import Module
from .selecting import Selection
from .shapes import Row

_TEXT = frozenset({"equals", "not_equal", "like", "not_like", "in", "not_in", "is_null", "not_null"})
_LOOKUP = _TEXT - {"like", "not_like"}
_RANGE = _LOOKUP | {"greater_than", "greater_equal", "less_than", "less_equal", "between", "not_between"}
_RANGED = frozenset({"formula", "integer", "currency", "double", "percent", "date", "datetime", "bigint"})
_MOST_JOINS = 2


def query(account: Account, request: Request) -> Response:
    body = payload(request)
    text = body.get("select_query") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise mandatory("select_query", "$.select_query")
    asked = parse(text)
    if asked.module == "Notes" or asked.module not in account.schema.modules:
        # Notes are not covered, and are refused as a module that does not exist.
        raise invalid_module(module=asked.module)
    module = account.module(request, asked.module, "READ", more=["ZohoCRM.coql.READ"])
    _check_columns(account, module, asked)
    where = Where(account.schema, module, request.user_id, allowed=_allowed)
    try:
        selection = Selection(account.store, module, where.sql(asked.condition), where.values)
    except BadCriterion as bad:
        raise _refused(bad) from None
    if asked.aggregates:
        return _aggregated(module, asked, selection)
    rows = selection.rows(_order(module, asked), asked.limit + 1, asked.offset)
    if not rows:
        return Response(None, 204)
    shown = rows[: asked.limit]
    data = _Columns(account, module, account.zone(request.user_id), version_of(request)).rows(
        asked.columns, shown, request
    )
    return Response({"data": data, "info": {"count": len(shown), "more_records": len(rows) > asked.limit}})


def _aggregated(module: Module, asked: Query, selection: Selection) -> Response:
    """One row for each group; without groups one row in all."""
    names = [*(f"{function}({name})" for function, name in asked.aggregates), *asked.groups]
    chosen = [f"{function}({column(_summed(module, function, name))})" for function, name in asked.aggregates]
    groups = [column(_grouped(module, name)) for name in asked.groups]
    rows = selection.aggregated([*chosen, *groups], groups, asked.limit + 1, asked.offset)
    if not rows:
        return Response(None, 204)
    data = [dict(zip(names, row, strict=True)) for row in rows[: asked.limit]]
    return Response({"data": data, "info": {"count": len(data), "more_records": len(rows) > asked.limit}})


def _summed(module: Module, function: str, name: str) -> Field:
    found = field_of(module, name)
    counted = function == "COUNT" and found is not None and (found.is_lookup or found.type == "picklist")
    if found is None or not (counted or found.name == "id" or found.type in _RANGED):
        details = {"reason": f"unsupported aggregate function {function}", "column": name}
        raise ZohoError("INVALID_DATA", "invalid data", details=details)
    return found


def _grouped(module: Module, name: str) -> Field:
    found = field_of(module, name)
    if found is None or found.is_lookup or found.type in {"textarea", "multiselectpicklist"}:
        raise ZohoError("INVALID_QUERY", "column given seems to be invalid", details={"column_name": name})
    return found


def _allowed(field: Field, operator: str) -> bool:
    if not field.filterable or (field.type == "textarea" and field.textarea != "small"):
        raise BadCriterion("data type not supported", field.name)
    if field.name == "id" or field.type in _RANGED:
        return operator in _RANGE
    return operator in (_LOOKUP if field.is_lookup or field.type == "boolean" else _TEXT)


def _refused(bad: BadCriterion) -> ZohoError:
    if bad.reason.startswith("invalid operator"):
        details = {"reason": bad.reason, "column_name": bad.path, "operator": _SIGNS.get(bad.operator, bad.operator)}
        return ZohoError("INVALID_QUERY", "Invalid query formed", details=details)
    details = {"column_name": bad.path, **({"expected_data_type": bad.expected} if bad.expected else {})}
    return ZohoError("INVALID_QUERY", bad.reason, details=details)


_SIGNS = {
    "equals": "=", "not_equal": "!=", "greater_than": ">", "greater_equal": ">=", "less_than": "<", "less_equal": "<=",
    "not_like": "not like", "not_in": "not in", "is_null": "is null", "not_null": "is not null",
    "not_between": "not between",
}  # fmt: skip


def _check_columns(account: Account, module: Module, asked: Query) -> None:
    joins = {name.rpartition(".")[0] for name in asked.columns if "." in name}
    if len(joins) > _MOST_JOINS:
        raise ZohoError("LIMIT_EXCEEDED", "max limit exceeded", details={"clause": "join", "limit": _MOST_JOINS})
    for name in asked.columns:
        here: Module | None = module
        for part in name.split("."):
            found = field_of(here, part) if here else None
            if found is None:
                raise ZohoError("INVALID_QUERY", "column given seems to be invalid", details={"column_name": name})
            here = USERS if found.to == "users" else account.schema.modules.get(found.to)


def _order(module: Module, asked: Query) -> str:
    parts = []
    for name, descends in asked.order:
        found = field_of(module, name)
        if found is None:
            raise ZohoError("INVALID_QUERY", "column given seems to be invalid", details={"column_name": name})
        parts.append(f"{column(found)} {'DESC' if descends else 'ASC'}")
    return ", ".join([*parts, "row"])


class _Columns:
    """Own columns come from the usual shapes; those behind a dot from the records they lead to."""

    def __init__(self, account: Account, module: Module, zone: Zone, version: float) -> None:
        self._account, self._module, self._zone, self._version = account, module, zone, version

    def rows(self, columns: Sequence[str], records: Sequence[Record], request: Request) -> list[Row]:
        own = [name for name in columns if "." not in name]
        rows = self._account.shaper(request).some(self._module, records, own)
        for row in rows:
            for name in own:
                if isinstance(row.get(name), dict) and "id" in row[name]:
                    row[name] = self._lookup(row[name])
        for name in columns:
            if "." in name:
                values = self._followed(records, self._module, name.split("."), request)
                for row, record in zip(rows, records, strict=True):
                    row[name] = values.get(record.id)
        return rows

    def _lookup(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Names of looked-up records come along from v8 on; before that only ids did."""
        return {"name": shown["name"], "id": shown["id"]} if self._version >= 8 else {"id": shown["id"]}

    def _followed(
        self, records: Sequence[Record], module: Module, path: Sequence[str], request: Request
    ) -> dict[str, Any]:
        found = module.fields[path[0]]
        leads: dict[str, Any] = {record.id: record.body.get(path[0]) for record in records}
        if path[1] == "id":
            return leads
        targets: dict[str, set[str]] = defaultdict(set)
        for record in records:
            if leads[record.id]:
                targets[target_of(found, record.body)].add(leads[record.id])
        behind: dict[str, Any] = {}
        for name, ids in targets.items():
            behind.update(self._values(name, ids, path[1:], request))
        return {record_id: behind.get(target) for record_id, target in leads.items()}

    def _values(self, name: str, ids: set[str], path: Sequence[str], request: Request) -> dict[str, Any]:
        held = list(self._account.store.many(name, ids).values())
        target = USERS if name == "users" else self._account.schema.modules.get(name)
        if target is None:
            return {}
        if len(path) > 1:
            return self._followed(held, target, path, request)
        if target is USERS:
            return {one.id: one.body.get(path[0]) for one in held}
        shown = self._account.shaper(request).some(target, held, path)
        return {row["id"]: self._lookup(v) if isinstance(v := row.get(path[0]), dict) else v for row in shown}
