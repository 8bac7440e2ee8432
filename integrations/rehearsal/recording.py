"""Loads really recorded Salesforce answers into the practice org: rows and field lists as recorded, ids kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from integrations.salesforce.simulator import Store


def load_recording(store: Store, folder: Path) -> None:
    raise NotImplementedError


def _bodies(path: Path) -> Iterator[dict[str, Any]]:
    found = orjson.loads(path.read_bytes())
    for one in found if isinstance(found, list) else [found]:
        yield one["response"]["body"]
