"""Every address that the practice Stripe answers, what each call is counted as, and the permission that it takes."""

from integrations.simulation.messages import Request, Response, Route, route

from . import writing
from .account import ACCOUNT_ID, Account
from .listing import lister, retriever
from .searching import searcher
from .writing import once


def account_itself(account: Account, _request: Request) -> Response:
    return Response({
        "id": ACCOUNT_ID, "object": "account", "business_profile": {"name": "Aldervale Software"}, "country": "FR",
        "default_currency": "eur", "email": account.credentials.email, "type": "standard",
        "settings": {"dashboard": {"display_name": "Aldervale", "timezone": "Europe/Paris"}},
    })  # fmt: skip


def dashboard(account: Account, _request: Request, kind: str, record_id: str) -> Response:
    return Response(None, 302, {"Location": f"{account.pages}/{kind.rstrip('s')}/{record_id}"})


OPEN_ROUTES: tuple[Route, ...] = (route("GET", "/(?P<kind>customers|subscriptions)/{record_id}", "page", dashboard),)
_CUSTOMER, _SUBSCRIPTION = "/v1/customers/{record_id}", "/v1/subscriptions/{record_id}"
PERMITTED: tuple[tuple[Route, str], ...] = (
    (route("GET", "/v1/account", "account", account_itself), ""),
    (route("GET", "/v1/customers/search", "search", searcher("customer")), "customer_read"),
    (route("GET", "/v1/subscriptions/search", "search", searcher("subscription")), "subscription_read"),
    (route("GET", "/v1/customers", "customers", lister("customer")), "customer_read"),
    (route("GET", "/v1/subscriptions", "subscriptions", lister("subscription")), "subscription_read"),
    (route("GET", "/v1/prices", "prices", lister("price")), "price_read"),
    (route("GET", "/v1/products", "products", lister("product")), "product_read"),
    (route("GET", "/v1/events", "events", lister("event")), "event_read"),
    (route("GET", _CUSTOMER, "customers.one", retriever("customer")), "customer_read"),
    (route("GET", _SUBSCRIPTION, "subscriptions.one", retriever("subscription")), "subscription_read"),
    (route("GET", "/v1/prices/{record_id}", "prices.one", retriever("price")), "price_read"),
    (route("GET", "/v1/products/{record_id}", "products.one", retriever("product")), "product_read"),
    (route("GET", "/v1/events/{record_id}", "events.one", retriever("event")), "event_read"),
    (route("POST", "/v1/customers", "customers.write", once(writing.create_customer)), "customer_write"),
    (route("POST", _CUSTOMER, "customers.write", once(writing.update_customer)), "customer_write"),
    (route("DELETE", _CUSTOMER, "customers.write", writing.delete_customer), "customer_write"),
    (route("POST", "/v1/subscriptions", "subscriptions.write", once(writing.create_subscription)), "subscription_write"),
    (route("POST", _SUBSCRIPTION, "subscriptions.write", once(writing.update_subscription)), "subscription_write"),
    (route("DELETE", _SUBSCRIPTION, "subscriptions.write", writing.cancel_subscription), "subscription_write"),
)  # fmt: skip
DATA_ROUTES = tuple(one for one, _permission in PERMITTED)
PERMISSIONS = dict(PERMITTED)
