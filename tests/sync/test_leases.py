"""Whoever may work on a run: delivered twice, cancelled, paused, outrun, edited in the middle."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.hub.models import Customer
from integrations.sync import runs
from integrations.sync.connector import Read
from integrations.sync.models import Change, Connection, FieldMapping, PlannedChange, RecordLink, Run, Staged
from integrations.sync.runner.drive import drive
from integrations.sync.runner.lease import Lease, LostLeaseError, take
from integrations.sync.runner.slice import run_slice
from integrations.sync.runs import RunRefused, request_run
from integrations.sync.sweeper import sweep
from tests.sync.fakes import PaperCrm


@pytest.fixture
def run(connection: Connection, crm: PaperCrm) -> Run:
    for number in range(20):
        crm.company(f"A{number:02}")
    return request_run(connection, by="test")


def at_second_page(crm: PaperCrm, act: Callable[[], object]) -> None:
    def before(read: Read, token: str) -> None:
        if token == "7":
            act()

    crm.before_read = before


@pytest.mark.requirement("F17")
def test_task_delivered_again_makes_no_call(run: Run, crm: PaperCrm) -> None:
    at_second_page(crm, lambda: again.append(run_slice(run.pk)))
    again: list[bool] = []

    run_slice(run.pk)
    calls = crm.calls.total()
    after = run_slice(run.pk)

    assert (again, after, crm.calls.total()) == ([False], False, calls)
    assert Customer.objects.count() == 20


@pytest.mark.requirement("F18")
def test_worker_that_was_outrun_writes_nothing(run: Run, crm: PaperCrm) -> None:
    def outrun() -> None:
        crm.before_read = lambda read, token: None
        Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        drive(run, 10)

    at_second_page(crm, outrun)

    goes_on = run_slice(run.pk)

    run.refresh_from_db()
    assert (goes_on, run.state, run.fence) == (False, Run.State.DONE, 2)
    assert Customer.objects.count() == 20
    assert Change.objects.count() == 20


def test_old_fence_cannot_hold_or_write(run: Run) -> None:
    first = take(run.pk)
    assert first is not None
    Run.objects.update(lease_until=None)
    second = take(run.pk)
    assert second is not None

    with pytest.raises(LostLeaseError):
        first.hold()
    with pytest.raises(LostLeaseError):
        first.write(calls=5)
    second.hold()


def test_lease_is_one_statement_and_counts_the_attempt(run: Run, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        lease = take(run.pk)

    run.refresh_from_db()
    assert lease == Lease(run.pk, 1, run.lease_owner)
    assert (run.attempt, run.stuck, run.state) == (1, 1, Run.State.RUNNING)
    assert take(run.pk) is None


@pytest.mark.requirement("F41")
@pytest.mark.parametrize("stop", ["cancel", "pause", "archive"])
def test_stopped_run_writes_nothing_more(stop: str, run: Run, crm: PaperCrm, connection: Connection) -> None:
    verbs = {
        "cancel": lambda: runs.cancel(run, "Inès"),
        "pause": lambda: runs.pause(connection, "Inès"),
        "archive": lambda: runs.archive(connection, "Inès"),
    }
    at_second_page(crm, verbs[stop])

    goes_on = run_slice(run.pk)

    run.refresh_from_db()
    reason = {"cancel": "cancelled", "pause": "connection-paused", "archive": "connection-archived"}[stop]
    assert (goes_on, run.state, run.reason_code) == (False, Run.State.CANCELLED, reason)
    assert not Customer.objects.exists()
    assert not Staged.objects.exists()
    assert not PlannedChange.objects.exists()


def test_queued_run_is_cancelled_at_once(run: Run) -> None:
    runs.cancel(run, "Inès")

    assert run.state == Run.State.CANCELLED
    with pytest.raises(RunRefused):
        runs.cancel(run, "Inès")


def test_second_run_is_refused_and_names_the_first(run: Run, connection: Connection) -> None:
    with pytest.raises(RunRefused) as refused:
        request_run(connection, by="test")
    preview = request_run(connection, Run.Kind.PREVIEW, by="test")

    assert refused.value.run == run
    assert str(run.pk) in refused.value.reason
    assert preview.slot == Run.Slot.PREVIEW


@pytest.mark.parametrize("state", ["paused", "archived", "draft"])
def test_connection_that_is_not_on_starts_nothing(state: str, connection: Connection) -> None:
    connection.state = state

    with pytest.raises(RunRefused):
        request_run(connection, by="test")


def test_all_blocks_disabled_starts_nothing(connection: Connection) -> None:
    connection.blocks.update(mode="disabled")

    with pytest.raises(RunRefused):
        request_run(connection, by="test")


@pytest.mark.requirement("F40")
def test_mapping_edited_in_a_run_counts_from_the_next(run: Run, crm: PaperCrm, connection: Connection, sync) -> None:
    at_second_page(crm, lambda: FieldMapping.objects.filter(hub_field="name").update(transform="upper"))

    drive(run, 10)
    during = Customer.objects.get(ref_id="A19").name
    crm.later()
    following = sync()

    assert during == "Company A19"
    assert (following.kind, Customer.objects.get(ref_id="A19").name) == (Run.Kind.FULL, "COMPANY A19")


@pytest.mark.requirement("F12")
@pytest.mark.parametrize("step", ["customers.all", "customers.match", "customers.plan", "apply", "finish"])
def test_crash_at_any_step_loses_and_doubles_nothing(step: str, run: Run, monkeypatch, settings) -> None:
    """The process dies with its page's transaction; another one goes on from the cursor."""
    from integrations.sync.runner import slice as slices

    settings.SYNC_PAGE_SIZE = 6
    real, deaths = slices._advance, iter(range(2))

    def dying(context, found, place):
        is_asked = slices._name(context.run) == step
        real(context, found, place)
        if is_asked and next(deaths, None) is not None:
            raise SystemExit

    monkeypatch.setattr(slices, "_advance", dying)

    for _ in range(3):
        try:
            drive(run, 10)
        except SystemExit:
            Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            run.refresh_from_db()

    run.refresh_from_db()
    assert run.state == Run.State.DONE
    assert Customer.objects.count() == RecordLink.objects.count() == Change.objects.count() == 20
    assert run.counts["customers.create"] == 20


@pytest.mark.requirement("F19")
def test_sweeper_rings_for_a_run_whose_task_was_lost(run: Run, monkeypatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr("integrations.sync.sweeper.ring", rung.append)
    take(run.pk)
    sweep()
    assert rung == []
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    sweep()

    assert rung == [run.pk]


def test_sweeper_starts_what_is_due_and_only_that(connection: Connection, crm: PaperCrm) -> None:
    sweep()
    assert not Run.objects.exists()
    Connection.objects.update(next_run_at=timezone.now() - timedelta(seconds=1))

    sweep()
    sweep()

    assert Run.objects.count() == 1


def test_sweeper_lets_a_locked_out_connection_rest(connection: Connection) -> None:
    from integrations.sync.models import ConnectionState

    ConnectionState.objects.create(connection=connection, health=ConnectionState.Health.SIGN_IN)
    Connection.objects.update(next_run_at=timezone.now() - timedelta(seconds=1))

    sweep()

    assert not Run.objects.exists()


def test_sweeper_forgets_the_stage_of_a_run_that_is_over(run: Run) -> None:
    Staged.objects.create(run_id=run.pk, object="customers", source_id="A1")
    PlannedChange.objects.create(run_id=run.pk, object="customers", source_id="A1", at=timezone.now())
    Run.objects.update(state=Run.State.FAILED)

    sweep()

    assert not Staged.objects.exists()
    assert not PlannedChange.objects.exists()


def test_pause_and_resume(connection: Connection) -> None:
    runs.pause(connection, "Inès")
    with pytest.raises(RunRefused):
        runs.pause(connection, "Inès")
    assert connection.state == Connection.State.PAUSED

    runs.resume(connection, "Inès")

    assert connection.is_live
    assert connection.next_run_at is not None
    with pytest.raises(RunRefused):
        runs.resume(connection, "Inès")
