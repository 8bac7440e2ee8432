"""The shapes in which Salesforce hands out many things at once."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from integrations.wire.errors import Transient
from integrations.wire.messages import Reply


@dataclass(frozen=True, slots=True)
class QueryPage:
    records: Sequence[dict[str, Any]] = field(repr=False)
    next: str
    """Path of the next page; empty after the last."""
    total: int
    """As of the start of the query; rows deleted since are missing from the pages."""
    done: bool


@dataclass(frozen=True, slots=True)
class Deleted:
    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deletions:
    records: Sequence[Deleted] = field(repr=False)
    earliest: datetime
    """Before it nothing is known any more: a gap calls for a full comparison of ids."""
    covered_until: datetime
    """Where the next question begins."""


@dataclass(frozen=True, slots=True)
class Updates:
    ids: Sequence[str] = field(repr=False)
    covered_until: datetime


@dataclass(frozen=True, slots=True)
class BulkJob:
    id: str
    state: str
    records: int
    message: str
    failed: int = 0

    @property
    def is_done(self) -> bool:
        return self.state == "JobComplete"

    @property
    def has_failed(self) -> bool:
        return self.state in {"Failed", "Aborted"}


@dataclass(frozen=True, slots=True)
class BulkPage:
    rows: Iterator[dict[str, str]] = field(repr=False)
    """Read once, row by row; raises Transient at the end if rows are missing. An empty cell is null."""
    next_locator: str
    """Empty after the last page."""


def query_page(body: dict[str, Any]) -> QueryPage:
    records, following = body["records"], body.get("nextRecordsUrl") or ""
    # A page that is neither the last nor names the next would pass for the end, and whoever is missing for gone.
    if not isinstance(records, list) or not (body["done"] or following):
        raise Transient("BROKEN_ANSWER", "The page names neither an end nor a next page.")
    return QueryPage(records, following, int(body["totalSize"]), bool(body["done"]))


def deletions(body: dict[str, Any]) -> Deletions:
    records = [Deleted(row["id"], moment(row["deletedDate"])) for row in body["deletedRecords"]]
    return Deletions(records, moment(body["earliestDateAvailable"]), moment(body["latestDateCovered"]))


def bulk_job(body: dict[str, Any]) -> BulkJob:
    count = int(body.get("numberRecordsProcessed") or 0)
    failed = int(body.get("numberRecordsFailed") or 0)
    return BulkJob(body["id"], body["state"], count, body.get("errorMessage") or "", failed)


def bulk_page(reply: Reply) -> BulkPage:
    locator = reply.headers.get("Sforce-Locator") or ""
    count = reply.headers.get("Sforce-NumberOfRecords") or ""
    # The end is the word null, not an absent header.
    return BulkPage(
        bulk_rows(reply.content, int(count) if count.isdigit() else None), "" if locator == "null" else locator
    )


def bulk_rows(content: bytes, expected: int | None) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=""))
    count = 0
    for row in reader:
        count += 1
        if None in row or None in row.values():
            raise Transient("BROKEN_ANSWER", f"Row {count} of the results is cut short.")
        yield row
    if expected is not None and count != expected:
        raise Transient("BROKEN_ANSWER", f"{count} of {expected} rows came.")


def moment(text: str) -> datetime:
    """`2026-05-06T11:34:49.000+0000`, always UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
