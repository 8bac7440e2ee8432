"""The vendor's own client (16, API of October 2026) against the practice account."""

import pytest
import stripe

from integrations.rehearsal.practice_stripe import PracticeStripe

EXPAND = ["data.discounts.source.coupon", "data.items.data.price.tiers", "data.items.data.price.product"]


def test_account_is_named(client: stripe.StripeClient) -> None:
    assert client.v1.accounts.retrieve_current().business_profile.name == "Aldervale Software"  # type: ignore[union-attr]


def test_pages_are_followed_by_the_client_itself(client: stripe.StripeClient, crm: PracticeStripe) -> None:
    for number in range(22):
        crm.create("customer", name=f"More {number}")

    every = [one.id for one in client.v1.customers.list({"limit": 10}).auto_paging_iter()]

    assert len(every) == len(set(every)) == 25


def test_pages_go_back_as_well(client: stripe.StripeClient) -> None:
    newest, middle, oldest = client.v1.customers.list({"limit": 100}).data

    found = client.v1.customers.list({"limit": 1, "ending_before": oldest.id}).data

    assert [one.id for one in found] == [middle.id]
    assert newest.created >= middle.created


def test_limit_is_a_hundred(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.list({"limit": 101})

    assert refused.value.param == "limit"


def test_customer_is_made_changed_read_and_deleted(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create(
        {"name": "Ada", "email": "ada@alder.example", "metadata": {"customer_number": "7"}}
    )
    client.v1.customers.update(made.id, {"name": "Ada Ltd", "metadata": {"domain": "alder.example"}})
    read = client.v1.customers.retrieve(made.id)
    gone = client.v1.customers.delete(made.id)

    assert (read.name, read.metadata.to_dict()) == ("Ada Ltd", {"customer_number": "7", "domain": "alder.example"})  # type: ignore[union-attr]
    assert (gone.deleted, client.v1.customers.retrieve(made.id).deleted) == (True, True)
    assert made.id not in [one.id for one in client.v1.customers.list().data]


def test_subscription_tells_prices_tiers_and_coupons_where_they_are_asked_for(
    client: stripe.StripeClient, crm: PracticeStripe
) -> None:
    items = [{"price": "price_seats_graduated", "quantity": 3}]
    crm.create("subscription", customer="cus_AV000001", items=items, discounts=[{"id": "di_1", "coupon": "FOREVER20"}])

    plain = client.v1.subscriptions.list({"customer": "cus_AV000001", "limit": 1}).data[0].to_dict()
    whole = client.v1.subscriptions.list({"customer": "cus_AV000001", "limit": 1, "expand": EXPAND}).data[0].to_dict()

    assert plain["discounts"] == ["di_1"]
    assert isinstance(plain["items"]["data"][0]["price"]["product"], str)
    assert "tiers" not in plain["items"]["data"][0]["price"]
    assert whole["discounts"][0]["source"]["coupon"]["percent_off"] == 20
    price = whole["items"]["data"][0]["price"]
    assert (price["product"]["name"], price["tiers"][-1]["up_to"]) == ("Seats", None)
    assert "current_period_end" not in whole, "since 2025 it stands on the items"
    assert whole["items"]["data"][0]["current_period_end"] > whole["items"]["data"][0]["current_period_start"]


def test_cancelled_ones_are_listed_only_when_asked_for(client: stripe.StripeClient) -> None:
    [one] = client.v1.subscriptions.list({"customer": "cus_AV000001"}).data
    client.v1.subscriptions.cancel(one.id)

    assert client.v1.subscriptions.list({"customer": "cus_AV000001"}).data == []
    for status in ("all", "ended", "canceled"):
        [found] = client.v1.subscriptions.list({"customer": "cus_AV000001", "status": status}).data
        assert (found.status, bool(found.ended_at)) == ("canceled", True)


def test_subscription_is_made_paused_and_to_end(client: stripe.StripeClient) -> None:
    made = client.v1.subscriptions.create(
        {"customer": "cus_AV000002", "items": [{"price": "price_team_usd_month", "quantity": 2}]}
    )
    paused = client.v1.subscriptions.update(
        made.id, {"pause_collection": {"behavior": "void"}, "cancel_at_period_end": True}
    )

    assert (made.currency, made.status) == ("usd", "active")
    assert (paused.pause_collection.behavior, paused.cancel_at_period_end) == ("void", True)  # type: ignore[union-attr]


def test_events_tell_what_happened_newest_first(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"name": "Ada"})
    client.v1.customers.update(made.id, {"name": "Ada Ltd"})
    client.v1.customers.delete(made.id)

    found = client.v1.events.list({"types": ["customer.created", "customer.updated", "customer.deleted"]}).data

    assert [one.type for one in found] == ["customer.deleted", "customer.updated", "customer.created"]
    assert found[1].to_dict()["data"]["previous_attributes"] == {"name": "Ada"}
    assert found[1].to_dict()["api_version"].startswith("2026-10-28")


def test_events_are_kept_thirty_days(client: stripe.StripeClient, crm: PracticeStripe) -> None:
    client.v1.customers.create({"name": "Ada"})
    crm.control(clock_offset=31 * 86_400)

    assert client.v1.events.list().data == []


def test_search_finds_by_metadata_parts_and_blanks(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"name": "Ada Ltd", "metadata": {"company_key": "c0"}})
    queries = (
        "metadata['company_key']:'c0'", "name~'ada'", "email:null AND name:'ada ltd'", "name:'ada ltd' OR name:'nobody'",
        "metadata['company_key']:'c0' AND created>1700000000",
    )  # fmt: skip

    assert [[one.id for one in client.v1.customers.search({"query": query}).data] for query in queries] == [
        [made.id]
    ] * 5
    with pytest.raises(stripe.InvalidRequestError, match="mixing AND and OR"):
        client.v1.customers.search({"query": "name:'a' AND name:'b' OR name:'c'"})


def test_search_lags_behind(client: stripe.StripeClient, crm: PracticeStripe) -> None:
    crm.control(index_lag=30)
    client.v1.customers.create({"name": "Ada Ltd"})

    assert client.v1.customers.search({"query": "name:'Ada Ltd'"}).data == []


def test_same_key_gives_the_first_answer_again(client: stripe.StripeClient) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "k1"}
    first = client.v1.customers.create({"name": "Once"}, options)
    again = client.v1.customers.create({"name": "Once"}, options)

    assert first.id == again.id
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"name": "Twice"}, options)


def test_refusals_are_the_clients_own_errors(client: stripe.StripeClient, crm: PracticeStripe) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.customers.retrieve("cus_nobody")
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.v1.customers.list({"pineapple": "1"})  # type: ignore[arg-type]
    crm.control(burst=1)
    with pytest.raises(stripe.RateLimitError) as many:
        client.v1.customers.list()

    assert (missing.value.code, missing.value.http_status) == ("resource_missing", 404)
    assert (unknown.value.code, unknown.value.param) == ("parameter_unknown", "pineapple")
    assert many.value.json_body["error"]["code"] == "rate_limit"  # type: ignore[index]
    assert unknown.value.request_id


def test_client_repeats_by_itself_what_may_come_again(crm: PracticeStripe) -> None:
    patient = stripe.StripeClient(
        crm.credentials.secret_key, base_addresses={"api": crm.base_url}, max_network_retries=2
    )
    crm.control(locked=2)

    assert len(patient.v1.customers.list().data) == 3


def test_restricted_key_reads_and_never_writes(crm: PracticeStripe) -> None:
    client = stripe.StripeClient(crm.credentials.restricted_key, base_addresses={"api": crm.base_url})
    crm.control(withdraw_permissions=["events"])

    assert len(client.v1.customers.list().data) == 3
    for call in (lambda: client.v1.customers.create({"name": "Ada"}), lambda: client.v1.events.list()):
        with pytest.raises(stripe.PermissionError, match="rak_"):
            call()


@pytest.mark.parametrize("key", ["sk_test_wrong", ""])
def test_wrong_key_opens_nothing(crm: PracticeStripe, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient(key, base_addresses={"api": crm.base_url}).v1.customers.list()


def test_limits_are_those_of_a_sandbox(client: stripe.StripeClient, crm: PracticeStripe) -> None:
    frozen = crm.store.wall_clock()
    crm.store.wall_clock = lambda: frozen
    for _call in range(25):
        client.v1.customers.list()

    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.list()
