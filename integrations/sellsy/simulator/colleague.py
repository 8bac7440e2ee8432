"""A colleague at work in Sellsy itself: every right, no validation, the stamps moved as Sellsy moves them."""

from collections.abc import Iterable
from typing import Any

from integrations.simulation.documents import Record

from . import activities, notices, writing
from .account import Account
from .errors import ApiError, not_found
from .kind import Told
from .tags import tag_id
from .times import moment_of

KINDS = (
    "company", "individual", "contact", "opportunity", "comment", "phonecall", "calendar_event", "task", "email", "staff",
    "custom-field", "pipeline", "step", "source", "favourite-filter", "address", "call-topic", "task-label", "event-label",
)  # fmt: skip
_LINKED = {"companies": "company", "individuals": "individual", "contacts": "contact"}
_MOMENTS = ("date", "datetime_start", "datetime_end", "updated_status")


def change(account: Account, verb: str, body: Told) -> str:
    kind, number, fields = str(body.get("object")), str(body.get("id", "")), dict(body.get("fields") or {})
    if kind not in KINDS:
        raise ApiError(400, f"There is no object {kind!r}; known: {', '.join(KINDS)}")
    match verb:
        case "create":
            return create(account, kind, fields)
        case "edit":
            edit(account, account.must_get(kind, number), fields)
        case "delete":
            writing.delete(account, account.must_get(kind, number))
        case "undelete":
            account.store.restore(_gone(account, kind, number))
        case "merge":
            merge(account, account.must_get(kind, number), [account.must_get(kind, one) for one in body["losers"]])
        case _:
            raise ApiError(404, f"There is no verb {verb!r}")
    return number


def _gone(account: Account, kind: str, number: str) -> Record:
    record = account.store.get(kind, number, with_gone=True)
    if record is None:
        raise not_found()
    return record


def create(account: Account, kind: str, fields: Told) -> str:
    links, tags = _taken_out(account, fields)
    fields.setdefault("owner_id", int(account.staff_id()))
    record = account.store.add(kind, fields, record_id=fields.pop("id", None))
    if kind == "opportunity":
        record.body.setdefault("number", f"OPP-{record.id}")
        record.body.setdefault("status", "open")
        account.store.write(record, stamped=False)
    _link(account, record, links, tags)
    if kind in activities.NOTED:
        activities.note(account, f"{kind}.created", record)
    notices.tell(account, "created", record)
    return record.id


def edit(account: Account, record: Record, fields: Told) -> None:
    links, tags = _taken_out(account, fields)
    values = fields.pop("cf", None)
    if values:
        record.body["cf"] = {**(record.body.get("cf") or {}), **values}
    if record.kind == "opportunity" and fields.get("status", record.body.get("status")) != record.body.get("status"):
        record.body["updated_status"] = account.store.now
    record.body.update(fields)
    account.store.write(record)
    _link(account, record, links, tags)
    if record.kind in activities.NOTED:
        activities.follow(account, record)
    notices.tell(account, "archived" if fields.get("is_archived") else "updated", record)


def _taken_out(account: Account, fields: Told) -> tuple[Told, Any]:
    """Links and tags are no properties; custom values are given by code as well as by id."""
    links = {name: fields.pop(name) for name in _LINKED if name in fields}
    if fields.get("cf"):
        by_code = {one.body["code"]: one.id for one in account.store.all("custom-field")}
        fields["cf"] = {by_code.get(str(key), str(key)): value for key, value in fields["cf"].items()}
    for name in _MOMENTS:
        if name in fields:
            fields[name] = moment_of(fields[name]) or fields[name]
    return links, fields.pop("tags", None)


def _link(account: Account, record: Record, links: Told, tags: Iterable[str] | None) -> None:
    for name, wanted in links.items():
        other = _LINKED[name]
        for _, old, _ in list(account.store.links(record.kind, [record.id], other)):
            account.store.unlink((record.kind, record.id), (other, old))
        for number in wanted:
            account.store.link((record.kind, record.id), (other, str(number)))
    for value in tags or ():
        account.store.link((record.kind, record.id), ("smart-tag", tag_id(account, value)))


# --- Merging -------------------------------------------------------------------------------------------------------------
def merge(account: Account, winner: Record, losers: list[Record]) -> None:
    """Everything that hung on the losers hangs on the winner; the losers are simply not there any more."""
    for loser in losers:
        for other in ("company", "individual", "contact", "smart-tag"):
            for _, end, _ in list(account.store.links(loser.kind, [loser.id], other)):
                account.store.unlink((loser.kind, loser.id), (other, end))
                account.store.link((winner.kind, winner.id), (other, end))
        _move_roles(account, winner, loser)
        _move_related(account, winner, loser)
        account.store.remove(loser)
        notices.tell(account, "deleted", loser)
    account.store.write(winner)
    notices.tell(account, "updated", winner)


def _move_roles(account: Account, winner: Record, loser: Record) -> None:
    if loser.kind != "contact":
        return
    linked = [end for _, end, _ in account.store.links("contact", [winner.id], "company")]
    for company in account.store.many("company", linked).values():
        for name in writing.ROLES.values():
            if company.body.get(name) == int(loser.id):
                company.body[name] = int(winner.id)
                account.store.write(company, stamped=False)


def _move_related(account: Account, winner: Record, loser: Record) -> None:
    held = "EXISTS (SELECT 1 FROM json_each(body, '$.related') AS r WHERE json_extract(r.value, '$.type') = ?"
    held += " AND json_extract(r.value, '$.id') = ?)"
    old, new = {"type": loser.kind, "id": int(loser.id)}, {"type": winner.kind, "id": int(winner.id)}
    for kind in ("opportunity", "comment", "phonecall", "calendar_event", "task", "email", "activity"):
        for record in account.store.find(kind, held, [loser.kind, int(loser.id)]):
            record.body["related"] = [new if one == old else one for one in record.body["related"]]
            account.store.write(record, stamped=False)
