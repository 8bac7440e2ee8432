"""What a run does about each error of the wire, and about a record that crashes it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import AuditEntry
from integrations.hub.models import Customer
from integrations.sync.connector import How, Read, ReadingLost
from integrations.sync.models import Change, Connection, ConnectionState, DailyTotal, RecordLink, Run
from integrations.sync.repair import of_run
from integrations.sync.runner import planning
from integrations.sync.runner import slice as slices
from integrations.sync.runner.drive import drive
from integrations.sync.runner.slice import run_slice
from integrations.sync.runs import request_run
from integrations.sync.words import cure, sentence
from integrations.wire.errors import Misconfigured, NeedsSignIn, NotFound, RateLimited, Transient
from tests.sync.fakes import PaperCrm


@pytest.fixture
def run(connection: Connection, crm: PaperCrm) -> Run:
    for number in range(20):
        crm.company(f"A{number:02}")
    return request_run(connection, by="test")


def failing(crm: PaperCrm, error: Exception, times: int = 10**6, token: str = "7") -> None:
    left = iter(range(times))

    def before(read: Read, at: str) -> None:
        if at == token and next(left, None) is not None:
            raise error

    crm.before_read = before


def rung(run: Run) -> Run:
    Run.objects.filter(pk=run.pk).update(due_at=None)
    run_slice(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.requirement("F3")
def test_failing_source_is_asked_again_later_and_later(run: Run, crm: PaperCrm, connection: Connection) -> None:
    failing(crm, Transient("HTTP_503", "busy", sent=True))
    waits = []

    for _ in range(8):
        rung(run)
        assert run.due_at is not None
        waits.append(round((run.due_at - timezone.now()).total_seconds()))

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (run.state, run.reason_code, run.stuck) == (Run.State.QUEUED, "does-not-answer", 0)
    assert connection.live.health == ConnectionState.Health.DOWN
    crm.before_read = lambda read, token: None
    rung(run)
    assert (run.state, Customer.objects.count()) == (Run.State.DONE, 20)
    connection.live.refresh_from_db()
    assert connection.live.health == ConnectionState.Health.OK


@pytest.mark.requirement("F2")
def test_crm_that_takes_no_more_calls_for_the_moment_is_not_said_to_be_silent(run: Run, crm: PaperCrm) -> None:
    failing(crm, RateLimited("RATE_LIMIT", "You have reached your ten_secondly_rolling limit.", after=10))

    rung(run)

    repair = of_run(run)
    assert (run.state, run.reason_code) == (Run.State.QUEUED, "too-many-calls")
    assert repair is not None
    assert "takes no more calls for the moment" in repair.why
    assert "ten_secondly_rolling" in repair.said


@pytest.mark.requirement("F2")
def test_spent_quota_parks_the_run_until_it_returns(run: Run, crm: PaperCrm, connection: Connection) -> None:
    until = timezone.now() + timedelta(hours=3)
    failing(crm, RateLimited("REQUEST_LIMIT_EXCEEDED", "spent", daily=True, until=until))

    rung(run)

    assert (run.state, run.due_at, run.reason_code) == (Run.State.WAITING, until, "quota-spent")
    assert run_slice(run.pk) is False
    assert (connection.live.health, connection.live.parked_until) == (ConnectionState.Health.QUOTA, until)
    crm.before_read = lambda read, token: None
    calls = crm.calls.copy()
    assert rung(run).state == Run.State.DONE
    assert crm.calls["describe"] == calls["describe"], "it goes on where it was"


@pytest.mark.requirement("F10")
def test_dead_grant_stops_everything_and_tells_once(run: Run, crm: PaperCrm, connection: Connection) -> None:
    failing(crm, NeedsSignIn("invalid_grant", "expired access/refresh token"))

    rung(run)
    second = drive(request_run(connection, by="test"), 5)

    assert (run.state, second.reason_code) == (Run.State.FAILED, "needs-sign-in")
    assert connection.live.health == ConnectionState.Health.SIGN_IN
    assert AuditEntry.objects.filter(verb="needs sign-in").count() == 1
    assert "Paper CRM" in sentence(run.reason_code, run.reason_params)
    assert cure(run.reason_code, run.reason_params)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Misconfigured("view-gone", "Active customers"), "view-gone"),
        (Misconfigured("INSUFFICIENT_ACCESS", "no right"), "misconfigured"),
        (NotFound("NOT_FOUND", "nothing there"), "not-found"),
    ],
)
@pytest.mark.requirement("F11")
def test_wrong_setting_stops_the_run_and_churns_nobody(
    error: Exception, code: str, connection: Connection, crm: PaperCrm, sync
) -> None:
    Connection.objects.update(churn_missing=True)
    for number in range(20):
        crm.company(f"A{number:02}")
    sync()
    failing(crm, error)

    runs = [sync("full"), sync("full"), sync("full")]

    assert {(run.state, run.reason_code) for run in runs} == {(Run.State.FAILED, code)}
    assert not Customer.objects.filter(stage__name="churn").exists()
    assert connection.live.health == ConnectionState.Health.WRONG
    assert sentence(code, runs[0].reason_params)
    connection.refresh_from_db()
    assert connection.next_run_at is not None


def test_dead_page_token_starts_that_reading_again(run: Run, crm: PaperCrm) -> None:
    failing(crm, ReadingLost("gone"), times=2)

    rung(run)

    assert (run.state, Customer.objects.count()) == (Run.State.DONE, 20)
    assert [read.how for read in crm.reads].count(How.ALL) > 4


class TestPoison:
    @pytest.fixture
    def poison(self, monkeypatch) -> Callable[..., None]:
        def arm(source_id: str, error: Exception | None = None) -> None:
            real = planning.decide

            def crashing(record, *args, **more):
                if record.source_id == source_id:
                    raise error or ZeroDivisionError("secret=hunter2-is-not-shown")
                return real(record, *args, **more)

            monkeypatch.setattr(planning, "decide", crashing)

        return arm

    @pytest.mark.requirement("F27")
    def test_record_that_crashes_our_code_is_cornered_and_set_aside(self, run: Run, poison) -> None:
        poison("A13")

        while rung(run).is_active:
            assert run.attempt < 30

        assert run.state == Run.State.DONE
        assert Customer.objects.count() == 19
        link = RecordLink.objects.get(source_id="A13")
        assert (link.state, link.reason_code) == ("failing", "crashed-record")
        assert Change.objects.get(source_id="A13").outcome == "refused"
        assert DailyTotal.objects.get(action="refuse").number == 1

    @pytest.mark.requirement("F27")
    def test_row_that_the_database_refuses_is_isolated_at_once(self, run: Run, crm: PaperCrm, monkeypatch) -> None:
        from integrations.sync.store import hub_rows

        real = hub_rows.Customers.derive

        def derive(table, columns):
            real(table, columns)
            if columns["name"] == "Company A07":
                columns["name_key"] = None

        monkeypatch.setattr(hub_rows.Customers, "derive", derive)

        rung(run)

        assert (run.state, run.attempt, Customer.objects.count()) == (Run.State.DONE, 1, 19)
        assert RecordLink.objects.get(source_id="A07").reason_code == "crashed-record"

    @pytest.mark.requirement("F27")
    @pytest.mark.parametrize("page", [1, 3, 500])
    def test_of_pages_that_share_a_transaction_the_right_one_is_isolated(
        self, run: Run, page: int, poison, monkeypatch, settings
    ) -> None:
        settings.SYNC_PAGE_SIZE = page
        monkeypatch.setattr(slices, "BRIEF_SECONDS", 60)
        poison("A13", IntegrityError())

        rung(run)

        assert (run.state, run.attempt, Customer.objects.count()) == (Run.State.DONE, 1, 19)
        assert RecordLink.objects.get(source_id="A13").reason_code == "crashed-record"

    def test_code_that_crashes_for_everybody_fails_the_run_and_says_where(
        self, run: Run, monkeypatch, settings
    ) -> None:
        settings.SYNC_PAGE_SIZE = 2

        def crashing(*args, **more):
            raise ZeroDivisionError

        monkeypatch.setattr(planning, "decide", crashing)

        while rung(run).is_active:
            assert run.attempt < 80

        assert (run.state, run.reason_code, run.reason_params["step"]) == (Run.State.FAILED, "stuck", "customers.plan")
        assert not Customer.objects.exists()
