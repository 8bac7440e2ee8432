"""Which path and method leads to which handler; the word in the middle is the kind under which calls are counted."""

from integrations.simulation import consent
from integrations.simulation.messages import Request, Response, route

from . import (
    bulk,
    composite,
    oauth,
    rest_collections,
    rest_metadata,
    rest_query,
    rest_rows,
    soap,
    tooling,
    views,
)
from .errors import not_found
from .org import Org


def record_page(org: Org, _request: Request, record_id: str, name: str = "") -> Response:
    """Where people look at a record: the practice org has no pages of its own, others show it."""
    found = name or next((o.name for o in org.store.schema.everything.values() if o.prefix == record_id[:3]), "")
    if not org.pages or not found:
        raise not_found()
    return Response(None, 302, {"Location": f"{org.pages}/{found}/{record_id}"})


OPEN_ROUTES = (
    route("GET", "/services/oauth2/authorize", "authorize", oauth.authorize),
    route("POST", "/services/oauth2/authorize", "authorize", oauth.consent),
    route("GET", consent.STYLE_PATH, "control", consent.style),
    route("POST", "/services/oauth2/token", "token", oauth.token),
    route("POST", "/services/oauth2/revoke", "revoke", oauth.revoke),
    route("GET", "/services/oauth2/revoke", "revoke", oauth.revoke),
    route("GET", "/services/oauth2/userinfo", "userinfo", oauth.userinfo),
    route("POST", "/services/oauth2/userinfo", "userinfo", oauth.userinfo),
    route("GET", "/id/{org_id}/{user_id}", "identity", oauth.identity),
    route("POST", r"/services/Soap/u/(?P<version>\d+\.\d)(?:/\w+)?", "soap_login", soap.soap),
    route("GET", "/services/data", "versions", rest_metadata.versions),
    route("GET", "/lightning/r/{name}/{record_id}/view", "control", record_page),
    route("GET", "/(?P<record_id>[a-zA-Z0-9]{15,18})", "control", record_page),
)

DATA_ROUTES = (
    route("GET", "", "resources", rest_metadata.resources),
    route("GET", "/query", "query", rest_query.query),
    route("GET", "/queryAll", "query_all", rest_query.query_all),
    route("GET", "/query/{locator}", "query_more", rest_query.query_more),
    route("GET", "/queryAll/{locator}", "query_more", rest_query.query_more),
    route("GET", "/search", "search", rest_query.search),
    route("GET", "/limits", "limits", rest_metadata.limits),
    route("GET", "/limits/recordCount", "limits", rest_metadata.record_count),
    route("GET", "/sobjects", "sobjects", rest_metadata.sobjects),
    route("GET", "/sobjects/{name}", "sobject", rest_metadata.sobject_info),
    route("GET", "/sobjects/{name}/describe", "describe", rest_metadata.describe_sobject),
    route("GET", "/sobjects/{name}/listviews", "list_views", views.list_views),
    route("GET", "/sobjects/{name}/listviews/{view_id}", "view", views.view_basics),
    route("GET", "/sobjects/{name}/listviews/{view_id}/describe", "view", views.view_describe),
    route("GET", "/sobjects/{name}/listviews/{view_id}/results", "view_results", views.view_results),
    route("POST", "/sobjects/FieldPermissions", "tooling", tooling.create_permissions),
    route("PATCH", "/sobjects/FieldPermissions/{record_id}", "tooling", tooling.update_permissions),
    route("POST", "/tooling/sobjects/CustomField", "tooling", tooling.create_field),
    route("POST", "/sobjects/{name}", "create", rest_rows.create_row),
    route("GET", "/sobjects/{name}/deleted", "deleted", rest_rows.deleted),
    route("GET", "/sobjects/{name}/updated", "updated", rest_rows.updated),
    route("GET", "/sobjects/ContentNote/{record_id}/Content", "content", rest_rows.read_content),
    route("GET", "/sobjects/{name}/{record_id}", "row", rest_rows.read_row),
    route("PATCH", "/sobjects/{name}/{record_id}", "update", rest_rows.update_row),
    route("DELETE", "/sobjects/{name}/{record_id}", "delete", rest_rows.delete_row),
    route("GET", "/sobjects/{name}/{field}/(?P<value>.+?)", "row", rest_rows.read_by_key),
    route("PATCH", "/sobjects/{name}/{field}/(?P<value>.+?)", "upsert", rest_rows.upsert_row),
    route("DELETE", "/sobjects/{name}/{field}/(?P<value>.+?)", "delete", rest_rows.delete_by_key),
    route("POST", "/composite", "composite", composite.composite),
    route("POST", "/composite/batch", "batch", composite.batch),
    route("POST", "/composite/sobjects", "create_many", rest_collections.create_many),
    route("PATCH", "/composite/sobjects", "update_many", rest_collections.update_many),
    route("DELETE", "/composite/sobjects", "delete_many", rest_collections.delete_many),
    route("GET", "/composite/sobjects/{name}", "retrieve", rest_collections.read_many),
    route("POST", "/composite/sobjects/{name}", "retrieve", rest_collections.read_many),
    route("PATCH", "/composite/sobjects/{name}/{field}", "upsert_many", rest_collections.upsert_many),
    route("POST", "/jobs/query", "bulk", bulk.create_query),
    route("GET", "/jobs/(?P<kind>query|ingest)", "bulk", bulk.list_jobs),
    route("GET", "/jobs/query/{job_id}", "bulk", bulk.query_state),
    route("PATCH", "/jobs/query/{job_id}", "bulk", bulk.abort_query),
    route("GET", "/jobs/query/{job_id}/results", "bulk", bulk.query_results),
    route("DELETE", "/jobs/query/{job_id}", "bulk", bulk.delete_query),
    route("POST", "/jobs/ingest", "bulk", bulk.create_ingest),
    route("PUT", "/jobs/ingest/{job_id}/batches", "bulk", bulk.upload),
    route("GET", "/jobs/ingest/{job_id}", "bulk", bulk.ingest_state),
    route("PATCH", "/jobs/ingest/{job_id}", "bulk", bulk.change_ingest),
    route("DELETE", "/jobs/ingest/{job_id}", "bulk", bulk.delete_ingest),
    route(
        "GET",
        "/jobs/ingest/{job_id}/(?P<which>successfulResults|failedResults|unprocessedrecords)",
        "bulk",
        bulk.ingest_results,
    ),
)
