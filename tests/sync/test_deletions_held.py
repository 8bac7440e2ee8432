"""Deletions that go out to the CRM wait for a person when they are many: sent once let through, never asked again once dropped."""

import pytest

from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.sync import runs
from integrations.sync.models import Change, Connection, HubMark, Outbox, PlannedChange, RecordLink, Run
from integrations.sync.runner.drive import drive
from tests.sync.fakes import PaperCrm

ALL = {f"A{number:02}" for number in range(30)}
GOING = {f"A{number:02}" for number in range(12)}


def delete_here(*refs: str) -> None:
    door().delete("customers", list(Customer.objects.filter(ref_id__in=refs).values_list("pk", flat=True)), by="Inès")


def there(crm: PaperCrm) -> set[str]:
    return set(crm.records["customers"])


@pytest.fixture
def thirty(connection: Connection, crm: PaperCrm, sync) -> PaperCrm:
    connection.blocks.update(mode="two-way", key_field="Key", on_hub_delete="delete")
    for ref in sorted(ALL):
        crm.company(ref)
    sync()
    crm.later(60)
    return crm


@pytest.fixture
def held(thirty: PaperCrm, sync) -> Run:
    delete_here(*GOING)
    return sync()


def test_a_few_go_at_once(thirty: PaperCrm, sync) -> None:
    delete_here(*sorted(GOING)[:10])

    assert sync().state == Run.State.DONE
    assert there(thirty) == ALL - set(sorted(GOING)[:10])


@pytest.mark.requirement("F34", "F36")
def test_more_than_a_few_wait_for_a_person(held: Run, thirty: PaperCrm) -> None:
    assert (held.state, held.reason_code, held.reason_params["count"]) == (Run.State.HELD, "brake-deleted-out", 12)
    assert there(thirty) == ALL
    rows = PlannedChange.objects.filter(run_id=held.pk, is_held=True)
    assert set(rows.values_list("source_id", "action")) == {(ref, "delete-out") for ref in GOING}
    assert not Outbox.objects.exists()


def test_let_through_they_are_deleted_there_once(held: Run, thirty: PaperCrm, sync) -> None:
    runs.release_held(held, "Noé")

    ended = drive(held, 10)
    thirty.later(60)
    after = [sync(), sync("full")]

    assert (ended.state, there(thirty)) == (Run.State.DONE, ALL - GOING)
    done = Change.objects.filter(run_id=held.pk, action="delete-out")
    assert set(done.values_list("outcome", "actor")) == {("done", "Noé")}
    assert [run.state for run in after] == [Run.State.DONE] * 2
    assert sum(send.delete for batch in thirty.sends for send in batch) == 12
    assert not HubMark.objects.exists()


def test_dropped_they_stay_there_and_nobody_is_asked_again(held: Run, thirty: PaperCrm, sync) -> None:
    runs.drop_held(held, "Noé")

    ended = drive(held, 10)
    thirty.later(60)
    after = [sync(), sync("full")]

    assert (ended.state, there(thirty), thirty.sends) == (Run.State.DONE, ALL, [])
    dropped = Change.objects.filter(run_id=held.pk, action="delete-out")
    assert set(dropped.values_list("outcome", "reason_code", "actor")) == {("refused", "held-by-brake", "Noé")}
    assert [run.state for run in after] == [Run.State.DONE] * 2
    links = RecordLink.objects.filter(source_id__in=GOING)
    assert set(links.values_list("state", "reason_code")) == {("excluded", "deleted-here")}
    assert not Customer.objects.filter(ref_id__in=GOING).exists()
    assert not HubMark.objects.exists()
    assert not Change.objects.filter(run_id__in=[run.pk for run in after]).exists()


def test_next_run_asks_anew_about_what_still_waits(held: Run, thirty: PaperCrm, sync) -> None:
    delete_here("A20")

    after = sync()

    held.refresh_from_db()
    assert (held.state, held.reason_code) == (Run.State.DONE, "superseded")
    assert (after.state, after.reason_params["count"], thirty.sends) == (Run.State.HELD, 13, [])


def test_record_that_a_colleague_works_on_meanwhile_is_not_deleted_unseen(held: Run, thirty: PaperCrm, sync) -> None:
    thirty.edit("customers", "A03", Name="Renamed there")
    runs.release_held(held, "Noé")

    ended = drive(held, 10)

    assert there(thirty) == ALL - GOING | {"A03"}
    refused = Change.objects.get(run_id=ended.pk, outcome="refused")
    assert (refused.source_id, refused.action, refused.reason_code) == ("A03", "delete-out", "source-moved")
    thirty.later(60)
    assert sync().state == Run.State.DONE
    assert there(thirty) == ALL - GOING, "the next run decides it anew: one is no more than a few"


def test_edit_there_that_the_run_had_read_does_not_stand_in_the_way(thirty: PaperCrm, sync) -> None:
    delete_here(*GOING)
    thirty.edit("customers", "A03", Name="Renamed there")
    held = sync()
    runs.release_held(held, "Noé")

    drive(held, 10)

    assert there(thirty) == ALL - GOING


def test_preview_shows_them_and_applying_it_sends_them(thirty: PaperCrm, sync) -> None:
    delete_here(*GOING)
    preview = sync("preview")

    ended = drive(runs.apply_preview(preview, "Noé"), 10)

    assert (ended.state, there(thirty)) == (Run.State.DONE, ALL - GOING)
