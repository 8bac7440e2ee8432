"""What a query string asks for: page, order, fields and embeds, in PHP's own way of writing lists."""

import base64
import binascii
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from integrations.simulation.messages import Request

from .errors import invalid
from .rules import CHOICE

DEFAULT_LIMIT, MOST = 25, 100
NUMERIC_MOST = 100_000
NO_OFFSET = base64.b64encode(b"[]").decode()
_FIELD = re.compile(r"embed\[\d*\]|field\[\d*\]")
_CUSTOM = re.compile(r"cf\.(\d+)")


@dataclass(frozen=True, slots=True)
class Asked:
    limit: int
    offset: str
    numeric: int | None
    """The row to start from, where the client counts rows."""
    cursor: list[str]
    """The last thing seen, where it seeks: the value it was ordered by and its id."""
    order: str
    descending: bool
    fields: tuple[str, ...]
    embeds: frozenset[str]
    custom: frozenset[str]
    """Ids of the custom fields to embed."""
    verify: bool


def asked_of(request: Request, orders: Collection[str], default_order: str, embeds: Collection[str]) -> Asked:
    query, lists = request.query, _lists(request.query_string)
    problems: dict[str, str] = {}
    limit = _limit(query.get("limit", ""), problems)
    offset = query.get("offset", "")
    numeric = int(offset) if offset.isdecimal() else None
    if numeric is not None and numeric + limit > NUMERIC_MOST:
        problems["offset"] = f"Cette valeur doit être inférieure ou égale à {NUMERIC_MOST}"
    order = query.get("order") or default_order
    if order not in orders:
        problems["order"] = CHOICE
    direction = query.get("direction") or "asc"
    if direction not in {"asc", "desc"}:
        problems["direction"] = CHOICE
    custom = {found[1] for one in lists["embed"] if (found := _CUSTOM.fullmatch(one))}
    plain = {one for one in lists["embed"] if not _CUSTOM.fullmatch(one)}
    if plain - set(embeds):
        problems["embed"] = CHOICE
    cursor = [] if numeric is not None or not offset else _cursor(offset, problems)
    if problems:
        raise invalid(problems)
    return Asked(
        limit, offset, numeric, cursor, order, direction == "desc", tuple(lists["field"]), frozenset(plain),
        frozenset(custom), query.get("verify", "").lower() in {"true", "1"},
    )  # fmt: skip


def _lists(query_string: str) -> dict[str, list[str]]:
    """`embed=x`, `fields[]=x` and `field=x` are no lists to PHP: ignored without an error, as integrators found."""
    found: dict[str, list[str]] = {"embed": [], "field": []}
    for name, value in parse_qsl(query_string, keep_blank_values=True):
        if _FIELD.fullmatch(name):
            found[name.partition("[")[0]].append(value)
    return found


def _limit(text: str, problems: dict[str, str]) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not text.isdecimal() or int(text) > MOST:
        problems["limit"] = f"Cette valeur doit être comprise entre 0 et {MOST}"
        return DEFAULT_LIMIT
    return int(text)


def cursor_text(cursor: list[str]) -> str:
    return base64.b64encode(json.dumps(cursor, separators=(",", ":")).encode()).decode()


def _cursor(text: str, problems: dict[str, str]) -> list[str]:
    try:
        found: Any = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        found = None
    if not isinstance(found, list) or len(found) > 2 or not all(isinstance(one, str) for one in found):
        problems["offset"] = "Cette valeur n'est pas valide"
        return []
    return found


def project(record: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """Only what `field[]` names: `id`, `owner.id`, `addresses[].id`, `_embed`."""
    return _pick(record, _tree(paths)) if paths else record


def _tree(paths: tuple[str, ...]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for path in paths:
        node = root
        for step in path.replace("[]", "").split("."):
            node = node.setdefault(step, {})
    return root


def _pick(value: Any, tree: dict[str, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_pick(one, tree) for one in value]
    if isinstance(value, dict):
        return {name: _pick(inner, tree[name]) for name, inner in value.items() if name in tree}
    return value
