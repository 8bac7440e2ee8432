"""The users of the organisation, and the organisation itself."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import TIME_ZONE, Account, version_of
from .errors import ZohoError
from .field_shapes import profile_id
from .ids import ZGID, made_id, named_id
from .limits import USERS_BOUGHT
from .moments import Zone, shown
from .names import user_ref
from .pages import numbered

_ADMIN, _ACTIVE = "json_extract(body, '$.profile') = 'Administrator'", "json_extract(body, '$.status') = 'active'"
_CONDITIONS = {
    "AllUsers": "1", "ActiveUsers": _ACTIVE,
    "DeactiveUsers": "json_extract(body, '$.status') = 'inactive'", "ConfirmedUsers": "1", "NotConfirmedUsers": "0",
    "DeletedUsers": "json_extract(body, '$.status') = 'deleted'",
    "ActiveConfirmedUsers": _ACTIVE,
    "AdminUsers": _ADMIN,
    "ActiveConfirmedAdmins": f"{_ADMIN} AND {_ACTIVE}",
    "ConfirmedReportingUsers": "0",
}  # fmt: skip
_THEME = {
    "normal_tab": {"font_color": "#FFFFFF", "background": "#222222"},
    "selected_tab": {"font_color": "#FFFFFF", "background": "#222222"}, "new_background": None, "background": "#F3F0EB",
    "screen": "fixed", "type": "default",
}  # fmt: skip
_ORG_MADE = "2022-01-10T08:00:00.000Z"


def users(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.users.READ")
    kind = request.query.get("type", "AllUsers")
    per_page, page = numbered(request)
    if kind != "CurrentUser" and kind not in _CONDITIONS:
        said = "Please check whether the input values are correct"
        raise ZohoError("PATTERN_NOT_MATCHED", said, details={"api_name": "type"})
    where = "id = ?" if kind == "CurrentUser" else _CONDITIONS[kind]
    values = (request.user_id,) if kind == "CurrentUser" else ()
    rows = account.store.find("users", where, values, order="id", limit=per_page + 1, offset=(page - 1) * per_page)
    if not rows:
        return Response(None, 204)
    info = {"per_page": per_page, "count": len(rows[:per_page]), "page": page, "more_records": len(rows) > per_page}
    return Response({"users": [_shape(account, row, version_of(request)) for row in rows[:per_page]], "info": info})


def user(account: Account, request: Request, user_id: str) -> Response:
    account.require(request, "ZohoCRM.users.READ")
    found = account.store.get("users", user_id)
    return Response({"users": [_shape(account, found, version_of(request))]}) if found else Response(None, 204)


def _shape(account: Account, row: Record, version: float) -> dict[str, Any]:
    body = row.body
    zone = Zone(body.get("time_zone") or TIME_ZONE)
    ref = user_ref(row.id, body)
    by = {"name": ref["name"], "id": ref["id"]}
    offset = zone.utcoffset(account.now().replace(tzinfo=None))
    role = body.get("role", "CEO")
    return {
        "country": body.get("country"), "language": "en_GB", "microsoft": False, "id": row.id, "state": None,
        "fax": None,
        "country_locale": "fr_FR" if version >= 8 else "FR", "sandboxDeveloper": False, "Reporting_To": None,
        "zip": None,
        "decimal_separator": "Period" if version >= 8 else "en_GB",
        "created_time": shown(row.created, zone), "time_format": "HH:mm",
        "offset": int(offset.total_seconds() * 1000) if offset else 0,
        "profile": {"name": body["profile"], "id": profile_id(body["profile"])}, "created_by": by,
        "zuid": zuid_of(row.id), "full_name": ref["name"], "territories": [], "phone": body.get("phone"),
        "Current_Shift__s": None, "dob": None, "status": body["status"],
        "role": {"name": role, "id": named_id("role", role)},
        "customize_info": {
            "notes_desc": None, "show_right_panel": None, "bc_view": None, "show_home": False, "show_detail_view": True,
            "show_left_panel": True, "unpin_recent_item": None,
        },
        "city": None, "distance_preference__s": "Kilometers", "signature": None,
        "name_format": "Salutation,First Name,Last Name", "locale": "en_GB", "Shift_Effective_From__s": None,
        "personal_account": False, "Isonline": False, "default_tab_group": "0", "Modified_By": by, "street": None,
        "alias": None, "theme": _THEME, "first_name": body["first_name"], "email": body["email"],
        "status_reason__s": None,
        "website": None, "Modified_Time": shown(row.updated, zone), "mobile": None, "last_name": body["last_name"],
        "time_zone": zone.key, "confirm": True, "Next_Shift__s": None, "date_format": "dd/MM/yyyy",
    }  # fmt: skip


def zuid_of(user_id: str) -> str:
    """The number of the person at Zoho, as opposed to that of the user in this organisation."""
    return f"75{int(user_id) % 10_000_000:07d}"


def org(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.org.READ")
    caller = account.store.get("users", account.user_id())
    zone = account.zone(account.user_id())
    return Response({"org": [{
        "country": "France", "hierarchy_preferences": {"type": "Role_Hierarchy"}, "photo_id": None, "city": "Lyon",
        "description": None, "type": "production", "mc_status": False, "gapps_enabled": False,
        "lite_users_enabled": False,
        "domain_name": f"org{ZGID}", "translation_enabled": False, "street": None, "alias": None,
        "currency": "Euro - EUR",
        "deletable_org_account": False, "id": made_id(20_005), "state": None, "fax": None, "employee_count": "40",
        "zip": None, "created_time": shown(_ORG_MADE, zone), "website": None, "currency_symbol": "€", "mobile": None,
        "currency_locale": "fr_FR", "primary_zuid": zuid_of(account.user_id()), "zia_portal_id": ZGID,
        "time_zone": TIME_ZONE, "zgid": ZGID, "country_code": "FR",
        "license_details": {
            "paid_expiry": shown("2030-01-10T08:00:00.000Z", zone), "users_license_purchased": USERS_BOUGHT,
            "trial_type": None, "trial_expiry": None, "paid": True, "paid_type": "enterprise",
            "portal_users_license_purchased": 0,
        },
        "phone": None, "company_name": "Aldervale", "privacy_settings": False,
        "primary_email": caller.body["email"] if caller else None, "hipaa_compliance_enabled": False, "iso_code": "EUR",
    }]})  # fmt: skip
