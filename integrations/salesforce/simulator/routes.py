"""Which path and method leads to which handler; the word in the middle is the kind under which calls are counted."""

from . import control, oauth, rest_metadata, rest_query, soap, views
from .consent import STYLE
from .messages import Request, Response, route
from .org import Org


def _style(org: Org, request: Request) -> Response:
    return Response(STYLE, content_type="text/css;charset=UTF-8")


OPEN_ROUTES = (
    route("GET", "/services/oauth2/authorize", "authorize", oauth.authorize),
    route("POST", "/services/oauth2/authorize", "authorize", oauth.consent),
    route("GET", "/_pages/consent.css", "control", _style),
    route("POST", "/services/oauth2/token", "token", oauth.token),
    route("POST", "/services/oauth2/revoke", "revoke", oauth.revoke),
    route("GET", "/services/oauth2/revoke", "revoke", oauth.revoke),
    route("GET", "/services/oauth2/userinfo", "userinfo", oauth.userinfo),
    route("POST", "/services/oauth2/userinfo", "userinfo", oauth.userinfo),
    route("GET", "/id/{org_id}/{user_id}", "identity", oauth.identity),
    route("POST", r"/services/Soap/u/(?P<version>\d+\.\d)(?:/\w+)?", "soap_login", soap.soap),
    route("GET", "/services/data", "versions", rest_metadata.versions),
    route("GET", "/_control", "control", control.show_state),
    route("POST", "/_control", "control", control.set_state),
    route("GET", "/_control/calls", "control", control.show_calls),
    route("POST", "/_control/calls/reset", "control", control.reset_calls),
    route("POST", "/_control/{verb}", "control", control.change),
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
)
