"""The account as its own people see it in the dashboard: customers, their subscriptions, prices, products and coupons."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.control import Control
from integrations.simulation.desk import Field, Kind, Shelf, Values
from integrations.simulation.document_desk import DocumentDesk
from integrations.simulation.documents import Record

from .account import Account
from .listing import STATUSES

_STATUS = tuple((one, one.replace("_", " ").capitalize()) for one in STATUSES)
_INTERVALS = tuple((one, one) for one in ("day", "week", "month", "year"))
_DURATIONS = tuple((one, one) for one in ("once", "repeating", "forever"))
_OWN: dict[str, tuple[Field, ...]] = {
    "customer": (
        Field("name", "Name", needed=True), Field("email", "E-mail"), Field("phone", "Phone"),
        Field("description", "Description", Kind.LINES), Field("currency", "Currency"),
        Field("balance", "Balance, in cents", Kind.NUMBER), Field("delinquent", "Latest invoice unpaid", Kind.FLAG),
        Field("metadata.customer_number", "Metadata: customer_number"), Field("metadata.domain", "Metadata: domain"),
    ),
    "subscription": (
        Field("customer", "Customer", to="customer", needed=True), Field("status", "Status", Kind.CHOICE, _STATUS, needed=True),
        Field("currency", "Currency"), Field("price", "Price", to="price", needed=True), Field("quantity", "Quantity", Kind.NUMBER),
        Field("cancel_at_period_end", "Cancel at the end of the period", Kind.FLAG),
        Field("paused", "Collection paused", Kind.FLAG), Field("coupon", "Coupon", to="coupon"),
    ),
    "price": (
        Field("nickname", "Name"), Field("product", "Product", to="product", needed=True), Field("currency", "Currency"),
        Field("unit_amount_decimal", "Amount, in cents", Kind.NUMBER),
        Field("interval", "Interval", Kind.CHOICE, _INTERVALS, needed=True),
        Field("interval_count", "So many of them", Kind.NUMBER),
    ),
    "product": (Field("name", "Name", needed=True), Field("description", "Description", Kind.LINES)),
    "coupon": (
        Field("name", "Name", needed=True), Field("percent_off", "Percent off", Kind.NUMBER),
        Field("amount_off", "Amount off, in cents", Kind.NUMBER), Field("duration", "Duration", Kind.CHOICE, _DURATIONS, needed=True),
    ),
}  # fmt: skip


class StripeDesk(DocumentDesk):
    field_example = ""
    shelves = (
        Shelf("customer", "Customer", "Customers", ("name", "email", "metadata.customer_number"), mergeable=False),
        Shelf("subscription", "Subscription", "Subscriptions", ("customer", "status", "price", "quantity"), mergeable=False),
        Shelf("price", "Price", "Prices", ("nickname", "product", "currency", "unit_amount_decimal"), mergeable=False, removable=False),
        Shelf("product", "Product", "Products", ("name",), mergeable=False, removable=False),
        Shelf("coupon", "Coupon", "Coupons", ("name", "percent_off", "duration"), mergeable=False, removable=False),
    )  # fmt: skip

    def __init__(self, account: Account, control: Control) -> None:
        super().__init__(account.store, control)
        self.account = account

    def fields(self, shelf: Shelf) -> Sequence[Field]:
        return _OWN[shelf.name]

    # --- Values
    def path(self, shelf: Shelf, name: str) -> str:
        if name.startswith("metadata."):
            return f'$.metadata."{name.removeprefix("metadata.")}"'
        inner = {"price": "$.items[0].price", "quantity": "$.items[0].quantity", "coupon": "$.discounts[0].coupon"}
        if shelf.name == "subscription" and name in inner:
            return inner[name]
        return super().path(shelf, name)

    def raw(self, record: Record, name: str) -> Any:
        body = record.body
        if name.startswith("metadata."):
            return (body.get("metadata") or {}).get(name.removeprefix("metadata."))
        if record.kind == "subscription" and name in {"price", "quantity"}:
            return body["items"][0].get(name) if body.get("items") else None
        if name == "coupon":
            return body["discounts"][0]["coupon"] if body.get("discounts") else None
        if name == "paused":
            return bool(body.get("pause_collection"))
        if name in {"interval", "interval_count"}:
            return (body.get("recurring") or {}).get(name)
        return body.get(name)

    def title(self, record: Record) -> str:
        if record.kind == "subscription":
            customer = self.book.get("customer", record.body.get("customer", ""))
            return f"{customer.body.get('name') if customer else '?'}: {record.body.get('status')}"
        if record.kind == "price":
            product = self.book.get("product", record.body.get("product", ""))
            return str(record.body.get("nickname") or (product.body["name"] if product else record.id))
        return super().title(record)

    def kept(self, shelf: Shelf, values: Values, record_id: str | None) -> Values:
        found = super().kept(shelf, values, record_id)
        record = self.book.get(shelf.name, record_id) if record_id else None
        return {"subscription": _subscription, "price": _price}.get(shelf.name, lambda said, _record: said)(
            found, record
        )


def _subscription(said: Values, record: Record | None) -> Values:
    """One item, one coupon: enough to practise."""
    found = {name: value for name, value in said.items() if name not in {"price", "quantity", "paused", "coupon"}}
    if "price" in said or "quantity" in said:
        before = record.body["items"][0] if record and record.body.get("items") else {}
        one = {
            "price": said.get("price") or before.get("price"),
            "quantity": said.get("quantity") or before.get("quantity") or 1,
        }
        found["items"] = [one]
    if "paused" in said:
        found["pause_collection"] = {"behavior": "void", "resumes_at": None} if said["paused"] else None
    if "coupon" in said:
        found["discounts"] = [{"id": f"di_{said['coupon']}", "coupon": said["coupon"]}] if said["coupon"] else []
    return found


def _price(said: Values, record: Record | None) -> Values:
    found = {name: value for name, value in said.items() if not name.startswith("interval")}
    if len(found) < len(said):
        recurring = dict(
            (record.body.get("recurring") if record else None)
            or {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
        )
        found["recurring"] = recurring | {name: said[name] for name in ("interval", "interval_count") if said.get(name)}
    if found.get("unit_amount_decimal") is not None:
        found["unit_amount_decimal"] = str(found["unit_amount_decimal"])
    return found
