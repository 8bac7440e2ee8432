"""List views: a saved query with a label, its describe, and the results in the odd form that Salesforce gives them."""

# ruff: noqa: ARG001  all handlers have one signature

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.simulation.messages import Request, Response

from .errors import not_found
from .fields import SObject
from .ids import make_id, to_18
from .org import Org
from .rest_metadata import known
from .soql.parse import parse
from .soql.run import run
from .soql.tree import Call, Compare, Condition, Junction, Literal, Not, Path
from .store import Store, stamp

_PAGE = 2000
_ALWAYS = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_FROM = "SELECT id, sobject, name, label, scope, condition, ordering, columns FROM _view"


@dataclass(frozen=True, slots=True)
class View:
    sobject: str
    name: str
    label: str
    scope: str = "everything"
    condition: str = ""
    ordering: str = "Name ASC NULLS FIRST"
    columns: str = "Name"
    id: str = ""

    @property
    def query(self) -> str:
        scope = "" if self.scope == "everything" else f" USING SCOPE {self.scope}"
        where = f" WHERE {self.condition}" if self.condition else ""
        return (
            f"SELECT {self.columns}, {', '.join(_ALWAYS)} FROM {self.sobject}{scope}{where} "
            f"ORDER BY {self.ordering}, Id ASC NULLS FIRST"
        )


def add_view(store: Store, view: View) -> str:
    number = store.state("views", 0) + 1
    store.set_state("views", number)
    view_id = make_id("00B", number)
    values = (view_id, view.sobject, view.name, view.label, view.scope, view.condition, view.ordering, view.columns)
    store.execute("INSERT INTO _view VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)", values)
    row = {
        "Id": view_id, "Name": view.label, "DeveloperName": view.name, "SobjectType": view.sobject, "IsSoqlCompatible": 1,
        **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), stamp(store.clock())),
    }  # fmt: skip
    store.load("ListView", [row])
    return view_id


def remove_view(store: Store, view: View) -> None:
    store.execute("DELETE FROM _view WHERE id = ?", (view.id,))
    store.execute('DELETE FROM "ListView" WHERE "Id" = ?', (view.id,))


def visible_views(store: Store, sobject: str) -> list[View]:
    rows = store.execute(_FROM + " WHERE sobject = ? AND hidden = 0 ORDER BY label", (sobject,)).fetchall()
    return [_view(row) for row in rows]


def find_view(store: Store, key: str, *, with_hidden: bool = False) -> View | None:
    """By id (15 or 18 characters), API name or label."""
    shown = "" if with_hidden else " AND hidden = 0"
    row = store.one(f"{_FROM} WHERE (id = ? OR name = ? OR label = ?){shown}", to_18(key) or key, key, key)
    return _view(row) if row else None


def _view(row: tuple[Any, ...]) -> View:
    view_id, sobject, name, label, scope, condition, ordering, columns = row
    return View(sobject, name, label, scope, condition or "", ordering, columns, view_id)


# --- Over REST ---------------------------------------------------------------------------------------------------------
def list_views(org: Org, request: Request, name: str) -> Response:
    sobject = known(org, name)
    limit, offset = request.number("limit", _PAGE), request.number("offset", 0)
    everything = visible_views(org.store, sobject.name)
    shown = everything[offset : offset + limit]
    done = offset + limit >= len(everything)
    base = f"{request.base}/sobjects/{sobject.name}/listviews"
    following = None if done else f"{base}?offset={offset + limit}&limit={limit}"
    views = [_listed(view, base) for view in shown]
    return Response(
        {"done": done, "listviews": views, "nextRecordsUrl": following, "size": len(shown), "sobjectType": sobject.name}
    )


def _listed(view: View, base: str) -> dict[str, Any]:
    return {
        "describeUrl": f"{base}/{view.id}/describe", "developerName": view.name, "id": view.id, "label": view.label,
        "resultsUrl": f"{base}/{view.id}/results", "soqlCompatible": True, "url": f"{base}/{view.id}",
    }  # fmt: skip


def _wanted(org: Org, name: str, view_id: str) -> View:
    sobject = known(org, name)
    view = find_view(org.store, view_id)
    if view is None or view.sobject != sobject.name:
        raise not_found()
    return view


def view_basics(org: Org, request: Request, name: str, view_id: str) -> Response:
    view = _wanted(org, name, view_id)
    return Response(_listed(view, f"{request.base}/sobjects/{view.sobject}/listviews"))


def view_describe(org: Org, request: Request, name: str, view_id: str) -> Response:
    view = _wanted(org, name, view_id)
    tree = parse(view.query)
    orders = [
        {"fieldNameOrPath": _path(o.by), "nullsPosition": "last" if o.nulls_last else "first",
         "sortDirection": "descending" if o.descending else "ascending"}
        for o in tree.order_by
    ]  # fmt: skip
    return Response({
        "columns": _columns(org, view), "id": view.id, "orderBy": orders, "query": view.query, "relatedEntityId": None,
        "scope": view.scope, "scopeEntity": None, "sobjectType": view.sobject,
        "whereCondition": _where(tree.where) if tree.where else {"conditions": [], "conjunction": "and"},
    })  # fmt: skip


def _path(value: Path | Call) -> str:
    while isinstance(value, Call):
        assert value.argument is not None
        value = value.argument
    return ".".join(value.parts)


def _where(tree: Condition) -> dict[str, Any]:
    if isinstance(tree, Junction):
        return {"conditions": [_where(p) for p in tree.parts], "conjunction": tree.word.lower()}
    if isinstance(tree, Not):
        return {"conditions": [_where(tree.inner)], "conjunction": "not"}
    return {"conditions": [_comparison(tree)], "conjunction": "and"}


def _comparison(tree: Compare) -> dict[str, Any]:
    members = tree.right if isinstance(tree.right, tuple) else (tree.right,)
    words = {"=": "equals", "!=": "notEquals", "<": "lessThan", ">": "greaterThan", "<=": "lessThanOrEqualTo",
             ">=": "greaterThanOrEqualTo", "LIKE": "like", "IN": "in", "NOT IN": "notIn"}  # fmt: skip
    values = [_shown(m) for m in members if isinstance(m, Literal)]
    return {"field": _path(tree.left), "operator": words.get(tree.operator, tree.operator.lower()), "values": values}


def _shown(literal: Literal) -> str:
    if literal.kind == "string":
        return f"'{literal.value}'"
    return "null" if literal.kind == "null" else literal.value.lower() if literal.kind == "boolean" else literal.value


def _columns(org: Org, view: View) -> list[dict[str, Any]]:
    sobject = known(org, view.sobject)
    shown = [c.strip() for c in view.columns.split(",")]
    return [_column(sobject, item, hidden=False) for item in shown] + [
        _column(sobject, i, hidden=True) for i in _ALWAYS
    ]


def _column(sobject: SObject, item: str, *, hidden: bool) -> dict[str, Any]:
    path = item[len("toLabel(") : -1] if item.lower().startswith("tolabel(") else item
    known_field = sobject.field(path)
    return {
        "ascendingLabel": None if hidden else "Z-A", "descendingLabel": None if hidden else "A-Z", "fieldNameOrPath": path,
        "hidden": hidden, "label": known_field.label if known_field else path, "searchable": False, "selectListItem": item,
        "sortDirection": None, "sortIndex": None, "sortable": not hidden, "type": known_field.type if known_field else "string",
    }  # fmt: skip


def view_results(org: Org, request: Request, name: str, view_id: str) -> Response:
    """Every value a string, dates in a form of their own, 25 rows unless asked: kept as odd as it is."""
    view = _wanted(org, name, view_id)
    limit, offset = request.number("limit", 25), min(request.number("offset", 0), _PAGE)
    answer = run(org.store, f"{view.query} LIMIT {min(limit, _PAGE)} OFFSET {offset}", org.asker(request))
    columns = _columns(org, view)
    records = [{"columns": [_cell(record, c) for c in columns]} for record in answer["records"]]
    return Response({
        "columns": columns, "developerName": view.name, "done": len(records) < limit, "id": view.id, "label": view.label,
        "records": records, "size": len(records),
    })  # fmt: skip


def _cell(record: dict[str, Any], column: dict[str, Any]) -> dict[str, Any]:
    value: Any = record
    for part in column["fieldNameOrPath"].split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is not None and column["type"] == "datetime":
        value = datetime.fromisoformat(value).strftime("%a %b %d %H:%M:%S GMT %Y")
    elif isinstance(value, bool):
        value = str(value).lower()
    return {"fieldNameOrPath": column["fieldNameOrPath"], "value": None if value is None else str(value)}
