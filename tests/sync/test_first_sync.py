import pytest

from integrations.hub.models import Contact, Customer
from integrations.sync.models import Change, Connection, PlannedChange, RecordLink, Run, Staged
from tests.sync.fakes import PaperCrm


def test_first_sync_creates_customers_and_contacts(connection: Connection, crm: PaperCrm, sync) -> None:
    crm.company("A1", "Alder & Vale", Website="https://www.alder.example/shop", Owner__Email="Noa@aldervale.example")
    crm.company("A2", "Birch", Stage="Run")
    crm.person("C1", "A1", FirstName="Ada", Email="ada@alder.example")

    run = sync()

    assert (run.kind, run.state, run.reason_code) == (Run.Kind.FIRST, Run.State.DONE, "")
    alder = Customer.objects.get(ref_id="A1")
    assert (alder.name, alder.domain, alder.domain_key) == ("Alder & Vale", "alder.example", "alder.example")
    assert alder.csm is not None
    assert alder.csm.email == "noa@aldervale.example"
    assert alder.stage.is_default
    assert Customer.objects.get(ref_id="A2").stage.name == "run"
    contact = Contact.objects.get()
    assert (contact.customer, contact.email, contact.email_key) == (alder, "ada@alder.example", "ada@alder.example")
    assert sorted(RecordLink.objects.values_list("source_id", "state")) == [
        ("A1", "linked"), ("A2", "linked"), ("C1", "linked"),
    ]  # fmt: skip
    assert Change.objects.filter(run_id=run.pk, action="create", outcome="done").count() == 3
    assert not PlannedChange.objects.exists()
    assert not Staged.objects.exists()


@pytest.mark.parametrize("kind", [Run.Kind.DELTA, Run.Kind.FULL])
def test_second_sync_without_a_change_writes_nothing(kind: str, connection: Connection, crm: PaperCrm, sync) -> None:
    crm.company("A1", Website="alder.example")
    crm.person("C1", "A1")
    sync()
    before = list(Customer.objects.values()), list(Contact.objects.values()), list(RecordLink.objects.values())
    crm.later()

    run = sync(kind)

    assert (run.kind, run.state) == (kind, Run.State.DONE)
    assert before == (
        list(Customer.objects.values()), list(Contact.objects.values()), list(RecordLink.objects.values()),
    )  # fmt: skip
    assert not Change.objects.filter(run_id=run.pk).exists()


@pytest.mark.requirement("R19")
def test_children_hang_from_the_top_most_ancestor(connection: Connection, crm: PaperCrm, sync) -> None:
    Connection.objects.update(keep_hierarchy=True)
    crm.company("A3", parent="A2")
    crm.company("A2", parent="A1")
    crm.company("A1")

    sync()

    top = Customer.objects.get(ref_id="A1")
    assert dict(Customer.objects.values_list("ref_id", "parent")) == {"A1": None, "A2": top.pk, "A3": top.pk}
    note = Change.objects.get(source_id="A3").notes[0]
    assert note["code"] == "flattened"
