"""Stripe's wire, one method per verb and endpoint. Raw values: what they mean is the connector's business.

The version is pinned: without the header, an account answers in the one that it happened to begin with.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Request
from integrations.wire.session import Session

API = "https://api.stripe.com"
VENDOR_HOSTS = ("api.stripe.com",)
VERSION = "2026-10-28.endive"
PAGE = 100
LISTS = ("customers", "subscriptions", "prices", "products", "events")
"""What the key must be allowed to read."""
Raw = dict[str, Any]
Query = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A page, newest first; `next` is the id behind which the next one begins, empty: nowhere."""

    rows: Sequence[Raw]
    next: str = ""


def host_policy(extra_hosts: Sequence[str] = ()) -> HostPolicy:
    return HostPolicy(VENDOR_HOSTS, tuple(extra_hosts))


class StripeClient:
    def __init__(self, session: Session, base_url: str = API) -> None:
        session.policy.check(base_url)
        self.session = session
        self.base = f"{base_url.rstrip('/')}/v1"

    def account(self) -> Raw:
        return self._get("/account", {}, kind="account", needs=("id",))

    def page(self, name: str, query: Query, *, after: str = "", limit: int = PAGE) -> Found:
        """Of one of the lists; `after` is the `next` of the page before."""
        asked = {**query, "limit": limit, **({"starting_after": after} if after else {})}
        body = self._get(f"/{name}", asked, kind=name, needs=("data", "has_more"))
        rows = body["data"]
        return Found(rows, str(rows[-1]["id"]) if body["has_more"] and rows else "")

    def one(self, name: str, record_id: str, query: Query) -> Raw:
        return self._get(f"/{name}/{quote(record_id, safe='')}", query, kind=f"{name}.one", needs=("id",))

    def total(self, name: str) -> int:
        """By the search, which alone says how many there are; it lags behind by a minute."""
        query = {"query": "created>0", "limit": 1, "expand": ["total_count"]}
        return int(self._get(f"/{name}/search", query, kind="search", needs=("total_count",))["total_count"])

    def _get(self, path: str, query: Query, *, kind: str, needs: tuple[str, ...]) -> Raw:
        said = urlencode(list(pairs(query)))
        url = f"{self.base}{path}?{said}" if said else f"{self.base}{path}"
        request = Request("GET", url, headers={"Stripe-Version": VERSION}, kind=kind, needs=needs)
        body: Raw = self.session.send(request).json()
        return body


def pairs(query: Query) -> Iterable[tuple[str, str]]:
    """`expand[]=a&expand[]=b`, `created[gte]=5`: the brackets of a form."""
    for name, value in query.items():
        if isinstance(value, list | tuple):
            yield from ((f"{name}[]", str(one)) for one in value)
        elif isinstance(value, Mapping):
            yield from ((f"{name}[{key}]", str(one)) for key, one in value.items())
        else:
            yield name, str(value)
