"""The vendor's OpenAPI document as a judge of requests and answers: as much of JSON Schema as it uses."""

import json
import os
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SPECS = Path(os.environ.get("SPECS_DIR", ROOT.parent / "shared" / "specs")) / "sellsy"
Schema = dict[str, Any]
# Where recorded answers say otherwise than the document, or where it forgets that a value may be missing.
CONTRADICTED = {
    "event_details": "PHP writes an empty map as a list (recorded)",
    "event_more": "the same",
    "source": "an opportunity without a source has none",
    "topic": "a call without a topic has none",
    "label": "a task or an event without a label has none",
    "provider_calendar": "an event that no other calendar knows",
    "company_id": "null in an e-mail that hangs on nobody",
    "individual_id": "the same",
    "contact_id": "the same",
    "individual": "null where none is related, as a company is",
    "company": "the same",
    "contact": "the same",
    "civility": "null in the global search, as in the record",
    "invoicing_address": "null where nothing was asked for or is there (recorded)",
    "delivery_address": "the same",
    "main_contact": "the same",
    "opportunities": "null where it was not asked for (recorded)",
    "smart_tags": "null where it was not asked for, or where the scope lacks (recorded)",
    "acl": "null where it was not asked for",
    "owner": "null where the scope lacks",
    "related": "null in the global search, where the customer is gone",
    "model": "a choice of shapes that fit one another's records",
    "value": "a custom field that was never set is null, also where the document wants an amount or a number with its unit",
    "currency": "told as its code alone",
    "preferences": "asked for, and empty here",
}


def missing() -> str | None:
    return None if SPECS.is_dir() else f"The vendor's document is not here ({SPECS}); set SPECS_DIR."


def must_be_there() -> None:
    if said := missing():
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)


EXTRA = {"related_objects"}
"""In recorded answers; the document has it in the singular."""


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SPECS / "openapi.v2.json").read_text())
    return found


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    # Literal paths before those with ids: `/companies/search` is no company.
    ordered = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in ordered]


def operation(method: str, path: str) -> tuple[str, Schema] | None:
    for pattern, template in _paths():
        found = document()["paths"][template].get(method.lower())
        if pattern.fullmatch(path) and found:
            return template, found
    return None


def complaints(method: str, path: str, status: int, sent: Any, answered: Any) -> list[str]:
    """What is wrong with an exchange that went well; a path that the document lacks is wrong too."""
    known = operation(method, path)
    if known is None:
        return [f"{method} {path} is not in the document"]
    _, found = known
    if str(status) not in found["responses"]:
        return [f"{status} is no answer to {method} {path}"]
    said = []
    if sent is not None and "requestBody" in found:
        said += _check(_json(_resolved(found["requestBody"])), sent, "request")
    schema = _json(_resolved(found["responses"][str(status)]))
    if schema:
        said += _check(schema, answered, "answer")
    elif answered is not None:
        said.append("answer: should be empty")
    return said


def _json(holder: Schema) -> Schema:
    found: Schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        node: Any = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        schema = node
    return schema


def _check(schema: Schema, value: Any, path: str, beside: frozenset[str] = frozenset()) -> list[str]:
    """`beside`: what the other parts of an `allOf` foresee; the document closes some parts and forgets their siblings."""
    schema = _resolved(schema)
    if value in (None, [], {}) and path.rpartition(".")[2] in CONTRADICTED:
        return []
    if value is None and schema.get("nullable"):
        return []
    parts = schema.get("allOf", ())
    siblings = beside | _names(schema) if parts else beside
    said = [one for part in parts for one in _check(part, value, path, siblings)]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            said += _closest(schema[choice], value, path, beside)
    if "enum" in schema and value not in schema["enum"]:
        said.append(f"{path}: {value!r} is none of {schema['enum']}")
    return said + _check_type(schema, value, path, siblings)


def _closest(choices: list[Schema], value: Any, path: str, beside: frozenset[str]) -> list[str]:
    """What is wrong with the choice that is the least wrong."""
    best: list[str] | None = None
    named = [one for one in choices if _may_be(one, value)]
    for one in named or choices:
        said = _check(one, value, path, beside)
        if best is None or len(said) < len(best):
            best = said
        if not best:
            break
    return best or []


def _may_be(schema: Schema, value: Any) -> bool:
    """Told apart by their `type`, where they have one: trying all kinds of custom fields on each takes long."""
    known = _types(schema)
    return not known or not isinstance(value, dict) or value.get("type") in known


_KNOWN_TYPES: dict[int, frozenset[str]] = {}
_KNOWN_NAMES: dict[int, frozenset[str]] = {}


def _types(schema: Schema) -> frozenset[str]:
    if id(schema) not in _KNOWN_TYPES:
        found = _resolved(schema)
        own = frozenset(_resolved(found.get("properties", {}).get("type", {})).get("enum", ()))
        _KNOWN_TYPES[id(schema)] = own.union(*(_types(part) for part in found.get("allOf", ())))
    return _KNOWN_TYPES[id(schema)]


def _names(schema: Schema) -> frozenset[str]:
    if id(schema) not in _KNOWN_NAMES:
        found = _resolved(schema)
        parts = [*found.get("allOf", ()), *found.get("anyOf", ()), *found.get("oneOf", ())]
        own = frozenset(found.get("properties", ()))
        _KNOWN_NAMES[id(schema)] = own.union(*(_names(part) for part in parts))
    return _KNOWN_NAMES[id(schema)]


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def _check_type(schema: Schema, value: Any, path: str, beside: frozenset[str]) -> list[str]:
    sort = schema.get("type") or ("object" if "properties" in schema else None)
    if sort is None:
        return []
    if not isinstance(value, _TYPES[sort]) or (isinstance(value, bool) and sort != "boolean"):
        return [f"{path}: {value!r} is no {sort}"]
    match value:
        case str():
            return _check_text(schema, value, path)
        case list():
            return [
                one for n, item in enumerate(value) for one in _check(schema.get("items", {}), item, f"{path}[{n}]")
            ]
        case dict():
            return _check_object(schema, value, path, beside)
    within = schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return [] if within else [f"{path}: {value} is out of bounds"]


def _check_text(schema: Schema, value: str, path: str) -> list[str]:
    said = []
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        said.append(f"{path}: a text of {len(value)} does not fit")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        said.append(f"{path}: {value!r} does not match {schema['pattern']}")
    parse = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}.get(schema.get("format", ""))
    if parse:
        try:
            parse(value)
        except ValueError:
            said.append(f"{path}: {value!r} is no {schema['format']}")
    return said


def _check_object(schema: Schema, value: dict[str, Any], path: str, beside: frozenset[str]) -> list[str]:
    properties = schema.get("properties", {})
    said = [f"{path}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    for name, inner in value.items():
        if name in properties:
            said += _check(properties[name], inner, f"{path}.{name}")
        elif schema.get("additionalProperties") is False and name not in beside | EXTRA:
            said.append(f"{path}.{name} is not foreseen")
    return said
