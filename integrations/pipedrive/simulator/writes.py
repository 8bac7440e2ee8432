"""Creating, changing and deleting in v2: only the keys that were sent change; a write answers the whole object."""

from collections.abc import Callable, Mapping
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import bodies, custom_values, deal_rules, stamps
from .account import Account, Asker
from .errors import PLAIN, capped, invalid
from .objects import ACTIVITY, BY_PLURAL, DEAL, ORGANIZATION, PERSON, Object
from .reads import visible
from .shapes import ENRICHED, SYNCED, Shaper
from .text_of import clean_lines, full_address, split_name

Body = dict[str, Any]
UNSTAMPED = ("organization", "person", "deal")
"""Their creation answers no update_time; activities have one at once."""


def create_record(account: Account, request: Request, plural: str) -> Response:
    obj, asker, given = BY_PLURAL[plural], account.asker(request), request.record
    _check(account, obj, given, creating=True)
    if obj is DEAL:
        _room_for_a_deal(account)
    made = add_time_of(given)
    body = new_body(account, asker, obj, given)
    record = account.book.add(obj.kind, body)
    settles = stamps.later(asker.now, account.faults.stamp_lag) if obj.kind in UNSTAMPED else None
    account.book.stamp(record, updated=settles, created=made)
    account.book.note_changes(record, {}, asker.user_id, "api")
    row = Shaper(account, obj, asker.now, {}).row(record)
    if obj.kind in UNSTAMPED:
        row["update_time"] = None
    return Response({"success": True, "data": row}, content_type=PLAIN)


def update_record(account: Account, request: Request, plural: str, number: str) -> Response:
    obj, asker, given = BY_PLURAL[plural], account.asker(request), request.record
    record = visible(account, asker, obj, number)
    _check(account, obj, given, creating=False)
    before = {**record.body, "custom_fields": {**(record.body.get("custom_fields") or {})}}
    change_body(account, asker, obj, record.body, given)
    account.book.save(record)
    account.book.note_changes(record, before, asker.user_id, "api")
    # Read at its own stamp, which is a moment later than the call.
    return Response({"success": True, "data": Shaper(account, obj, record.updated, {}).row(record)}, content_type=PLAIN)


def delete_record(account: Account, request: Request, plural: str, number: str) -> Response:
    obj, asker = BY_PLURAL[plural], account.asker(request)
    remove(account, visible(account, asker, obj, number))
    return Response({"success": True, "data": {"id": int(number)}}, content_type=PLAIN)


def remove(account: Account, record: Record) -> None:
    """Persons and deals outlive their organization."""
    account.book.remove(record)
    if account.faults.unlink_on_delete and record.kind == "organization":
        sql = """UPDATE _record SET body = json_set(body, '$.org_id', NULL)
            WHERE kind IN ('person', 'deal') AND json_extract(body, '$.org_id') = ?"""
        account.book.execute(sql, (int(record.id),))


# --- Bodies -----------------------------------------------------------------------------------------------------------
def _check(account: Account, obj: Object, given: Mapping[str, Any], *, creating: bool) -> None:
    without: dict[str, bodies.Check] = {}
    if not account.setting("enrichment"):
        without |= {k: bodies.ENRICHED[k] for k in ENRICHED} if obj is ORGANIZATION else {}
    bodies.check(obj.kind, given, creating=creating, without=without, required=obj.required)
    if obj is PERSON and not account.setting("contact_sync") and set(given) & set(SYNCED):
        raise capped("Contact Sync is not enabled for this company.", "ERR_CONTACT_SYNC_DISABLED")
    for key, kind in _REFERENCES.items():
        if (number := given.get(key)) is not None and account.book.get(kind, number) is None:
            raise invalid(f"{key}: {kind} with id {number} does not exist or is not accessible")


_REFERENCES = {
    "owner_id": "user", "org_id": "organization", "person_id": "person", "deal_id": "deal", "stage_id": "stage",
    "pipeline_id": "pipeline",
}  # fmt: skip


def _room_for_a_deal(account: Account) -> None:
    most = account.setting("deal_cap")
    if most and account.book.count("deal", "json_extract(body, '$.status') = 'open'") >= most:
        raise capped("Couldn't add the deal. Open deals limit reached.", "feature_capping_deals_limit")


def add_time_of(given: Mapping[str, Any]) -> str | None:
    moment = given.get("add_time")
    if moment is None:
        return None
    stamp = str(moment).replace(" ", "T")[:19]
    return f"{stamp}.000Z"


def new_body(account: Account, asker: Asker, obj: Object, given: Mapping[str, Any]) -> Body:
    """What a record holds that nothing was said of."""
    body: Body = {"owner_id": asker.user_id, "visible_to": 3}
    if obj is DEAL:
        body |= deal_rules.blank(account, asker)
    if obj is ACTIVITY:
        body = {
            "subject": "Call", "type": "call", "owner_id": asker.user_id, "creator_user_id": asker.user_id,
            "due_date": asker.now[:10], "done": False, "busy": False, "participants": [],
        }  # fmt: skip
    change_body(account, asker, obj, body, given)
    return body


def change_body(account: Account, asker: Asker, obj: Object, body: Body, given: Mapping[str, Any]) -> None:
    fields = account.book.custom_fields(obj.kind) if obj.has_custom else ()
    before = dict(body)
    for key, value in given.items():
        if key == "custom_fields":
            kept = custom_values.read(fields, value)
            body["custom_fields"] = {**(body.get("custom_fields") or {}), **kept}
        elif key != "add_time":
            body[key] = _PREPARED[key](value) if key in _PREPARED else value
    if obj is PERSON and "name" in given:
        body["first_name"], body["last_name"] = split_name(given["name"])
    if obj is DEAL:
        deal_rules.apply(account, asker, body, before, given)
    if obj is ACTIVITY:
        _settle_activity(asker, body, before, given)


_PREPARED: dict[str, Callable[[Any], Any]] = {
    "emails": clean_lines, "phones": clean_lines, "im": clean_lines, "address": full_address, "location": full_address,
    "postal_address": full_address, "expected_close_date": lambda day: day or "0000-00-00",
}  # fmt: skip


def _settle_activity(asker: Asker, body: Body, before: Body, given: Mapping[str, Any]) -> None:
    if "participants" in given:
        primary = next((p for p in given["participants"] if p.get("primary")), next(iter(given["participants"]), None))
        body["participants"] = [{"person_id": p["person_id"], "primary": p is primary} for p in given["participants"]]
        # Read-only in a body: it is whoever is the primary participant.
        body["person_id"] = primary["person_id"] if primary else None
    if body["done"] and not before.get("done"):
        body["marked_as_done_time"] = stamps.v2(asker.now)
    if not body["done"]:
        body["marked_as_done_time"] = None
