"""The half of Salesforce's wire that changes something. No method repeats a call that could make a record twice."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from integrations.wire.errors import Transient
from integrations.wire.messages import Request

from . import pages
from .client import SalesforceClient
from .pages import BulkJob

MOST_WRITTEN = 200
Columns = Mapping[str, Any]
Result = Mapping[str, Any]


class WritingClient(SalesforceClient):
    # --- sObject Collections: each record answers for itself, in the order of the records

    def create_many(self, records: Sequence[tuple[str, Columns]]) -> list[Result]:
        """Object and columns of each. An unanswered call is not repeated: it may have made them all."""
        path = self._path("composite", "sobjects")
        return self._collection("POST", path, records, kind="create_many", replayable=False)

    def update_many(self, records: Sequence[tuple[str, Columns]]) -> list[Result]:
        """Each with its `id` among the columns. Writing the same values twice changes nothing."""
        path = self._path("composite", "sobjects")
        return self._collection("PATCH", path, records, kind="update_many", replayable=True)

    def upsert_many(self, obj: str, key_field: str, records: Sequence[tuple[str, Columns]]) -> list[Result]:
        """Each with its key among the columns: the second time it is found by it.

        And may then be refused, although the first time made it: an unanswered one is looked up, and not repeated.
        """
        path = self._path("composite", "sobjects", obj, key_field)
        return self._collection("PATCH", path, records, kind="upsert_many", replayable=False)

    def delete_many(self, ids: Sequence[str]) -> list[Result]:
        require_room(len(ids))
        request = Request(
            "DELETE",
            self._url(self._path("composite", "sobjects")),
            params={"ids": ",".join(ids), "allOrNone": "false"},
            kind="delete_many",
        )
        return one_each(self.session.send(request).json(), len(ids))

    # --- Bulk API 2.0. A job that was opened and never filled does nothing: opening it may be repeated.

    def open_ingest(self, obj: str, operation: str, key_field: str = "") -> str:
        asked = {"object": obj, "operation": operation, "contentType": "CSV", "lineEnding": "LF"}
        if key_field:
            asked["externalIdFieldName"] = key_field
        body = self._change("POST", self._path("jobs", "ingest"), asked, kind="bulk", replayable=True, needs=("id",))
        return str(body["id"])

    def upload(self, job: str, content: bytes) -> None:
        """Taken once: a second upload is refused, which after an unanswered one means that the first arrived."""
        request = Request(
            "PUT",
            self._url(self._path("jobs", "ingest", job, "batches")),
            data=content,
            headers={"Content-Type": "text/csv; charset=UTF-8"},
            kind="bulk",
            needs=None,
        )
        self.session.send(request)

    def close_ingest(self, job: str) -> None:
        """From here on Salesforce works on it."""
        asked = {"state": "UploadComplete"}
        self._change("PATCH", self._path("jobs", "ingest", job), asked, kind="bulk", replayable=True)

    def ingest_state(self, job: str) -> BulkJob:
        return pages.bulk_job(self._get(self._path("jobs", "ingest", job), kind="bulk", needs=("id", "state")))

    def ingest_results(self, job: str, which: str, expected: int | None = None) -> list[dict[str, str]]:
        """`successfulResults` or `failedResults`: the columns as they were sent, and `sf__Id`, `sf__Error` beside them."""
        request = Request(
            "GET",
            self._url(self._path("jobs", "ingest", job, which)),
            headers={"Accept": "text/csv"},
            kind="bulk",
            needs=None,
        )
        return list(pages.bulk_rows(self.session.send(request).content, expected))

    # --- Custom fields, and the permissions without which nobody sees them

    def create_custom_field(self, full_name: str, metadata: Columns) -> None:
        asked = {"FullName": full_name, "Metadata": dict(metadata)}
        # A second attempt finds that the field exists, and says so.
        self._change("POST", self._path("tooling", "sobjects", "CustomField"), asked, kind="tooling", replayable=True)

    def create_field_permissions(self, columns: Columns) -> None:
        path = self._path("sobjects", "FieldPermissions")
        self._change("POST", path, dict(columns), kind="tooling", replayable=True)

    def update_field_permissions(self, record_id: str, columns: Columns) -> None:
        path = self._path("sobjects", "FieldPermissions", record_id)
        self._change("PATCH", path, dict(columns), kind="tooling", replayable=True)

    # --- How it is sent

    def _collection(
        self, method: str, path: str, records: Sequence[tuple[str, Columns]], *, kind: str, replayable: bool
    ) -> list[Result]:
        require_room(len(records))
        body = {"allOrNone": False, "records": [typed_record(obj, columns) for obj, columns in records]}
        return one_each(self._change(method, path, body, kind=kind, replayable=replayable), len(records))

    def _change(
        self, method: str, path: str, body: Any, *, kind: str, replayable: bool, needs: tuple[str, ...] = ()
    ) -> Any:
        request = Request(method, self._url(path), json=body, kind=kind, replayable=replayable, needs=needs)
        reply = self.session.send(request)
        return reply.json() if reply.content else None


def typed_record(obj: str, columns: Columns) -> dict[str, Any]:
    # The type must stand first, or the record fails alone with a parser error.
    return {"attributes": {"type": obj}, **{name: in_json(value) for name, value in columns.items()}}


def in_json(value: Any) -> Any:
    """A decimal with all its digits: as a float it would be rounded, as text a text field would take it."""
    return orjson.Fragment(format(value, "f").encode()) if isinstance(value, Decimal) else value


def one_each(results: Any, number: int) -> list[Result]:
    if not isinstance(results, list) or len(results) != number:
        raise Transient(
            "BROKEN_ANSWER", f"The answer does not hold one result for each of {number} records.", sent=True
        )
    return results


def require_room(number: int) -> None:
    if number > MOST_WRITTEN:
        raise ValueError(f"At most {MOST_WRITTEN} records at a time, not {number}.")
