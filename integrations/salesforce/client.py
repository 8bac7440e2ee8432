"""Salesforce's wire, one method per verb and endpoint. Raw values: what they mean is the connector's business."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from integrations.wire.errors import Misconfigured, NotFound, Transient
from integrations.wire.hosts import HostPolicy, origin_of
from integrations.wire.messages import Request
from integrations.wire.session import Session

from . import pages
from .pages import BulkJob, BulkPage, Deletions, QueryPage, Updates
from .replies import classify, read_quota

VERSION = "66.0"
VENDOR_HOSTS = ("salesforce.com", "force.com")
MOST_IDS = 2000
QUERY_KEYS = ("records", "totalSize", "done")


def host_policy(extra_hosts: Sequence[str] = ()) -> HostPolicy:
    return HostPolicy(VENDOR_HOSTS, tuple(extra_hosts))


def open_session(policy: HostPolicy, **options: Any) -> Session:
    """A session that understands Salesforce's refusals and its quota header; options are Session's own."""
    return Session(policy, classify=classify, read_quota=read_quota, **options)


class SalesforceClient:
    def __init__(self, session: Session, instance_url: str, version: str = VERSION) -> None:
        session.policy.check(instance_url)
        self.session = session
        self.instance_url = instance_url.rstrip("/")
        self.version = version

    # --- The organisation

    def userinfo(self) -> dict[str, Any]:
        return self._get("/services/oauth2/userinfo", kind="userinfo", needs=("user_id", "organization_id"))

    def versions(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.session.send(
            Request("GET", self._url("/services/data/"), kind="versions")
        ).json()
        return listed

    def limits(self) -> dict[str, Any]:
        return self._get(self._path("limits"), kind="limits", needs=("DailyApiRequests",))

    def sobjects(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self._get(self._path("sobjects"), kind="describe", needs=("sobjects",))[
            "sobjects"
        ]
        return listed

    def describe(self, obj: str) -> dict[str, Any]:
        return self._get(self._path("sobjects", obj, "describe"), kind="describe", needs=("name", "fields"))

    # --- List views

    def list_views(self, obj: str) -> Iterator[dict[str, Any]]:
        path: str | None = self._path("sobjects", obj, "listviews")
        seen: set[str] = set()
        while path:
            body = self._get(path, kind="views", needs=("listviews",))
            yield from body["listviews"]
            seen.add(path)
            path = self._next(body.get("nextRecordsUrl") or "", seen)

    def view(self, obj: str, view_id: str) -> dict[str, Any]:
        """Its own query in `query`. A view that is gone answers NotFound, which is no empty view."""
        return self._get(self._path("sobjects", obj, "listviews", view_id, "describe"), kind="views", needs=("query",))

    # --- SOQL

    def query(self, soql: str) -> QueryPage:
        return self._query(self._path("query"), {"q": soql})

    def query_all(self, soql: str) -> QueryPage:
        """Also what lies in the recycle bin, and archived tasks and events."""
        return self._query(self._path("queryAll"), {"q": soql})

    def query_more(self, next_path: str) -> QueryPage:
        return self._query(self._same_origin(next_path))

    def pages(self, soql: str, *, with_deleted: bool = False) -> Iterator[QueryPage]:
        page = self.query_all(soql) if with_deleted else self.query(soql)
        seen: set[str] = set()
        while True:
            yield page
            path = "" if page.done else self._next(page.next, seen)
            if not path:
                return
            seen.add(path)
            page = self.query_more(path)

    def count(self, soql: str) -> int:
        """Of a `SELECT COUNT() …`, which answers with a total and no rows."""
        return self.query(soql).total

    def aggregate(self, soql: str) -> list[dict[str, Any]]:
        rows = self.query(soql).records
        return [{key: value for key, value in row.items() if key != "attributes"} for row in rows]

    def retrieve(self, obj: str, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any] | None]:
        """In the order of the ids; None for a record that is gone or not visible."""
        path = self._path("composite", "sobjects", obj)
        asked = {"ids": list(ids[:MOST_IDS]), "fields": list(fields)}
        if len(ids) > MOST_IDS:
            raise ValueError(f"At most {MOST_IDS} records at a time, not {len(ids)}.")
        # A reading POST: 2,000 ids do not fit into an address.
        answer: list[dict[str, Any] | None] = self._post(path, asked, kind="retrieve")
        if not isinstance(answer, list) or len(answer) != len(ids):
            # A place that is missing would be read as a record that is gone.
            raise Transient("BROKEN_ANSWER", f"The answer does not hold one place for each of {len(ids)} records.")
        return answer

    def content(self, obj: str, record_id: str) -> bytes:
        """The bytes behind a record whose row holds only an address of them."""
        path = self._path("sobjects", obj, record_id, "Content")
        return self.session.send(Request("GET", self._url(path), kind="content", needs=None)).content

    # --- What went, what changed

    def deleted(self, obj: str, start: datetime, end: datetime) -> Deletions:
        path = self._path("sobjects", obj, "deleted") + "/"
        keys = ("deletedRecords", "earliestDateAvailable", "latestDateCovered")
        return pages.deletions(self._get(path, span(start, end), kind="deleted", needs=keys))

    def updated(self, obj: str, start: datetime, end: datetime) -> Updates:
        path = self._path("sobjects", obj, "updated") + "/"
        body = self._get(path, span(start, end), kind="updated", needs=("ids", "latestDateCovered"))
        return Updates(body["ids"], pages.moment(body["latestDateCovered"]))

    # --- Bulk API 2.0: a job is a scratch note of Salesforce, no record of the customer

    def bulk_query(self, soql: str, *, with_deleted: bool = False) -> str:
        asked = {"operation": "queryAll" if with_deleted else "query", "query": soql}
        body = self._post(self._path("jobs", "query"), asked, kind="bulk", needs=("id",))
        return str(body["id"])

    def bulk_state(self, job: str) -> BulkJob:
        return pages.bulk_job(self._get(self._path("jobs", "query", job), kind="bulk", needs=("id", "state")))

    def bulk_results(self, job: str, locator: str = "", max_records: int = 0) -> BulkPage:
        """A page is fetched whole before its first row is read, so that a broken one is fetched again and never used."""
        wanted = {"locator": locator, "maxRecords": max_records or ""}
        request = Request(
            "GET",
            self._url(self._path("jobs", "query", job, "results")),
            params={key: value for key, value in wanted.items() if value},
            headers={"Accept": "text/csv"},
            kind="bulk",
            needs=None,
        )
        return pages.bulk_page(self.session.send(request))

    def bulk_delete(self, job: str) -> None:
        self.session.send(Request("DELETE", self._url(self._path("jobs", "query", job)), safe=True, kind="bulk"))

    # --- How it is sent

    def _query(self, path: str, params: dict[str, str | int] | None = None) -> QueryPage:
        return pages.query_page(self._get(path, params, kind="query", needs=QUERY_KEYS))

    def _get(
        self, path: str, params: dict[str, str | int] | None = None, *, kind: str, needs: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        request = Request("GET", self._url(path), params=params or {}, kind=kind, needs=needs)
        body: dict[str, Any] = self.session.send(request).json()
        return body

    def _post(self, path: str, body: Any, *, kind: str, needs: tuple[str, ...] = ()) -> Any:
        request = Request("POST", self._url(path), json=body, safe=True, kind=kind, needs=needs)
        return self.session.send(request).json()

    def _path(self, *parts: str) -> str:
        if not all(part.strip(".") for part in parts):
            # Dots alone would lead to another address than the one that is meant.
            raise NotFound("NOT_FOUND", f"{parts[-1]!r} names nothing.")
        return "/".join(["/services/data", f"v{self.version}", *(quote(part, safe="") for part in parts)])

    def _url(self, path: str) -> str:
        return self.instance_url + path

    def _next(self, path: str, seen: set[str]) -> str:
        if path in seen:
            raise Misconfigured("PAGING_LOOP", "Salesforce names a page as the next one that was read already.")
        return self._same_origin(path) if path else ""

    def _same_origin(self, address: str) -> str:
        """The path of a next-page link; the token goes to no other host, whatever an answer says."""
        if not address.startswith("/"):
            if origin_of(address) != origin_of(self.instance_url):
                raise foreign_page(address)
            address = "/" + address.partition("://")[2].partition("/")[2]
        # The version in it may differ from ours, but beyond the data API a page has no business.
        if not address.startswith("/services/data/v") or ".." in address or "\\" in address:
            raise foreign_page(address)
        return address


def foreign_page(address: str) -> Misconfigured:
    return Misconfigured("FOREIGN_NEXT_PAGE", f"The next page lies outside of this organisation: {address[:100]}")


def span(start: datetime, end: datetime) -> dict[str, str | int]:
    return {"start": iso(start), "end": iso(end)}


def iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
