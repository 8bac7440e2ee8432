"""What happens to records, and the event that tells of each: the API and the account's own people do it alike."""

import secrets
from typing import Any

from integrations.simulation.documents import Body, Record

from .account import VERSION, Account
from .shapes import shown

EVENT_OF = {
    "customer": "customer",
    "subscription": "customer.subscription",
    "price": "price",
    "product": "product",
    "coupon": "coupon",
}
MONTH = 2_629_800
SECONDS = {"day": 86_400, "week": 604_800, "month": MONTH, "year": 12 * MONTH}


def tell(account: Account, record: Record, verb: str, before: Body | None = None) -> None:
    data: Body = {"object": shown(account, record)}
    if verb == "updated" and before is not None:
        after = data["object"]
        data["previous_attributes"] = {name: value for name, value in before.items() if after.get(name) != value}
    account.store.add(
        "event",
        {
            "type": f"{EVENT_OF[record.kind]}.{verb}",
            "created": account.store.seconds,
            "data": data,
            "api_version": VERSION,
        },
    )


def create(account: Account, kind: str, body: Body, record_id: str | None = None) -> Record:
    if kind == "subscription":
        body = with_defaults(account, body)
    record = account.store.add(kind, body, record_id)
    tell(account, record, "created")
    return record


def with_defaults(account: Account, body: Body) -> Body:
    now = account.store.seconds
    made: Body = {
        "status": "active",
        "currency": "eur",
        "created": now,
        "start_date": now,
        "discounts": [],
        "metadata": {},
        **body,
    }
    made["items"] = [item(account, one, made["start_date"]) for one in made.get("items", [])]
    return made


def item(account: Account, said: Body, start: int) -> Body:
    recurring = account.must_get("price", said["price"], param="items", status=400).body.get("recurring") or {}
    period = SECONDS[recurring.get("interval", "month")] * int(recurring.get("interval_count", 1))
    begun = max(start, account.store.seconds - (account.store.seconds - start) % period)
    is_metered = recurring.get("usage_type") == "metered"
    return {
        "id": said.get("id") or f"si_{secrets.token_hex(7)}", "price": said["price"],
        "quantity": None if is_metered else int(said.get("quantity") or 1),
        "current_period_start": said.get("current_period_start", begun),
        "current_period_end": said.get("current_period_end", begun + period),
    }  # fmt: skip


def change(account: Account, record: Record, values: Body) -> None:
    before = shown(account, record)
    if "metadata" in values and isinstance(values["metadata"], dict):
        kept = {**(record.body.get("metadata") or {}), **values["metadata"]}
        values = {**values, "metadata": {name: one for name, one in kept.items() if one not in ("", None)}}
    if "items" in values:
        values = {**values, "items": [item(account, one, record.body["start_date"]) for one in values["items"]]}
    record.body.update(values)
    account.store.save(record)
    tell(account, record, "updated", before)


def remove(account: Account, record: Record) -> None:
    """A subscription is not removed but cancelled; those of a customer who is removed are cancelled as well."""
    if record.kind == "subscription":
        cancel(account, record)
        return
    if record.kind == "customer":
        live = account.store.find(
            "subscription",
            "json_extract(body, '$.customer') = ? AND json_extract(body, '$.status') <> 'canceled'",
            [record.id],
        )
        for one in live:
            cancel(account, one)
    tell(account, record, "deleted")
    account.store.remove(record)


def cancel(account: Account, record: Record) -> None:
    now = account.store.seconds
    record.body |= {"status": "canceled", "canceled_at": now, "ended_at": now}
    account.store.save(record)
    tell(account, record, "deleted")


def discounted(said: Any, start: int) -> list[Body]:
    """`discounts[0][coupon]=`."""
    return [
        {"id": f"di_{secrets.token_hex(7)}", "coupon": one["coupon"], "start": start, "end": None}
        for one in said or [] if one.get("coupon")
    ]  # fmt: skip
