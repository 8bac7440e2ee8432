"""How records look on the wire: ids in place of what was not expanded."""

from typing import Any

from integrations.simulation.documents import Body, Record

from .account import Account

Raw = dict[str, Any]
CUSTOMER: Raw = {
    "address": None, "balance": 0, "currency": None, "default_source": None, "delinquent": False, "description": None,
    "discount": None, "email": None, "invoice_prefix": "AV000001", "invoice_settings": {
        "custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None,
    },
    "livemode": False, "metadata": {}, "name": None, "next_invoice_sequence": 1, "phone": None, "preferred_locales": [],
    "shipping": None, "tax_exempt": "none", "test_clock": None,
}  # fmt: skip
SUBSCRIPTION: Raw = {
    "application": None, "application_fee_percent": None, "automatic_tax": {"enabled": False, "liability": None, "disabled_reason": None},
    "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None,
    "cancellation_details": {"comment": None, "feedback": None, "reason": None}, "collection_method": "charge_automatically",
    "days_until_due": None, "default_payment_method": None, "default_source": None, "default_tax_rates": [],
    "description": None, "ended_at": None, "latest_invoice": None, "livemode": False, "metadata": {},
    "on_behalf_of": None, "pause_collection": None, "pending_setup_intent": None, "pending_update": None,
    "schedule": None, "test_clock": None, "transfer_data": None, "trial_end": None, "trial_start": None,
}  # fmt: skip
PRODUCT: Raw = {
    "active": True, "default_price": None, "description": None, "images": [], "livemode": False, "marketing_features": [],
    "metadata": {}, "package_dimensions": None, "shippable": None, "statement_descriptor": None, "tax_code": None,
    "unit_label": None, "url": None, "type": "service",
}  # fmt: skip
PRICE: Raw = {
    "active": True, "billing_scheme": "per_unit", "currency": "eur", "custom_unit_amount": None, "livemode": False,
    "lookup_key": None, "metadata": {}, "nickname": None, "tax_behavior": "unspecified", "tiers_mode": None,
    "transform_quantity": None, "type": "recurring", "unit_amount": None, "unit_amount_decimal": None,
}  # fmt: skip
COUPON: Raw = {
    "amount_off": None, "currency": None, "duration": "once", "duration_in_months": None, "livemode": False,
    "max_redemptions": None, "metadata": {}, "name": None, "percent_off": None, "redeem_by": None, "times_redeemed": 0,
    "valid": True,
}  # fmt: skip
BLANKS = {"customer": CUSTOMER, "product": PRODUCT, "coupon": COUPON}


def shown(account: Account, record: Record) -> Raw:
    match record.kind:
        case "subscription":
            return subscription(account, record)
        case "price":
            return price(record)
        case "event":
            return event(record)
    return {"id": record.id, "object": record.kind, **BLANKS[record.kind], **record.body}


def deleted(record_id: str) -> Raw:
    return {"id": record_id, "object": "customer", "deleted": True}


def price(record: Record) -> Raw:
    """The tiers only where they are asked for."""
    body = {name: value for name, value in record.body.items() if name != "tiers"}
    return {"id": record.id, "object": "price", **PRICE, **body}


def event(record: Record) -> Raw:
    return {
        "id": record.id, "object": "event", "livemode": False, "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None}, **record.body,
    }  # fmt: skip


def subscription(account: Account, record: Record) -> Raw:
    body: Body = dict(record.body)
    items, discounts = body.pop("items", []), body.pop("discounts", [])
    prices = account.store.many("price", [one["price"] for one in items])
    return {
        "id": record.id, "object": "subscription", "billing_cycle_anchor": body["start_date"], **SUBSCRIPTION, **body,
        "discounts": [one["id"] for one in discounts],
        "items": {
            "object": "list", "has_more": False, "url": f"/v1/subscription_items?subscription={record.id}",
            "data": [item(record, one, prices[one["price"]]) for one in items],
        },
    }  # fmt: skip


def item(record: Record, one: Body, its_price: Record) -> Raw:
    told: Raw = {
        "id": one["id"], "object": "subscription_item", "created": record.body["created"],
        "current_period_start": one["current_period_start"], "current_period_end": one["current_period_end"],
        "discounts": [], "metadata": {}, "price": price(its_price), "subscription": record.id, "tax_rates": [],
    }  # fmt: skip
    if one.get("quantity") is not None:
        # Metered items have none.
        told["quantity"] = one["quantity"]
    return told


def discount(record: Record, one: Body) -> Raw:
    return {
        "id": one["id"], "object": "discount", "checkout_session": None, "customer": record.body.get("customer"),
        "end": one.get("end"), "invoice": None, "invoice_item": None, "promotion_code": None,
        "source": {"type": "coupon", "coupon": one["coupon"]}, "start": one.get("start"), "subscription": record.id,
        "subscription_item": None,
    }  # fmt: skip
