"""Pipedrive's wire, one method per verb and endpoint. Raw values: what they mean is the connector's business.

Version 2 wherever it exists; of version 1 only what has no successor (users, relationships of organizations, notes,
recent changes).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.wire.errors import Misconfigured, NotFound
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Request
from integrations.wire.session import Session

VENDOR_HOSTS = ("pipedrive.com",)
PAGE = 500
"""A call costs the same however many rows it brings."""
MOST_IDS = 100
NOTES = "notes"
"""Of the records, the one kind that version 2 does not know."""
Row = Mapping[str, Any]
Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Found:
    rows: Sequence[Row]
    cursor: str
    """Empty on the last page; a short or even an empty page is no end."""


def host_policy(extra_hosts: Sequence[str] = ()) -> HostPolicy:
    return HostPolicy(VENDOR_HOSTS, tuple(extra_hosts))


class PipedriveClient:
    def __init__(self, session: Session, base_url: str) -> None:
        session.policy.check(base_url)
        self.session = session
        self.base_url = base_url.rstrip("/")

    # --- The company

    def me(self) -> Row:
        return self._data(self._get("v1", ("users", "me"), kind="me"))

    def users(self) -> Sequence[Row]:
        return self._rows(self._get("v1", ("users",), kind="users"))

    def pipelines(self) -> Sequence[Row]:
        return list(self.everything("pipelines"))

    def fields(self, named: str) -> Sequence[Row]:
        """`named`: `organizationFields` and the like."""
        return list(self.everything(named, kind="fields"))

    # --- Records

    def page(self, plural: str, params: Params, cursor: str = "") -> Found:
        asked = {"limit": PAGE, **params, **({"cursor": cursor} if cursor else {})}
        body = self._get("v2", plural.split("/"), asked, kind=plural)
        more = body.get("additional_data") or {}
        return Found(self._rows(body), str(more.get("next_cursor") or ""))

    def everything(self, plural: str, params: Params | None = None, *, kind: str = "") -> Iterator[Row]:
        cursor, seen = "", set[str]()
        while True:
            found = self.page(plural, params or {}, cursor)
            yield from found.rows
            cursor = found.cursor
            if not cursor:
                return
            if cursor in seen:
                raise paging_loop()
            seen.add(cursor)

    def one(self, plural: str, number: str) -> Row:
        return self._data(self._get(version_of(plural), (plural, number), kind=f"{plural}/one"))

    def relationships(self, organization: str) -> Sequence[Row]:
        """Version 1 knows them of one organization at a time, and has no list of all."""
        asked: Params = {"org_id": organization, "limit": PAGE}
        return self._rows(self._get("v1", ("organizationRelationships",), asked, kind="relationships"))

    def recents(self, entities: Sequence[str], since: datetime, *, start: int = 0) -> Found:
        """What changed since, deletions included, of a month back at most."""
        # Strictly newer than what is asked for.
        stamp = (since - timedelta(seconds=1)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return self._numbered("recents", {"since_timestamp": stamp, "items": ",".join(entities)}, start)

    def notes(self, params: Params, *, start: int = 0) -> Found:
        # In the order of their numbers: what others add meanwhile stands behind.
        return self._numbered(NOTES, {"sort": "id ASC", **params}, start)

    def holding(self, entity: str, field: str, value: str) -> Sequence[Row]:
        """Records whose field holds exactly this; by an index that is a little late."""
        asked = {"term": value, "entity_type": entity, "field": field, "match": "exact"}
        return self._rows(self._get("v2", ("itemSearch", "field"), asked, kind="search"))

    # --- Writing: one record to a call; there is nothing else

    def create(self, plural: str, body: Row, *, replayable: bool = False) -> Row:
        return self._data(self._send("POST", (plural,), body, kind="create", replayable=replayable))

    def update(self, plural: str, number: str, body: Row) -> Row:
        # The same values again change nothing.
        verb = "PUT" if plural == NOTES else "PATCH"
        return self._data(self._send(verb, (plural, number), body, kind="update", replayable=True))

    def delete(self, plural: str, number: str) -> None:
        self._send("DELETE", (plural, number), None, kind="delete", replayable=True)

    def create_field(self, named: str, body: Row) -> Row:
        return self._data(self._send("POST", (named,), body, kind="create_field"))

    # --- How it is sent

    def _get(self, version: str, path: Sequence[str], params: Params | None = None, *, kind: str) -> Row:
        request = Request("GET", self._url(version, path), params=params or {}, kind=kind, needs=("data",))
        body: Row = self.session.send(request).json()
        return body

    def _numbered(self, named: str, params: Params, start: int) -> Found:
        """A page of version 1: by number instead of a cursor."""
        body = self._get("v1", (named,), {**params, "start": start, "limit": PAGE}, kind=named)
        beyond = body.get("additional_data") or {}
        # Some endpoints leave the wrapper out, some the start of the next page.
        paging = beyond.get("pagination") or beyond
        rows = self._rows(body)
        has_more = bool(paging.get("more_items_in_collection")) and bool(rows)
        return Found(rows, str(paging.get("next_start") or start + len(rows)) if has_more else "")

    def _send(
        self, method: str, path: Sequence[str], body: Row | None, *, kind: str, replayable: bool | None = None
    ) -> Row:
        # What was deleted twice answers without data.
        request = Request(
            method, self._url(version_of(path[0]), path), json=body, kind=kind, replayable=replayable,
            needs=() if method == "DELETE" else ("data",),
        )  # fmt: skip
        answer: Row = self.session.send(request).json()
        return answer

    def _url(self, version: str, path: Sequence[str]) -> str:
        # Every part is a word or a number: anything else would lead to another address than the one that is meant.
        if not all(part.replace("_", "").isalnum() and part.isascii() for part in path):
            raise NotFound("NOT_FOUND", f"{path[-1]!r} names nothing.")
        return "/".join((self.base_url, "api", version, *path))

    @staticmethod
    def _rows(body: Row) -> Sequence[Row]:
        # Version 1 says null where a list is empty.
        rows: Sequence[Row] = body["data"] or ()
        return rows

    @staticmethod
    def _data(body: Row) -> Row:
        found: Row = body["data"]
        return found


def version_of(plural: str) -> str:
    return "v1" if plural == NOTES else "v2"


def paging_loop() -> Misconfigured:
    return Misconfigured("PAGING_LOOP", "Pipedrive names a page as the next one that was read already.")


def parts_of(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def second(when: datetime) -> str:
    """Whole seconds: fractions are refused."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
