"""Where in a record of Sellsy the value of a path stands, and what has to be embedded for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.engine.values import Value

from .values import convert

CUSTOM, LABEL, CURRENCY = "cf", "label", "currency"
ADDRESS = "invoicing_address"
TAGS = "smart_tags"
Raw = Mapping[str, Any]
EmailOf = Callable[[Any], str]
"""Number of a colleague → address; empty for whom nobody knows."""


@dataclass(frozen=True, slots=True)
class Custom:
    """`cf.12`, or a part of it: `cf.12.label`, `cf.12.currency`."""

    number: int
    part: str = ""


def custom_of(path: str) -> Custom | None:
    head, _, rest = path.partition(".")
    number, _, part = rest.partition(".")
    return Custom(int(number), part) if head == CUSTOM and number.isdecimal() else None


def embeds_of(paths: Iterable[str]) -> list[str]:
    """One for each custom field that is read, there being no wildcard."""
    found: dict[str, None] = {}
    for path in paths:
        if custom := custom_of(path):
            found[f"{CUSTOM}.{custom.number}"] = None
        elif path.partition(".")[0] in {ADDRESS, TAGS}:
            found[path.partition(".")[0]] = None
    return list(found)


def customs_in(row: Raw) -> dict[int, Raw]:
    """The embedded custom fields of a record by their number: each is its definition, with the value."""
    embedded = (row.get("_embed") or {}).get("custom_fields") or ()
    return {int(one["id"]): one for one in embedded}


def value_of(row: Raw, path: str, field: Any, email_of: EmailOf, customs: Mapping[int, Raw]) -> Value:
    if custom := custom_of(path):
        held = customs.get(custom.number)
        return custom_value(held, custom, field, email_of) if held else None
    if path == "owner":
        owner = row.get("owner") or {}
        return email_of(owner.get("id")) or None
    if path == "assigned_staff":
        return next((email for one in row.get("assigned_staff_ids") or () if (email := email_of(one))), None)
    if path == TAGS:
        tags = (row.get("_embed") or {}).get(TAGS) or ()
        return convert([one["value"] for one in tags], field.kind)
    source = row.get("_embed") or {} if path.startswith(f"{ADDRESS}.") else row
    return convert(at(source, path), field.kind)


def custom_value(held: Raw, custom: Custom, field: Any, email_of: EmailOf) -> Value:
    raw, type_ = held.get("value"), str(held.get("type") or "")
    if raw is None:
        return None
    match type_:
        case "amount":
            return convert(part_of(raw, CURRENCY if custom.part == CURRENCY else "amount"), field.kind)
        case "numeric-with-unit":
            return convert(part_of(raw, "number"), field.kind)
        case "staff":
            return next((email for one in listed(raw) if (email := email_of(one))), None)
        case "company-individual":
            # Read as [{type, id}]: companies and individuals count their ids each for itself.
            return convert([str(part_of(one, "id")) for one in listed(raw)], field.kind)
        case "radio" | "select" | "checkbox" if custom.part == LABEL:
            labels = labels_of(held)
            return convert([labels.get(str(one), str(one)) for one in listed(raw)], field.kind)
    return convert(raw, field.kind)


def labels_of(definition: Raw) -> dict[str, str]:
    items: Sequence[Raw] = (definition.get("parameters") or {}).get("items") or ()
    return {str(item["id"]): str(item["label"]) for item in items}


def part_of(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, Mapping) else raw


def listed(raw: Any) -> Sequence[Any]:
    return raw if isinstance(raw, list) else [raw]


def at(row: Raw, path: str) -> Any:
    """Nothing where a part on the way is missing."""
    value: Any = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
