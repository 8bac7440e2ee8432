"""A gate measures anew, says what is missing, and is opened anyway only with a reason that stays with what was missing then."""

from dataclasses import replace

import pytest
from django.db import connection as database
from django.urls import reverse

from accounts.models import User
from integrations.migration import checking, gates, report, snapshot
from integrations.migration.chapters import step_of
from integrations.migration.models import KeptJob, Move, Override, Passage, StepState
from integrations.migration.stages import saving
from integrations.migration.steps import ActRefused, Finding, Step
from integrations.sync import paged_job
from tests.migration.late_worlds import kept, moving, stage_a, work
from tests.signed_in import ClientAs

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R167", "R224")]


@pytest.fixture
def move() -> Move:
    return moving(2)


def depths(step: Step, found: list[int]) -> Step:
    """The same step, whose measuring tells how many transactions it stands in."""

    def check(_move: Move) -> Finding:
        found.append(len(database.atomic_blocks))
        return Finding(True, "It holds.")

    return replace(step, check=check)


def test_a_closed_gate_names_what_is_missing_and_an_open_one_lets_through(move: Move) -> None:
    with pytest.raises(gates.Closed, match="Still missing: Stage A has run"):
        gates.require(move, "b")

    stage_a(move)

    gates.require(move, "b")


def test_a_gate_is_opened_with_a_reason_and_what_was_missing_stays_with_it(move: Move, admin_user: User) -> None:
    with pytest.raises(ActRefused, match="Say why"):
        gates.open_anyway(move, "b", admin_user, " ")
    assert StepState.objects.get(move=move, step="count").measured_at, "What was measured is kept"

    made = gates.open_anyway(move, "b", admin_user, "They are known")

    assert made.missing[0][0] == "Stage A has run"
    gates.require(move, "b")
    with pytest.raises(ActRefused, match="No reason is needed"):
        gates.open_anyway(move, "b", admin_user, "They are known")


def test_nothing_is_measured_within_a_transaction(
    move: Move, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    step = depths(step_of("moved-data"), found)

    checking.sign(move, step, admin_user, {})
    checking.unsign(move, step, admin_user)

    def measured(*_asked: object) -> list[StepState]:
        found.append(len(database.atomic_blocks))
        return []

    monkeypatch.setattr(checking, "check_all", measured)
    gates.open_anyway(move, "b", admin_user, "They are known")

    assert found == [len(database.atomic_blocks)] * 3


def test_stage_a_does_not_run_once_its_snapshot_is_given_up(move: Move, admin_user: User) -> None:
    passage = saved_a(move)
    kept(move, admin_user)
    gates.require(move, "a", only=saving.STILL_THERE)
    snapshot.take(move, admin_user)
    snapshot.give_up(move)

    with pytest.raises(ActRefused, match="Still missing: A snapshot of every value is taken"):
        saving.begin_run(passage, admin_user)

    gates.open_anyway(move, "a", admin_user, "There is a backup of the database")
    with pytest.raises(ActRefused, match="Preview the stage first"):
        saving.begin_run(passage, admin_user)


def saved_a(move: Move) -> Passage:
    assert move.new is not None
    return Passage.objects.create(move=move, stage="a", version=move.new.version, by="Inès")


# --- A move that is over holds no sync back


@pytest.mark.parametrize("trouble", ["", "MemoryError"])
def test_a_move_that_is_stopped_gives_up_what_its_snapshot_does(
    move: Move, admin_user: User, client_as: ClientAs, trouble: str
) -> None:
    job = snapshot.take(move, admin_user)
    KeptJob.objects.filter(pk=job.pk).update(trouble=trouble)

    client_as(admin_user).post(reverse("migration:stop", args=[move.pk]))

    work(job)
    assert KeptJob.objects.get(pk=job.pk).state == "stopped"
    assert paged_job.standstill_of(move.old) == ""


def test_a_move_is_not_closed_while_its_snapshot_is_at_work(
    move: Move, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "check_all", lambda *_asked: [])
    monkeypatch.setattr(report, "missing", lambda _move: [])
    snapshot.take(move, admin_user)

    with pytest.raises(ActRefused, match="Something is being done with this snapshot"):
        report.close(move, admin_user)


def test_the_room_calls_no_gate_open_that_closed_again(move: Move, admin_user: User, client_as: ClientAs) -> None:
    Override.objects.create(move=move, gate="b", reason="They are known", steps=["count"], by="Inès")

    page = client_as(admin_user).get(reverse("migration:room", args=[move.pk])).content.decode()

    assert "Gate to stage B: closed" in page
    assert "opened by Inès" not in page
