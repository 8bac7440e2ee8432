"""Queries over REST, and the small part of search that clients use."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

import re
from typing import Any

from integrations.simulation.messages import Request, Response

from .errors import ApiError
from .org import Org
from .soql.run import more, run
from .soql.select import PAGE

_BATCH = re.compile(r"batchSize=(\d+)", re.IGNORECASE)
_LOCATOR = re.compile(r"(0r8[A-Za-z0-9]{15})-(\d+)")
_FIND = re.compile(
    r"\s*FIND\s*\{(?P<words>[^}]*)\}(?:\s+IN\s+\w+\s+FIELDS)?\s+RETURNING\s+(?P<wanted>.+)", re.IGNORECASE | re.DOTALL
)
_RETURNED = re.compile(r"(\w+)\s*(?:\(([^)]*)\))?")
_SEARCH_LIMIT = 2000


def query(org: Org, request: Request, *, with_deleted: bool = False) -> Response:
    text = request.query.get("q", "")
    if not text:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    wanted = _BATCH.search(request.headers.get("sforce-query-options", ""))
    batch = int(wanted[1]) if wanted else PAGE
    return Response(run(org.store, text, org.asker(request, with_deleted=with_deleted), batch))


def query_all(org: Org, request: Request) -> Response:
    return query(org, request, with_deleted=True)


def query_more(org: Org, request: Request, locator: str) -> Response:
    match = _LOCATOR.fullmatch(locator)
    if match is None:
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return Response(more(org.store, match[1], int(match[2]), org.asker(request)))


def search(org: Org, request: Request) -> Response:
    match = _FIND.fullmatch(request.query.get("q", ""))
    if match is None:
        raise ApiError("MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces.")
    found: list[dict[str, Any]] = []
    words = (
        match["words"].strip("*\"' ").replace("\\", "\\\\").replace("'", "\\'").replace("%", "\\%").replace("_", "\\_")
    )
    for name, fields in _RETURNED.findall(match["wanted"]):
        sobject = org.store.schema.sobject(name)
        title = sobject.name_field if sobject else None
        if sobject is None or title is None:
            raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        text = f"SELECT {fields or 'Id'} FROM {name} WHERE {title.name} LIKE '%{words}%' LIMIT {_SEARCH_LIMIT}"
        found += run(org.store, text, org.asker(request))["records"]
    return Response({"searchRecords": found[:_SEARCH_LIMIT]})
