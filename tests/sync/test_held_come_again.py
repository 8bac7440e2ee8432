"""What the brake holds is decided anew by the very next delta: also a record that has no link yet, and one that is gone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from integrations.hub.models import Agreement, Contact, Customer
from integrations.sync import decisions, runs
from integrations.sync.connector import Page, Read
from integrations.sync.models import Block, Change, Connection, RecordLink, Run
from integrations.sync.runner.drive import drive

from .fakes import WORLDS, PaperConnector, PaperCrm, connect

pytestmark = pytest.mark.django_db
START = date(2020, 1, 1)
PEOPLE = 30


@pytest.fixture
def connection() -> Connection:
    return connect(objects=("customers", "contacts", "agreements"))


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    return WORLDS[connection.pk]


def sync(connection: Connection, kind: str = "delta") -> Run:
    WORLDS[connection.pk].later(60)
    connection.refresh_from_db()
    return drive(runs.request_run(connection, kind, by="test"), 20)


def come_in(connection: Connection, crm: PaperCrm, people: int) -> None:
    crm.company("1", "Aldervale")
    for number in range(people):
        crm.person(f"p{number:03}", "1")
    sync(connection)


def link_of(source_id: str) -> RecordLink:
    return RecordLink.objects.get(source_id=source_id)


@pytest.fixture
def held(connection: Connection, crm: PaperCrm) -> Run:
    """A deal that would multiply the MRR: it has never met the hub."""
    crm.company("1", "Aldervale")
    crm.deal("d1", "1", Yearly=Decimal(1200), Currency="EUR", Start=START)
    sync(connection)
    crm.deal("d2", "1", Yearly=Decimal(12000), Currency="EUR", Start=START)
    held = sync(connection)
    assert (held.state, held.reason_code) == ("held", "brake-revenue")
    return held


@pytest.mark.requirement("F36", "I1")
def test_held_creation_is_held_by_each_delta_until_somebody_speaks(connection: Connection, held: Run) -> None:
    again = [sync(connection), sync(connection)]

    assert [run.reason_code for run in again] == ["brake-revenue"] * 2
    Connection.objects.update(brake_mrr_percent=10_000)
    sync(connection)
    assert set(Agreement.objects.values_list("ref_id", flat=True)) == {"d1", "d2"}
    assert (link_of("d2").state, link_of("d2").reason_code, link_of("d2").next_try_at) == ("linked", "", None)


@pytest.mark.requirement("F36")
def test_held_creation_is_listed_with_its_reason_and_adds_up(connection: Connection, crm: PaperCrm, held: Run) -> None:
    again = sync(connection, "full")

    link = link_of("d2")
    assert (again.state, link.state, link.reason_code, link.hub_id) == ("held", "excluded", "held-by-brake", None)
    assert link.name == "Deal d2"
    block = Block.objects.get(connection=connection, object="agreements")
    assert (block.counted, block.unexplained) == (2, 0)


@pytest.mark.requirement("F36")
def test_released_creation_is_made(connection: Connection, held: Run) -> None:
    runs.release_held(held, "Inès")

    drive(held, 10)

    assert set(Agreement.objects.values_list("ref_id", flat=True)) == {"d1", "d2"}
    assert link_of("d2").state == "linked"


@pytest.mark.requirement("F36")
def test_creation_that_moved_before_it_was_released_comes_with_the_next_delta(
    connection: Connection, crm: PaperCrm, held: Run
) -> None:
    crm.edit("agreements", "d2", Yearly=Decimal(12))
    runs.release_held(held, "Inès")
    drive(held, 10)
    refused = Change.objects.get(run_id=held.pk, outcome="refused")
    assert (refused.source_id, refused.reason_code) == ("d2", "source-moved")
    # As if the reading of what changed had missed it.
    Block.objects.update(cursor=crm.clock)

    sync(connection)

    assert Agreement.objects.get(ref_id="d2").mrr == 1


@pytest.mark.requirement("F36", "C5")
def test_creation_that_a_person_kept_out_meanwhile_is_not_made(connection: Connection, held: Run) -> None:
    decisions.exclude([link_of("d2").pk], by="Noa")
    runs.release_held(held, "Inès")
    drive(held, 10)

    sync(connection)

    assert not Agreement.objects.filter(ref_id="d2").exists()
    assert (link_of("d2").state, link_of("d2").reason_code) == ("excluded", "kept-out-by-hand")


@pytest.mark.requirement("F36", "R18")
def test_held_deletions_are_held_by_each_delta_until_somebody_speaks(connection: Connection, crm: PaperCrm) -> None:
    come_in(connection, crm, PEOPLE)
    for number in range(12):
        crm.delete("contacts", f"p{number:03}")
    held = sync(connection)
    assert (held.state, held.reason_code) == ("held", "brake-deleted")

    again = sync(connection)

    assert (again.reason_code, again.reason_params["count"]) == ("brake-deleted", 12)
    Connection.objects.update(brake_floor=100)
    sync(connection)
    assert Contact.objects.filter(gone_at__isnull=False).count() == 12
    assert Customer.objects.count() == 1


@pytest.mark.requirement("F36")
def test_what_is_held_for_its_absence_alone_is_held_by_each_delta(connection: Connection, crm: PaperCrm) -> None:
    """The CRM says no word of it: two complete readings missed it, and nobody finds it by its id."""
    come_in(connection, crm, PEOPLE)
    for number in range(12):
        crm.vanish("contacts", f"p{number:03}")
    sync(connection, "full")
    assert sync(connection, "full").reason_code == "brake-deleted"

    again = [sync(connection), sync(connection)]

    assert [(run.reason_code, run.reason_params["held"]) for run in again] == [("brake-deleted", 12)] * 2
    runs.release_held(again[-1], by="Inès")
    drive(again[-1])
    assert Contact.objects.exclude(gone_at=None).count() == 12


@pytest.mark.requirement("F36", "C9")
def test_all_deletions_that_a_system_names_page_by_page_are_held_together(
    connection: Connection, crm: PaperCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of them would pass below the brake, and nobody would be asked about the rest again."""
    Block.objects.filter(connection=connection).update(on_crm_delete="delete")
    come_in(connection, crm, 120)
    read = PaperConnector.read

    def few_at_a_time(self: PaperConnector, asked: Read, token: str = "") -> Page:
        page = read(self, asked, token)
        if asked.how != "deleted" or not asked.ids:
            return page
        at = int(token or 0)
        return replace(page, gone=page.gone[at : at + 10], next=str(at + 10) if at + 10 < len(page.gone) else "")

    monkeypatch.setattr(PaperConnector, "read", few_at_a_time)
    for number in range(115):
        crm.delete("contacts", f"p{number:03}")

    held = [sync(connection), sync(connection), sync(connection)]

    assert [(run.reason_code, run.reason_params["held"]) for run in held] == [("brake-deleted", 115)] * 3
    assert Contact.objects.count() == 120


@pytest.mark.requirement("F36")
def test_held_creation_whose_record_is_deleted_meanwhile_leaves_nothing_behind(
    connection: Connection, crm: PaperCrm, held: Run
) -> None:
    crm.delete("agreements", "d2")

    sync(connection)

    assert not RecordLink.objects.filter(source_id="d2").exists()
