"""A real stage A on a practice HubSpot, measured: what the checks read is what the runner leaves behind."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.hub.models import Contact, Customer
from integrations.migration import comparing, gates, restoring, snapshot, sums
from integrations.migration.checks import validation as checks
from integrations.migration.models import KeptJob
from integrations.migration.stages import drafts, saving

from .late_worlds import work
from .moving import Moving, begin

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R167", "R227", "R228")]


@pytest.fixture
def moved(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three customers with their companies, and a fourth company that nobody here has, under the name of one of them."""
    monkeypatch.setattr(gates, "require", lambda _move, _key, only=(): None)
    moving = begin(tmp_path, settings, 4)
    stranger = moving.customers.pop()
    Contact.objects.filter(customer=stranger).delete()
    stranger.delete()
    moving.crm.edit("companies", moving.companies[3], name=f"{moving.customers[0].name} ", old_crm_id="", domain="")
    work(snapshot.take(moving.again(), moving.admin))
    move = moving.again()
    assert move.new is not None
    passage = saving.save(move, "a", drafts.stage_a(move, ()), moving.admin, expected=move.new.version)
    moving.run(passage.preview_id)
    saving.begin_run(passage, moving.admin)
    moving.run(passage.run_id)
    moving.again()
    yield moving
    moving.crm.__exit__(None, None, None)


def test_a_real_run_is_measured_as_it_was(moved: Moving) -> None:
    move = moved.again()
    assert snapshot.stage_a_ran(move) is not None
    there = sums.there(move)
    assert there is not None
    assert (there.total, there.of("matched"), there.of("created"), there.missing) == (4, 3, 1, 0)
    assert checks.ref_ids(move).holds
    assert checks.shown(move).holds
    assert checks.complete(move).holds
    assert checks.key_data(move).holds, checks.key_data(move).said
    assert checks.count(move).said.startswith(
        "4 in the source set = 3 matched + 1 created. 4 came, only 3 are expected"
    )

    twin = checks.no_duplicates(move)
    assert (twin.holds, twin.total, [row.detail for row in twin.rows]) == (False, 1, ["same name"])

    move.expected = 4
    assert checks.count(move).holds
    assert checks.cleanup(move).holds


def test_what_the_run_filled_is_shown_and_taken_back_with_the_snapshot(moved: Moving) -> None:
    move = moved.again()
    ids = [one.pk for one in moved.customers]
    found = comparing.differing(comparing.kept_rows(move, object_name="customers"))
    assert {name for one in found.rows for name in one.fields} <= {"domain"}

    job = restoring.restore(move, moved.admin, {"object": "customers"})

    assert isinstance(job, KeptJob)
    assert (work(job).state, work(job).changed) == ("done", len(found.rows))
    assert not comparing.differing(comparing.kept_rows(move, object_name="customers")).rows
    assert set(Customer.objects.filter(pk__in=ids).values_list("ref_writer", flat=True)) == {move.new_id}
