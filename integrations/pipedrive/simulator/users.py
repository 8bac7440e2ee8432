"""Users (v1): no pages; people who left stay in the list, inactive, and records keep them as owners."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account
from .errors import PLAIN, ApiError, bad_request

Row = dict[str, Any]
_PERMISSIONS = (
    "can_add_custom_fields", "can_add_products", "can_add_prospects_as_leads", "can_bulk_edit_items",
    "can_change_visibility_of_items", "can_convert_deals_to_leads", "can_create_own_workflow", "can_delete_activities",
    "can_delete_custom_fields", "can_delete_deals", "can_edit_custom_fields", "can_edit_deals_closed_date",
    "can_edit_products",
    "can_edit_shared_filters", "can_export_data_from_lists", "can_follow_other_users", "can_merge_deals",
    "can_merge_organizations", "can_merge_people", "can_modify_labels", "can_see_company_wide_statistics",
    "can_see_deals_list_summary", "can_see_hidden_items_names", "can_see_other_users", "can_share_filters",
)  # fmt: skip


def list_users(account: Account, request: Request) -> Response:
    rows = [row(user, request.user_id) for user in account.users()]
    beyond = {"company_id": account.credentials.company_id}
    return Response({"success": True, "data": rows, "additional_data": beyond}, content_type=PLAIN)


def me(account: Account, request: Request) -> Response:
    who = account.credentials
    found = next(user for user in account.users() if user.id == request.user_id)
    more = {
        "company_id": who.company_id, "company_name": who.company_name, "company_domain": who.company_domain,
        "company_country": "FR", "company_industry": "IT Services",
        "language": {"language_code": "en", "country_code": "US"},
    }  # fmt: skip
    return Response({"success": True, "data": {**row(found, request.user_id), **more}}, content_type=PLAIN)


def read_user(account: Account, request: Request, number: str) -> Response:
    return Response({"success": True, "data": row(_user(account, number), request.user_id)}, content_type=PLAIN)


def find_users(account: Account, request: Request) -> Response:
    term, by_email = request.query.get("term", ""), request.query.get("search_by_email") == "1"
    if not term:
        raise bad_request()
    looked = "email" if by_email else "name"
    rows = [row(u, request.user_id) for u in account.users() if term.casefold() in u.body[looked].casefold()]
    return Response({"success": True, "data": rows}, content_type=PLAIN)


def permissions(account: Account, _request: Request, number: str) -> Response:
    user = _user(account, number)
    data = {name: bool(user.body["is_admin"]) or "custom_fields" not in name for name in _PERMISSIONS}
    return Response({"success": True, "data": data}, content_type=PLAIN)


def settings(_account: Account, _request: Request) -> Response:
    data = {
        "marketplace_team": False, "list_limit": 100, "beta_app": False, "prevent_salesphone_callto_override": False,
        "file_upload_destination": "s3", "callto_link_syntax": "callto:[number]",
        "autofill_deal_expected_close_date": False, "person_duplicate_condition": "name && (org_id || email || phone)",
    }  # fmt: skip
    return Response({"success": True, "data": data}, content_type=PLAIN)


def invite(account: Account, request: Request) -> Response:
    given = request.record
    email = str(given.get("email", ""))
    if "@" not in email:
        raise bad_request()
    moment = stamps.v1(account.book.now)
    body = {
        **account.user().body, "name": email.partition("@")[0], "email": email, "is_admin": 0, "role_id": 2,
        "active_flag": bool(given.get("active_flag", True)), "access": given.get("access") or [{"app": "sales"}],
        "has_created_company": False, "created": moment, "modified": moment, "last_login": None,
    }  # fmt: skip
    return Response({"success": True, "data": row(account.book.add("user", body), request.user_id)}, content_type=PLAIN)


def update_user(account: Account, request: Request, number: str) -> Response:
    """Somebody leaves, or comes back."""
    user, given = _user(account, number), request.record
    if not isinstance(given.get("active_flag"), bool):
        raise bad_request()
    user.body["active_flag"] = given["active_flag"]
    account.book.save(user)
    return Response({"success": True, "data": row(user, request.user_id)}, content_type=PLAIN)


def _user(account: Account, number: str) -> Record:
    found = account.book.get("user", number)
    if found is None:
        # A shorter envelope than elsewhere in v1.
        raise ApiError(404, {"success": False, "error": "User not found or not accessible."})
    return found


def row(user: Record, you: str) -> Row:
    body = user.body
    names = (
        "name", "email", "lang", "locale", "timezone_name", "timezone_offset", "default_currency", "icon_url",
        "active_flag",
        "is_deleted", "is_admin", "role_id", "created", "has_created_company",
    )  # fmt: skip
    return {
        "id": int(user.id), **{name: body[name] for name in names}, "is_you": user.id == you, "access": body["access"],
        "phone": body["phone"], "modified": body["modified"], "last_login": body["last_login"],
    }  # fmt: skip
