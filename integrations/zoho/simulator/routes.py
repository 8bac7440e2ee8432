"""Which path and method leads to which handler; the word in the middle is the kind under which calls are counted."""

from integrations.simulation import consent
from integrations.simulation.messages import Request, Response, route
from integrations.simulation.problems import NoRoute

from . import (
    bulk_read,
    colleagues,
    emails,
    gone,
    layouts,
    listing,
    merging,
    metadata,
    oauth,
    querying,
    related,
    searching,
    views,
    watching,
    writing,
)
from .account import Account

_TABS = {"Potentials": "Deals", "Emails": emails.KIND}
"""Zoho's own addresses call deals by their former name."""


def record_page(account: Account, _request: Request, tab: str, record_id: str) -> Response:
    """Where people look at a record: the practice organisation has no pages of its own, others show it."""
    if not account.pages:
        raise NoRoute("GET")
    return Response(None, 302, {"Location": f"{account.pages}/{_TABS.get(tab, tab)}/{record_id}"})


OPEN_ROUTES = (
    route("GET", "/oauth/v2/auth", "authorize", oauth.authorize),
    route("POST", "/oauth/v2/auth", "authorize", oauth.consent),
    route("GET", consent.STYLE_PATH, "control", consent.style),
    route("POST", "/oauth/v2/token", "token", oauth.token),
    route("POST", "/oauth/v2/token/revoke", "revoke", oauth.revoke),
    route("GET", r"/crm/org\d+/tab/{tab}/{record_id}", "control", record_page),
)

BULK_ROUTES = (
    route("POST", "/read", "bulk_read", bulk_read.create),
    route("GET", "/read/{job_id}", "bulk_status", bulk_read.status),
    route("GET", "/read/{job_id}/result", "bulk_result", bulk_read.download),
)

NO_MODULES = frozenset({"settings", "actions", "coql", "org", "users"})

# What has a name of its own comes before what takes any module's.
DATA_ROUTES = (
    route("GET", "/settings/modules", "modules", metadata.modules),
    route("GET", "/settings/modules/{name}", "modules", metadata.module),
    route("GET", "/settings/fields", "fields", metadata.fields),
    route("POST", "/settings/fields", "fields_create", metadata.create_fields),
    route("GET", "/settings/fields/{field_id}", "fields", metadata.field),
    route("GET", "/settings/layouts", "layouts", layouts.layouts),
    route("GET", "/settings/layouts/{layout_id}", "layouts", layouts.layout),
    route("GET", "/settings/pipeline", "pipelines", metadata.pipelines),
    route("GET", "/settings/pipeline/{pipeline_id}", "pipelines", metadata.pipeline),
    route("GET", "/settings/custom_views", "views", views.custom_views),
    route("GET", "/settings/custom_views/{view_id}", "views", views.custom_view),
    route("GET", "/settings/related_lists", "related_lists", related.related_lists),
    route("GET", "/users", "users", colleagues.users),
    route("GET", "/users/{user_id}", "users", colleagues.user),
    route("GET", "/org", "org", colleagues.org),
    route("POST", "/coql", "coql", querying.query),
    route("GET", "/actions/watch", "watch", watching.channels),
    route("POST", "/actions/watch", "watch", watching.subscribe),
    route("PUT", "/actions/watch", "watch", watching.subscribe),
    route("PATCH", "/actions/watch", "watch", watching.renew),
    route("DELETE", "/actions/watch", "watch", watching.unsubscribe),
    route("GET", "/{module}", "list", listing.records),
    route("POST", "/{module}", "insert", writing.insert),
    route("PUT", "/{module}", "update", writing.update),
    route("DELETE", "/{module}", "delete", writing.delete),
    route("GET", "/{module}/search", "search", searching.search),
    route("GET", "/{module}/deleted", "deleted", gone.deleted),
    route("GET", "/{module}/actions/count", "count", searching.count),
    route("POST", "/{module}/upsert", "upsert", writing.upsert),
    route("GET", "/{module}/{record_id}", "read", listing.single),
    route("PUT", "/{module}/{record_id}", "update", writing.update_one),
    route("DELETE", "/{module}/{record_id}", "delete", writing.delete_one),
    route("POST", "/{module}/{record_id}/actions/merge", "merge", merging.merge_records),
    route("GET", "/{module}/{record_id}/actions/merge", "merge", merging.merge_status),
    route("POST", "/{module}/{record_id}/actions/associate_email", "associate_email", emails.associate),
    route("GET", "/{module}/{record_id}/actions/fetch_full_data", "read", listing.full_data),
    route("GET", "/{module}/{record_id}/Emails", "emails", emails.emails),
    route("GET", "/{module}/{record_id}/Emails/{message_id}", "emails", emails.email),
    route("POST", "/{module}/{record_id}/Notes", "insert", related.add_notes),
    route("GET", "/{module}/{record_id}/{name}", "related", related.related),
)
