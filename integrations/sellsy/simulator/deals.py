"""Opportunities as they are told: with the names of their pipeline, step and source, and late once their day has passed."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.documents import Record

from .account import Account
from .kind import Told
from .shapes import first_related, owner
from .times import ZONE, told

STATUSES = ("open", "won", "lost", "cancelled", "closed", "late")


def today(account: Account) -> str:
    return account.now().astimezone(ZONE).date().isoformat()


def status_of(body: Told, day: str) -> str:
    """`late` is kept nowhere: it is an open one whose day has passed."""
    found = str(body.get("status") or "open")
    return "late" if found == "open" and body.get("due_date") and body["due_date"] < day else found


def tell(account: Account, records: Sequence[Record]) -> list[Told]:
    names = {kind: names_of(account, kind) for kind in ("pipeline", "step", "source")}
    day = today(account)
    return [_deal(record, names, day) for record in records]


def names_of(account: Account, kind: str) -> dict[int, Told]:
    return {int(one.id): {"id": int(one.id), "name": one.body["name"]} for one in account.store.all(kind)}


def _deal(record: Record, names: dict[str, dict[int, Told]], day: str) -> Told:
    body: dict[str, Any] = record.body
    return {
        "id": int(record.id),
        "number": body.get("number"),
        "name": body.get("name"),
        "source": names["source"].get(body.get("source") or 0),
        "due_date": body.get("due_date"),
        "created": told(record.created),
        "updated_status": told(body.get("updated_status")),
        "status": status_of(body, day),
        # Nobody published what an opportunity without an amount reads as.
        "amount": {"value": body.get("amount") or "0.00", "currency": body.get("currency") or "EUR"},
        "pipeline": names["pipeline"].get(body.get("pipeline") or 0),
        "step": names["step"].get(body.get("step") or 0),
        "probability": body.get("probability") or 0,
        "note": body.get("note") or "",
        "owner": owner(body),
        "assigned_staff_ids": body.get("assigned_staff_ids") or [],
        "contact_ids": body.get("contact_ids") or [],
        "company_id": first_related(body, "company"),
        "individual_id": first_related(body, "individual"),
        "main_doc_id": body.get("main_doc_id"),
        "related": body.get("related") or [],
    }
