"""What an org says of itself: versions, resources, objects, describes and limits."""

# ruff: noqa: ARG001  all handlers have one signature

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from integrations.simulation.messages import Request, Response

from . import describe
from .errors import ApiError, not_found
from .fields import SObject
from .org import Org
from .organization import ORG_ID
from .soql.run import run

FIRST_VERSION, LAST_VERSION = 31, 68
_SEASONS = ("Spring", "Summer", "Winter")
_RESOURCES = (
    "tooling", "metadata", "eclair", "folders", "jsonxform", "chatter", "payments", "tabs", "appMenu", "quickActions", "queryAll",
    "commerce", "wave", "iot", "analytics", "search", "smartdatadiscovery", "identity", "composite", "parameterizedSearch",
    "fingerprint", "theme", "nouns", "domino", "event", "serviceTemplates", "recent", "connect", "licensing", "limits", "process",
    "dedupe", "async-queries", "query", "jobs", "localizedvalue", "mobile", "emailConnect", "consent", "tokenizer", "compactLayouts",
    "sobjects", "actions", "support",
)  # fmt: skip
_LIMITS = {
    "ConcurrentAsyncGetReportInstances": 200, "ConcurrentSyncReportRuns": 20, "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000, "DailyBulkV2QueryFileStorageMB": 976_562, "DailyBulkV2QueryJobs": 10_000,
    "DailyStreamingApiEvents": 10_000, "DailyWorkflowEmails": 1_000, "DataStorageMB": 1_024, "FileStorageMB": 10_240,
    "HourlyAsyncReportRuns": 1_200, "HourlySyncReportRuns": 500, "MassEmail": 5_000, "SingleEmail": 5_000,
}  # fmt: skip


def versions(org: Org, request: Request) -> Response:
    return Response([_version(n) for n in range(FIRST_VERSION, LAST_VERSION + 1)])


def _version(number: int) -> dict[str, str]:
    # 31 was Summer '14, and three releases a year followed; Winter is named for the coming year.
    season = _SEASONS[(number - 30) % 3]
    year = 14 + (number - 30) // 3 + (season == "Winter")
    return {"label": f"{season} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}


def resources(org: Org, request: Request) -> Response:
    urls = {name: f"{request.base}/{name}" for name in _RESOURCES}
    return Response({**urls, "identity": f"{request.origin}/id/{ORG_ID}/{request.user_id}"})


def known(org: Org, name: str) -> SObject:
    sobject = org.store.schema.sobject(name)
    if sobject is None:
        raise not_found()
    return sobject


def sobjects(org: Org, request: Request) -> Response:
    found = [describe.brief(o, request.base) for o in org.store.schema.objects.values()]
    return Response({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})


def sobject_info(org: Org, request: Request, name: str) -> Response:
    sobject = known(org, name)
    text = f"SELECT FIELDS(STANDARD) FROM {sobject.name} ORDER BY LastModifiedDate DESC LIMIT 5"
    recent = [] if sobject.is_setup else run(org.store, text, org.asker(request))["records"]
    return Response({"objectDescribe": describe.brief(sobject, request.base), "recentItems": recent})


def describe_sobject(org: Org, request: Request, name: str) -> Response:
    sobject = known(org, name)
    changed = datetime.fromisoformat(org.store.state("schema_changed", "2026-01-01T00:00:00.000+0000"))
    headers = {"Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True)}
    if since := request.headers.get("if-modified-since"):
        try:
            if changed <= parsedate_to_datetime(since):
                return Response(None, 304, headers)
        except ValueError:
            raise ApiError("INVALID_FIELD", f"Invalid If-Modified-Since: {since}") from None
    recorded = org.store.state(f"recorded:{sobject.name}", {})
    return Response(
        describe.describe(org.store.schema, sobject, request.base, request.origin, recorded), headers=headers
    )


def limits(org: Org, request: Request) -> Response:
    left = max(0, org.quota - org.used())
    found = {"DailyApiRequests": {"Max": org.quota, "Remaining": left}}
    found.update((name, {"Max": most, "Remaining": most}) for name, most in _LIMITS.items())
    return Response(dict(sorted(found.items())))


def record_count(org: Org, request: Request) -> Response:
    names = [n for n in request.query.get("sObjects", "").split(",") if n] or list(org.store.schema.objects)
    found = []
    for name in names:
        sobject = known(org, name)
        row = org.store.one(f'SELECT count(*) FROM "{sobject.name}"')
        found.append({"count": row[0] if row else 0, "name": sobject.name})
    return Response({"sObjects": found})
