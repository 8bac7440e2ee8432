"""Which path and method leads to which handler, and under which kind it is counted."""

from integrations.simulation import consent
from integrations.simulation.messages import Handler, Request, Response, route

from . import attributes, companies, contacts, conversations, oauth
from .errors import missing
from .shapes import admin
from .workspace import Workspace


def _me(space: Workspace, request: Request) -> Response:
    record = space.book.get("admin", request.user_id) or space.admin()
    own = space.credentials
    app = {
        "type": "app", "id_code": own.workspace_id, "name": own.workspace_name, "created_at": 1_641_801_600,
        "secure": False, "identity_verification": False, "timezone": space.setting("timezone"),
        "region": space.setting("region"),
    }  # fmt: skip
    return Response(admin(record) | {"email_verified": True, "avatar": None, "app": app})


def _admins(space: Workspace, _request: Request) -> Response:
    return Response({"type": "admin.list", "admins": [admin(one) for one in space.book.find("admin")]})


def _tags(space: Workspace, _request: Request) -> Response:
    data = [{"type": "tag", "id": one.id, "name": one.body["name"]} for one in space.book.find("tag")]
    return Response({"type": "list", "data": data})


def _page(kind: str) -> Handler:
    """Where people look at a record: the app's own page, which here is the desk's."""

    def show(space: Workspace, _request: Request, number: str, workspace: str) -> Response:
        if not space.pages or workspace != space.credentials.workspace_id:
            raise missing()
        return Response(None, 302, {"Location": f"{space.pages}/{kind}/{number}"})

    return show


OPEN_ROUTES = (
    route("GET", "/oauth", "consent", oauth.authorize),
    route("POST", "/oauth", "consent", oauth.consent),
    route("POST", "/auth/eagle/token", "token", oauth.token),
    route("GET", consent.STYLE_PATH, "consent", consent.style),
    route("GET", "/a/apps/{workspace}/companies/{number}", "page", _page("company")),
    route("GET", "/a/apps/{workspace}/users/{number}/all-conversations", "page", _page("contact")),
    route("GET", "/a/inbox/{workspace}/inbox/conversation/{number}", "page", _page("conversation")),
)
DATA_ROUTES = (
    route("GET", "/me", "me", _me),
    route("GET", "/admins", "admins", _admins),
    route("GET", "/companies/scroll", "scroll", companies.scroll),
    route("POST", "/companies/list", "companies", companies.list_all),
    route("GET", "/companies", "company", companies.find),
    route("POST", "/companies", "create", companies.create_or_update),
    route("GET", "/companies/{company_id}", "company", companies.read),
    route("PUT", "/companies/{company_id}", "update", companies.update),
    route("DELETE", "/companies/{company_id}", "delete", companies.delete),
    route("GET", "/companies/{company_id}/contacts", "company-contacts", companies.people),
    route("POST", "/contacts/search", "search-contacts", contacts.find),
    route("POST", "/contacts/merge", "merge", contacts.merge),
    route("GET", "/contacts/find_by_external_id/{external_id}", "contact", contacts.by_external_id),
    route("GET", "/contacts", "contacts", contacts.list_all),
    route("POST", "/contacts", "create", contacts.create),
    route("GET", "/contacts/{contact_id}", "contact", contacts.read),
    route("PUT", "/contacts/{contact_id}", "update", contacts.update),
    route("DELETE", "/contacts/{contact_id}", "delete", contacts.delete),
    route("POST", "/contacts/{contact_id}/archive", "delete", contacts.archive),
    route("POST", "/contacts/{contact_id}/unarchive", "update", contacts.unarchive),
    route("GET", "/contacts/{contact_id}/companies", "contact-companies", contacts.companies_of),
    route("POST", "/contacts/{contact_id}/companies", "update", contacts.attach),
    route("DELETE", "/contacts/{contact_id}/companies/{company_id}", "update", contacts.detach),
    route("GET", "/contacts/{contact_id}/notes", "notes", contacts.notes),
    route("POST", "/contacts/{contact_id}/notes", "create", contacts.add_note),
    route("GET", "/notes/{note_id}", "notes", contacts.read_note),
    route("GET", "/tags", "tags", _tags),
    route("POST", "/conversations/search", "search-conversations", conversations.find),
    route("GET", "/conversations", "conversations", conversations.list_all),
    route("POST", "/conversations", "create", conversations.create),
    route("GET", "/conversations/{number}", "conversation", conversations.read),
    route("PUT", "/conversations/{number}", "update", conversations.update),
    route("DELETE", "/conversations/{number}", "delete", conversations.delete),
    route("POST", "/conversations/{number}/reply", "update", conversations.reply),
    route("GET", "/data_attributes", "attributes", attributes.list_all),
    route("POST", "/data_attributes", "create-attribute", attributes.create),
    route("PUT", "/data_attributes/{attribute_id}", "create-attribute", attributes.update),
)
