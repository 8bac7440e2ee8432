"""The old connection was not retired, and its sync comes back in the middle of stage A: one owner of each ID holds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.hub.models import Customer
from integrations.migration import gates
from integrations.migration.chapters import step_of
from integrations.migration.checking import check
from integrations.migration.models import Passage, StepState
from integrations.migration.stages import drafts, saving
from integrations.migration.steps import ActRefused
from integrations.sync import runs
from integrations.sync.configuration import save_version
from integrations.sync.models import Block, Connection, Mode, RecordLink, Run
from integrations.sync.runner import slice as slices
from integrations.sync.runner.drive import drive
from integrations.sync.runner.step import Step
from tests.sync.fakes import WORLDS, connect

from .moving import Moving, begin, old_id

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R226")]
STILL_WRITES = "Paper still writes Customer IDs of customers that move"


@pytest.fixture
def moving(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moving]:
    """The old CRM has synced for a long time, and is silent by now; its customers are in HubSpot."""
    monkeypatch.setattr(gates, "require", lambda _move, _key, only=(): None)
    settings.SYNC_PAGE_SIZE = 2
    old = connect(objects=("customers",))
    made = begin(tmp_path, settings, old=old)
    for place, one in enumerate(made.customers):
        WORLDS[old.pk].company(old_id(place), one.name)
    old_syncs(made)
    turned(made, Mode.DISABLED)
    yield made
    made.crm.__exit__(None, None, None)
    WORLDS.clear()


def turned(moving: Moving, mode: Mode) -> None:
    """Somebody does that on the old connection's own page."""
    Block.objects.filter(connection=moving.move.old_id).update(mode=mode)
    save_version(Connection.objects.get(pk=moving.move.old_id), None)


def old_syncs(moving: Moving) -> None:
    old = Connection.objects.get(pk=moving.move.old_id)
    WORLDS[old.pk].later(60)
    assert drive(runs.request_run(old, Run.Kind.FULL, by="Tom"), 20).state == Run.State.DONE


def comes_back(moving: Moving, *, mapped_anew: bool = False) -> None:
    """`mapped_anew`: by another line than the one that has settled the IDs, so that nothing counts as agreed."""
    if mapped_anew:
        for link in RecordLink.objects.filter(connection=moving.move.old_id, object="customers"):
            link.settled["ref_id"][2] = link.rules_hash = "another"
            link.save(update_fields=["settled", "rules_hash"])
    turned(moving, Mode.INPUT)
    old_syncs(moving)


def saved(moving: Moving) -> Passage:
    move = moving.again()
    assert move.new is not None
    passage = saving.save(move, "a", drafts.stage_a(move, ()), moving.admin, expected=move.new.version)
    moving.run(passage.preview_id)
    return passage


def owners() -> list[tuple[str, int | None]]:
    return list(Customer.objects.order_by("pk").values_list("ref_id", "ref_writer"))


def hubspots(moving: Moving) -> list[tuple[str, int | None]]:
    return [(company, moving.move.new_id) for company in moving.companies]


def states(moving: Moving) -> list[str]:
    """Whether one connection owns the IDs, and whether they are HubSpot's."""
    return [check(moving.again(), step_of(key)).state for key in ("one-owner", "ref-ids")]


GOOD, BAD = StepState.State.VERIFIED, StepState.State.FAILED


def refused_until_silent(moving: Moving, passage: Passage) -> None:
    """Nothing goes on as long as it is on; then HubSpot's next sync gives what is missing."""
    move = moving.again()
    assert move.new is not None
    with pytest.raises(ActRefused, match=STILL_WRITES):
        saving.save(
            move, "b", drafts.stage_b(move, {"stage": "customer_stage"}), moving.admin, expected=move.new.version
        )
    turned(moving, Mode.DISABLED)
    new = Connection.objects.get(pk=moving.move.new_id or 0)
    assert drive(runs.request_run(new, Run.Kind.FULL, by="Tom"), 20).state == Run.State.DONE
    assert (owners(), states(moving)) == (hubspots(moving), [GOOD, GOOD])


def test_between_preview_and_run_it_refuses_the_run(moving: Moving) -> None:
    passage, before = saved(moving), owners()

    comes_back(moving)

    with pytest.raises(ActRefused, match=STILL_WRITES):
        saving.begin_run(passage, moving.admin)
    assert (owners(), states(moving)[0]) == (before, BAD)
    assert not Run.objects.filter(kind=Run.Kind.APPLY).exists()

    turned(moving, Mode.DISABLED)
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)
    assert (owners(), states(moving)) == (hubspots(moving), [GOOD, GOOD])


@pytest.mark.parametrize("page", range(1, 12))
def test_during_the_run_no_id_is_taken_back(page: int, moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two pages of the run."""
    passage = saved(moving)
    saving.begin_run(passage, moving.admin)
    after_page(page, lambda: comes_back(moving, mapped_anew=True), monkeypatch)

    moving.run(passage.run_id)

    held = owners()
    assert all(one in (hubspots(moving)[place], (old_id(place), moving.move.old_id)) for place, one in enumerate(held))
    assert states(moving)[0] == BAD, "two lines write the ID: it is said, whoever holds it"
    old_syncs(moving)
    assert owners() == held, "none flips back"
    refused_until_silent(moving, passage)


@pytest.mark.parametrize("mapped_anew", [False, True])
def test_after_stage_a_its_line_yields(moving: Moving, mapped_anew: bool) -> None:
    passage = saved(moving)
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)
    assert states(moving) == [GOOD, GOOD]

    comes_back(moving, mapped_anew=mapped_anew)

    assert (owners(), states(moving)) == (hubspots(moving), [BAD, GOOD])
    refused_until_silent(moving, passage)


def test_paused_is_not_silent(moving: Moving) -> None:
    """It would go on where it was, with the first click."""
    turned(moving, Mode.INPUT)
    runs.pause(Connection.objects.get(pk=moving.move.old_id), "Tom")

    with pytest.raises(ActRefused, match=STILL_WRITES):
        saved(moving)

    assert states(moving)[0] == BAD


def after_page(number: int, happens: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    real, done = slices._page, [0]

    def page(context: Any, step: Step) -> Step:
        last = real(context, step)
        if context.connection.system == "hubspot":
            done[0] += 1
            if done[0] == number:
                happens()
        return last

    # Each page by itself: how many share a transaction hangs on the clock.
    monkeypatch.setattr(slices, "BRIEF_SECONDS", 0)
    monkeypatch.setattr(slices, "_page", page)
