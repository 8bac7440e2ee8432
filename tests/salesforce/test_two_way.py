"""The whole way out: an edit in the hub, the runner, the wire, the practice Salesforce, and back as an echo."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.engine.mapping import Mode
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SalesforceConnection
from integrations.sync import runs
from integrations.sync.configuration import FileRefused, read_yaml, to_yaml
from integrations.sync.models import Block, Change, Conflict, FieldMapping, Outbox, RecordLink, Run
from integrations.sync.runner.drive import drive

from .conftest import signed_in
from .writes import KEY, count, row

LINES = {
    "customers": {"name": ("Name", "text"), "domain": ("Website", "domain"), "csm": ("Owner.Email", "person")},
    "contacts": {"last_name": ("LastName", "text"), "first_name": ("FirstName", "text"), "email": ("Email", "email")},
}


@pytest.fixture
def practice(small_practice: Callable[..., PracticeSalesforce]) -> PracticeSalesforce:
    return small_practice(4, contacts_per=1)


@pytest.fixture
def connection(db: None, practice: PracticeSalesforce) -> SalesforceConnection:
    return set_up(practice)


def set_up(practice: PracticeSalesforce) -> SalesforceConnection:
    connection = signed_in(practice, state="on")
    connector = SalesforceConnector(connection)
    for name, lines in LINES.items():
        key = connector.create_key_field(name)
        block = Block.objects.create(connection=connection, object=name, mode="two-way", key_field=key)
        FieldMapping.objects.bulk_create(
            FieldMapping(block=block, hub_field=hub, crm_field=path, crm_label=path, crm_type=kind, direction="both")
            for hub, (path, kind) in lines.items()
        )
    return connection


@pytest.mark.requirement("R8", "R14")
def test_an_edit_here_stands_in_salesforce_after_the_next_sync_and_comes_back_as_an_echo(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    sync(connection)
    customer, contact = Customer.objects.order_by("pk")[0], Contact.objects.order_by("pk")[0]
    edit(customer, name="Renamed here")
    edit(contact, email="new@aldervale.example")
    practice.forget_calls()

    run = sync(connection)

    assert run.state == Run.State.DONE
    assert row(practice, id_of(customer), "Name") == {"Name": "Renamed here"}
    assert row(practice, id_of(contact), "Email", obj="Contact") == {"Email": "new@aldervale.example"}
    assert practice.calls()["update_many"] == 2
    practice.forget_calls()
    sync(connection)
    assert "update_many" not in practice.calls()
    assert not Outbox.objects.exists()


@pytest.mark.requirement("R9")
def test_two_way_is_offered_for_all_but_agreements_and_refused_for_them(connection: SalesforceConnection) -> None:
    offers = {ability.object: Mode.TWO_WAY in ability.modes for ability in SalesforceConnector.abilities.objects}
    both = {name for name, is_offered in offers.items() if is_offered}
    assert both == {"customers", "contacts", "emails", "meetings", "calls", "notes"}
    with pytest.raises(FileRefused) as refused:
        read_yaml(to_yaml(connection).replace("  contacts:", "  agreements:\n    mode: two-way\n  contacts:"))
    assert "agreements" in str(refused.value)


@pytest.mark.requirement("R230", "R182", "I5")
def test_each_line_has_its_own_direction(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    sync(connection)
    lines = FieldMapping.objects.filter(block__object="contacts")
    lines.filter(hub_field="last_name").update(direction="in")
    lines.filter(hub_field="first_name").update(direction="out")
    contact = Contact.objects.order_by("pk")[0]
    link = RecordLink.objects.get(object="contacts", hub_id=contact.pk)
    edit(contact, last_name="Here", first_name="Here", email="here@aldervale.example")
    sync(connection)

    kept = row(practice, link.source_id, "FirstName", "Email", obj="Contact")
    assert kept == {"FirstName": "Here", "Email": "here@aldervale.example"}
    assert row(practice, link.source_id, "LastName", obj="Contact") != {"LastName": "Here"}
    there = {"LastName": "There", "FirstName": "There", "Email": "there@aldervale.example"}
    practice.edit("Contact", link.source_id, **there)
    practice.control(clock_offset=60)
    sync(connection)

    contact.refresh_from_db()
    assert (contact.last_name, contact.first_name, contact.email) == ("There", "Here", "there@aldervale.example")


@pytest.mark.requirement("R8", "F5")
def test_a_customer_and_its_contact_made_here_are_made_there_once(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    sync(connection)
    [customer_id] = door().create("customers", [{"name": "Made here"}], by="Inès")
    assert isinstance(customer_id, int)
    door().create("contacts", [{"last_name": "Sorel", "customer": customer_id}], by="Inès")

    for _ in range(3):
        assert sync(connection).state == Run.State.DONE

    assert count(practice, "Name = 'Made here'") == 1
    [found] = practice.query("SELECT LastName, Account.Name, Skalin_Sync_Id__c FROM Contact WHERE LastName = 'Sorel'")
    assert found["Account"]["Name"] == "Made here"
    assert found[KEY].startswith("skalin-contacts-")
    assert (Customer.objects.filter(name="Made here").count(), Contact.objects.filter(last_name="Sorel").count()) == (
        1,
        1,
    )


@pytest.mark.requirement("F25")
def test_what_salesforce_refuses_stands_in_the_journal_in_its_own_words(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    sync(connection)
    customer = Customer.objects.order_by("pk")[0]
    practice.control(reject_every=1)
    edit(customer, name="Refused there")

    sync(connection)

    change = Change.objects.filter(outcome=Change.Outcome.REFUSED, hub_id=customer.pk).latest("pk")
    assert change.reason_code == "crm-refused"
    assert change.reason_params["code"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert change.reason_params["message"] == "This record cannot be saved while its account is under review."


@pytest.mark.requirement("F25")
def test_thousands_of_edits_go_by_one_job_and_each_gets_its_answer(
    db: None, small_practice: Callable[..., PracticeSalesforce]
) -> None:
    practice = small_practice(2100, contacts_per=0)
    connection = set_up(practice)
    sync(connection)
    everybody = list(Customer.objects.order_by("pk"))
    assert door().edit("customers", {one.pk: {"name": f"Now {one.pk}"} for one in everybody}, by="Inès") == []
    practice.control(reject_every=1000)
    practice.forget_calls()

    run = sync(connection)

    assert "update_many" not in practice.calls()
    assert practice.calls()["bulk"] == 6
    assert Outbox.objects.filter(state=Outbox.State.REFUSED).count() == 2
    assert run.counts["customers.sent.done"] == 2098
    assert count(practice, "Name LIKE 'Now %' LIMIT 2000") == 2000


@pytest.mark.requirement("C2", "F35")
def test_a_conflict_names_who_changed_the_record_there_and_costs_no_call_more(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    sync(connection)
    customer = Customer.objects.order_by("pk")[0]

    def disputed(text: str, later: int) -> int:
        """Returns the calls of the sync that finds both sides changed."""
        edit(customer, name=f"{text} here")
        practice.edit("Account", id_of(customer), Name=f"{text} there")
        practice.control(clock_offset=later)
        practice.forget_calls()
        sync(connection)
        return sum(practice.calls().values())

    decided = disputed("First", 60)
    FieldMapping.objects.filter(hub_field="name").update(on_conflict="ask")
    sync(connection)
    customer.refresh_from_db()
    assert customer.name == "First there"
    asked = disputed("Second", 1200)

    conflict = Conflict.objects.get()
    [found] = practice.query(f"SELECT LastModifiedBy.Name FROM Account WHERE Id = '{id_of(customer)}'")
    editor = found["LastModifiedBy"]["Name"]
    assert (conflict.crm_value, conflict.crm_changed_by) == ("Second there", editor)
    assert editor
    assert asked <= decided


def sync(connection: SalesforceConnection) -> Run:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    return run


def edit(record: Customer | Contact, **values: Any) -> None:
    entity = "customers" if isinstance(record, Customer) else "contacts"
    assert door().edit(entity, {record.pk: values}, by="Inès") == []


def id_of(record: Customer | Contact) -> str:
    name = "customers" if isinstance(record, Customer) else "contacts"
    return RecordLink.objects.get(object=name, hub_id=record.pk).source_id
