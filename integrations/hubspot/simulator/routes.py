"""Which path and method leads to which handler; the word in the middle is the kind under which calls are counted."""

from integrations.simulation import consent
from integrations.simulation.messages import Request, Response, route

from . import (
    account,
    associations,
    associations_v3,
    batches,
    lists,
    metadata,
    oauth,
    objects,
    owners,
    pipelines,
    reads,
    search,
)
from .errors import PageError
from .kinds import kind_of
from .portal import Portal


def record_page(portal: Portal, request: Request, object_type: str, record_id: str, portal_id: str = "") -> Response:
    """Where people look at a record: the practice portal has no pages of its own, others show it."""
    if not portal.pages or portal_id != str(portal.portal_id):
        raise PageError(request)
    return Response(None, 302, {"Location": f"{portal.pages}/{kind_of(object_type).name}/{record_id}"})


OPEN_ROUTES = (
    route("GET", "/oauth/authorize", "authorize", oauth.authorize),
    route("GET", r"/oauth/(?P<portal_id>\d+)/authorize", "authorize", oauth.authorize),
    route("POST", "/oauth/authorize", "authorize", oauth.consent),
    route("GET", consent.STYLE_PATH, "control", consent.style),
    route("POST", "/oauth/token", "token", oauth.token),
    route("POST", "/oauth/token/introspect", "token", oauth.introspect),
    route("POST", "/oauth/token/revoke", "revoke", oauth.revoke),
    route("GET", "/oauth/access-tokens/{token}", "token", oauth.access_token_v1),
    route("GET", "/oauth/refresh-tokens/{token}", "token", oauth.refresh_token_v1),
    route("DELETE", "/oauth/refresh-tokens/{token}", "revoke", oauth.delete_refresh_token_v1),
    route("GET", "/contacts/{portal_id}/record/{object_type}/{record_id}", "control", record_page),
)
SEARCH = "search"
_OF = "/objects/{object_type}"
_LINKS = "/associations/{start}/{end}"
_LINKS_V3 = "/associations-v3/{start}/{end}"
_LINK = "/objects/{start}/{record_id}/associations"
_PROPERTIES = "/properties/{object_type}"
DATA_ROUTES = (
    route("GET", "/account-info/details", "account", account.details),
    route("GET", "/account-info/api-usage/daily/private-apps", "account", account.usage_today),
    route("GET", "/schemas", "schemas", account.schemas),
    route("GET", "/schemas/{object_type}", "schemas", account.schema_of),
    route("POST", f"{_OF}/search", SEARCH, search.search),
    route("POST", f"{_OF}/batch/read", "batch_read", reads.read_batch),
    route("POST", f"{_OF}/batch/create", "batch_create", batches.create_batch),
    route("POST", f"{_OF}/batch/update", "batch_update", batches.update_batch),
    route("POST", f"{_OF}/batch/upsert", "batch_upsert", batches.upsert_batch),
    route("POST", f"{_OF}/batch/archive", "batch_archive", batches.archive_batch),
    route("POST", f"{_OF}/merge", "merge", objects.merge_two),
    route("GET", _OF, "list", reads.read_page),
    route("POST", _OF, "create", objects.create),
    route("GET", f"{_OF}/{{record_id}}", "get", reads.read_one),
    route("PATCH", f"{_OF}/{{record_id}}", "update", objects.update),
    route("DELETE", f"{_OF}/{{record_id}}", "archive", objects.archive),
    route("PUT", f"{_LINK}/default/{{end}}/{{other_id}}", "associate", associations.put_default),
    route("GET", f"{_LINK}/{{end}}", "associations", associations.read_of_one),
    route("PUT", f"{_LINK}/{{end}}/{{other_id}}", "associate", associations.put_labelled),
    route("DELETE", f"{_LINK}/{{end}}/{{other_id}}", "dissociate", associations.delete_link),
    route("POST", f"{_LINKS}/batch/read", "associations", associations.read_batch),
    route("POST", f"{_LINKS}/batch/create", "associate", associations.create_batch),
    route("POST", f"{_LINKS}/batch/associate/default", "associate", associations.create_default_batch),
    route("POST", f"{_LINKS}/batch/archive", "dissociate", associations.archive_batch),
    route("POST", f"{_LINKS}/batch/labels/archive", "dissociate", associations.archive_labels),
    route("GET", f"{_LINKS}/labels", "labels", associations.read_labels),
    route("POST", f"{_LINKS_V3}/batch/read", "associations", associations_v3.read_batch),
    route("POST", f"{_LINKS_V3}/batch/create", "associate", associations_v3.create_batch),
    route("POST", f"{_LINKS_V3}/batch/archive", "dissociate", associations_v3.archive_batch),
    route("GET", f"{_LINKS_V3}/types", "labels", associations_v3.read_types),
    route("GET", _PROPERTIES, "properties", metadata.read_all),
    route("POST", _PROPERTIES, "create_property", metadata.create_one),
    route("POST", f"{_PROPERTIES}/batch/read", "properties", metadata.read_batch),
    route("POST", f"{_PROPERTIES}/batch/create", "create_property", metadata.create_batch),
    route("POST", f"{_PROPERTIES}/batch/archive", "archive_property", metadata.archive_batch),
    route("GET", f"{_PROPERTIES}/groups", "properties", metadata.read_groups),
    route("POST", f"{_PROPERTIES}/groups", "create_property", metadata.create_group),
    route("GET", f"{_PROPERTIES}/{{name}}", "properties", metadata.read_one),
    route("PATCH", f"{_PROPERTIES}/{{name}}", "create_property", metadata.update_one),
    route("DELETE", f"{_PROPERTIES}/{{name}}", "archive_property", metadata.archive_one),
    route("GET", "/pipelines/{object_type}", "pipelines", pipelines.read_all),
    route("GET", "/pipelines/{object_type}/{pipeline_id}", "pipelines", pipelines.read_one),
    route("GET", "/pipelines/{object_type}/{pipeline_id}/stages", "pipelines", pipelines.read_stages),
    route("GET", "/pipelines/{object_type}/{pipeline_id}/stages/{stage_id}", "pipelines", pipelines.read_stage),
    route("GET", "/owners", "owners", owners.read_page),
    route("GET", "/owners/{owner_id}", "owners", owners.read_one),
    route("POST", "/lists/search", "lists", lists.search),
    route("GET", "/lists", "lists", lists.read_many),
    route("GET", "/lists/{list_id}", "lists", lists.read_one),
    route("GET", "/lists/{list_id}/memberships", "members", lists.read_members),
)
