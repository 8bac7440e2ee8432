"""The vendor's own description of its answers, and as much of JSON Schema as it takes to hold ours against it."""

from collections.abc import Iterator
from typing import Any

from .recorded import load

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}  # fmt: skip


class Description:
    """One file: `record.json` and its like."""

    def __init__(self, name: str) -> None:
        self._whole = load(f"openapi-3.1/{name}")

    def complaints(self, path: str, method: str, status: int, body: Any) -> list[str]:
        answers = self._whole["paths"][path][method]["responses"]
        if str(status) not in answers:
            return [f"{status} is no answer of {method} {path}"]
        schema = self._there(answers[str(status)])["content"]["application/json"]["schema"]
        return sorted(set(self._check(schema, body, "$")))

    def _there(self, node: Any) -> Any:
        while "$ref" in node:
            found = self._whole
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def _check(self, schema: Any, value: Any, at: str) -> Iterator[str]:
        schema = self._there(schema)
        for one in schema.get("allOf", []):
            yield from self._check(one, value, at)
        ways = schema.get("oneOf") or schema.get("anyOf")
        if ways:
            found = [list(self._check(one, value, at)) for one in ways]
            # What comes nearest says best what is wrong.
            yield from min(found, key=lambda one: (any(c.startswith(f"{at} is a") for c in one), len(one)))
        yield from self._check_kind(schema, value, at)
        if isinstance(value, dict):
            yield from self._check_object(schema, value, at)
        if isinstance(value, list) and "items" in schema:
            for one in value:
                yield from self._check(schema["items"], one, f"{at}[]")

    @staticmethod
    def _check_kind(schema: Any, value: Any, at: str) -> Iterator[str]:
        named = schema.get("type", [])
        kinds = [named] if isinstance(named, str) else named
        right = tuple(kind for name in kinds for kind in _TYPES[name])
        if right and (not isinstance(value, right) or (isinstance(value, bool) and bool not in right)):
            yield f"{at} is a {type(value).__name__}, not {' or '.join(kinds)}"
        if value is not None and value not in schema.get("enum", [value]):
            yield f"{at} is {value!r}"

    def _check_object(self, schema: Any, value: dict[str, Any], at: str) -> Iterator[str]:
        known = schema.get("properties", {})
        yield from (f"{at} lacks {name}" for name in schema.get("required", []) if name not in value)
        if schema.get("additionalProperties") is False:
            yield from (f"{at} has {name} as well" for name in value if name not in known)
        for name in value.keys() & known.keys():
            yield from self._check(known[name], value[name], f"{at}.{name}")
