"""Loads really recorded HubSpot answers into the practice portal: records, owners, pipelines, lists, as recorded."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from integrations.hubspot.simulator import Portal
from integrations.hubspot.simulator.derive import begin, follow
from integrations.hubspot.simulator.kinds import kind_of
from integrations.hubspot.simulator.portal import APP_ID

Body = dict[str, Any]
RECORDS = {
    "companies": ("companies-list.json", "companies-search.json", "company-get.json", "company-update.json"),
    "contacts": ("contacts-list-limit-1-paging.json", "contacts-search-paging.json", "contacts-search-1.json",
                 "contacts-search-2.json"),
    "deals": ("deal-get.json",),
}  # fmt: skip
LISTS = ("lists-search-first-page.json", "lists-search-second-page.json")


def load_recording(portal: Portal, folder: Path) -> dict[str, int]:
    """How many records of each object were loaded. One that was recorded twice is loaded once, as it was first told."""
    counts: dict[str, int] = {}
    with portal.store.transaction():
        account = _body(folder / "account-details.json")
        portal.store.set_state("portal_id", account["portalId"])
        portal.store.set_state("currency", account["companyCurrency"])
        portal.store.index("contacts", "$.email")
        for kind, names in RECORDS.items():
            rows = {one["id"]: one for name in reversed(names) for one in _records(folder / name)}
            counts[kind] = portal.store.load(kind, (_row(portal, kind, one) for one in rows.values()))
        portal.store.load("owners", (_owner(one) for one in _body(folder / "owners-list.json")["results"]))
        portal.store.set_state("pipelines:deals", _body(folder / "pipelines-deals.json")["results"])
        for name in LISTS:
            portal.store.load("lists", (_list(one) for one in _body(folder / name)["lists"]))
    return counts


def _body(path: Path) -> Body:
    found: Body = orjson.loads(path.read_bytes())["body"]
    return found


def _records(path: Path) -> Iterator[Body]:
    body = _body(path)
    yield from body.get("results", [body])


def _row(portal: Portal, kind: str, one: Body) -> tuple[str, Body, datetime, datetime]:
    known = kind_of(kind)
    body = {name: value for name, value in one["properties"].items() if value is not None and name not in known.system}
    # A list tells what it was asked for; what every record has beside that is put to it.
    body = {
        "hs_object_source": "INTEGRATION",
        "hs_object_source_id": APP_ID,
        "hs_object_source_label": "INTEGRATION",
    } | body
    begin(portal, kind, body, one["id"])
    follow(portal, kind, {}, body, one["createdAt"])
    return one["id"], body, _moment(one["createdAt"]), _moment(one["updatedAt"])


def _owner(one: Body) -> tuple[str, Body, datetime, datetime]:
    kept = {name: one[name] for name in ("email", "type", "firstName", "lastName", "userId")}
    return one["id"], kept, _moment(one["createdAt"]), _moment(one["updatedAt"])


def _list(one: Body) -> tuple[str, Body, datetime, datetime]:
    """Only its head was recorded: what a dynamic one looks for is not known, so it holds nobody."""
    kept = {name: one[name] for name in ("name", "processingType", "objectTypeId", "createdById")}
    nobody = {"filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": "0"}]}]}
    return one["listId"], kept | nobody, _moment(one["createdAt"]), _moment(one["updatedAt"])


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)
