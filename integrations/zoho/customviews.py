"""Which custom views may serve, and their criteria as conditions of a query: views themselves can only be listed."""

from collections.abc import Iterable, Mapping
from typing import Any

from integrations.sync.connector import View
from integrations.wire.errors import Misconfigured

from .coql import all_of, any_of, compared, is_one_of
from .schema import Described
from .scope import as_typed

EMPTY, VARIABLE = "${EMPTY}", "${"
SIGNS = {
    "equal": "=", "not_equal": "!=", "greater_than": ">", "greater_equal": ">=", "less_than": "<", "less_equal": "<=",
}  # fmt: skip
PATTERNS = {"starts_with": "{}%", "ends_with": "%{}", "contains": "%{}%"}
MOST_CRITERIA = 12
"""Of the twenty-five of a query; the others are needed for the accounts, and for named records."""


def usable_first(listed: Iterable[Mapping[str, Any]]) -> list[View]:
    """People's own views by name; of the system's own only that of everything says the same to everybody."""
    own = [row for row in listed if not row.get("system_defined") and not row.get("system_name")]
    return sorted((View(str(row["id"]), label_of(row)) for row in own), key=lambda view: view.label.casefold())


def label_of(row: Mapping[str, Any]) -> str:
    return str(row.get("display_value") or row.get("name") or row["id"])


def condition_of(criteria: Any, described: Described, label: str) -> str:
    """Raises Misconfigured where a query cannot say what the view shows, or says it differently to everybody."""
    if not criteria:
        return ""
    if count_of(criteria) > MOST_CRITERIA:
        raise unusable(label, "It has more criteria than a query can hold.")
    return _translated(criteria, described, label)


def count_of(criteria: Mapping[str, Any]) -> int:
    group = criteria.get("group")
    return sum(count_of(one) for one in group) if group else 1


def _translated(criteria: Mapping[str, Any], described: Described, label: str) -> str:
    if group := criteria.get("group"):
        parts = [_translated(one, described, label) for one in group]
        return any_of(parts) if str(criteria.get("group_operator")).lower() == "or" else all_of(parts)
    name = str((criteria.get("field") or {}).get("api_name") or criteria.get("api_name") or "")
    comparator, value = str(criteria.get("comparator") or ""), criteria.get("value")
    if not described.is_filterable(name):
        raise unusable(label, f"No query can ask for {name}.")
    if value == EMPTY:
        return f"{name} is null" if comparator == "equal" else f"{name} is not null"
    values = [plain(one, label) for one in (value if isinstance(value, list) else [value])]
    kind = described.type_of(name)
    typed = [one == "true" if kind == "boolean" else as_typed(one, kind) for one in values]
    if (comparator in {"in", "equal"} and len(typed) > 1) or comparator == "in":
        return is_one_of(name, typed)
    if comparator in {"not_in", "not_equal"} and (len(typed) > 1 or comparator == "not_in"):
        return is_one_of(name, typed).replace(f"{name} in (", f"{name} not in (")
    if comparator == "between" and len(typed) == 2:
        return all_of((compared(name, ">=", typed[0]), compared(name, "<=", typed[1])))
    if comparator in SIGNS and len(typed) == 1:
        return compared(name, SIGNS[comparator], typed[0])
    if comparator in PATTERNS and len(typed) == 1 and not set("%_") & set(str(typed[0])):
        return compared(name, "like", PATTERNS[comparator].format(typed[0]))
    raise unusable(label, f"No query can say “{comparator}” of {name}.")


def plain(value: Any, label: str) -> str:
    """The text of a value; of a record that is chosen, its id."""
    if isinstance(value, Mapping):
        value = value.get("id") or value.get("name")
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value if value is not None else "")
    if VARIABLE in text:
        raise unusable(label, "What it shows depends on who looks or on the day.")
    return text


def unusable(label: str, why: str) -> Misconfigured:
    return Misconfigured("view-unusable", f"The view “{label}” cannot serve. {why}", fields=(label,))


def view_gone(label: str) -> Misconfigured:
    """Read as an empty view, it would churn everybody."""
    return Misconfigured("view-gone", f"Zoho has no view “{label}” (any more).", fields=(label,))
