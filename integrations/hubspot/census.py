"""A portal's companies as a move to HubSpot asks for them: those in scope first, then the others that hold an old ID."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integrations.engine.values import Value
from integrations.sync.connector import CrmField
from integrations.wire.errors import Misconfigured

from . import scope
from .client import SEARCH_PAGE, HubSpotClient
from .counting import count_of
from .schema import ID
from .scope import Groups, after, both, where
from .values import convert

if TYPE_CHECKING:
    from .connector import HubSpotConnector

WITHIN, BESIDE = "in", "beside"
PAGE = SEARCH_PAGE
COUNTED = ("companies", "contacts", "deals")


@dataclass(frozen=True, slots=True)
class Seen:
    source_id: str
    name: str
    domain: str
    old_id: Value
    stage: str
    """Its lifecycle stage, by label."""
    in_scope: bool


@dataclass(frozen=True, slots=True)
class SeenPage:
    companies: tuple[Seen, ...]
    next: str
    """Where the listing goes on; empty: this was its last page."""
    left: int
    """Companies of the same part of the listing that come after this page."""


def old_id_property(name: str, label: str, *, is_number: bool) -> dict[str, Any]:
    kind = "number" if is_number else "string"
    return {
        "name": name, "label": label, "type": kind, "fieldType": "number" if is_number else "text",
        "groupName": "companyinformation", "formField": False,
    }  # fmt: skip


def page(connector: "HubSpotConnector", old_id: str, token: str) -> SeenPage:
    """One search of 200, by id from where the last one ended. HubSpot says what is in scope; no company comes twice."""
    fields = connector.fields("customers")
    part, _, last = (token or f"{WITHIN}:0").partition(":")
    groups = connector.conditions("customers") if part == WITHIN else _beside(connector, fields, old_id)
    names = [name for name in ("name", "domain", scope.STAGE, old_id) if name]
    found = connector.client.search("companies", both(groups, after(last)), names, sort=ID, limit=PAGE)
    seen = tuple(_seen(row, fields, old_id, in_scope=part == WITHIN) for row in found.results)
    left = max(0, (found.total or 0) - len(seen))
    if left and seen:
        return SeenPage(seen, f"{part}:{seen[-1].source_id}", left)
    return SeenPage(seen, f"{BESIDE}:0" if part == WITHIN and old_id else "", 0)


def totals(connector: "HubSpotConnector") -> dict[str, int | None]:
    """How many there are in the whole portal, a call each; None where this sign-in may not look."""
    return {obj: _total(connector.client, obj) for obj in COUNTED}


def _total(client: HubSpotClient, obj: str) -> int | None:
    try:
        return count_of(client, obj, [])
    except Misconfigured:
        return None


def _beside(connector: "HubSpotConnector", fields: Mapping[str, CrmField], old_id: str) -> Groups:
    return both(scope.outside(connector.hubspot, fields), where(old_id, "HAS_PROPERTY"))


def _seen(row: Mapping[str, Any], fields: Mapping[str, CrmField], old_id: str, *, in_scope: bool) -> Seen:
    held = row["properties"]
    stages = fields.get(scope.STAGE)
    labels = {one.value: one.label for one in stages.choices} if stages else {}
    stage = str(held.get(scope.STAGE) or "")
    return Seen(
        str(row["id"]), str(held.get("name") or ""), str(held.get("domain") or ""),
        convert(held.get(old_id), fields.get(old_id)), labels.get(stage, stage), in_scope,
    )  # fmt: skip
