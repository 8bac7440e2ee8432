"""E-mails (v1): threads of the caller's own mailbox, and what was exchanged with one organization, person or deal.

Flags are 0 and 1, and no message carries the number that Google or Microsoft knows it by.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import PLAIN, bad_request, v1_missing
from .objects import BY_PLURAL, at
from .paging import Slice

Row = dict[str, Any]
FOLDERS = ("inbox", "drafts", "sent", "archive")
_LINK = {"organizations": "org_id", "persons": "person_id", "deals": "deal_id"}


def messages_of(account: Account, request: Request, plural: str, number: str) -> Response:
    obj, part = BY_PLURAL[plural], Slice.of(request)
    if account.book.get(obj.kind, number) is None:
        raise v1_missing(obj.noun)
    where, order = f"{at(_LINK[plural])} = ?", f"{at('message_time')} DESC"
    found = account.book.find("mailMessage", where, [int(number)], order=order, limit=part.limit + 1, offset=part.start)
    with_body = request.query.get("include_body") == "1"
    rows = [
        {
            "object": "mailMessage",
            "timestamp": one.body["message_time"],
            "data": message_row(account, one, with_body=with_body),
        }
        for one in found[: part.limit]
    ]
    return part.answer(rows, more=len(found) > part.limit)


def list_threads(account: Account, request: Request) -> Response:
    """Only the caller's: nobody reads a colleague's mailbox."""
    folder, part = request.query.get("folder", "inbox"), Slice.of(request, 50)
    if folder not in FOLDERS:
        raise bad_request()
    where = f"{at('user_id')} = ? AND {at('folder')} = ?"
    found = account.book.find(
        "mailThread", where, [int(request.user_id), folder], limit=part.limit + 1, offset=part.start
    )
    return part.answer([_thread(one) for one in found[: part.limit]], more=len(found) > part.limit)


def read_thread(account: Account, request: Request, number: str) -> Response:
    return Response({"success": True, "data": _thread(_own(account, request, number))}, content_type=PLAIN)


def update_thread(account: Account, request: Request, number: str) -> Response:
    record, given = _own(account, request, number), request.record
    record.body.update(
        {k: v for k, v in given.items() if k in ("deal_id", "shared_flag", "read_flag", "archived_flag")}
    )
    account.book.save(record)
    return Response({"success": True, "data": _thread(record)}, content_type=PLAIN)


def delete_thread(account: Account, request: Request, number: str) -> Response:
    account.book.remove(_own(account, request, number))
    return Response({"success": True, "data": {"id": int(number)}}, content_type=PLAIN)


def messages_of_thread(account: Account, request: Request, number: str) -> Response:
    thread = _own(account, request, number)
    found = account.book.find("mailMessage", f"{at('mail_thread_id')} = ?", [int(thread.id)])
    rows = [message_row(account, one, with_body=False) for one in found]
    return Response({"success": True, "data": rows}, content_type=PLAIN)


def read_message(account: Account, request: Request, number: str) -> Response:
    found = account.book.get("mailMessage", number)
    if found is None or found.body["user_id"] != int(request.user_id):
        raise v1_missing("Mail message")
    # A third envelope: this service numbers its successes.
    said = {"success": True, "statusCode": 2000, "statusText": "Success", "service": "email-api"}
    with_body = request.query.get("include_body") == "1"
    return Response({**said, "data": message_row(account, found, with_body=with_body)}, content_type=PLAIN)


def _own(account: Account, request: Request, number: str) -> Record:
    found = account.book.get("mailThread", number)
    if found is None or found.body["user_id"] != int(request.user_id):
        raise v1_missing("Mail thread")
    return found


def _party(given: Mapping[str, Any]) -> Row:
    return {
        "id": given.get("id", 1), "email_address": given["email_address"], "name": given.get("name", ""),
        "linked_person_id": given.get("linked_person_id"), "linked_person_name": given.get("name", ""),
        "mail_message_party_id": given.get("id", 1),
    }  # fmt: skip


def _thread_party(given: Mapping[str, Any], thread: Row) -> Row:
    party = _party(given)
    moment = datetime.fromisoformat(thread["last_message_timestamp"])
    # Milliseconds since 1970, where all else is a text.
    times = {"latest_sent": False, "message_time": int(moment.timestamp() * 1000), "linked_organization_id": None}
    return {**party, **times}


def message_row(account: Account, record: Record, *, with_body: bool) -> Row:
    body = record.body
    text = {"body": body.get("body", "")} if with_body else {}
    return {
        "id": int(record.id),
        **{side: [_party(one) for one in body.get(side, [])] for side in ("from", "to", "cc", "bcc")},
        "body_url": f"https://{account.credentials.company_domain}.pipedrive.com/mail/{record.id}/body", **text,
        "nylas_id": f"nylas{record.id}", "account_id": "practice", "user_id": body["user_id"],
        "mail_thread_id": body["mail_thread_id"], "subject": body["subject"], "snippet": body.get("body", "")[:100],
        "mail_tracking_status": None, "mail_link_tracking_enabled_flag": 0, "read_flag": 1, "draft": "",
        "draft_flag": 0,
        "synced_flag": 1, "deleted_flag": 0, "external_deleted_flag": False, "has_body_flag": 1,
        "sent_flag": body.get("sent_flag", 0), "sent_from_pipedrive_flag": 0, "smart_bcc_flag": 0,
        "message_time": body["message_time"], "add_time": record.created, "update_time": record.updated,
        "has_attachments_flag": 0, "has_inline_attachments_flag": 0, "has_real_attachments_flag": 0,
        "item_type": "mailMessage", "timestamp": body["message_time"], "company_id": account.credentials.company_id,
    }  # fmt: skip


def _thread(record: Record) -> Row:
    body = record.body
    sides = body.get("parties", {})
    parties = {side: [_thread_party(one, body) for one in sides.get(side, [])] for side in ("to", "from")}
    return {
        "id": int(record.id),
        "parties": parties, "drafts_parties": [],
        "folders": [body["folder"]], "account_id": "practice", "user_id": body["user_id"], "version": 1,
        "subject": body["subject"], "snippet": body.get("snippet", ""), "snippet_draft": None, "snippet_sent": "",
        "has_attachments_flag": 0, "has_inline_attachments_flag": 0, "has_real_attachments_flag": 0,
        "has_draft_flag": 0,
        "has_sent_flag": int(body["folder"] == "sent"), "archived_flag": body.get("archived_flag", 0),
        "deleted_flag": 0,
        "shared_flag": body.get("shared_flag", 1), "synced_flag": 1, "external_deleted_flag": 0, "smart_bcc_flag": 0,
        "first_message_to_me_flag": int(body["folder"] == "inbox"), "mail_link_tracking_enabled_flag": 0,
        "read_flag": body.get("read_flag", 1), "message_count": body.get("message_count", 1),
        "last_message_timestamp": body["last_message_timestamp"],
        "first_message_timestamp": body["last_message_timestamp"],
        "last_message_sent_timestamp": None, "last_message_received_timestamp": body["last_message_timestamp"],
        "add_time": record.created, "update_time": record.updated, "deal_id": body.get("deal_id"), "deal_status": None,
        "all_messages_sent_flag": int(body["folder"] == "sent"),
    }  # fmt: skip
