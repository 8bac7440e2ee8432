"""The account's file: documents with ids such as `cus_…`, found by the moment they were created."""

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from integrations.simulation.documents import Body, Documents, Record

PREFIXES = {
    "customer": "cus_", "subscription": "sub_", "price": "price_", "product": "prod_", "coupon": "", "event": "evt_",
}  # fmt: skip


class Store(Documents):
    def __init__(self, path: Path | str, clock: Callable[[], datetime]) -> None:
        super().__init__(path, clock)
        for kind in ("customer", "subscription", "event", "product", "price"):
            self.index(kind, "$.created")
        self.index("subscription", "$.customer")

    @property
    def seconds(self) -> int:
        return int(self.clock().timestamp())

    def add(self, kind: str, body: Body, record_id: str | None = None) -> Record:
        body.setdefault("created", self.seconds)
        return self.insert(kind, body, record_id or f"{PREFIXES[kind]}{secrets.token_hex(7)}")

    def newest(
        self, kind: str, where: str = "1", values: tuple[Any, ...] = (), *, limit: int = -1, oldest_first: bool = False
    ) -> list[Record]:
        way = "ASC" if oldest_first else "DESC"
        order = f"json_extract(body, '$.created') {way}, row {way}"
        return self.find(kind, where, values, order=order, limit=limit)
