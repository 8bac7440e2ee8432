"""A colleague at work in Stripe's dashboard: every right, no validation, and an event for each thing that happens."""

from typing import Any

from integrations.simulation.documents import Record

from . import happening
from .account import Account
from .errors import ApiError, no_such

KINDS = ("customer", "subscription", "price", "product", "coupon")


def change(account: Account, verb: str, body: dict[str, Any]) -> str:
    kind, number, fields = str(body.get("object")), str(body.get("id", "")), dict(body.get("fields") or {})
    if kind not in KINDS:
        raise ApiError(400, f"There is no object {kind!r}; known: {', '.join(KINDS)}")
    match verb:
        case "create":
            return happening.create(account, kind, _values(fields), fields.pop("id", None)).id
        case "edit":
            happening.change(account, account.must_get(kind, number), _values(fields))
        case "delete":
            happening.remove(account, account.must_get(kind, number))
        case "undelete":
            # Stripe takes nothing back; only here, so that one can practise again.
            record = _gone(account, kind, number)
            account.store.restore(record)
            happening.tell(account, record, "created")
        case "merge":
            raise ApiError(400, "Stripe cannot merge customers.")
        case _:
            raise ApiError(404, f"There is no verb {verb!r}")
    return number


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    """`metadata.key` is a part of its own."""
    plain = {name: value for name, value in fields.items() if not name.startswith("metadata.")}
    inner = {name.removeprefix("metadata."): value for name, value in fields.items() if name.startswith("metadata.")}
    return plain | ({"metadata": {**plain.get("metadata", {}), **inner}} if inner else {})


def _gone(account: Account, kind: str, number: str) -> Record:
    record = account.store.get(kind, number, with_gone=True)
    if record is None:
        raise no_such(kind, number)
    return record
