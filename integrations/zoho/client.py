"""Zoho's wire, one method per verb and endpoint. Raw values: what they mean is the connector's business."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from integrations.wire.errors import NotFound, Transient
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Request
from integrations.wire.session import Session

from .centres import VENDOR_HOSTS
from .replies import Item, ItemsRefused

VERSION = "v8"
PAGE = 200
MOST_WRITTEN = 100
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of records, and whether more follow; `next` continues where paging goes by token."""

    rows: Sequence[Row] = field(default=(), repr=False)
    has_more: bool = False
    next: str = ""


def host_policy(extra_hosts: Sequence[str] = ()) -> HostPolicy:
    return HostPolicy(VENDOR_HOSTS, tuple(extra_hosts))


class ZohoClient:
    def __init__(self, session: Session, api_url: str, version: str = VERSION) -> None:
        session.policy.check(api_url)
        self.session = session
        self.api_url = api_url.rstrip("/")
        self.version = version

    # --- The organisation

    def organisation(self) -> Row:
        [found] = self._get("org", kind="org", needs=("org",))["org"]
        return dict(found)

    def current_user(self) -> Row:
        found = self._get("users", params={"type": "CurrentUser"}, kind="users", needs=("users",))["users"]
        return dict(found[0])

    def users(self) -> Iterator[Row]:
        """Also those who left: records name them still."""
        page = 1
        while True:
            asked: dict[str, str | int] = {"type": "AllUsers", "page": page, "per_page": PAGE}
            body = self._get("users", params=asked, kind="users", needs=("users", "info"))
            yield from body.get("users", ())
            if not body.get("info", {}).get("more_records"):
                return
            page += 1

    # --- What it holds

    def modules(self) -> list[Row]:
        return list(self._get("settings", "modules", kind="modules", needs=("modules",))["modules"])

    def fields(self, module: str) -> list[Row]:
        asked: dict[str, str | int] = {"module": module}
        return list(self._get("settings", "fields", params=asked, kind="fields", needs=("fields",)).get("fields", ()))

    def views(self, module: str) -> list[Row]:
        asked: dict[str, str | int] = {"module": module}
        body = self._get("settings", "custom_views", params=asked, kind="views", needs=("custom_views",))
        return list(body.get("custom_views", ()))

    def view(self, module: str, view_id: str) -> Row:
        """With its criteria, which the list of views does not tell. One that is gone answers NotFound."""
        asked: dict[str, str | int] = {"module": module}
        body = self._get("settings", "custom_views", view_id, params=asked, kind="views", needs=("custom_views",))
        if not body.get("custom_views"):
            raise NotFound("NOT_FOUND", f"There is no view {view_id}.")
        return dict(body["custom_views"][0])

    def layouts(self, module: str) -> list[Row]:
        asked: dict[str, str | int] = {"module": module}
        return list(
            self._get("settings", "layouts", params=asked, kind="layouts", needs=("layouts",)).get("layouts", ())
        )

    def pipelines(self, layout_id: str) -> list[Row]:
        asked: dict[str, str | int] = {"layout_id": layout_id}
        body = self._get("settings", "pipeline", params=asked, kind="pipelines", needs=("pipeline",))
        return list(body.get("pipeline", ()))

    # --- Records

    def query(self, coql: str) -> Found:
        request = Request(
            "POST", self._url("coql"), json={"select_query": coql}, safe=True, kind="coql", needs=("data", "info")
        )
        return found(self._body(request))

    def whole(self, module: str, record_id: str, fields: Sequence[str]) -> Row:
        """Rich text in full, which every list cuts short; empty where the record is gone."""
        asked: dict[str, str | int] = {"fields": ",".join(fields)}
        path = (module, record_id, "actions", "fetch_full_data")
        rows = self._get(*path, params=asked, kind="full-data", needs=("data",)).get("data", ())
        return dict(rows[0]) if rows else {}

    def listed(self, module: str, fields: Sequence[str], *, token: str = "", since: datetime | None = None) -> Found:
        """What no query covers (notes), by page tokens, the one changed longest ago first."""
        asked: dict[str, str | int] = {
            "fields": ",".join(fields), "per_page": PAGE, "sort_by": "Modified_Time", "sort_order": "asc",
        }  # fmt: skip
        if token:
            asked["page_token"] = token
        return found(self._get(module, params=asked, since=since, kind="list", needs=("data", "info")))

    def named(self, module: str, fields: Sequence[str], ids: Sequence[str]) -> Found:
        asked: dict[str, str | int] = {"fields": ",".join(fields), "per_page": PAGE, "ids": ",".join(ids)}
        return found(self._get(module, params=asked, kind="list", needs=("data", "info")))

    def related(self, module: str, record_id: str, name: str, fields: Sequence[str], *, token: str = "") -> Found:
        asked: dict[str, str | int] = {"fields": ",".join(fields), "per_page": PAGE}
        if token:
            asked["page_token"] = token
        return found(self._get(module, record_id, name, params=asked, kind="related", needs=("data", "info")))

    def count(self, module: str) -> int:
        """Some minutes old."""
        body = self._get(module, "actions", "count", kind="count", needs=("count",))
        return int(body.get("count") or 0)

    def deleted(self, module: str, *, page: int = 1, since: datetime | None = None) -> Found:
        """Latest first: those of the recycle bin, and those that are gone for good by their ids alone."""
        asked: dict[str, str | int] = {"type": "all", "page": page, "per_page": PAGE}
        return found(self._get(module, "deleted", params=asked, since=since, kind="deleted", needs=("data", "info")))

    # --- How it is sent

    def _get(
        self, *parts: str, params: Mapping[str, str | int] | None = None, since: datetime | None = None, kind: str,
        needs: tuple[str, ...] = (),
    ) -> Row:  # fmt: skip
        headers = {"If-Modified-Since": since.astimezone(UTC).isoformat(timespec="seconds")} if since else {}
        request = Request("GET", self._url(*parts), params=params or {}, headers=headers, kind=kind, needs=needs)
        return self._body(request)

    def _body(self, request: Request) -> Row:
        """Empty where nothing is there (204) or nothing is newer (304): neither has a body."""
        reply = self.session.send(request)
        if not reply.content:
            return {}
        body: Row = reply.json()
        return body

    def _url(self, *parts: str) -> str:
        if not all(part.strip(".") for part in parts):
            # Dots alone would lead to another address than the one that is meant.
            raise NotFound("NOT_FOUND", f"{parts[-1]!r} names nothing.")
        return "/".join([self.api_url, "crm", self.version, *(quote(part, safe="") for part in parts)])


class WritingClient(ZohoClient):
    """The half of the wire that changes something."""

    def create(self, module: str, rows: Sequence[Row]) -> list[Item]:
        """An unanswered call is not repeated: what it made may be refused the second time, for one reason or another."""
        return self._write("POST", (module,), rows, kind="insert", replayable=False)

    def update(self, module: str, rows: Sequence[Row]) -> list[Item]:
        """Each with its `id`. Writing the same values twice changes nothing."""
        return self._write("PUT", (module,), rows, kind="update", replayable=True)

    def delete(self, module: str, ids: Sequence[str]) -> list[Item]:
        require_room(len(ids))
        request = Request("DELETE", self._url(module), params={"ids": ",".join(ids)}, kind="delete", needs=("data",))
        return self._items(request, "data", len(ids))

    def log_emails(self, module: str, record_id: str, mails: Sequence[Row]) -> list[Item]:
        path = (module, record_id, "actions", "associate_email")
        request = Request(
            "POST",
            self._url(*path),
            json={"Emails": list(mails)},
            replayable=False,
            kind="log_emails",
            needs=("Emails",),
        )
        return self._items(request, "Emails", len(mails))

    def create_field(self, module: str, definition: Row) -> Item:
        """A second attempt finds that the label is taken, and says so."""
        request = Request(
            "POST", self._url("settings", "fields"), params={"module": module}, json={"fields": [definition]},
            replayable=True, kind="create_field", needs=("fields",),
        )  # fmt: skip
        return self._items(request, "fields", 1)[0]

    def _write(
        self, method: str, parts: tuple[str, ...], rows: Sequence[Row], *, kind: str, replayable: bool
    ) -> list[Item]:
        require_room(len(rows))
        request = Request(
            method, self._url(*parts), json={"data": list(rows)}, replayable=replayable, kind=kind, needs=("data",)
        )
        return self._items(request, "data", len(rows))

    def _items(self, request: Request, key: str, number: int) -> list[Item]:
        """One result for each, in their order; a call all of whose items were refused is an answer too."""
        try:
            items: Sequence[Item] = self._body(request).get(key) or ()
        except ItemsRefused as refused:
            if len(refused.items) != number:
                raise
            items = refused.items
        if len(items) != number:
            said = f"The answer does not hold one result for each of {number} records."
            raise Transient("BROKEN_ANSWER", said, sent=True)
        return list(items)


def found(body: Row) -> Found:
    info = body.get("info") or {}
    return Found(body.get("data") or (), bool(info.get("more_records")), str(info.get("next_page_token") or ""))


def require_room(number: int) -> None:
    if number > MOST_WRITTEN:
        raise ValueError(f"At most {MOST_WRITTEN} records at a time, not {number}.")
