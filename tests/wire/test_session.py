import contextlib
import random
from datetime import timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from integrations.wire.circuit import Circuits
from integrations.wire.errors import (
    AuthExpired,
    DryRun,
    Misconfigured,
    NotFound,
    RateLimited,
    Transient,
)
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Call, Request
from integrations.wire.quota import Budget, Quota
from integrations.wire.session import Session

from .border import NOW, ORG, Answer, Border, Clock, salesforce

URL = f"{ORG}/services/data/v66.0/limits"
READ = Request("GET", URL, kind="limits")
CREATE = Request("POST", URL, json={"Name": "Aldervale"}, kind="create")
LOST = requests.ConnectionError("reset")
REFUSED_CONNECT = requests.ConnectTimeout("nobody there")
BUSY = Answer(503, "<html>maintenance</html>")
FINE = Answer(200, {"ok": True})


def test_send_returns_the_answer_and_counts_it() -> None:
    noted: list[Call] = []
    session = salesforce(Border(FINE), on_call=noted.append)

    reply = session.send(READ)

    assert reply.json() == {"ok": True}
    assert (session.calls, dict(session.calls_by_kind)) == (1, {"limits": 1})
    assert [(call.method, call.status, call.bytes, call.started, call.kind) for call in noted] == [
        ("GET", 200, len(FINE.content), NOW, "limits")
    ]


@pytest.mark.requirement("F3")
def test_server_errors_are_repeated_with_growing_jitter() -> None:
    clock = Clock()
    border = Border(BUSY, BUSY, BUSY, FINE)

    salesforce(border, clock, random=random.Random(1)).send(READ)

    assert len(border.sent) == 4
    assert all(0 <= wait <= ceiling for wait, ceiling in zip(clock.slept, (1, 2, 4), strict=True))
    assert len(set(clock.slept)) == 3


@pytest.mark.requirement("F3")
def test_server_errors_end_after_eight_tries() -> None:
    clock = Clock()
    border = Border(BUSY)

    with pytest.raises(Transient) as caught:
        salesforce(border, clock).send(READ)

    assert (len(border.sent), len(clock.slept), caught.value.status) == (8, 7, 503)


def test_waits_stay_within_what_the_caller_can_spare() -> None:
    clock = Clock()
    session = salesforce(Border(BUSY), clock, max_wait=3.0)

    with pytest.raises(Transient):
        session.send(READ)

    assert 0 < sum(clock.slept) <= 3.0


@pytest.mark.requirement("F1")
@pytest.mark.parametrize(
    ("told", "waited"),
    [("7", 7.0), ("0", 0.0), ("Wed, 25 Nov 2026 09:00:30 GMT", 30.0), ("Wed, 25 Nov 2026 08:00:00 GMT", 0.0)],
)
def test_retry_after_is_honoured_to_the_second(told: str, waited: float) -> None:
    clock = Clock()
    border = Border(Answer(429, "", {"Retry-After": told}), FINE)

    salesforce(border, clock).send(READ)

    assert clock.slept == [waited]


@pytest.mark.parametrize("told", ["soon", "-5", "²", "1.5e3", ""])
def test_retry_after_that_says_nothing_falls_back_to_jitter(told: str) -> None:
    clock = Clock()

    salesforce(Border(Answer(429, "", {"Retry-After": told}), FINE), clock).send(READ)

    assert len(clock.slept) == 1
    assert 0 <= clock.slept[0] <= 1


@pytest.mark.requirement("F1")
def test_retry_after_beyond_the_cap_parks_the_run() -> None:
    clock = Clock()
    session = salesforce(Border(Answer(429, "", {"Retry-After": "900"})), clock, max_wait=20)

    with pytest.raises(RateLimited) as caught:
        session.send(READ)

    assert clock.slept == []
    assert (caught.value.after, (caught.value.until - NOW).total_seconds()) == (900.0, 900.0)  # type: ignore[operator]


@pytest.mark.parametrize("told", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_retry_after_beyond_reason_is_a_day(told: str) -> None:
    with pytest.raises(RateLimited) as caught:
        salesforce(Border(Answer(429, "", {"Retry-After": told}))).send(READ)

    assert caught.value.until == NOW + timedelta(days=1)


@pytest.mark.requirement("F5")
@pytest.mark.parametrize("failure", [LOST, requests.ReadTimeout("slow"), BUSY, Answer(500, "")])
def test_create_is_never_repeated_once_it_may_have_worked(failure: Answer | Exception) -> None:
    border = Border(failure)

    with pytest.raises(Transient) as caught:
        salesforce(border).send(CREATE)

    assert (len(border.sent), caught.value.sent) == (1, True)


def test_create_is_repeated_when_nothing_left() -> None:
    border = Border(REFUSED_CONNECT, Answer(201, {"id": "001"}))

    reply = salesforce(border).send(CREATE)

    assert (reply.status, len(border.sent)) == (201, 2)


@pytest.mark.requirement("F6")
def test_update_declared_harmless_is_repeated() -> None:
    border = Border(LOST, Answer(204))

    reply = salesforce(border).send(Request("PATCH", URL, json={"Phone": "1"}, replayable=True))

    assert (reply.status, len(border.sent)) == (204, 2)


@pytest.mark.requirement("F7")
@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b'{"records": [', b"<html>ok</html>", b"\xff\xfe", b"[]", b'"text"', b"null", b'{"total": 1}'],
)
def test_broken_answer_is_fetched_again(broken: bytes) -> None:
    border = Border(Answer(200, broken), Answer(200, {"records": []}))

    reply = salesforce(border).send(Request("GET", URL, needs=("records",)))

    assert (reply.json(), len(border.sent)) == ({"records": []}, 2)


@pytest.mark.requirement("F4")
def test_circuit_opens_after_five_failures_and_lets_one_call_probe() -> None:
    clock = Clock()
    circuits = Circuits()
    dead = Border(LOST)
    session = salesforce(dead, clock, circuits=circuits, max_wait=20)

    with pytest.raises(Transient) as first:
        session.send(READ)
    with pytest.raises(Transient) as second:
        session.send(READ)
    sent_while_dead = len(dead.sent)
    clock.sleep(31)
    reply = salesforce(Border(FINE), clock, circuits=circuits).send(READ)

    assert (sent_while_dead, first.value.code, second.value.code) == (5, "HOST_UNREACHABLE", "HOST_UNREACHABLE")
    assert reply.status == 200


def test_circuit_that_cooled_lets_one_caller_through() -> None:
    circuits, later = Circuits(), NOW + timedelta(seconds=31)
    for _ in range(5):
        circuits.failed("host", NOW)

    circuits.require_closed("host", later)
    with pytest.raises(Transient):
        circuits.require_closed("host", later)
    circuits.answered("host")

    circuits.require_closed("host", later)


def test_circuit_forgets_failures_once_the_host_answers() -> None:
    clock = Clock()
    border = Border(LOST, LOST, LOST, LOST, FINE, LOST, LOST, LOST, LOST, FINE)
    session = salesforce(border, clock)

    session.send(READ)
    reply = session.send(READ)

    assert (reply.status, len(border.sent)) == (200, 10)
    assert max(clock.slept) <= 8


@pytest.mark.requirement("F4")
def test_failed_handshake_is_not_tried_again() -> None:
    border = Border(requests.exceptions.SSLError("handshake"))

    with pytest.raises(Transient) as caught:
        salesforce(border).send(READ)

    assert (len(border.sent), caught.value.code) == (1, "TLS_FAILED")


def test_redirects_are_not_followed() -> None:
    border = Border(Answer(302, "", {"Location": "https://elsewhere.my.salesforce.com/"}))

    with pytest.raises(Misconfigured) as caught:
        salesforce(border).send(READ)

    assert (len(border.sent), caught.value.code) == (1, "REDIRECTED")


def test_answer_beyond_the_cap_is_dropped() -> None:
    session = salesforce(Border(Answer(200, b"x" * 1001)), largest_body=1000)

    with pytest.raises(Misconfigured) as caught:
        session.send(READ)

    assert caught.value.code == "ANSWER_TOO_LARGE"


def test_expired_access_without_a_way_to_renew_goes_to_the_caller() -> None:
    with pytest.raises(AuthExpired):
        salesforce(Border(Answer(401, [{"errorCode": "INVALID_SESSION_ID", "message": "x"}]))).send(READ)


def test_status_alone_decides_where_the_system_says_nothing() -> None:
    session = Session(HostPolicy(("salesforce.com",)), adapter=Border(Answer(404, "gone")))

    with pytest.raises(NotFound) as caught:
        session.send(READ)

    assert str(caught.value) == "HTTP_404: gone"


@pytest.mark.parametrize("url", ["https://evil.example/x", "http://aldervale.my.salesforce.com/x", "https://10.0.0.1/"])
def test_foreign_host_is_refused_before_anything_leaves(url: str) -> None:
    border = Border(FINE)
    session = salesforce(border)

    with pytest.raises(Misconfigured):
        session.send(Request("GET", url))

    assert (border.sent, session.calls) == ([], 0)


@pytest.mark.requirement("E1")
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "post", "MERGE"]),
    safe=st.sampled_from([None, True, False]),
    replayable=st.sampled_from([None, True, False]),
)
def test_dry_run_lets_nothing_out_that_could_change_something(
    method: str, safe: bool | None, replayable: bool | None
) -> None:
    border = Border(FINE)
    session = salesforce(border, read_only=True)
    request = Request(method, URL, safe=safe, replayable=replayable)
    reads = safe is True or (safe is None and method in {"GET", "HEAD"})

    with contextlib.suppress(DryRun):
        session.send(request)

    assert [sent.method for sent in border.sent] == ([method.upper()] if reads else [])


def test_dry_run_says_what_it_kept_back() -> None:
    with pytest.raises(DryRun) as caught:
        salesforce(Border(FINE), read_only=True).send(CREATE)

    assert (caught.value.method, caught.value.url) == ("POST", URL)


@pytest.mark.parametrize("request_", [Request("GET", URL), Request("GET", URL, needs=("a",)), CREATE])
def test_empty_answer_is_broken_unless_the_status_says_so(request_: Request) -> None:
    with pytest.raises(Transient) as caught:
        salesforce(Border(Answer(200, "")), max_wait=0).send(request_)
    reply = salesforce(Border(Answer(204, ""))).send(request_)

    assert (caught.value.code, reply.content) == ("BROKEN_ANSWER", b"")


@pytest.mark.requirement("F2")
def test_background_work_stops_at_the_reserve_before_the_call() -> None:
    border = Border(Answer(200, {}, {"Sforce-Limit-Info": "api-usage=12000/15000"}))
    session = salesforce(border, budget=Budget(0.2))
    session.send(READ)

    with pytest.raises(RateLimited) as caught:
        session.send(READ)

    assert (len(border.sent), caught.value.daily, session.quota) == (1, True, Quota(12000, 15000, NOW))
    assert caught.value.until == NOW + Budget().believed_for


def test_reserve_lets_one_call_look_when_its_reading_is_old() -> None:
    clock = Clock()
    border = Border(Answer(200, {}, {"Sforce-Limit-Info": "api-usage=100/15000"}))
    session = salesforce(border, clock, budget=Budget(0.2), quota=Quota(15000, 15000, NOW))
    clock.sleep(Budget().believed_for.total_seconds())

    session.send(READ)
    session.send(READ)

    assert len(border.sent) == 2


def test_person_who_waits_may_use_the_reserve() -> None:
    border = Border(FINE)
    session = salesforce(border, budget=Budget(0.2), quota=Quota(15000, 15000, NOW), interactive=True)

    session.send(READ)

    assert len(border.sent) == 1
