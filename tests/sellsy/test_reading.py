"""What is read of Sellsy: who belongs, to whom, what changed, what is gone; and in how many calls."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from integrations.hub.models import Contact, Customer
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.models import SellsyConnection
from integrations.sync.connector import How, Read
from integrations.sync.models import Block, RecordLink, Run
from integrations.wire.errors import Misconfigured

from .conftest import signed_in
from .everyday import add_block, client, contact, gone, link, pages, records, sync

NAMES = ("id", "name")
PEOPLE = ("id", "last_name", "email")


@pytest.fixture
def crm(small_crm: Callable[..., PracticeSellsy]) -> PracticeSellsy:
    """An account in which nobody has worked yet."""
    return small_crm(0)


@pytest.fixture
def connector(db: None, crm: PracticeSellsy) -> SellsyConnector:
    return SellsyConnector(signed_in(crm, state="on"))


def saved(connector: SellsyConnector) -> SellsyConnection:
    return SellsyConnection.objects.get(pk=connector.connection.pk)


def everything(connector: SellsyConnector, object_name: str = "contacts") -> Read:
    return Read(object_name, How.ALL, NAMES if object_name == "customers" else PEOPLE)


# --- Who belongs


def test_only_clients_that_are_not_archived_come_in(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    one = client(crm, "Client")
    crm.create("company", name="Prospect", type="prospect")
    crm.create("company", name="Supplier", type="supplier")
    archived = client(crm, "Archived", is_archived=True)

    plain = records(connector, everything(connector, "customers"))
    SellsyConnection.objects.update(with_archived=True)
    connector = SellsyConnector(saved(connector))

    assert set(plain) == {one}
    assert set(records(connector, everything(connector, "customers"))) == {one, archived}
    assert connector.count("customers").total == 2


@pytest.mark.requirement("R16", "R17", "R122")
def test_who_is_no_client_any_more_churns_and_stays(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    SellsyConnection.objects.update(churn_missing=True)
    connection = saved(connector)
    stays, deleted, turned = (client(crm, name) for name in ("Stays", "Deleted", "Turned"))
    contact(crm, "Of the deleted", deleted)
    add_block(connection, "customers")
    add_block(connection, "contacts")
    sync(connection)
    crm.control(clock_offset=900)
    crm.delete("company", deleted)
    crm.edit("company", turned, type="prospect")
    crm.control(clock_offset=1800)

    run = sync(connection)

    assert run.state == Run.State.DONE
    stages = dict(Customer.objects.values_list("name", "stage__name"))
    assert (stages["Deleted"], stages["Turned"]) == ("churn", "churn")
    assert stages["Stays"] != "churn"
    assert Contact.objects.filter(last_name="Of the deleted").exists()
    assert stays


@pytest.mark.requirement("R18")
def test_without_the_option_nobody_churns(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    connection = saved(connector)
    one, _other = client(crm, "Leaves"), client(crm, "Stays")
    add_block(connection, "customers")
    sync(connection)
    crm.control(clock_offset=900)
    crm.delete("company", one)

    sync(connection)

    assert Customer.objects.get(name="Leaves").stage.name != "churn"


def test_prospect_that_becomes_a_client_brings_its_contacts(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    connection = saved(connector)
    client(crm, "There already")
    one = crm.create("company", name="Newly won", type="prospect")
    contact(crm, "Known for long", one)
    add_block(connection, "customers")
    add_block(connection, "contacts")
    sync(connection)
    before = Contact.objects.count()
    crm.control(clock_offset=3600)
    crm.edit("company", one, type="client")
    crm.control(clock_offset=4000)

    sync(connection)

    assert before == 0
    assert Contact.objects.get().customer.name == "Newly won"


def test_view_that_is_gone_stops_the_reading_and_churns_nobody(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    client(crm, "Somebody")
    SellsyConnection.objects.update(company_view="999")
    connector = SellsyConnector(saved(connector))

    with pytest.raises(Misconfigured) as refused:
        records(connector, everything(connector, "customers"))

    assert refused.value.code == "view-gone"
    assert [lost.step for lost in connector.lost_views()] == ["scope"]


# --- Contacts and their companies


@pytest.mark.requirement("R28", "R124")
def test_every_contact_of_a_client_comes_in_and_no_other(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    mine, prospect = client(crm, "Client"), crm.create("company", name="Prospect", type="prospect")
    one = contact(crm, "Of a client", mine)
    contact(crm, "Of a prospect", prospect)
    contact(crm, "Of nobody")

    found = records(connector, everything(connector))

    assert {number: record.customer_ids for number, record in found.items()} == {one: (mine,)}
    assert connector.count("contacts").total == 1


def test_contact_of_several_companies_comes_once_with_all_of_them(
    connector: SellsyConnector, crm: PracticeSellsy, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_listing(monkeypatch)
    prospect = crm.create("company", name="Prospect", type="prospect")
    first, _second, third, fourth = (client(crm, f"Client {n}") for n in range(4))
    near = contact(crm, "Two pages apart", fourth, first)
    late = contact(crm, "Of a prospect and a late client", third, prospect)

    found = records(connector, everything(connector))

    assert found[near].customer_ids == (first, fourth)
    assert found[late].customer_ids == (prospect, third)
    assert len(pages(connector, Read("contacts", How.IDS))) == 2


def small_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids by the number of the row, two a page of which one is new."""
    monkeypatch.setattr("integrations.sellsy.listing.PAGE", 2)
    monkeypatch.setattr("integrations.sellsy.listing.STEP", 1)


@pytest.mark.requirement("R18", "R122")
@pytest.mark.parametrize("leaving", [1, 2, 3])
def test_nobody_is_passed_over_because_others_left_the_list_meanwhile(
    connector: SellsyConnector, crm: PracticeSellsy, monkeypatch: pytest.MonkeyPatch, leaving: int
) -> None:
    small_listing(monkeypatch)
    numbers = [client(crm, f"Client {n}") for n in range(8)]
    read = Read("customers", How.IDS)
    first = connector.read(read)
    for number in numbers[:leaving]:
        crm.edit("company", number, is_archived=True)

    found, token = set(first.ids), first.next
    while token:
        page = connector.read(read, token)
        found |= set(page.ids)
        token = page.next

    assert found >= set(numbers[leaving:])


def test_more_clients_than_can_be_counted_through_are_sought_for(
    connector: SellsyConnector, crm: PracticeSellsy, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_listing(monkeypatch)
    monkeypatch.setattr("integrations.sellsy.listing.NUMERIC_ROWS", 4)
    numbers = [client(crm, f"Client {n}") for n in range(5)]
    people = [contact(crm, f"N{n}", one) for n, one in enumerate(numbers)]

    found = pages(connector, Read("customers", How.IDS))

    assert [one for page in found for one in page.ids] == numbers
    assert [len(page.ids) for page in found] == [2, 2, 1]
    assert set(records(connector, everything(connector))) == set(people)


def test_company_with_more_contacts_than_a_page_loses_none(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    one = client(crm, "Large")
    with crm.store.transaction():
        numbers = [crm.store.add("contact", {"last_name": f"N{n}"}).id for n in range(230)]
        for number in numbers:
            crm.store.link(("company", one), ("contact", number))

    assert set(records(connector, everything(connector))) == set(numbers)


def test_same_values_however_a_contact_is_asked_for(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    """Else a delta would take for a change what only was read in another way."""
    prospect, one, other = crm.create("company", name="P", type="prospect"), client(crm, "A"), client(crm, "B")
    number = contact(crm, "Everywhere", one, other, prospect, email="e@a.example")
    now = connector.whoami().clock
    since, until = now - timedelta(hours=1), now + timedelta(hours=1)

    asked = [
        records(connector, everything(connector))[number],
        records(connector, Read("contacts", How.CHANGED, PEOPLE, since, until))[number],
        records(connector, Read("contacts", How.BY_ID, PEOPLE, ids=(number,)))[number],
        records(connector, Read("contacts", How.DEPENDENTS, PEOPLE, ids=(one,)))[number],
    ]

    assert len({(one.customer_ids, tuple(one.values.items())) for one in asked}) == 1


def test_new_link_is_noticed_though_only_the_company_is_stamped(
    connector: SellsyConnector, crm: PracticeSellsy
) -> None:
    connection = saved(connector)
    one = client(crm, "Client")
    number = contact(crm, "Not linked yet")
    add_block(connection, "customers")
    add_block(connection, "contacts")
    sync(connection)
    crm.control(clock_offset=3600)
    link(crm, one, number)
    crm.control(clock_offset=3700)

    sync(connection)

    assert Contact.objects.get().last_name == "Not linked yet"


def test_contact_view_narrows_the_contacts(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    one = client(crm, "Client")
    wanted, other = contact(crm, "Wanted", one, position="CEO"), contact(crm, "Other", one)
    with crm.store.transaction():
        body = {"object": "contact", "name": "One", "type": "staff", "filters": {"id": [int(wanted)]}, "custom": {}}
        view = crm.store.add("favourite-filter", body).id
    SellsyConnection.objects.update(contact_view=view)
    connector = SellsyConnector(saved(connector))

    named = records(connector, Read("contacts", How.BY_ID, PEOPLE, ids=(wanted, other)))

    assert set(records(connector, everything(connector))) == {wanted}
    assert {number: record.is_inside for number, record in named.items()} == {wanted: True, other: False}
    assert connector.count("contacts").total == 1


@pytest.mark.requirement("R125")
def test_colleagues_are_left_out_where_it_was_ticked(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    one = client(crm, "Client")
    contact(crm, "Customer", one, email="a@customer.example")
    contact(crm, "Colleague", one, email="Me@Aldervale.example")
    contact(crm, "Without address", one)
    SellsyConnection.objects.update(without_colleagues=True, own_domains="aldervale.example, gmail.com")
    connection = saved(connector)
    add_block(connection, "customers")
    add_block(connection, "contacts")

    run = sync(connection)

    assert sorted(Contact.objects.values_list("last_name", flat=True)) == ["Customer", "Without address"]
    assert (run.state, Block.objects.get(object="contacts").unexplained) == (Run.State.DONE, 0)


@pytest.mark.requirement("R125")
def test_ticking_it_later_takes_colleagues_out_and_unticking_brings_them_back(
    connector: SellsyConnector, crm: PracticeSellsy
) -> None:
    one = client(crm, "Client")
    colleague = contact(crm, "Colleague", one, email="me@aldervale.example")
    contact(crm, "Customer", one, email="me@customer.example")
    connection = saved(connector)
    add_block(connection, "customers")
    add_block(connection, "contacts")
    sync(connection)
    SellsyConnection.objects.update(without_colleagues=True, own_domains="aldervale.example")

    sync(saved(connector), Run.Kind.FULL)
    outside = RecordLink.objects.get(object="contacts", source_id=colleague).state
    SellsyConnection.objects.update(without_colleagues=False)
    sync(saved(connector), Run.Kind.FULL)

    assert (outside, RecordLink.objects.get(object="contacts", source_id=colleague).state) == ("excluded", "linked")


# --- What is gone


def test_deleted_ones_are_found_by_asking_for_the_known(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    connection = saved(connector)
    numbers = [contact(crm, f"N{n}", client(crm, f"C{n}")) for n in range(3)]
    add_block(connection, "customers")
    add_block(connection, "contacts")
    sync(connection)
    crm.delete("contact", numbers[1])
    crm.forget_calls()
    now = connector.whoami().clock

    found = gone(connector, Read("contacts", How.DELETED, since=now - timedelta(hours=1), until=now))

    assert [one.source_id for one in found] == [numbers[1]]
    assert crm.calls()["batch"] == 1, "thousands would take no more"
    assert gone(connector, Read("customers", How.DELETED, ids=("1", "999"))) != []


def test_company_and_contact_of_one_number_are_two_records(connector: SellsyConnector, crm: PracticeSellsy) -> None:
    connection = saved(connector)
    contact(crm, "One", client(crm, "One"))
    add_block(connection, "customers")
    add_block(connection, "contacts")

    sync(connection)

    assert sorted(RecordLink.objects.values_list("object", "source_id")) == [("contacts", "1"), ("customers", "1")]


# --- Calls


def test_first_reading_of_the_sheets_thousand_takes_few_calls(
    small_crm: Callable[..., PracticeSellsy], db: None
) -> None:
    """By the sheet: 10 pages of companies, 25 of contacts, 20 batches of links. Contacts come with their links here."""
    crm = small_crm(1000, contacts_per=2)
    with crm.store.transaction():
        crm.store.execute(
            "UPDATE _record SET body = json_set(body, '$.type', 'client', '$.is_archived', json('false'))"
            " WHERE kind = 'company'"
        )
    connector = SellsyConnector(signed_in(crm))

    companies = records(connector, everything(connector, "customers"))
    people = records(connector, everything(connector))

    assert (len(companies), len(people)) == (1000, 2000)
    # Of contacts: a page of ids, then 100 companies with the next 3 pages beside them, thrice 297, and the last 9.
    assert crm.calls() == {"companies.search": 11 + 1 + 5, "batch": 3 + 3 * 6 + 1}


def test_no_call_per_record_for_owners_addresses_tags_and_custom_fields(
    connector: SellsyConnector, crm: PracticeSellsy
) -> None:
    for n in range(30):
        client(crm, f"C{n}", owner_id=1)
    paths = ("id", "owner", "invoicing_address.city", "smart_tags", "cf.1", "cf.3", "cf.5")
    crm.forget_calls()

    found = records(connector, Read("customers", How.ALL, paths))

    assert len(found) == 30
    assert crm.calls() == {"companies.search": 1, "custom-fields.list": 1, "staffs": 1}
    assert next(iter(found.values())).values["owner"] == "ines.moreau@aldervale.example"
