"""The share of the daily calls that syncs leave to others, and what is kept of the calls of a run."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.models import ApiCall, ConnectionState, Run
from integrations.sync.repair import of_run
from integrations.sync.runner.drive import drive
from integrations.sync.runner.slice import run_slice
from integrations.sync.runs import request_run, try_now
from integrations.sync.waiting import wait_in_words

from .conftest import signed_in
from .test_interactions_synced import add_block

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C6")]


@pytest.fixture
def crm(small_practice: Callable[..., PracticeSalesforce]) -> PracticeSalesforce:
    return small_practice(6, contacts_per=0)


@pytest.fixture
def connection(db: None, crm: PracticeSalesforce) -> SalesforceConnection:
    connection = signed_in(crm, state="on")
    add_block(connection, "customers", "input")
    return connection


def sliced(run: Run) -> Run:
    run_slice(run.pk)
    run.refresh_from_db()
    return run


def used(crm: PracticeSalesforce) -> int:
    return crm.calls().total()


def test_sync_parks_before_the_reserve_says_until_when_and_goes_on(
    connection: SalesforceConnection, crm: PracticeSalesforce
) -> None:
    crm.control(quota_max=1000, quota_used=800)
    run = sliced(request_run(connection, by="test"))

    assert (run.state, run.reason_code, run.reason_params["code"]) == (
        Run.State.WAITING,
        "quota-spent",
        "QUOTA_RESERVE",
    )
    live = ConnectionState.objects.get(pk=connection.pk)
    assert live.parked_until is not None
    assert run.due_at == live.parked_until
    assert live.parked_until is not None
    assert live.parked_until > timezone.now() + timedelta(minutes=10)
    repair = of_run(run)
    assert repair is not None
    assert "leaves to others" in repair.why
    assert "Waits for quota until" in wait_in_words(run, live.parked_until, timezone.now())
    crm.control(quota_used=100)
    Run.objects.update(due_at=None)
    ConnectionState.objects.update(parked_until=timezone.now() - timedelta(seconds=1))
    assert drive(run, 30).state == Run.State.DONE
    assert ConnectionState.objects.get(pk=connection.pk).parked_until is None


def test_lower_reserve_lets_the_same_sync_through(connection: SalesforceConnection, crm: PracticeSalesforce) -> None:
    crm.control(quota_max=1000, quota_used=800)
    SalesforceConnection.objects.update(reserve_percent=5)

    assert drive(request_run(connection, by="test"), 30).state == Run.State.DONE


def test_larger_reserve_parks_earlier(connection: SalesforceConnection, crm: PracticeSalesforce) -> None:
    crm.control(quota_max=1000, quota_used=300)
    SalesforceConnection.objects.update(reserve_percent=80)

    assert sliced(request_run(connection, by="test")).state == Run.State.WAITING


def test_parked_connection_spends_no_call_on_hearing_the_same_again(
    connection: SalesforceConnection, crm: PracticeSalesforce
) -> None:
    crm.control(quota_max=1000, quota_used=800)
    sliced(request_run(connection, by="test"))
    crm.forget_calls()

    preview = sliced(request_run(connection, Run.Kind.PREVIEW, by="test"))

    assert (preview.state, used(crm)) == (Run.State.WAITING, 0)


def test_trying_now_asks_at_once(connection: SalesforceConnection, crm: PracticeSalesforce) -> None:
    crm.control(quota_max=1000, quota_used=800)
    run = sliced(request_run(connection, by="test"))
    crm.control(quota_used=100)

    try_now(run, "test")

    assert drive(run, 30).state == Run.State.DONE


def test_every_call_of_a_run_is_kept_and_masked(connection: SalesforceConnection, crm: PracticeSalesforce) -> None:
    run = drive(request_run(connection, by="test"), 30)

    calls = list(ApiCall.objects.filter(run_id=run.pk))
    assert len(calls) == run.calls
    assert {call.status for call in calls} == {200}
    assert {(call.decision, call.attempt, call.has_failed) for call in calls} == {("taken", 1, False)}
    assert all(call.address.startswith("/services/") and call.bytes for call in calls)
    assert crm.base_url not in " ".join(call.address for call in calls)


def test_refused_calls_are_kept_with_the_vendors_code(
    connection: SalesforceConnection, crm: PracticeSalesforce
) -> None:
    crm.control(daily_quota_exhausted=True)

    run = sliced(request_run(connection, by="test"))

    last = ApiCall.objects.filter(run_id=run.pk).first()
    assert last is not None
    assert (last.status, last.code, last.decision, last.has_failed) == (403, "REQUEST_LIMIT_EXCEEDED", "parked", True)
