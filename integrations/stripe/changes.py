"""What changed, by Stripe's list of events: one list for customers and subscriptions, newest first, thirty days long.

An event holds its object as it was at that moment, in the version of the API that the account then spoke. Customers look alike
in all of them. Of subscriptions, what an event may not tell is asked for by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .client import VERSION, StripeClient

KEPT = timedelta(days=30)
MARGIN = timedelta(hours=12)
"""A little less than Stripe keeps: an event that goes while its list is read would never be missed."""
MOST_PAGES = 20
"""So many changes that reading everything takes about as long."""
CUSTOMER, SUBSCRIPTION = "customer", "customer.subscription"
TYPES = (
    f"{CUSTOMER}.created", f"{CUSTOMER}.updated", f"{CUSTOMER}.deleted",
    *(f"{SUBSCRIPTION}.{verb}" for verb in ("created", "updated", "deleted", "paused", "resumed")),
)  # fmt: skip
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """The latest thing that happened to an object."""

    object: Raw
    at: datetime
    is_deletion: bool
    is_current: bool
    """Told in the version that is spoken here."""
    is_alone: bool = True
    """Nothing else happened to it within the same second: of two such events nobody says which came last."""


@dataclass(frozen=True, slots=True)
class Changes:
    customers: Mapping[str, Change] = field(default_factory=dict)
    subscriptions: Mapping[str, Change] = field(default_factory=dict)
    is_whole: bool = True
    """False: there were too many, or they lie too far back; everything has to be read."""


class Events:
    """Asked once for all that one sync wants to know: the same stretch of time is remembered."""

    def __init__(self, client: StripeClient) -> None:
        self._client = client
        self._known: dict[tuple[int, int], Changes] = {}

    def between(self, since: datetime, until: datetime | None, now: datetime) -> Changes:
        if since < now - KEPT + MARGIN:
            return Changes(is_whole=False)
        until = until or now
        # Whole seconds: what happened within the last of them is told by the next sync as well.
        key = int(since.timestamp()), int(until.timestamp())
        if key not in self._known:
            self._known = {key: self._read(*key)}
        return self._known[key]

    def _read(self, since: int, until: int) -> Changes:
        query = {"types": TYPES, "created": {"gte": since, "lte": until}}
        events: list[Raw] = []
        after = ""
        for _page in range(MOST_PAGES):
            found = self._client.page("events", query, after=after)
            events += found.rows
            after = found.next
            if not after:
                return latest(events)
        return Changes(is_whole=False)


def latest(events: Sequence[Raw]) -> Changes:
    """Newest first, so that the first one of an object is what it is now."""
    kinds: dict[str, dict[str, Change]] = {CUSTOMER: {}, SUBSCRIPTION: {}}
    for event in events:
        kind, _, verb = str(event["type"]).rpartition(".")
        if kind not in kinds:
            continue
        found, number, change = kinds[kind], str(event["data"]["object"]["id"]), _change(event, verb)
        if number not in found or change.is_deletion:
            # Whoever is deleted stays so.
            found[number] = change
        elif found[number].at == change.at:
            found[number] = replace(found[number], is_alone=False)
    return Changes(kinds[CUSTOMER], kinds[SUBSCRIPTION])


def _change(event: Raw, verb: str) -> Change:
    # A subscription that is "deleted" is a cancelled one: it is there, and says so.
    is_deletion = verb == "deleted" and event["data"]["object"].get("object") == CUSTOMER
    at = datetime.fromtimestamp(int(event["created"]), UTC)
    return Change(event["data"]["object"], at, is_deletion, event.get("api_version") == VERSION)
