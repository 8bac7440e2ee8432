"""Sellsy's wire: pages, batches, refusals and the quota, against the practice account."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy import client as wire
from integrations.sellsy.client import Hosts, Line, SellsyClient, host_policy
from integrations.sellsy.opening import Meter
from integrations.sellsy.replies import classify, error_of
from integrations.sellsy.scope import COMPANIES
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import (
    AuthExpired,
    Conflict,
    DryRun,
    Misconfigured,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    WireError,
)
from integrations.wire.messages import Reply
from integrations.wire.session import Session


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[PracticeSellsy]:
    with PracticeSellsy(tmp_path, 120, contacts_per=1) as crm:
        crm.control(unlimited=True)
        yield crm


def opened(crm: PracticeSellsy, **more: Any) -> SellsyClient:
    with crm.store.transaction():
        from integrations.simulation.grants import Grant

        token = crm.account.open_session(Grant(crm.account.staff_id(), crm.credentials.personal_id, "family"))
    waits: list[float] = []
    meter = Meter(limit=432_000)
    session = Session(
        host_policy(), auth=StaticAuth(token), classify=classify, read_quota=meter.read, adapter=crm.adapter(),
        sleep=waits.append, **more,
    )  # fmt: skip
    return SellsyClient(session, Hosts(), pause=waits.append)


@pytest.fixture
def client(crm: PracticeSellsy) -> SellsyClient:
    return opened(crm)


# --- Pages


def test_a_full_page_names_the_next_and_the_last_one_none(client: SellsyClient) -> None:
    first = client.search(COMPANIES, {}, {"limit": 100, "order": "id"})
    second = client.search(COMPANIES, {}, {"limit": 100, "order": "id", "offset": first.offset})

    assert (len(first.rows), len(second.rows), first.total) == (100, 20, 120)
    assert first.offset
    assert second.offset == "", "the offset is there on the last page too"


def test_page_that_names_itself_as_the_next_ends_in_an_error(
    client: SellsyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = wire.Found([{"id": 1}], "WyI0Il0=", 9)
    monkeypatch.setattr(client, "page", lambda *_args, **_more: stuck)

    with pytest.raises(Misconfigured) as refused:
        list(client.custom_fields())

    assert refused.value.code == "PAGING_LOOP"


def test_lists_in_a_question_have_their_brackets(client: SellsyClient) -> None:
    found = client.search(COMPANIES, {}, {"limit": 1, "embed": ["cf.1", "smart_tags"], "field": ["id", "_embed"]})

    assert set(found.rows[0]) == {"id", "_embed"}
    assert set(found.rows[0]["_embed"]) == {"smart_tags", "custom_fields"}


# --- Batches


def test_lines_are_answered_in_their_order_whatever_becomes_of_one(client: SellsyClient) -> None:
    told = client.ask([Line("GET", f"{COMPANIES}/{number}") for number in (3, 9999, 1)])

    assert [one.record["id"] if one.record else None for one in told] == [3, None, 1]


def test_batch_that_is_too_large_is_halved_until_it_is_taken(client: SellsyClient, crm: PracticeSellsy) -> None:
    crm.control(batch_most=20)
    crm.forget_calls()

    told = client.ask([Line("GET", f"{COMPANIES}/{number}") for number in range(1, 61)])
    again = client.ask([Line("GET", f"{COMPANIES}/{number}") for number in range(1, 13)])

    assert [one.record["id"] for one in told if one.record] == list(range(1, 61))
    assert len(again) == 12
    # Fifty, twenty-five, then twelve at a time; and the size that was taken is remembered.
    assert crm.calls()["batch"] == 2 + 5 + 1


def test_lines_that_came_too_fast_are_sent_again_by_themselves(client: SellsyClient, crm: PracticeSellsy) -> None:
    crm.control(unlimited=False, batch_costs_lines=True, quotas={"second": 30})

    def move(_seconds: float) -> None:
        crm.control(clear_quotas=True)

    client._pause = move

    told = client.ask([Line("GET", f"{COMPANIES}/{number}") for number in range(1, 51)])

    assert [one.record["id"] for one in told if one.record] == list(range(1, 51))


def test_lines_that_are_never_taken_end_as_too_fast(client: SellsyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(lines: list[Line], **_more: Any) -> list[wire.Told]:
        return [wire.Told(429, {}) for _ in lines]

    monkeypatch.setattr(client, "_one_batch", refuse)

    with pytest.raises(RateLimited):
        client.ask([Line("GET", "/companies/1")])


def test_batch_with_an_answer_missing_is_broken(client: SellsyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = Reply(207, {}, b'{"error":false,"responses":[{"code":200,"response":{}}]}')
    monkeypatch.setattr(client.session, "send", lambda _request: reply)

    with pytest.raises(Transient) as refused:
        client.ask([Line("GET", "/companies/1"), Line("GET", "/companies/2")])

    assert refused.value.code == "BROKEN_ANSWER"


def test_reader_asks_batches_and_writes_none(crm: PracticeSellsy) -> None:
    reader = opened(crm, read_only=True)

    assert len(reader.ask([Line("GET", "/companies/1")])) == 1
    with pytest.raises(DryRun):
        reader.write([Line("PUT", "/companies/1/custom-fields", body=[])], kind="write")
    with pytest.raises(DryRun):
        reader.create_custom_field(type_="numeric", name="N", code="n", uses=("useOn_client",))


# --- The old RPC


def test_field_is_made_and_its_number_is_the_one_the_api_shows(client: SellsyClient) -> None:
    number = client.create_custom_field(type_="numeric", name="N", code="n", uses=("useOn_client",))

    assert [str(one["id"]) for one in client.custom_fields() if one["code"] == "n"] == [number]


def test_refusal_of_the_rpc_comes_with_status_200(client: SellsyClient) -> None:
    with pytest.raises(Misconfigured) as refused:
        client.create_custom_field(type_="nothing", name="N", code="n", uses=("useOn_client",))

    assert (refused.value.code, refused.value.status) == ("E_PARAM_INVALID", 200)


# --- Refusals and the quota


@pytest.mark.parametrize(
    ("status", "body", "expected", "code"),
    [
        (400, {"error": {"message": "x", "details": {"last_name": "Ce champ est manquant"}}}, Rejected, "INVALID"),
        (400, {"error": {"message": "x", "details": []}}, Rejected, "INVALID"),
        (400, {"error": {"message": "x", "details": {"filters.favourite_filter": "y"}}}, Misconfigured, "view-gone"),
        (401, {"error": {"message": "x", "details": []}}, AuthExpired, "UNAUTHORIZED"),
        (402, {"error": {"message": "x", "details": []}}, Misconfigured, "PLAN_LIMIT"),
        (403, {"error": {"message": "x", "details": []}}, Misconfigured, "FORBIDDEN"),
        (404, {"error": {"message": "Not Found", "details": []}}, NotFound, "NOT_FOUND"),
        (404, {"error": {"message": 'No route found for "GET /v2/x"', "details": []}}, Misconfigured, "NO_ROUTE"),
        (409, {"error": {"message": "x", "details": []}}, Conflict, "CONFLICT"),
        (500, {}, Transient, "HTTP_500"),
        (418, {}, Rejected, "HTTP_418"),
    ],
)
def test_each_refusal_becomes_the_error_that_says_what_to_do(
    status: int, body: dict[str, Any], expected: type[WireError], code: str
) -> None:
    error = error_of(status, body)

    assert (type(error), error.code) == (expected, code)


def test_named_fields_of_a_refusal_are_kept(client: SellsyClient) -> None:
    with pytest.raises(Rejected) as refused:
        client.search(COMPANIES, {"nonsense": 1}, {})

    assert refused.value.fields == ("filters.nonsense",)


@pytest.mark.parametrize(
    ("window", "is_daily", "after"), [("day", True, None), ("minute", False, 20.0), ("second", False, 1.0)]
)
def test_empty_window_says_how_long_to_wait(window: str, is_daily: bool, after: float | None) -> None:
    headers = {f"X-Quota-Remaining-By-{one}": "5" for one in ("Second", "Minute", "Day")}
    headers[f"X-Quota-Remaining-By-{window.title()}"] = "0"

    error = classify(Reply(429, headers, b'{"error":{"message":"Too Many Requests"}}'))

    assert isinstance(error, RateLimited)
    assert (error.daily, error.after) == (is_daily, after)


def test_quota_is_what_is_left_of_the_known_limit(client: SellsyClient) -> None:
    client.me()

    quota = client.session.quota
    assert quota is not None
    assert (quota.limit, quota.used >= 1) == (432_000, True)


def test_foreign_hosts_are_refused_before_anything_is_sent(crm: PracticeSellsy) -> None:
    session = opened(crm).session

    with pytest.raises(Misconfigured):
        SellsyClient(session, Hosts.at("https://sellsy.example.org"))
