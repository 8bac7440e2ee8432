from dataclasses import replace

import pytest

from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.sync import runs
from integrations.sync.connector import How, Read
from integrations.sync.models import Change, Connection, PlannedChange, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runner.slice import run_slice
from integrations.sync.tallies import came_of_it, to_compare
from tests.sync.fakes import WORLDS, PaperCrm, connect


@pytest.fixture
def thirty(connection: Connection, crm: PaperCrm, sync) -> PaperCrm:
    Connection.objects.update(churn_missing=True)
    for number in range(30):
        crm.company(f"A{number:02}", Stage="Run")
    sync()
    crm.later(60)
    return crm


def churned() -> int:
    return Customer.objects.filter(stage__name="churn").count()


class TestBrake:
    @pytest.fixture
    def held(self, thirty: PaperCrm, sync) -> Run:
        thirty.outside.update(f"A{number:02}" for number in range(11))
        thirty.edit("customers", "A20", Name="Renamed")
        return sync()

    @pytest.mark.requirement("F36")
    def test_more_than_a_few_are_held_and_the_rest_is_applied(self, held: Run) -> None:
        assert (held.state, held.reason_code) == (Run.State.HELD, "brake-churned")
        assert (held.reason_params["count"], held.reason_params["linked"]) == (11, 30)
        assert churned() == 0
        assert Customer.objects.get(ref_id="A20").name == "Renamed"
        assert PlannedChange.objects.filter(run_id=held.pk, is_held=True).count() == 11

    def test_release_applies_what_was_held(self, held: Run) -> None:
        runs.release_held(held, "Inès")

        ended = drive(held, 10)

        assert (ended.state, churned()) == (Run.State.DONE, 11)
        assert set(Change.objects.filter(action="churn").values_list("actor", flat=True)) == {"Inès"}

    def test_drop_leaves_the_hub_and_is_not_asked_again(self, held: Run, thirty: PaperCrm, sync) -> None:
        runs.drop_held(held, "Inès")
        ended = drive(held, 10)

        after = sync()

        assert (ended.state, after.state, churned()) == (Run.State.DONE, Run.State.DONE, 0)
        dropped = Change.objects.filter(run_id=held.pk, action="churn")
        assert set(dropped.values_list("outcome", "reason_code", "actor")) == {("refused", "held-by-brake", "Inès")}
        assert not Change.objects.filter(run_id=after.pk).exists()

    def test_next_run_decides_anew_and_supersedes(self, held: Run, thirty: PaperCrm, sync) -> None:
        thirty.outside.remove("A00")

        after = sync()

        held.refresh_from_db()
        assert (held.state, held.reason_code) == (Run.State.DONE, "superseded")
        assert came_of_it(held) == "1 updated, 18 unchanged", "what it held was never done"
        assert (after.state, churned()) == (Run.State.DONE, 10)

    def test_complete_run_still_adds_up_once_another_decides_what_it_held(
        self, thirty: PaperCrm, connection: Connection, sync
    ) -> None:
        connection.blocks.get(object="customers").lines.filter(hub_field="domain").update(blanks="erase")
        for number in range(30):
            thirty.edit("customers", f"A{number:02}", Website=f"c{number}.example")
        sync()
        thirty.later(60)
        for number in range(12):
            thirty.edit("customers", f"A{number:02}", Website=None)
        held = sync("full")

        runs.request_run(connection, by="Inès")

        held.refresh_from_db()
        told = next(tally for tally in to_compare(held) if tally.object == "customers")
        assert came_of_it(held) == "18 unchanged", "what it held was never done"
        assert (told.superseded, told.explained, told.missing) == (12, 30, 0)

    def test_nothing_held_cannot_be_released(self, thirty: PaperCrm) -> None:
        with pytest.raises(runs.RunRefused):
            runs.release_held(Run.objects.latest("pk"), "Inès")

    def test_emptied_fields_are_held_and_survive_the_cursor(
        self, thirty: PaperCrm, connection: Connection, sync
    ) -> None:
        line = connection.blocks.get(object="customers").lines.get(hub_field="domain")
        line.blanks = "erase"
        line.save()
        for number in range(30):
            thirty.edit("customers", f"A{number:02}", Website=f"c{number}.example")
        sync()
        thirty.later(60)
        for number in range(12):
            thirty.edit("customers", f"A{number:02}", Website=None)
        first = sync()
        thirty.later(60)
        second = sync()

        assert (first.reason_code, second.reason_code) == ("brake-emptied", "brake-emptied")
        assert Customer.objects.exclude(domain="").count() == 30


class TestRelease:
    """Hours may lie between the brake and the person: what moved in the CRM meanwhile is not written over."""

    @pytest.fixture
    def gone(self, thirty: PaperCrm, sync) -> Run:
        for number in range(11):
            thirty.delete("customers", f"A{number:02}")
        return sync("full")

    @pytest.fixture
    def outward(self, connection: Connection, crm: PaperCrm, sync) -> Run:
        """Twelve websites were emptied here, and the lines take that for an order."""
        connection.blocks.update(mode="two-way", key_field="Key")
        lines = connection.blocks.get(object="customers").lines
        lines.filter(hub_field="domain").update(direction="both", blanks="erase")
        for number in range(12):
            crm.company(f"A{number:02}", Website=f"c{number}.example")
        sync()
        crm.later()
        rows = {pk: {"domain": ""} for pk in Customer.objects.values_list("pk", flat=True)}
        assert door().edit("customers", rows, by="Inès") == []
        return sync()

    @pytest.mark.requirement("F36")
    def test_what_a_colleague_corrected_there_stays_and_the_rest_goes_out(
        self, outward: Run, crm: PaperCrm, sync
    ) -> None:
        assert (outward.state, outward.reason_code, crm.sends) == (Run.State.HELD, "brake-emptied", [])
        crm.edit("customers", "A03", Website="corrected.example")
        crm.edit("customers", "A04", Notes="No line reads this.")
        runs.release_held(outward, "Inès")

        ended = drive(outward, 10)

        refused = Change.objects.get(run_id=ended.pk, outcome="refused")
        assert (refused.source_id, refused.action, refused.reason_code) == ("A03", "push", "source-moved")
        assert {send.source_id for batch in crm.sends for send in batch} == {
            f"A{number:02}" for number in range(12) if number != 3
        }
        assert came_of_it(ended) == "11 written to the CRM, 1 refused, 12 unchanged"
        crm.later()
        after = sync()
        assert (after.state, Customer.objects.get(ref_id="A03").domain) == (Run.State.DONE, "corrected.example")
        assert crm.records["customers"]["A03"].values["Website"] == "corrected.example"

    def test_dropping_asks_nobody(self, outward: Run, crm: PaperCrm) -> None:
        crm.reads.clear()
        runs.drop_held(outward, "Inès")

        assert drive(outward, 10).state == Run.State.DONE
        assert (crm.reads, crm.sends) == ([], [])

    def test_who_is_back_in_the_view_does_not_churn(self, thirty: PaperCrm, sync) -> None:
        thirty.outside.update(f"A{number:02}" for number in range(12))
        held = sync("full")
        thirty.outside -= {"A00", "A11"}
        runs.release_held(held, "Inès")

        ended = drive(held, 10)

        assert (ended.state, churned()) == (Run.State.DONE, 10)
        refused = Change.objects.filter(run_id=ended.pk, outcome="refused")
        assert sorted(refused.values_list("source_id", "reason_code")) == [
            ("A00", "source-moved"), ("A11", "source-moved"),
        ]  # fmt: skip
        told = next(tally for tally in to_compare(ended) if tally.object == "customers")
        assert came_of_it(ended) == "10 churned, 2 refused, 18 unchanged"
        assert (told.total, told.explained, told.missing) == (18, 18, 0)
        thirty.later(60)
        after = sync()
        assert (after.state, churned()) == (Run.State.DONE, 10)
        back = RecordLink.objects.filter(source_id__in=["A00", "A11"])
        assert set(back.values_list("state", flat=True)) == {"linked"}

    def test_who_was_restored_does_not_churn_and_who_was_not_does(self, gone: Run, thirty: PaperCrm, sync) -> None:
        stamp = thirty.clock
        thirty.company("A05")
        thirty.records["customers"]["A05"] = replace(thirty.records["customers"]["A05"], modified_at=stamp)
        thirty.outside.add("A05")
        runs.release_held(gone, "Inès")

        ended = drive(gone, 10)

        assert churned() == 10
        assert Change.objects.get(run_id=ended.pk, outcome="refused").source_id == "A05"

    def test_without_anything_to_churn_no_listing_is_read(self, outward: Run, crm: PaperCrm) -> None:
        crm.reads.clear()
        runs.release_held(outward, "Inès")
        drive(outward, 10)

        assert {read.how for read in crm.reads} == {How.BY_ID}

    @pytest.mark.requirement("F12")
    @pytest.mark.parametrize("dies_at", [How.BY_ID, How.IDS])
    def test_worker_that_dies_while_it_looks_leaves_every_row_to_the_next(
        self, thirty: PaperCrm, sync, dies_at: How
    ) -> None:
        thirty.outside.update(f"A{number:02}" for number in range(12))
        held = sync("full")
        thirty.outside.remove("A11")
        deaths: list[Read] = []

        def die(read: Read, token: str) -> None:
            if read.how is dies_at and not deaths:
                deaths.append(read)
                raise MemoryError

        thirty.before_read = die
        runs.release_held(held, "Inès")

        ended = drive(held, 10)

        assert not run_slice(held.pk), "delivered once more, it finds nothing to do"
        assert (len(deaths), ended.state, churned()) == (1, Run.State.DONE, 11)
        assert Change.objects.get(run_id=ended.pk, outcome="refused").source_id == "A11"
        assert ended.counts["customers.churn"] == 11
        assert ended.counts["customers.applied.refused"] == 1
        assert not PlannedChange.objects.exists()


class TestPreview:
    @pytest.fixture
    def preview(self, connection: Connection, crm: PaperCrm, sync) -> Run:
        crm.company("A1")
        crm.company("A2", parent="A1")
        crm.person("C1", "A1")
        return sync("preview")

    def test_preview_writes_nothing_but_its_plan(self, preview: Run, connection: Connection) -> None:
        assert (preview.state, preview.phase) == (Run.State.DONE, Run.Phase.APPLY)
        assert not Customer.objects.exists()
        assert not RecordLink.objects.exists()
        assert not Change.objects.exists()
        assert set(connection.blocks.values_list("cursor", flat=True)) == {None}
        plan = PlannedChange.objects.filter(run_id=preview.pk).values_list("source_id", "action", "outcome")
        assert sorted(plan) == [("A1", "create", "planned"), ("A2", "create", "planned"), ("C1", "create", "planned")]

    def test_apply_does_exactly_the_preview(self, preview: Run, crm: PaperCrm, connection: Connection, sync) -> None:
        crm.company("A9")

        run = drive(runs.apply_preview(preview, "Inès"), 10)

        assert (run.kind, run.state) == (Run.Kind.APPLY, Run.State.DONE)
        assert sorted(Customer.objects.values_list("ref_id", flat=True)) == ["A1", "A2"]
        assert set(connection.blocks.values_list("cursor", flat=True)) == {preview.until}
        crm.later(60)
        after = sync()
        assert [(change.source_id, change.action) for change in Change.objects.filter(run_id=after.pk)] == [
            ("A9", "create")
        ]

    def test_row_whose_source_moved_is_refused_and_comes_with_the_next_run(
        self, preview: Run, crm: PaperCrm, sync
    ) -> None:
        crm.edit("customers", "A2", Name="Moved on")

        run = drive(runs.apply_preview(preview, "Inès"), 10)

        refused = Change.objects.get(run_id=run.pk, outcome="refused")
        assert (refused.source_id, refused.reason_code) == ("A2", "source-moved")
        crm.later(60)
        sync()
        assert Customer.objects.get(ref_id="A2").name == "Moved on"

    def test_row_that_moved_in_the_hub_is_refused(self, connection: Connection, crm: PaperCrm, sync) -> None:
        crm.company("A1", "Alder")
        sync()
        crm.later(60)
        crm.edit("customers", "A1", Name="Birch")
        preview = sync("preview")
        Customer.objects.update(name="Typed by hand")

        run = drive(runs.apply_preview(preview, "Inès"), 10)

        assert Customer.objects.get().name == "Typed by hand"
        assert Change.objects.get(run_id=run.pk).reason_code == "hub-moved"

    def test_preview_cannot_be_applied_after_a_sync_or_a_new_version(
        self, preview: Run, connection: Connection, sync
    ) -> None:
        Connection.objects.update(version=5)
        preview.connection.refresh_from_db()
        with pytest.raises(runs.RunRefused, match="configuration"):
            runs.apply_preview(preview, "Inès")
        Connection.objects.update(version=0)
        preview.connection.refresh_from_db()
        sync()
        with pytest.raises(runs.RunRefused, match="sync has run"):
            runs.apply_preview(preview, "Inès")

    def test_discarded_preview_forgets_its_plan(self, preview: Run) -> None:
        runs.discard(preview, "Inès")

        assert not PlannedChange.objects.exists()
        with pytest.raises(runs.RunRefused):
            runs.apply_preview(preview, "Inès")

    def test_applying_turns_a_draft_on(self, db: None) -> None:
        draft = connect("Draft", turn_on=False)
        WORLDS[draft.pk].company("A1")
        with pytest.raises(runs.RunRefused):
            runs.request_run(draft, by="Inès")
        preview = drive(runs.request_run(draft, Run.Kind.PREVIEW, by="Inès"), 10)

        drive(runs.apply_preview(preview, "Inès"), 10)

        draft.refresh_from_db()
        assert draft.is_live
        assert Customer.objects.count() == 1

    def test_preview_marks_what_a_sync_in_its_place_would_hold(
        self, thirty: PaperCrm, connection: Connection, sync
    ) -> None:
        thirty.outside.update(f"A{number:02}" for number in range(20))
        later = sync("preview")
        assert PlannedChange.objects.filter(run_id=later.pk, is_held=True).count() == 20
        # What was never read, the next sync would read for the first time, and hold nothing.
        connection.blocks.update(cursor=None)

        first = sync("preview")

        assert PlannedChange.objects.filter(run_id=first.pk, action="churn").count() == 20
        assert not PlannedChange.objects.filter(run_id=first.pk, is_held=True).exists()

    def test_approved_preview_is_not_braked(self, thirty: PaperCrm, sync) -> None:
        thirty.outside.update(f"A{number:02}" for number in range(20))
        preview = sync("preview")

        run = drive(runs.apply_preview(preview, "Inès"), 10)

        assert (run.state, churned()) == (Run.State.DONE, 20)

    @pytest.mark.requirement("F36")
    def test_who_came_back_since_the_preview_does_not_churn(
        self, thirty: PaperCrm, connection: Connection, sync
    ) -> None:
        thirty.outside.update(f"A{number:02}" for number in range(12))
        preview = sync("preview")
        # The list was put right; no stamp of a record says so.
        thirty.outside -= {"A00", "A11"}

        run = drive(runs.apply_preview(preview, "Inès"), 10)

        assert (run.state, churned()) == (Run.State.DONE, 10)
        refused = Change.objects.filter(run_id=run.pk, outcome="refused")
        assert sorted(refused.values_list("source_id", "action", "reason_code")) == [
            ("A00", "churn", "source-moved"), ("A11", "churn", "source-moved"),
        ]  # fmt: skip
        thirty.later(60)
        after = sync()
        assert (after.state, churned()) == (Run.State.DONE, 10)
        back = RecordLink.objects.filter(source_id__in=["A00", "A11"])
        assert set(back.values_list("state", flat=True)) == {"linked"}

    def test_preview_that_churns_nobody_reads_no_listing(self, preview: Run, crm: PaperCrm) -> None:
        crm.reads.clear()

        drive(runs.apply_preview(preview, "Inès"), 10)

        assert {read.how for read in crm.reads} == {How.BY_ID}
