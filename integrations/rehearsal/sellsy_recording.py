"""Fills a practice Sellsy from answers that were recorded from real accounts, as far as they tell of records."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.sellsy.simulator import Store

from .sellsy_words import Body
from .world import BEGINNING

_OWN = (
    "id",
    "created",
    "updated",
    "updated_at",
    "owner",
    "rgpd_consent",
    "_embed",
    "is_invoicing_address",
    "is_delivery_address",
)
_LISTS = {"companies": "company", "contacts": "contact", "custom-fields": "custom-field"}


def load_recording(store: Store, folder: Path) -> None:
    """Every record once, however many of the answers show it; the last file wins."""
    found: dict[str, dict[int, Body]] = {"company": {}, "contact": {}, "custom-field": {}, "staff": {}, "address": {}}
    for path in sorted(folder.glob("*.json")):
        answer = json.loads(path.read_text())
        segments = answer["request"]["uri"].partition("/v2/")[2].partition("?")[0].split("/")
        kind = "address" if "addresses" in segments else _LISTS.get(segments[0])
        if kind and answer["response"]["status"] == 200:
            body = answer["response"]["body"]
            for record in body.get("data", [body]):
                found[kind][record["id"]] = (
                    {**record, "parent": f"company:{segments[1]}"} if kind == "address" else record
                )
    _add_staff(found)
    with store.transaction():
        for kind, records in found.items():
            store.load(
                kind, ((number, _kept(kind, records[number]), *_stamps(records[number])) for number in sorted(records))
            )


def _add_staff(found: dict[str, dict[int, Body]]) -> None:
    """The owners are named by their id alone: one of them is the person of the integration."""
    owners = sorted({one["owner"]["id"] for some in found.values() for one in some.values() if one.get("owner")})
    for number in owners or [1]:
        found["staff"][number] = {
            "id": number, "firstname": "Staff", "lastname": str(number), "email": f"staff{number}@account.example",
            "status": "ok",
        }  # fmt: skip


def _kept(kind: str, record: Body) -> Body:
    body: dict[str, Any] = {name: value for name, value in record.items() if name not in _OWN}
    if kind in {"company", "contact"}:
        body["owner_id"] = record["owner"]["id"] if record.get("owner") else None
    return body


def _stamps(record: Body) -> tuple[datetime, datetime]:
    created = record.get("created")
    updated = record.get("updated_at") or record.get("updated") or created
    return _moment(created), _moment(updated)


def _moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC) if text else BEGINNING
