"""Creating, changing and deleting: what is checked beyond the shape of a body, and what a write moves along."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.simulation.documents import Record

from . import activities, notices
from .account import Account
from .errors import invalid
from .kind import Kind, Told
from .rules import CHOICE, Fields
from .times import moment_of

EMPLOYEES = {1: "1 à 9", 2: "10 à 49", 3: "50 à 249", 4: "250 et plus"}
SEGMENTS = {1: "Services", 2: "Industrie", 3: "Commerce", 4: "Santé", 5: "Logiciels"}
"""Of this account: the vendor lets every account have its own."""
_LISTS = {"number_of_employees": EMPLOYEES, "business_segment": SEGMENTS}
# A call has a source too, which is a word.
_REFERENCES = {
    "opportunity": {"pipeline": "pipeline", "step": "step", "source": "source"},
    "phonecall": {"topic": "call-topic"},
    "task": {"label_id": "task-label"},
    "calendar_event": {"label_id": "event-label"},
}

Check = Callable[[Account, Told, Record | None], None]


@dataclass(frozen=True, slots=True)
class Writing:
    kind: Kind
    post: Fields
    put: Fields
    check: Check | None = None


def kept_body(fields: Fields, sent: Mapping[str, Any]) -> Told:
    """Times as the store keeps them, choices with their label."""
    body = dict(sent)
    for name, value in sent.items():
        if name in _LISTS and value is not None:
            body[name] = {"id": value, "label": _LISTS[name][value]}
        elif fields[name].sort == "moment" and value is not None:
            body[name] = moment_of(value)
    return body


def check_references(account: Account, kind: str, sent: Told) -> None:
    """What an id names must be there."""
    problems: dict[str, str] = {}
    for name, known in _LISTS.items():
        if sent.get(name) is not None and sent[name] not in known:
            problems[name] = CHOICE
    named = {"owner_id": "staff", **_REFERENCES.get(kind, {})}
    for name, other in named.items():
        if sent.get(name) is not None and account.store.get(other, sent[name]) is None:
            problems[name] = CHOICE
    for name, other in (("contact_ids", "contact"), ("assigned_staff_ids", "staff")):
        wanted = sent.get(name) or []
        if len(account.store.many(other, wanted)) < len(set(wanted)):
            problems[name] = CHOICE
    problems |= _strangers(account, sent.get("related") or [])
    if problems:
        raise invalid(problems)


def _strangers(account: Account, related: list[Told]) -> dict[str, str]:
    held = {"company", "individual", "contact", "opportunity"}
    return {
        f"related[{place}]": CHOICE
        for place, one in enumerate(related)
        if one["type"] in held and account.store.get(one["type"], one["id"]) is None
    }


def create(account: Account, writing: Writing, sent: Told, staff_id: str) -> Record:
    body = kept_body(writing.post, sent)
    created = body.pop("created", None)
    body.setdefault("owner_id", int(staff_id))
    record = account.store.add(writing.kind.name, body, created)
    if record.kind == "opportunity":
        _begin_deal(account, record)
    if record.kind in activities.NOTED:
        activities.note(account, f"{record.kind}.created", record)
    notices.tell(account, "created", record)
    return record


def _begin_deal(account: Account, record: Record) -> None:
    body = record.body
    step = account.store.get("step", body.get("step") or 0)
    body.setdefault("number", f"OPP-{record.id}")
    body.setdefault("probability", step.body["probability"] if step else 0)
    body["status"] = _stored_status(body.get("status") or "open")
    body["updated_status"] = None if body["status"] == "open" else record.updated
    account.store.write(record, stamped=False)


def _stored_status(status: str) -> str:
    # Late is told, never kept: asking for it means an open one.
    return "open" if status == "late" else status


def update(account: Account, writing: Writing, record: Record, sent: Told) -> None:
    body = kept_body(writing.put, sent)
    if record.kind == "opportunity" and "status" in body:
        body["status"] = _stored_status(body["status"])
        if body["status"] != record.body.get("status"):
            record.body["updated_status"] = account.store.now
    for name, value in body.items():
        # Objects inside change only in what they carry: a PUT of one social address leaves the others.
        inner = record.body.get(name)
        nested = isinstance(value, dict) and isinstance(inner, dict) and name not in _LISTS
        record.body[name] = {**inner, **value} if nested and isinstance(inner, dict) else value
    account.store.write(record)
    if record.kind in activities.NOTED:
        activities.follow(account, record)
    notices.tell(account, "archived" if sent.get("is_archived") else "updated", record)


def delete(account: Account, record: Record) -> None:
    account.store.remove(record)
    if record.kind == "contact":
        drop_roles(account, record)
    if record.kind in activities.NOTED:
        activities.follow(account, record)
    notices.tell(account, "deleted", record)


def drop_roles(account: Account, contact: Record) -> None:
    """A contact that is gone is nobody's main contact."""
    linked = [other for _, other, _ in account.store.links("contact", [contact.id], "company")]
    for company in account.store.many("company", linked).values():
        roles = [name for name in ROLES.values() if company.body.get(name) == int(contact.id)]
        if roles:
            company.body.update(dict.fromkeys(roles))
            account.store.write(company, stamped=False)


ROLES = {"main": "main_contact_id", "invoicing": "invoicing_contact_id", "dunning": "dunning_contact_id"}


# --- Rules between the fields of one object ------------------------------------------------------------------------------
def check_deal(account: Account, sent: Told, record: Record | None) -> None:
    body = {**(record.body if record else {}), **sent}
    problems: dict[str, str] = {}
    step = account.store.get("step", body.get("step") or 0)
    if step and step.body["pipeline"] != body.get("pipeline"):
        problems["step"] = CHOICE
    if "related" in sent and not sent["related"]:
        problems["related"] = "Cette collection doit contenir 1 élément ou plus"
    amount = sent.get("amount")
    if isinstance(amount, str) and not _is_amount(amount):
        problems["amount"] = "Cette valeur n'est pas un nombre valide"
    if problems:
        raise invalid(problems)


def _is_amount(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False


def check_comment(_account: Account, sent: Told, record: Record | None) -> None:
    if record is None and len(sent["related"]) != 1:
        raise invalid({"related": "Cette collection doit contenir exactement 1 élément"})


def check_call(_account: Account, sent: Told, _record: Record | None) -> None:
    if "related" in sent and not sent["related"]:
        raise invalid({"related": "Cette collection doit contenir 1 élément ou plus"})


def check_event(_account: Account, sent: Told, record: Record | None) -> None:
    body = {**(record.body if record else {}), **sent}
    start, end = moment_of(body.get("datetime_start")), moment_of(body.get("datetime_end"))
    if start and end and end < start:
        raise invalid({"datetime_end": "Cette valeur doit être supérieure ou égale à datetime_start"})
