"""How unlinked records find rows that are here already."""

from dataclasses import replace

import pytest

from integrations.hub.models import Contact, Customer, CustomField, CustomKey, Stage
from integrations.sync import retrying
from integrations.sync.models import Block, Change, Connection, FieldMapping, RecordLink
from integrations.sync.runner.drive import drive
from tests.sync.fakes import PaperCrm


def customer(name: str, **columns: object) -> Customer:
    columns.setdefault("domain_key", columns.get("domain", ""))
    return Customer.objects.create(name=name, name_key=name.casefold(), stage=Stage.objects.get(name="run"), **columns)


def states() -> dict[str, tuple[str, str]]:
    return {link.source_id: (link.state, link.reason_code) for link in RecordLink.objects.all()}


def test_record_is_linked_by_its_domain_and_fills_blanks_only(connection: Connection, crm: PaperCrm, sync) -> None:
    known = customer("Alder", domain="alder.example", pulse=4)
    crm.company("A1", "Alder & Vale", Website="http://www.ALDER.example/")

    run = sync()

    known.refresh_from_db()
    assert (Customer.objects.count(), known.name, known.ref_id, known.pulse) == (1, "Alder & Vale", "A1", 4)
    change = Change.objects.get(run_id=run.pk)
    assert (change.action, change.reason_code, change.reason_params["value"]) == (
        "link",
        "linked-by-key",
        "alder.example",
    )


def test_id_written_by_another_system_recognises_nobody(connection: Connection, crm: PaperCrm, sync) -> None:
    customer("Other", ref_id="A1", ref_writer=connection.pk + 1)
    crm.company("A1")

    sync()

    assert Customer.objects.filter(ref_id="A1").count() == 2


def test_common_id_recognises_whoever_wrote_it(connection: Connection, crm: PaperCrm, sync) -> None:
    Block.objects.update(ref_is_common=True)
    customer("Other", ref_id="A1", ref_writer=connection.pk + 1)
    crm.company("A1")

    sync()

    assert Customer.objects.count() == 1


@pytest.mark.requirement("F32")
def test_two_records_with_one_domain_are_listed_and_neither_written(
    connection: Connection, crm: PaperCrm, sync
) -> None:
    customer("Alder", domain="alder.example")
    crm.company("A1", Website="alder.example")
    crm.company("A2", Website="www.alder.example")

    first, second = sync(), sync("full")

    assert states() == {"A1": ("collision", "claimed-by-several"), "A2": ("collision", "claimed-by-several")}
    assert Customer.objects.get().name == "Alder"
    assert Change.objects.filter(run_id=first.pk, outcome="listed").count() == 2
    assert not Change.objects.filter(run_id=second.pk).exists()


@pytest.mark.requirement("F32", "F33")
@pytest.mark.parametrize(("merged_into", "state"), [("", "gone"), ("A1", "merged")])
def test_a_record_in_collision_that_leaves_the_crm_waits_for_nobody_any_more(
    connection: Connection, crm: PaperCrm, sync, merged_into: str, state: str
) -> None:
    """It would be counted for ever among those that a person has to decide."""
    customer("Alder", domain="alder.example")
    crm.company("A1", Website="alder.example")
    crm.company("A2", Website="www.alder.example")
    sync()
    crm.later()
    crm.delete("customers", "A2", merged_into=merged_into)

    sync("full")

    assert states()["A2"][0] == state


@pytest.mark.requirement("F32")
def test_generic_domain_and_blank_keys_recognise_nobody(connection: Connection, crm: PaperCrm, sync) -> None:
    customer("Somebody", domain="gmail.com", domain_key="")
    crm.company("A1", Website="gmail.com")
    crm.company("A2", Website="gmail.com")
    crm.company("A3", Website="")

    sync()

    assert Customer.objects.count() == 4


@pytest.mark.requirement("I2")
def test_rivals_over_different_keys_are_listed(connection: Connection, crm: PaperCrm, sync) -> None:
    customer("Alder", domain="alder.example", ref_id="A1", ref_writer=connection.pk)
    crm.page_size = 1
    crm.company("A1", Website="other.example")
    crm.company("A2", Website="alder.example")

    sync()

    assert states() == {"A1": ("collision", "rivals"), "A2": ("collision", "rivals")}


def test_row_linked_to_another_record_is_not_taken(connection: Connection, crm: PaperCrm, sync) -> None:
    crm.company("A1", Website="alder.example")
    sync()
    crm.later(60)
    crm.company("A2", Website="alder.example")

    sync()

    assert states()["A2"] == ("collision", "hub-row-taken")


def test_field_of_the_team_recognises_records(connection: Connection, crm: PaperCrm, sync) -> None:
    custom = CustomField.objects.create(entity="customers", name="Number", type="STRING", is_key=True)
    known = customer("Alder", custom={custom.key: "K-7"})
    CustomKey.objects.create(field=custom, row_id=known.pk, value="K-7")
    block = Block.objects.get(object="customers")
    block.merge_keys = [f"custom.{custom.key}"]
    block.save()
    FieldMapping.objects.create(block=block, hub_field=f"custom.{custom.key}", crm_field="Segment")
    crm.company("A1", Segment="K-7")
    crm.company("A2", Segment="K-8")

    sync()

    assert RecordLink.objects.get(source_id="A1").hub_id == known.pk
    assert sorted(CustomKey.objects.values_list("value", flat=True)) == ["K-7", "K-8"]
    assert Customer.objects.get(ref_id="A2").custom == {custom.key: "K-8"}


def test_contact_is_recognised_by_its_address_whatever_its_case(connection: Connection, crm: PaperCrm, sync) -> None:
    other = Contact.objects.create(
        customer=customer("Alder"), last_name="Old", email="ADA@alder.example", email_key="ada@alder.example"
    )
    crm.company("A1")
    crm.person("C1", "A1", Email="Ada@Alder.example")

    sync()

    other.refresh_from_db()
    assert (Contact.objects.count(), other.email, other.customer.ref_id) == (1, "Ada@Alder.example", "A1")


def test_value_that_the_hub_cannot_take_refuses_its_record_only(connection: Connection, crm: PaperCrm, sync) -> None:
    crm.company("A1", "x" * 40_000)
    crm.company("A2")

    run = sync()

    assert states() == {"A1": ("failing", "too-long"), "A2": ("linked", "")}
    change = Change.objects.get(run_id=run.pk, source_id="A1")
    assert (change.outcome, list(change.after), change.reason_params["length"]) == ("refused", ["name"], 40_000)
    assert (run.state, run.counts["customers.refuse.too-long"]) == ("done", 1)


@pytest.mark.requirement("I6")
def test_every_record_that_was_counted_is_explained(connection: Connection, crm: PaperCrm, sync) -> None:
    crm.company("A1")
    crm.company("A2", "y" * 300)
    crm.company("A3", Website="z.example")
    crm.company("A4", Website="z.example")
    customer("Z", domain="z.example")
    crm.person("C1", "A2")
    crm.person("C2", "A1")

    run = sync()

    blocks = {block.object: (block.counted, block.unexplained) for block in Block.objects.all()}
    assert blocks == {"customers": (4, 0), "contacts": (2, 0)}
    assert states()["C1"] == ("excluded", "customer-out-of-scope")
    decided = {
        name: number for name, number in run.counts.items() if name.startswith("customers.") and name.count(".") == 1
    }
    assert {name: decided[f"customers.{name}"] for name in ("create", "refuse", "collision")} == {
        "create": 1, "refuse": 1, "collision": 2,
    }  # fmt: skip


def test_retry_reads_a_failing_record_anew(connection: Connection, crm: PaperCrm, sync) -> None:
    crm.company("A1", "x" * 300)
    sync()
    crm.later(60)
    # Corrected in the CRM without a new stamp: only a retry can see it.
    old = crm.records["customers"]["A1"]
    crm.records["customers"]["A1"] = replace(old, values={**old.values, "Name": "Short"})

    chosen = retrying.some(connection, "customers", ["A1"])
    run = drive(retrying.retry(connection, chosen, by="Noa").run, 10)

    assert (run.requested_by, states()["A1"][0]) == ("Noa", "linked")


@pytest.mark.requirement("F29")
def test_odd_characters_are_stored_or_cleaned_and_noted(connection: Connection, crm: PaperCrm, sync) -> None:
    texts = [
        "NUL\x00inside",
        "lone \ud800 half",
        "👩‍🚀 rocket",
        "שלום עולם",
        "e\u0301 combining",
        "<script>alert(1)</script>",
    ]
    for number, text in enumerate(texts):
        crm.company(f"A{number}", text)

    run = sync()

    assert run.state == "done"
    names = dict(Customer.objects.values_list("ref_id", "name"))
    assert names["A0"] == "NULinside"
    assert [names[f"A{number}"] for number in (2, 3, 4, 5)] == texts[2:]
    assert [note["code"] for note in Change.objects.get(source_id="A0").notes] == ["cleaned"]


def test_record_excluded_by_hand_stays_out(connection: Connection, crm: PaperCrm, sync) -> None:
    crm.company("A1")
    sync()
    RecordLink.objects.update(excluded_by_hand=True)
    crm.later(60)
    crm.edit("customers", "A1", Name="Other")

    sync()

    assert Customer.objects.get().name == "Company A1"
    assert states()["A1"] == ("excluded", "excluded-by-hand")


def test_earlier_connection_writes_and_a_later_one_only_fills(connection: Connection, crm: PaperCrm, sync) -> None:
    from tests.sync.fakes import WORLDS, connect

    second = connect("Second", order=2)
    crm.company("A1", "First says", Website="alder.example")
    sync()
    WORLDS[second.pk].company("B1", "Second says", Website="alder.example", Owner__Email="noa@aldervale.example")
    from integrations.sync.runs import request_run

    drive(request_run(second, by="test"), 10)

    one = Customer.objects.get()
    assert one.csm is not None
    assert (one.name, one.csm.email, one.ref_id) == ("First says", "noa@aldervale.example", "A1")
