"""E-mails of a record, ten at a time; they are no module, and only one of them at a time shows its text."""

# Source: the V7 pages "Get Emails of a Record" and "Associate Email with a Record".

# ruff: noqa: ARG001  all handlers have one signature

import hashlib
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account, items_of
from .errors import ZohoError, invalid, invalid_module, mandatory
from .moments import Zone, parsed, shown, stored
from .schema import Module
from .shapes import by_ref

KIND = "_email"
PER_PAGE = 10
LONGEST_SUBJECT = 250
_TYPES = (
    "sent_from_crm", "scheduled_in_crm", "drafts", "user_emails", "all_contacts_sent_crm_emails",
    "all_contacts_scheduled_crm_emails", "all_contacts_draft_crm_emails",
)  # fmt: skip
_SUPPORTED = ("Leads", "Accounts", "Contacts", "Deals")


def emails(account: Account, request: Request, module: str, record_id: str) -> Response:
    _supported(account, request, module, record_id)
    kind = request.query.get("type", "")
    if kind and kind not in _TYPES:
        raise invalid(param_name="type")
    if account.faults.emails_unavailable:
        raise ZohoError(
            "CANNOT_PROCESS", "The search function is temporarily unavailable", details={"reason": "search"}
        )
    found = _found(account, module, record_id, kind)
    start = _start(found, request.query.get("index"))
    page = found[start : start + PER_PAGE]
    if not page:
        return Response(None, 204)
    more = start + PER_PAGE < len(found)
    zone = account.zone(request.user_id)
    info = {
        "per_page": PER_PAGE, "next_index": found[start + PER_PAGE].id if more else None, "count": len(page),
        "prev_index": found[start - PER_PAGE].id if start else "0", "more_records": more,
    }  # fmt: skip
    return Response({"Emails": [_shape(account, one, zone) for one in page], "info": info})


def email(account: Account, request: Request, module: str, record_id: str, message_id: str) -> Response:
    _supported(account, request, module, record_id)
    one = account.store.get(KIND, message_id)
    if one is None or one.body["record"] != record_id:
        return Response(None, 204)
    whole = {
        **_shape(account, one, account.zone(request.user_id)), "content": one.body["content"], "mail_format": "html",
        "attachments": [], "reply_to": None, "editable": False,
    }  # fmt: skip
    return Response({"Emails": [whole]})


def _supported(account: Account, request: Request, module: str, record_id: str) -> Module:
    found = account.module(request, module, "READ", more=["ZohoCRM.modules.emails.READ"])
    if not found.custom and found.name not in _SUPPORTED:
        raise invalid_module()
    if account.store.get(found.name, record_id) is None:
        raise invalid("the id given seems to be invalid", resource_path_index=1)
    return found


def _found(account: Account, module: str, record_id: str, kind: str) -> list[Record]:
    """Newest first. Those of an account's people are listed with it only when that is asked for."""
    if kind in {"scheduled_in_crm", "drafts", "all_contacts_scheduled_crm_emails", "all_contacts_draft_crm_emails"}:
        return []
    where = f"kind = '{KIND}' AND json_extract(body, '$.record') = ? COLLATE NOCASE"
    if kind == "all_contacts_sent_crm_emails":
        where = """json_extract(body, '$.module') = 'Contacts' AND json_extract(body, '$.record') IN (
            SELECT id FROM _record
            WHERE kind = 'Contacts' AND gone IS NULL AND json_extract(body, '$.Account_Name') = ? COLLATE NOCASE)"""
    found = account.store.find(KIND, where, (record_id,))
    if kind == "user_emails":
        found = [one for one in found if not one.body["sent"]]
    return sorted(found, key=lambda one: (one.body["time"], one.row), reverse=True)


def _start(found: list[Record], index: str | None) -> int:
    if not index or index == "0":
        return 0
    places = [place for place, one in enumerate(found) if one.id == index]
    if not places:
        raise invalid(param_name="index")
    return places[0]


def _shape(account: Account, one: Record, zone: Zone) -> dict[str, Any]:
    body = one.body
    return {
        "cc": body.get("cc"), "has_thread_attachment": False, "summary": None,
        "owner": by_ref(account.user(body["by"])),
        "read": True, "subject": body["subject"], "message_id": one.id, "has_attachment": False, "source": "individual",
        "sent": body["sent"], "intent": None, "sentiment_info": None, "linked_record": None, "related_to_record": None,
        "emotion": None, "from": body["from"], "to": body["to"], "time": shown(body["time"], zone),
        "status": [{"type": "sent"}] if body["sent"] else [{"type": "received"}],
    }  # fmt: skip


# --- Logging one -----------------------------------------------------------------------------------------------------
def associate(account: Account, request: Request, module: str, record_id: str) -> Response:
    account.require(request, "ZohoCRM.modules.emails.ALL")
    found = account.module(request, module, "UPDATE")
    if not found.custom and found.name not in _SUPPORTED:
        raise ZohoError("INVALID_MODULE", "permission denied to access the api", details={"resource_path_index": 0})
    if account.store.get(found.name, record_id) is None:
        raise invalid("the parent entity id given seems to be invalid", resource_path_index=1)
    results, statuses = [], []
    for number, one in enumerate(items_of(request, "Emails")):
        try:
            message_id = _keep(account, request, found, record_id, one, f"$.Emails[{number}]")
        except ZohoError as error:
            results.append(error.body())
            statuses.append(error.status)
            continue
        said = "Your mail has been added successfully"
        results.append({"code": "SUCCESS", "details": {"message_id": message_id}, "message": said, "status": "success"})
        statuses.append(200)
    return Response({"Emails": results}, max(statuses))


def _keep(account: Account, request: Request, module: Module, record_id: str, wanted: Any, path: str) -> str:
    if not isinstance(wanted, dict):
        raise invalid(expected_data_type="jsonobject", json_path=path)
    for name in ("from", "to", "subject", "date_time", "sent", "original_message_id"):
        if wanted.get(name) in (None, "", []):
            raise mandatory(name, f"{path}.{name}")
    if len(str(wanted["subject"])) > LONGEST_SUBJECT:
        raise invalid(api_name="subject", json_path=f"{path}.subject", maximum_length=LONGEST_SUBJECT)
    moment = parsed(wanted["date_time"])
    if moment is None:
        raise invalid(expected_data_type="datetime", api_name="date_time", json_path=f"{path}.date_time")
    message_id = hashlib.sha256(f"{record_id}/{wanted['original_message_id']}".encode()).hexdigest()
    if account.store.get(KIND, message_id):
        details = {"api_name": "original_message_id", "json_path": f"{path}.original_message_id"}
        raise ZohoError("DUPLICATE_DATA", "duplicate data", details=details)
    body = {
        "module": module.name, "record": record_id, "from": wanted["from"], "to": wanted["to"], "cc": wanted.get("cc"),
        "subject": wanted["subject"], "content": wanted.get("content", ""), "time": stored(moment),
        "sent": bool(wanted["sent"]),
        "by": request.user_id,
    }  # fmt: skip
    return account.store.insert(KIND, body, message_id).id
