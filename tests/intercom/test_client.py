"""Intercom's wire: pages, the scroll, refusals and the window of calls, against the practice workspace."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from integrations.intercom.client import API, IntercomClient, everything, host_policy, paged
from integrations.intercom.replies import ScrollLost, classify, read_quota
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import (
    AlreadyExists,
    AuthExpired,
    Conflict,
    DryRun,
    Misconfigured,
    NeedsSignIn,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    WireError,
)
from integrations.wire.messages import Call, Reply
from integrations.wire.session import Session


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[PracticeIntercom]:
    with PracticeIntercom(tmp_path, 120, contacts_per=2) as crm:
        crm.control(unlimited=True)
        yield crm


def opened(crm: PracticeIntercom, **more: Any) -> IntercomClient:
    session = Session(
        host_policy(), auth=StaticAuth(crm.credentials.access_token), classify=classify, read_quota=read_quota,
        adapter=crm.adapter(), **{"sleep": lambda _seconds: None, **more},
    )  # fmt: skip
    return IntercomClient(session, API["eu"])


@pytest.fixture
def client(crm: PracticeIntercom) -> IntercomClient:
    return opened(crm)


def reply(status: int, body: Any, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def refusal(status: int, code: str, message: str = "", **more: Any) -> Reply:
    told = {"code": code, "message": message, **more}
    return reply(status, {"type": "error.list", "request_id": "r", "errors": [told]})


# --- Pages


def test_contacts_come_by_cursor_each_once(client: IntercomClient) -> None:
    first = client.contacts()
    second = client.contacts(first.after)

    ids = {one["id"] for one in (*first.rows, *second.rows)}
    assert (len(first.rows), len(second.rows), len(ids), second.after, first.total) == (150, 90, 240, "", 240)


def test_companies_come_by_scroll_each_once(client: IntercomClient) -> None:
    first = client.scroll()
    second = client.scroll(first.after)
    third = client.scroll(second.after)

    assert [len(one.rows) for one in (first, second, third)] == [100, 20, 0]
    assert third.after == ""
    assert client.companies(1, rows=1).total == 120


def test_scroll_that_was_lost_says_so(client: IntercomClient, crm: PracticeIntercom) -> None:
    first = client.scroll()
    crm.control(clock_offset=90)

    with pytest.raises(ScrollLost):
        client.scroll(first.after)


def test_page_of_a_scroll_is_not_asked_for_again_by_itself(client: IntercomClient, crm: PracticeIntercom) -> None:
    first = client.scroll()
    crm.control(reset=1)

    with pytest.raises(Transient):
        client.scroll(first.after)

    assert crm.calls()["scroll"] == 2


@pytest.mark.parametrize("pages", [None, {}, {"next": None}, {"next": "https://api.intercom.io/contacts?page=2"}])
def test_answer_without_a_cursor_is_the_last_page(pages: Any) -> None:
    assert paged({"data": [], "pages": pages, "total_count": 0}, "data").after == ""


def test_numbered_pages_end_and_never_go_round(client: IntercomClient, crm: PracticeIntercom) -> None:
    company = crm.create("company", name="Large", company_id="large")
    for number in range(51):
        crm.create("contact", name=f"Person {number}", company=company)

    assert len(list(everything(lambda number: client.contacts_of(company, number)))) == 51


def test_every_call_says_its_version_and_asks_for_json(crm: PracticeIntercom) -> None:
    seen: list[Mapping[str, str]] = []
    answer = crm.app.answer

    def noting(request: Any) -> Any:
        seen.append(request.headers)
        return answer(request)

    crm.app.answer = noting  # type: ignore[method-assign]
    client = opened(crm)
    client.me()
    client.search_conversations({"field": "id", "operator": "=", "value": "1"})
    client.create_attribute("company", "crm_id", "")

    assert {one["intercom-version"] for one in seen} == {"2.15"}
    assert {one["accept"] for one in seen} == {"application/json"}


# --- What is sent, and what never is


def test_reading_session_writes_nothing(crm: PracticeIntercom) -> None:
    client = opened(crm, read_only=True)
    [company, *_others] = client.companies(1).rows

    with pytest.raises(DryRun):
        client.update_company(company["id"], {"name": "Written"})
    with pytest.raises(DryRun):
        client.create_attribute("company", "crm_id", "")


def test_id_that_is_none_is_sent_nowhere(client: IntercomClient, crm: PracticeIntercom) -> None:
    crm.forget_calls()
    for odd in ("", "../me", "a/b", "é", "1?x=2"):
        with pytest.raises(NotFound):
            client.company(odd)

    assert crm.calls() == {}


def test_only_intercoms_own_hosts_are_called() -> None:
    with pytest.raises(Misconfigured, match="HOST_REFUSED"):
        IntercomClient(Session(host_policy()), "https://api.intercom.io.example.com")


def test_token_stands_in_no_record_of_a_call(crm: PracticeIntercom) -> None:
    told: list[Call] = []
    opened(crm, on_call=told.append).me()

    assert crm.credentials.access_token not in repr(told)


# --- Refusals

EXPECTED = [
    (refusal(401, "unauthorized", "Access Token Invalid"), AuthExpired, "unauthorized"),
    (refusal(401, "token_revoked"), NeedsSignIn, "token_revoked"),
    (refusal(403, "api_plan_restricted"), Misconfigured, "api_plan_restricted"),
    (refusal(404, "company_not_found"), NotFound, "company_not_found"),
    (refusal(404, "not_found", "scroll parameter not found"), ScrollLost, "SCROLL_LOST"),
    (
        refusal(
            500, "server_error", "Request failed due to an internal network error. Please restart the scroll operation."
        ),
        ScrollLost,
        "SCROLL_LOST",
    ),
    (refusal(400, "scroll_exists"), RateLimited, "scroll_exists"),
    (refusal(400, "parameter_invalid", "Per Page is too big"), Rejected, "parameter_invalid"),
    (refusal(400, "parameter_invalid", "You already have 'x' in your company data."), Rejected, "ATTRIBUTE_TAKEN"),
    (
        refusal(409, "conflict", "A contact matching those details already exists with id=6643abc"),
        AlreadyExists,
        "conflict",
    ),
    (refusal(409, "conflict", "Somebody was quicker"), Conflict, "conflict"),
    (refusal(422, "data_invalid", "Not a date", field="signed_up_at"), Rejected, "data_invalid"),
    (refusal(503, "service_unavailable"), Transient, "service_unavailable"),
    (refusal(406, "media_type_not_acceptable"), Misconfigured, "media_type_not_acceptable"),
    (reply(400, {"status": 400, "error": "There was a problem in the JSON"}), Rejected, "bad_request"),
    (reply(401, {"error": "Unauthorized"}), AuthExpired, "unauthorized"),
    (reply(429, {"errors": [{"code": "rate_limit_exceeded", "message": "m"}]}), RateLimited, "rate_limit_exceeded"),
]


@pytest.mark.parametrize(("answer", "kind", "code"), EXPECTED, ids=[code for _answer, _kind, code in EXPECTED])
def test_refusal_becomes_the_one_error_that_says_what_to_do(answer: Reply, kind: type[WireError], code: str) -> None:
    found = classify(answer)

    assert type(found) is kind
    assert found.code == code


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"errors": []}', b'{"errors": ["x"]}', b'{"error": {}}']
)
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_odd_answers_are_judged_by_their_status(status: int, body: bytes) -> None:
    found = classify(reply(status, body))

    # None: the session judges by the status alone.
    assert found is None or found.status == status


def test_field_that_was_refused_is_named_and_the_known_twin_too() -> None:
    refused, twin = classify(EXPECTED[11][0]), classify(EXPECTED[9][0])

    assert refused is not None
    assert refused.fields == ("signed_up_at",)
    assert isinstance(twin, AlreadyExists)
    assert twin.source_id == "6643abc"


def test_spent_window_waits_until_it_ends_and_no_longer() -> None:
    now = datetime(2026, 3, 1, 12, 0, 4, tzinfo=UTC)
    told = {"Date": "Sun, 01 Mar 2026 12:00:04 GMT", "X_RateLimit_Reset": str(int(now.timestamp()) + 6)}

    waits = [
        found.after
        for answer in (reply(429, {}, **told), reply(429, {}), reply(429, {}, X_RateLimit_Reset="9" * 11, Date="odd"))
        if isinstance(found := classify(answer), RateLimited)
    ]

    assert waits == [7.0, 10.0, 10.0]


def test_window_is_told_as_what_is_used_of_it() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    told = {
        "X_RateLimit_Limit": "1666",
        "X_RateLimit_Remaining": "1600",
        "X_RateLimit_Reset": str(int(now.timestamp()) + 10),
    }

    found = read_quota(reply(200, {}, **told), now)

    assert found is not None
    assert (found.used, found.limit, found.resets_at and (found.resets_at - now).seconds) == (66, 1666, 10)
    assert read_quota(reply(200, {}), now) is None
    assert read_quota(reply(200, {}, X_RateLimit_Limit="many", X_RateLimit_Remaining="1"), now) is None
