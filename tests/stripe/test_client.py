"""The wire: the pinned version, brackets, refusals, patience, and keys that end."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest, Response

from integrations.rehearsal.practice import WsgiAdapter
from integrations.rehearsal.practice_stripe import PracticeStripe
from integrations.stripe.client import VERSION, StripeClient, host_policy, pairs
from integrations.stripe.connector import StripeConnector
from integrations.stripe.replies import classify
from integrations.sync.connector import How, Read
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import (
    Conflict,
    Misconfigured,
    NeedsSignIn,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    WireError,
)
from integrations.wire.messages import Reply
from integrations.wire.session import Session

from .conftest import signed_in


@pytest.fixture
def crm(small_crm: Callable[..., PracticeStripe]) -> PracticeStripe:
    return small_crm(3)


@pytest.fixture
def client(crm: PracticeStripe) -> StripeClient:
    session = Session(
        host_policy([crm.base_url.removeprefix("http://")]), auth=StaticAuth(crm.credentials.restricted_key),
        classify=classify, sleep=lambda _seconds: None, read_only=True,
    )  # fmt: skip
    return StripeClient(session, crm.base_url)


def answered(status: int, error: dict[str, str], **headers: str) -> WireError | None:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify(Reply(status, told, json.dumps({"error": error}).encode()))


def test_lists_are_written_with_brackets() -> None:
    said = dict(pairs({"limit": 100, "created": {"gte": 5}, "status": "all"}))

    assert said == {"limit": "100", "created[gte]": "5", "status": "all"}
    assert list(pairs({"expand": ["a", "b"]})) == [("expand[]", "a"), ("expand[]", "b")]


def test_version_is_pinned_on_every_call(crm: PracticeStripe) -> None:
    sent: list[str] = []

    class Noting(WsgiAdapter):
        def send(self, request: PreparedRequest, **more: Any) -> Response:  # type: ignore[override]
            sent.append(request.headers["Stripe-Version"])
            return super().send(request, **more)

    session = Session(host_policy(), auth=StaticAuth(crm.credentials.restricted_key), adapter=Noting(crm.app))
    client = StripeClient(session)
    client.account()
    client.page("events", {"types": ["customer.created"]})
    client.one("customers", "cus_AV000001", {})

    assert sent == [VERSION] * 3
    assert VERSION.startswith("2026-10-28")


def test_pages_follow_one_another_and_a_full_last_one_ends(client: StripeClient) -> None:
    first = client.page("customers", {}, limit=2)
    second = client.page("customers", {}, after=first.next, limit=2)

    assert [len(first.rows), len(second.rows)] == [2, 1]
    assert (first.next, second.next) == (first.rows[-1]["id"], "")


def test_total_comes_from_the_search(client: StripeClient) -> None:
    assert (client.total("customers"), client.total("subscriptions")) == (3, 3)


@pytest.mark.parametrize(
    ("status", "error", "headers", "kind", "code"),
    [
        (400, {"type": "invalid_request_error", "code": "parameter_unknown"}, {}, Misconfigured, "parameter_unknown"),
        (400, {"type": "invalid_request_error", "code": "resource_missing"}, {}, Rejected, "resource_missing"),
        (401, {"type": "invalid_request_error", "code": "api_key_expired"}, {}, NeedsSignIn, "api_key_expired"),
        (401, {"type": "invalid_request_error"}, {}, NeedsSignIn, "INVALID_KEY"),
        (402, {"type": "card_error", "code": "card_declined"}, {}, Rejected, "card_declined"),
        (403, {"message": "Having the 'rak_event_read' permission …"}, {}, Misconfigured, "may-not-read-events"),
        (403, {"message": "Having the 'rak_plan_read' permission …"}, {}, Misconfigured, "may-not-read-prices"),
        (403, {"message": "No."}, {}, Misconfigured, "FORBIDDEN"),
        (404, {"code": "resource_missing"}, {}, NotFound, "resource_missing"),
        (409, {"code": "lock_timeout"}, {}, Transient, "lock_timeout"),
        (409, {"code": "other"}, {"Stripe_Should_Retry": "true"}, Transient, "other"),
        (409, {"code": "other"}, {}, Conflict, "other"),
        (429, {"code": "rate_limit"}, {}, RateLimited, "rate_limit"),
        (429, {"code": "lock_timeout"}, {}, Transient, "lock_timeout"),
        (429, {"code": "rate_limit"}, {"Stripe_Should_Retry": "false"}, Transient, "rate_limit"),
        (500, {"type": "api_error"}, {}, Transient, "api_error"),
    ],
)
def test_each_refusal_is_the_error_that_says_what_to_do(
    status: int, error: dict[str, str], headers: dict[str, str], kind: type[WireError], code: str
) -> None:
    found = answered(status, error, **headers)

    assert type(found) is kind
    assert found.code == code


def test_stripe_says_itself_whether_a_call_may_come_again() -> None:
    obeyed = answered(429, {"code": "rate_limit"}, Stripe_Should_Retry="false")
    broken = answered(500, {"type": "api_error"}, Stripe_Should_Retry="false")

    assert isinstance(obeyed, Transient)
    assert not obeyed.repeatable
    assert isinstance(broken, Transient)
    assert not broken.repeatable


def test_reason_of_a_limit_and_the_number_of_the_call_are_told() -> None:
    found = answered(
        429,
        {"code": "rate_limit", "message": "Slow down."},
        Stripe_Rate_Limited_Reason="global-rate",
        Request_Id="req_7",
    )

    assert found is not None
    assert found.message == "Slow down. (global-rate) [req_7]"


@pytest.mark.parametrize(
    "fault", [{"burst": 2, "retry_after": 0}, {"locked": 3}, {"html": 1}, {"truncate": 1}, {"reset": 1}]
)
def test_passing_trouble_is_outlived(client: StripeClient, crm: PracticeStripe, fault: dict[str, int]) -> None:
    crm.control(**fault)

    assert len(client.page("customers", {}).rows) == 3


def test_expired_key_wants_a_new_one(client: StripeClient, crm: PracticeStripe) -> None:
    crm.control(expire_keys=True)

    with pytest.raises(NeedsSignIn) as refused:
        client.account()

    assert refused.value.code == "api_key_expired"


@pytest.mark.django_db
def test_key_is_in_no_error_and_no_call(crm: PracticeStripe) -> None:
    told: list[str] = []
    connector = StripeConnector(signed_in(crm))
    connector.on_call = lambda call: told.append(repr(call))
    crm.control(withdraw_permissions=["events", "customers"])

    with pytest.raises(Misconfigured) as refused:
        connector.read(Read("customers", How.ALL, ("id",)))

    assert refused.value.code == "may-not-read-customers"
    assert crm.credentials.restricted_key not in f"{told}{refused.value}{refused.value.__cause__}"
