"""One filter of a search as a piece of SQL, compared as its property's type wants it."""

from collections.abc import Callable
from typing import Any

from integrations.simulation.documents import text

from .errors import ApiError, unreadable
from .index import Condition
from .kinds import BY_NAME, Kind
from .moments import milliseconds, parse
from .portal import Portal
from .properties import Property
from .store import NUMBER

_FILTER = "com.hubspot.inbounddb.publicobject.core.v3.search.Filter"
_COMPARE = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_LISTS = {"IN": "IN", "NOT_IN": "NOT IN"}
_TOKENS = {"CONTAINS_TOKEN": "", "NOT_CONTAINS_TOKEN": "NOT "}
_KNOWN = {"HAS_PROPERTY": "IS NOT NULL", "NOT_HAS_PROPERTY": "IS NULL"}
OPERATORS = (*_COMPARE, "BETWEEN", *_LISTS, *_KNOWN, *_TOKENS)
PSEUDO = "associations."


def group_condition(portal: Portal, kind: Kind, filters: list[Any]) -> Condition:
    parts = [_condition(portal, kind, one) for one in filters]
    return Condition(
        "(" + " AND ".join(part.sql for part in parts) + ")", tuple(value for part in parts for value in part.values)
    )


def _condition(portal: Portal, kind: Kind, one: Any) -> Condition:
    if not isinstance(one, dict) or not one.get("propertyName") or not one.get("operator"):
        raise unreadable("Cannot build Filter, some of required attributes are not set [propertyName, operator]")
    name, operator = str(one["propertyName"]), str(one["operator"])
    if operator not in OPERATORS:
        raise unreadable(f"Cannot build Filter: {operator} is not one of [{', '.join(OPERATORS)}]")
    if isinstance(one.get("value"), list):
        raise unreadable("Cannot deserialize instance of `java.lang.String` out of START_ARRAY token")
    _require_operands(one, operator)
    if name.startswith(PSEUDO):
        return _linked(kind, name.removeprefix(PSEUDO), operator, _operands(one))
    known = portal.schema.of(kind.name).get(name)
    if known is None:
        # That it is refused is told, how is not.
        raise ApiError(f'Property "{name}" does not exist')
    return _compared(column(kind, known), known, kind, operator, _operands(one))


def _require_operands(one: dict[str, Any], operator: str) -> None:
    lacking = None
    if operator in _LISTS and not isinstance(one.get("values"), list):
        lacking = "values"
    elif operator in {*_COMPARE, *_TOKENS, "BETWEEN"} and one.get("value") is None:
        lacking = "a value"
    elif operator == "BETWEEN" and one.get("highValue") is None:
        lacking = "a highValue"
    if lacking:
        raise unreadable(f"Cannot construct instance of `{_FILTER}`, problem: operator {operator} requires {lacking}")


def _operands(one: dict[str, Any]) -> list[str]:
    if isinstance(one.get("values"), list) and one["operator"] in _LISTS:
        return [str(value) for value in one["values"]]
    return [str(one[name]) for name in ("value", "highValue") if one.get(name) is not None]


def column(kind: Kind, one: Property) -> str:
    """Stamps and ids stand in columns of their own, with an index each."""
    own = {"hs_object_id": NUMBER, kind.created: "created", kind.modified: "updated"}
    return own.get(one.name) or f"json_extract(body, '$.{one.name}')"


def _compared(place: str, one: Property, kind: Kind, operator: str, operands: list[str]) -> Condition:
    if operator in _KNOWN:
        return Condition(f"{place} {_KNOWN[operator]}")
    if operator in _TOKENS:
        return Condition(f"({place} IS NOT NULL AND {_TOKENS[operator]}has_token({place}, ?))", (operands[0],))
    if one.type == "enumeration" and one.multiple:
        return _among(place, operator, operands)
    if one.type in {"string", "enumeration", "bool"} and operator in _LISTS:
        # Whoever asks for a list of texts must write them in lower case; options are taken as they are.
        place = f"fold({place})" if one.type == "string" else place
        return _listed(place, operator, operands)
    place, operands_of = _typed(place, one, kind)
    values = [operands_of(value) for value in operands]
    if operator in _LISTS:
        return _listed(place, operator, values)
    if operator == "BETWEEN":
        return Condition(f"{place} BETWEEN ? AND ?", tuple(values))
    # A record without a value is in no comparison, not even in an unlike one: so NULL does in SQL.
    return Condition(f"{place} {_COMPARE[operator]} ?", (values[0],))


def _listed(place: str, operator: str, values: list[Any]) -> Condition:
    return Condition(f"{place} {_LISTS[operator]} ({', '.join('?' * len(values))})", tuple(values))


def _among(place: str, operator: str, operands: list[str]) -> Condition:
    any_of = "(" + " OR ".join(f"holds({place}, ?)" for _ in operands) + ")"
    if operator in {"NEQ", "NOT_IN"}:
        return Condition(f"({place} IS NOT NULL AND NOT {any_of})", tuple(operands))
    return Condition(any_of, tuple(operands))


def _typed(place: str, one: Property, kind: Kind) -> tuple[str, Callable[[str], Any]]:
    if one.name in {kind.created, kind.modified}:
        return place, _stamp
    if one.name == "hs_object_id":
        return place, _number
    return {
        "number": (f"CAST({place} AS REAL)", _number), "date": (f"ms({place})", _milliseconds),
        "datetime": (f"ms({place})", _milliseconds), "string": (f"fold({place})", str.casefold),
    }.get(one.type, (place, str))  # fmt: skip


def _number(value: str) -> float | int:
    try:
        return int(value) if value.lstrip("-").isdecimal() else float(value)
    except ValueError:
        raise ApiError(f"{value} was not a valid number.") from None


def _milliseconds(value: str) -> int:
    moment = parse(value)
    if moment is None:
        raise ApiError(f"{value} was not a valid long.")
    return milliseconds(moment)


def _stamp(value: str) -> str:
    moment = parse(value)
    if moment is None:
        raise ApiError(f"{value} was not a valid long.")
    return text(moment)


def _linked(kind: Kind, name: str, operator: str, operands: list[str]) -> Condition:
    """`associations.company`: records that are linked to these ids."""
    end = BY_NAME.get(name)
    if end is None or operator not in {"EQ", "IN", "NEQ", "NOT_IN"}:
        raise ApiError(f"{PSEUDO}{name} cannot be searched with {operator}")
    negated = "NOT " if operator in {"NEQ", "NOT_IN"} else ""
    marks = ", ".join("?" * len(operands))
    inner = (
        f"SELECT to_id FROM _link WHERE from_kind = '{end.name}' "  # noqa: S608  names of kinds
        f"AND from_id IN ({marks}) AND to_kind = '{kind.name}'"
    )
    return Condition(f"id {negated}IN ({inner})", tuple(operands))
