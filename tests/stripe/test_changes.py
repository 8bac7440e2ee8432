"""What Stripe's list of events means: the latest of each object, and what nobody can tell from it."""

from typing import Any

from integrations.stripe.changes import latest
from integrations.stripe.client import VERSION
from integrations.stripe.reading import is_enough
from integrations.sync.connector import How, Read


def event(verb: str, at: int, number: str = "cus_1", of: str = "customer", **held: Any) -> dict[str, Any]:
    told = {"id": number, "object": of.rpartition(".")[2], **held}
    return {"type": f"{of}.{verb}", "created": at, "api_version": VERSION, "data": {"object": told}}


def test_newest_event_of_an_object_tells_what_it_is() -> None:
    [change] = latest([event("updated", 9, name="New"), event("created", 5, name="Old")]).customers.values()

    assert (change.object["name"], change.is_alone) == ("New", True)


def test_two_events_of_one_second_tell_nothing_for_certain() -> None:
    """A subscription is often made and active within the same second: either may stand first in the list."""
    changes = latest([
        event("created", 9, "sub_1", "customer.subscription", status="incomplete"),
        event("updated", 9, "sub_1", "customer.subscription", status="active"),
        event("updated", 9, "sub_2", "customer.subscription", status="active"),
    ])  # fmt: skip
    enough = [is_enough(one, Read("agreements", How.CHANGED, ("status",))) for one in changes.subscriptions.values()]

    assert enough == [False, True]


def test_deletion_stands_whatever_is_listed_before_it() -> None:
    [change] = latest([event("updated", 9), event("deleted", 9)]).customers.values()

    assert change.is_deletion
