"""A gate measures anew, says what is missing, and is opened anyway only with a reason that stays with what was missing then."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection as database

from accounts.models import User
from integrations.migration import checking, gates, report, snapshot
from integrations.migration.chapters import step_of
from integrations.migration.models import KeptJob, Move, Override, StepState
from integrations.migration.stages import saving
from integrations.migration.steps import ActRefused, Finding, Step
from integrations.sync import paged_job
from tests.migration.late_worlds import kept, moving, stage_a
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
    monkeypatch.setattr(checking, "check_all", lambda *_asked: found.append(len(database.atomic_blocks)) or [])
    gates.open_anyway(move, "b", admin_user, "They are known")

    assert found == [len(database.atomic_blocks)] * 3
