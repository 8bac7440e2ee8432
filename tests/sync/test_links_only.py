"""A data type that only links: it makes no rows, and what finds none waits until its row comes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from integrations.engine.reasons import Reason
from integrations.hub.models import Agreement, Customer, Stage
from integrations.sync import decisions, registry
from integrations.sync.models import Block, Change, RecordLink
from integrations.sync.registry import Registered
from tests.sync.fakes import ABILITIES, WORLDS, PaperConnector, PaperCrm, connect

TOOL = replace(
    ABILITIES,
    system="tool",
    label="Paper tool",
    objects=tuple(
        replace(one, makes_rows=False, tells_scope=True, has_hierarchy=False) if one.object == "customers" else one
        for one in ABILITIES.objects
    ),
)


class Tool(PaperConnector):
    abilities = TOOL


@pytest.fixture(autouse=True)
def tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._systems, "tool", Registered(TOOL, Tool))


@pytest.fixture
def connection(tool: None, db: None) -> Iterator[object]:
    made = connect("Tool", objects=("customers", "agreements"))
    made.system = "tool"
    made.save()
    yield made
    WORLDS.clear()


def customer(name: str, domain: str, **columns: object) -> Customer:
    stage = Stage.objects.get(name="run")
    return Customer.objects.create(
        name=name, name_key=name.casefold(), domain=domain, domain_key=domain, stage=stage, **columns
    )


def states() -> dict[str, tuple[str, str]]:
    return {link.source_id: (link.state, link.reason_code) for link in RecordLink.objects.order_by("source_id")}


@pytest.mark.requirement("R185")
def test_what_finds_no_row_waits_and_makes_none(connection, crm: PaperCrm, sync) -> None:
    customer("Alder", "alder.example")
    crm.company("A1", "Alder", Website="alder.example")
    crm.company("A2", "Birch", Website="birch.example")
    crm.deal("D1", "A1", Yearly=100)
    crm.deal("D2", "A2", Yearly=100)

    first, second = sync(), sync("full")

    assert [row.name for row in Customer.objects.all()] == ["Alder"]
    assert states() == {
        "A1": ("linked", ""), "A2": ("excluded", "waits-for-row"), "D1": ("linked", ""),
        "D2": ("excluded", "customer-out-of-scope"),
    }  # fmt: skip
    waits = RecordLink.objects.get(source_id="A2")
    said = Reason(waits.reason_code, waits.reason_params)
    assert "Nothing here has" in str(said)
    assert "birch.example" in str(said)
    assert "by itself" in said.cure
    assert (first.counts["customers.exclude.waits-for-row"], second.counts["customers.exclude.waits-for-row"]) == (1, 1)
    assert not Change.objects.filter(run_id=second.pk).exists(), "what waits on is said once"
    assert Block.objects.get(object="customers").unexplained == 0


def test_its_id_is_never_written_over_another_systems(connection, crm: PaperCrm, sync) -> None:
    known = customer("Alder", "alder.example", ref_id="001A", ref_writer=connection.pk + 1)
    blank = customer("Birch", "birch.example")
    crm.company("A1", "Alder", Website="alder.example")
    crm.company("A2", "Birch", Website="birch.example")

    sync()

    known.refresh_from_db()
    blank.refresh_from_db()
    assert (known.ref_id, blank.ref_id) == ("001A", "")
    assert {link.hub_id for link in RecordLink.objects.all()} == {known.pk, blank.pk}


def test_common_id_recognises_and_stays_the_crms(connection, crm: PaperCrm, sync) -> None:
    Block.objects.filter(object="customers").update(ref_is_common=True)
    known = customer("Alder", "alder.example", ref_id="A1", ref_writer=connection.pk + 1)
    crm.company("A1", "Another name", Website="other.example")

    sync()

    known.refresh_from_db()
    assert RecordLink.objects.get().hub_id == known.pk
    assert (known.ref_id, known.ref_writer) == ("A1", connection.pk + 1)


@pytest.mark.requirement("R185")
def test_row_that_comes_takes_the_waiting_record_up_at_the_next_sync(connection, crm: PaperCrm, sync) -> None:
    for number in range(3):
        crm.company(f"A{number}", f"Company {number}", Website=f"c{number}.example")
        crm.deal(f"D{number}", f"A{number}", Yearly=100)
    sync()
    crm.later(60)
    sync()
    assert [read.how for read in crm.reads if read.how == "dependents"] == [], "nothing hangs on those who wait"
    crm.later(60)
    crm.reads.clear()

    came = customer("Somebody", "c1.example")
    sync()

    assert states()["A1"] == ("linked", "")
    assert RecordLink.objects.get(source_id="A1").hub_id == came.pk
    assert [read.ids for read in crm.reads if read.how == "by-id"] == [("A1",)], "only this one is asked for"
    assert Agreement.objects.get().customer == came, "and what hangs on it comes along"
    assert states()["A2"] == ("excluded", "waits-for-row")


def test_two_that_waited_for_one_row_are_a_persons_to_tell_apart(connection, crm: PaperCrm, sync) -> None:
    crm.company("A1", "Alder", Website="alder.example")
    crm.company("A2", "Alder", Website="alder.example")
    sync()
    assert states() == {"A1": ("excluded", "waits-for-row"), "A2": ("excluded", "waits-for-row")}
    crm.later(60)

    customer("Alder", "alder.example")
    sync()

    assert {state for state, _why in states().values()} == {"collision"}
    link = RecordLink.objects.get(source_id="A1")
    with pytest.raises(decisions.DecisionRefused, match="creates nothing"):
        decisions.make_new([link.pk], by="Inès")


def test_what_somebody_left_out_is_not_taken_up(connection, crm: PaperCrm, sync) -> None:
    crm.company("A1", "Alder", Website="alder.example")
    sync()
    decisions.exclude([RecordLink.objects.get().pk], by="Inès")
    crm.later(60)

    customer("Alder", "alder.example")
    sync()

    assert states() == {"A1": ("excluded", "kept-out-by-hand")}


def test_blank_keys_are_said(connection, crm: PaperCrm, sync) -> None:
    block = Block.objects.get(object="customers")
    block.merge_keys = ["domain"]
    block.save()
    crm.company("A1", "Alder")

    sync()

    assert states() == {"A1": ("excluded", "waits-keyless")}


def test_preview_says_who_waits(connection, crm: PaperCrm, sync) -> None:
    crm.company("A1", "Alder", Website="alder.example")

    run = sync("preview")

    assert run.counts["customers.exclude.waits-for-row"] == 1
    assert "customers.create" not in run.counts
