"""A data type that only links: it makes no rows, and what finds none waits until its row comes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from integrations.engine.reasons import Reason
from integrations.hub.models import Agreement, Contact, Customer, Stage
from integrations.sync import decisions, registry
from integrations.sync.configuration import in_words
from integrations.sync.ids_only import said_mode
from integrations.sync.models import Block, Change, Connection, FieldMapping, RecordLink
from integrations.sync.registry import Registered
from integrations.sync.runner.drive import drive
from integrations.sync.runs import request_run
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


class Helpdesk(PaperConnector):
    """Its contacts are only linked too, by the e-mail as well, though no line is mapped to it."""

    abilities = replace(
        TOOL,
        system="helpdesk",
        objects=tuple(
            replace(one, makes_rows=False, key_paths={"email": "Email"}) if one.object == "contacts" else one
            for one in TOOL.objects
        ),
    )


@pytest.fixture
def helpdesk(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperCrm]:
    monkeypatch.setitem(registry._systems, "helpdesk", Registered(Helpdesk.abilities, Helpdesk))
    made = connect("Helpdesk", objects=("customers", "contacts"))
    made.system = "helpdesk"
    made.save()
    made.blocks.update(ref_is_common=True)
    FieldMapping.objects.exclude(hub_field="ref_id").delete()
    yield WORLDS[made.pk]
    WORLDS.clear()


def person(owner: Customer, email: str, **columns: object) -> Contact:
    return Contact.objects.create(customer=owner, last_name="As here", email=email, email_key=email, **columns)


@pytest.mark.requirement("R189", "R191")
def test_contact_is_recognised_by_a_key_that_no_line_carries_and_nothing_flows(helpdesk: PaperCrm) -> None:
    alder, birch = customer("Alder", "alder.example", ref_id="A1"), customer("Birch", "birch.example", ref_id="A2")
    known = person(alder, "ann@alder.example", ref_id="P9")
    helpdesk.company("A2", "Birch there")
    helpdesk.person("P1", "A2", Email="Ann@alder.example", LastName="Otherwise")
    helpdesk.person("P2", "A2", Email="nobody@birch.example")

    drive(request_run(Connection.objects.get(), "delta", by="Inès"), 20)

    known.refresh_from_db()
    links = {one.source_id: (one.state, one.hub_id) for one in RecordLink.objects.filter(object="contacts")}
    assert links == {"P1": ("linked", known.pk), "P2": ("excluded", None)}
    assert (known.last_name, known.email, known.ref_id) == ("As here", "ann@alder.example", "P9")
    assert known.customer == alder, "whose contact somebody is, the tool does not say"
    assert RecordLink.objects.get(source_id="A2").hub_id == birch.pk


def test_block_without_a_line_beside_its_id_is_called_ids_only(helpdesk: PaperCrm) -> None:
    connection = Connection.objects.get()
    block, ability = connection.blocks.get(object="contacts"), Helpdesk.abilities.of("contacts")

    alone = said_mode(block, ability), in_words(block, "Helpdesk")
    FieldMapping.objects.create(block=block, hub_field="email", crm_field="Email")

    assert alone[0] == "IDs only"
    assert "Contact ID is only compared with what Helpdesk holds, and never written." in alone[1]
    assert said_mode(block, ability) == "Input only"
    assert said_mode(block, replace(ability, makes_rows=True)) == "Input only"


@pytest.mark.requirement("R134", "R186", "R226")
def test_a_tool_that_was_there_first_holds_no_crm_back_from_the_id(connection, sync) -> None:
    """It recognises by the row's ID and leaves it to the CRM: also where it stands before that in the order."""
    block = connection.blocks.get(object="customers")
    block.merge_keys = ["domain"]
    block.save()
    FieldMapping.objects.update_or_create(block=block, hub_field="ref_id", defaults={"crm_field": "Id"})
    row = customer("Aldervale", "aldervale.example", ref_id="old-1", ref_writer=999)
    WORLDS[connection.pk].company("t1", "Aldervale", Website="aldervale.example")
    sync()
    crm = connect("New CRM", order=9)
    crm.blocks.filter(object="customers").update(merge_keys=["domain"])
    WORLDS[crm.pk].company("n1", "Aldervale", Website="aldervale.example")

    drive(request_run(crm, by="test"), 20)

    row.refresh_from_db()
    assert (row.ref_id, row.ref_writer) == ("n1", crm.pk)
    assert set(RecordLink.objects.filter(hub_id=row.pk).values_list("source_id", flat=True)) == {"t1", "n1"}
