"""Fills a practice Stripe from answers that were recorded from real accounts, as far as they tell of records."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.stripe.simulator import Store

from .world import BEGINNING

_OWN = ("id", "object")


def load_recording(store: Store, folder: Path) -> None:
    """Every customer once, however many of the answers show it; the last file wins."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        answer = json.loads(path.read_text())
        for record in answer.get("data", ()):
            if record.get("object") == "customer":
                found[record["id"]] = record
    with store.transaction():
        # What tells a filled file from a new one.
        store.load(
            "product",
            [("prod_recorded", {"name": "Recorded", "created": int(BEGINNING.timestamp())}, BEGINNING, BEGINNING)],
        )
        store.load("customer", (_row(number, record) for number, record in found.items()))


def _row(number: str, record: dict[str, Any]) -> tuple[str, dict[str, Any], datetime, datetime]:
    at = datetime.fromtimestamp(record["created"], UTC)
    return number, {name: value for name, value in record.items() if name not in _OWN}, at, at
