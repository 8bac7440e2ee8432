"""What failed is tried again by itself, later and later, given up at last, and brought back by a person or by a change."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.sync import retrying
from integrations.sync.connector import Answer, How, Sent
from integrations.sync.models import Block, Change, Connection, FieldMapping, Outbox, RecordLink, Run
from integrations.sync.runner import planning
from integrations.sync.runner.drive import drive
from integrations.sync.runs import RunRefused, request_run
from tests.sync.fakes import PaperCrm

LONG = "x" * 300
HOUR = timedelta(hours=1)


def by_schedule(connection: Connection, kind: str = Run.Kind.DELTA) -> Run:
    connection.refresh_from_db()
    return drive(request_run(connection, kind, by=""), 20)


def link_of(source_id: str) -> RecordLink:
    return RecordLink.objects.get(source_id=source_id)


def let_pass(connection: Connection) -> None:
    """The time until the next try."""
    now = timezone.now()
    RecordLink.objects.filter(connection=connection, next_try_at__isnull=False).update(next_try_at=now)
    Outbox.objects.filter(connection=connection, due_at__isnull=False).update(due_at=now)


def asked_for(crm: PaperCrm, object_name: str) -> set[str]:
    ids = {one for read in crm.reads if read.object == object_name and read.how is How.BY_ID for one in read.ids}
    crm.reads.clear()
    return ids


@pytest.fixture
def failing(connection: Connection, crm: PaperCrm) -> RecordLink:
    """A contact that the hub cannot take, beside a customer that it can."""
    crm.company("A1")
    crm.person("P1", "A1", LastName=LONG, FirstName="Ana")
    by_schedule(connection)
    crm.later()
    # Its overlap shows the record once more: what rests is not tried by that.
    by_schedule(connection)
    crm.reads.clear()
    return link_of("P1")


class TestInward:
    @pytest.mark.requirement("C16")
    def test_first_failure_names_the_next_try(self, failing: RecordLink) -> None:
        assert (failing.state, failing.tries, failing.given_up_at) == ("failing", 1, None)
        assert failing.next_try_at is not None
        assert HOUR - timedelta(minutes=1) < failing.next_try_at - timezone.now() <= HOUR

    def test_not_asked_before_its_time(self, connection: Connection, crm: PaperCrm, failing: RecordLink) -> None:
        by_schedule(connection)

        assert asked_for(crm, "contacts") == set()
        assert link_of("P1").tries == 1

    def test_due_record_is_asked_by_id_whatever_the_cursor(
        self, connection: Connection, crm: PaperCrm, failing: RecordLink
    ) -> None:
        let_pass(connection)
        run = by_schedule(connection)

        link = link_of("P1")
        assert asked_for(crm, "contacts") == {"P1"}
        assert (link.tries, link.state) == (2, "failing")
        assert link.next_try_at is not None
        assert link.next_try_at - timezone.now() > 3 * HOUR
        assert not Change.objects.filter(run_id=run.pk).exists(), "the journal said it the first time"
        assert run.counts["contacts.refuse.too-long"] == 1

    @pytest.mark.requirement("C16")
    def test_cured_meanwhile_it_comes_in_by_itself(
        self, connection: Connection, crm: PaperCrm, failing: RecordLink
    ) -> None:
        # Corrected without a new stamp, so that no reading of changes can bring it.
        old = crm.records["contacts"]["P1"]
        crm.records["contacts"]["P1"] = replace(old, values={**old.values, "LastName": "Reis"})
        let_pass(connection)

        by_schedule(connection)

        link = link_of("P1")
        assert (link.state, link.tries, link.next_try_at, link.given_up_at) == ("linked", 0, None, None)

    @pytest.mark.requirement("F27")
    def test_tried_often_enough_it_leaves_the_loop(
        self, connection: Connection, crm: PaperCrm, failing: RecordLink
    ) -> None:
        for _ in range(3):
            let_pass(connection)
            by_schedule(connection)

        link = link_of("P1")
        assert (link.tries, link.next_try_at, link.given_up_at is not None) == (4, None, True)
        asked_for(crm, "contacts")
        by_schedule(connection)
        by_schedule(connection, Run.Kind.FULL)
        assert asked_for(crm, "contacts") == set()
        assert link_of("P1").tries == 4

    def test_complete_reading_still_counts_what_rests(
        self, connection: Connection, crm: PaperCrm, failing: RecordLink
    ) -> None:
        run = by_schedule(connection, Run.Kind.FULL)

        assert run.counts["contacts.refuse"] == run.counts["contacts.refuse.too-long"] == 1
        assert run.counts.get("contacts.unchanged", 0) == 0
        block = Block.objects.get(connection=connection, object="contacts")
        assert (block.counted, block.unexplained) == (1, 0)

    def test_complete_reading_that_a_person_asks_for_tries_all(
        self, connection: Connection, failing: RecordLink, sync: Any
    ) -> None:
        RecordLink.objects.filter(pk=failing.pk).update(tries=4, next_try_at=None, given_up_at=timezone.now())

        sync("full")

        assert link_of("P1").tries == 5

    def test_change_in_the_crm_brings_it_back(self, connection: Connection, crm: PaperCrm, failing: RecordLink) -> None:
        RecordLink.objects.filter(pk=failing.pk).update(tries=4, next_try_at=None, given_up_at=timezone.now())
        crm.edit("contacts", "P1", LastName=LONG + "y")

        by_schedule(connection)

        link = link_of("P1")
        assert (link.tries, link.given_up_at) == (1, None)
        assert link.next_try_at is not None

    def test_change_of_the_mapping_brings_it_back(self, connection: Connection, failing: RecordLink) -> None:
        RecordLink.objects.filter(pk=failing.pk).update(tries=4, next_try_at=None, given_up_at=timezone.now())
        FieldMapping.objects.filter(block__connection=connection, hub_field="last_name").update(crm_field="FirstName")

        by_schedule(connection, Run.Kind.FULL)

        assert link_of("P1").state == "linked"

    def test_change_of_its_row_here_brings_it_back(self, connection: Connection, crm: PaperCrm) -> None:
        crm.company("A1")
        by_schedule(connection)
        crm.later()
        crm.edit("customers", "A1", Name=LONG)
        by_schedule(connection)
        RecordLink.objects.update(tries=4, next_try_at=None, given_up_at=timezone.now())

        door().edit("customers", {Customer.objects.get().pk: {"domain": "a1.example"}}, by="Inès")

        link = link_of("A1")
        assert (link.state, link.tries, link.given_up_at) == ("failing", 0, None)
        assert link.next_try_at is not None

    @pytest.mark.parametrize("is_due", [True, False])
    def test_failing_customer_rests_too(self, connection: Connection, crm: PaperCrm, is_due: bool) -> None:
        """Customers are listed by every sync: a listing alone is no reason to read one that failed."""
        crm.company("A1", LONG)
        by_schedule(connection)
        crm.later()
        by_schedule(connection)
        crm.reads.clear()
        if is_due:
            let_pass(connection)

        run = by_schedule(connection)

        assert asked_for(crm, "customers") == ({"A1"} if is_due else set())
        assert link_of("A1").tries == (2 if is_due else 1)
        assert run.counts["customers.refuse"] == 1

    def test_due_record_that_the_crm_no_longer_sends_is_given_up(
        self, connection: Connection, crm: PaperCrm, failing: RecordLink
    ) -> None:
        crm.vanish("contacts", "P1")
        let_pass(connection)

        by_schedule(connection)
        by_schedule(connection)

        link = link_of("P1")
        assert (link.next_try_at, link.given_up_at is not None) == (None, True)
        crm.reads.clear()

    def test_paused_record_is_left_alone(self, connection: Connection, crm: PaperCrm, failing: RecordLink) -> None:
        RecordLink.objects.filter(pk=failing.pk).update(paused_at=timezone.now())
        let_pass(connection)

        by_schedule(connection)

        assert asked_for(crm, "contacts") == set()
        assert (link_of("P1").tries, link_of("P1").given_up_at) == (1, None)

    @pytest.mark.requirement("F27")
    def test_record_that_crashes_us_is_given_up_at_once(
        self, connection: Connection, crm: PaperCrm, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crm.company("A1")
        real = planning.decide

        def crashing(record: Any, *args: Any, **more: Any) -> Any:
            if record.source_id == "A1":
                raise ZeroDivisionError
            return real(record, *args, **more)

        monkeypatch.setattr(planning, "decide", crashing)
        run = request_run(connection, by="")
        while run.is_active:
            Run.objects.filter(pk=run.pk).update(due_at=None)
            drive(run, 1)
            run.refresh_from_db()

        link = link_of("A1")
        assert (link.reason_code, link.next_try_at, link.given_up_at is not None) == ("crashed-record", None, True)
        crm.later()
        again = by_schedule(connection, Run.Kind.FULL)
        assert (again.state, again.attempt) == (Run.State.DONE, 1), "it does not take the next run along"

    def test_same_number_of_statements_for_any_number_of_due_records(
        self, connection: Connection, crm: PaperCrm
    ) -> None:
        numbers = []
        for number in (1, 3):
            for n in range(number):
                crm.company(f"L{number}{n}", LONG)
            by_schedule(connection)
            crm.later()
            by_schedule(connection)
            let_pass(connection)
            with CaptureQueriesContext(database) as told:
                by_schedule(connection)
            # Steps share a transaction by how long they take: only what asks or writes records counts.
            numbers.append(sum("sync_recordlink" in one["sql"] for one in told.captured_queries))

        assert numbers[0] == numbers[1]


class TestByHand:
    @pytest.mark.requirement("C16")
    def test_result_stands_beside_the_old_one_even_if_it_is_the_same(
        self, connection: Connection, failing: RecordLink
    ) -> None:
        done = retrying.retry(connection, retrying.some(connection, "contacts", ["P1"]), by="Noa")
        drive(done.run, 20)

        rows = Change.objects.filter(source_id="P1").order_by("pk")
        assert [(row.outcome, row.reason_code) for row in rows] == [("refused", "too-long")] * 2
        assert rows[1].run_id == done.run.pk
        assert (done.records, done.writes, done.run.requested_by) == (1, 0, "Noa")
        assert (link_of("P1").tries, link_of("P1").wanted_at) == (1, None)

    def test_given_up_record_is_read_again(self, connection: Connection, crm: PaperCrm, failing: RecordLink) -> None:
        RecordLink.objects.filter(pk=failing.pk).update(tries=4, next_try_at=None, given_up_at=timezone.now())

        drive(retrying.retry(connection, retrying.of_reason(connection, "contacts", "too-long"), by="Noa").run, 20)

        assert asked_for(crm, "contacts") == {"P1"}
        assert (link_of("P1").tries, link_of("P1").given_up_at) == (1, None)

    @pytest.mark.requirement("C16")
    def test_one_data_type_and_one_run(self, connection: Connection, crm: PaperCrm, failing: RecordLink) -> None:
        crm.company("A2", LONG)
        run = by_schedule(connection)

        assert retrying.of_data_type(connection, "contacts").links.get().source_id == "P1"
        assert retrying.of_run(run).links.get().source_id == "A2"
        first = Run.objects.earliest("pk")
        assert retrying.of_run(first).links.get().source_id == "P1"
        assert not retrying.of_run(first, "customers").links.exists()
        assert not retrying.of_run(first, "contacts", "not-a-date").links.exists()

    def test_what_went_through_since_is_not_of_the_run_any_more(
        self, connection: Connection, crm: PaperCrm, failing: RecordLink
    ) -> None:
        run = Run.objects.earliest("pk")
        crm.edit("contacts", "P1", LastName="Reis")
        by_schedule(connection)

        with pytest.raises(RunRefused, match="Nothing of this fails any more"):
            retrying.retry(connection, retrying.of_run(run), by="Noa")

    def test_under_way_the_next_run_takes_it(self, connection: Connection, crm: PaperCrm, failing: RecordLink) -> None:
        active = request_run(connection, by="")

        done = retrying.retry(connection, retrying.some(connection, "contacts", ["P1"]), by="Noa")

        assert (done.run.pk, done.is_new) == (active.pk, False)
        assert f"Run {active.pk} is under way; the next one does it." in done.said

    def test_paused_connection_changes_nothing(self, connection: Connection, failing: RecordLink) -> None:
        Connection.objects.update(state="paused")
        connection.refresh_from_db()

        with pytest.raises(RunRefused, match="paused"):
            retrying.retry(connection, retrying.some(connection, "contacts", ["P1"]), by="Noa")

        assert (link_of("P1").tries, link_of("P1").wanted_at) == (1, None)


class TestOutward:
    @pytest.fixture
    def refused(self, connection: Connection, crm: PaperCrm) -> Outbox:
        Block.objects.filter(connection=connection).update(mode="two-way", key_field="Key")
        lines = FieldMapping.objects.filter(block__connection=connection).exclude(hub_field="ref_id")
        lines.update(direction="both")
        crm.company("1", "Aldervale")
        by_schedule(connection)
        crm.later()
        door().edit("customers", {Customer.objects.get().pk: {"name": "Aldervale Group"}}, by="Inès")
        crm.refuses["1"] = Sent(Answer.REFUSED, "1", "RULE", "Not in capitals.", ("Name",))
        by_schedule(connection)
        crm.later()
        return Outbox.objects.get()

    @pytest.mark.requirement("C16", "F25")
    def test_refused_write_comes_again_later_and_is_given_up(
        self, connection: Connection, crm: PaperCrm, refused: Outbox
    ) -> None:
        assert (refused.state, refused.attempts, refused.given_up_at) == ("refused", 1, None)
        assert refused.due_at is not None
        by_schedule(connection)
        assert len(crm.sends) == 1, "not before its time"

        for _ in range(3):
            let_pass(connection)
            by_schedule(connection)

        refused.refresh_from_db()
        assert (refused.attempts, refused.due_at, refused.given_up_at is not None) == (4, None, True)
        by_schedule(connection)
        assert len(crm.sends) == 4

    def test_busy_crm_is_asked_in_minutes(self, connection: Connection, crm: PaperCrm, refused: Outbox) -> None:
        crm.refuses["1"] = Sent(Answer.BUSY, "1", "LOCKED", "Locked.")
        Outbox.objects.update(due_at=timezone.now(), attempts=0)

        by_schedule(connection)

        refused.refresh_from_db()
        assert refused.state == "planned"
        assert refused.due_at is not None
        assert refused.due_at - timezone.now() <= timedelta(minutes=1)

    def test_retry_sends_what_was_given_up(self, connection: Connection, crm: PaperCrm, refused: Outbox) -> None:
        Outbox.objects.update(due_at=None, attempts=4, given_up_at=timezone.now())
        crm.refuses.clear()

        done = retrying.retry(connection, retrying.of_refusal(connection, "customers", "RULE"), by="Noa")
        drive(done.run, 20)

        assert (done.records, done.writes) == (0, 1)
        assert crm.records["customers"]["1"].values["Name"] == "Aldervale Group"
        assert not Outbox.objects.exists()

    def test_run_retries_what_it_could_not_send(self, connection: Connection, refused: Outbox) -> None:
        run = Run.objects.latest("pk")

        chosen = retrying.of_run(run)

        assert [one.pk for one in chosen.writes] == [refused.pk]
        assert retrying.of_data_type(connection, "customers").writes.count() == 1

    def test_push_does_not_take_a_linked_record_out_of_the_loop(
        self, connection: Connection, crm: PaperCrm, refused: Outbox
    ) -> None:
        """Refused for it had moved here, its record is still to be read: what goes out is no answer to that."""
        crm.refuses.clear()
        crm.company("2", "Birch")
        crm.person("21", "2", LastName="Reis")
        by_schedule(connection)
        crm.later()
        by_schedule(connection)
        later = timezone.now() + HOUR
        RecordLink.objects.filter(source_id="21").update(source_hash="", tries=1, next_try_at=later)
        row = link_of("21").hub_id
        assert row
        door().edit("contacts", {row: {"last_name": "Moura"}}, by="Inès")

        by_schedule(connection)

        assert link_of("21").next_try_at is not None

    def test_newer_edit_here_gives_a_new_chance(self, connection: Connection, crm: PaperCrm, refused: Outbox) -> None:
        Outbox.objects.update(due_at=None, attempts=4, given_up_at=timezone.now())
        door().edit("customers", {refused.hub_id: {"name": "ALDERVALE"}}, by="Inès")

        by_schedule(connection)

        again = Outbox.objects.get()
        assert (again.attempts, again.given_up_at) == (1, None)
        assert again.after == {"name": "ALDERVALE"}

    def test_row_made_here_is_retried_by_its_own_id(self, connection: Connection, crm: PaperCrm) -> None:
        Block.objects.filter(connection=connection).update(mode="two-way", key_field="Key")
        FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(direction="both")
        by_schedule(connection)
        [pk] = door().create("customers", [{"name": "Cedar"}], by="Inès")
        crm.refuses["Cedar"] = Sent(Answer.REFUSED, "", "RULE", "No.")
        by_schedule(connection)
        crm.refuses.clear()

        done = retrying.retry(connection, retrying.some(connection, "customers", [f"hub:{pk}"]), by="Noa")
        drive(done.run, 20)

        assert done.writes == 1
        assert [record.values["Name"] for record in crm.records["customers"].values()] == ["Cedar"]
