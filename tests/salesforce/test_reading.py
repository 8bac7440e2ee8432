from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.fields import moment
from integrations.salesforce.models import SalesforceConnection
from integrations.salesforce.schema import Described
from integrations.sync.connector import How, Read, ReadingLost
from integrations.wire.errors import DryRun, Misconfigured
from integrations.wire.messages import Request

from .conftest import signed_in
from .reading_all import ids_of, pages_of, records_of

ACTIVE = "Type LIKE 'Customer%'"


def hour(clock: datetime, hours: float) -> datetime:
    return clock + timedelta(hours=hours)


def set_view(connection: SalesforceConnection, view: str, label: str = "") -> None:
    connection.account_view, connection.account_view_label = view, label


@pytest.mark.requirement("R62", "R63")
def test_all_reads_the_accounts_of_the_view_and_no_other(
    connector: SalesforceConnector, practice: PracticeSalesforce, view_named: Callable[[str], str]
) -> None:
    set_view(connector.salesforce, view_named("Active customers (CS)"))
    inside = {row["Id"] for row in practice.query(f"SELECT Id FROM Account WHERE {ACTIVE}")}

    found = records_of(connector, Read("customers", How.ALL, ("Name",)))

    assert 0 < len(inside) < 420
    assert set(found) == inside == ids_of(connector, Read("customers", How.IDS))


@pytest.mark.requirement("C2")
@pytest.mark.parametrize("how", [How.ALL, How.CHANGED, How.BY_ID])
def test_who_changed_a_record_last_comes_with_its_values(
    connector: SalesforceConnector, practice: PracticeSalesforce, how: How
) -> None:
    account = practice.create("Account", Name="Nordlicht GmbH", Type="Customer - Direct")
    found = practice.query(f"SELECT LastModifiedBy.Name, SystemModstamp FROM Account WHERE Id = '{account}'")[0]
    at = moment(found["SystemModstamp"])
    read = Read(
        "customers", how, ("Name", "Owner.Email"), at - timedelta(hours=1), at + timedelta(hours=1), ids=(account,)
    )
    practice.forget_calls()
    plain = records_of(connector, read)
    calls = practice.calls()
    practice.forget_calls()

    told = records_of(connector, replace(read, asks_who=True))

    assert (told[account].changed_by, plain[account].changed_by) == (found["LastModifiedBy"]["Name"], "")
    assert told[account].values == plain[account].values
    assert sum(practice.calls().values()) <= sum(calls.values())


def test_named_records_cost_no_call_for_users_that_nothing_else_asks_for(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    account = practice.create("Account", Name="Nordlicht GmbH")

    found = records_of(connector, Read("customers", How.BY_ID, ("Name",), ids=(account,), asks_who=True))

    assert found[account].changed_by == ""


def test_an_object_without_a_last_editor_is_read_without_one(connector: SalesforceConnector) -> None:
    raw = connector.client.describe("Account")
    fields = [field for field in raw["fields"] if field["name"] != "LastModifiedById"]
    connector._described["Account"] = Described({**raw, "fields": fields})

    found = records_of(connector, Read("customers", How.ALL, ("Name",), asks_who=True))

    assert {one.changed_by for one in found.values()} == {""}


def test_values_come_by_their_described_types(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    owner = practice.query("SELECT Id, Email FROM User LIMIT 1")[0]
    account = practice.create(
        "Account", Name="Nordlicht GmbH", Website="www.nordlicht.example", Annual_Spend__c=1250.5, Is_Strategic__c=True,
        Renewal_Date__c="2027-02-28", CSM__c=owner["Id"], Onboarding_Notes__c="n" * 32_000, Phone="",
    )  # fmt: skip
    paths = (
        "Id", "Website", "Annual_Spend__c", "Is_Strategic__c", "Renewal_Date__c", "CSM__r.Email", "Onboarding_Notes__c",
        "Phone", "ParentId",
    )  # fmt: skip

    found = records_of(connector, Read("customers", How.BY_ID, paths, ids=(account,)))[account]

    assert found.values == {
        "Id": account,
        "Website": "www.nordlicht.example",
        "Annual_Spend__c": Decimal("1250.5"),
        "Is_Strategic__c": True,
        "Renewal_Date__c": date(2027, 2, 28),
        "CSM__r.Email": owner["Email"],
        "Onboarding_Notes__c": "n" * 32_000,
        "Phone": None,
        "ParentId": None,
    }
    assert (found.name, len(found.source_id)) == ("Nordlicht GmbH", 18)
    assert found.modified_at is not None
    assert found.modified_at.tzinfo is UTC


def test_every_way_to_read_gives_the_same_values(connector: SalesforceConnector) -> None:
    paths = ("Name", "Owner.Email", "CSM__r.Email", "Annual_Spend__c", "CreatedDate", "NumberOfEmployees")
    everything = records_of(connector, Read("customers", How.ALL, paths))
    clock = connector.whoami().clock

    by_id = records_of(connector, Read("customers", How.BY_ID, paths, ids=tuple(everything)))
    since, until = hour(clock, -90_000), hour(clock, 1)
    changed = records_of(connector, Read("customers", How.CHANGED, paths, since=since, until=until))

    assert by_id == everything == changed


@pytest.mark.requirement("R21")
def test_the_parent_is_read_only_where_it_is_used(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    child = practice.query("SELECT Id, ParentId FROM Account WHERE ParentId != null LIMIT 1")[0]
    read = Read("customers", How.BY_ID, ("Name",), ids=(child["Id"],))

    before = records_of(connector, read)[child["Id"]].parent_id
    connector.salesforce.keep_hierarchy = True
    after = records_of(connector, read)[child["Id"]].parent_id

    assert (before, after) == ("", child["ParentId"])


@pytest.mark.requirement("R28")
def test_contacts_are_those_of_the_accounts_in_the_view(
    connector: SalesforceConnector, practice: PracticeSalesforce, view_named: Callable[[str], str]
) -> None:
    set_view(connector.salesforce, view_named("Active customers (CS)"))
    condition = f"AccountId IN (SELECT Id FROM Account WHERE {ACTIVE})"
    expected = {
        row["Id"]: row["AccountId"] for row in practice.query(f"SELECT Id, AccountId FROM Contact WHERE {condition}")
    }
    practice.forget_calls()

    found = records_of(connector, Read("contacts", How.ALL, ("Email",)))

    assert {source_id: record.customer_ids for source_id, record in found.items()} == {
        contact: (account,) for contact, account in expected.items()
    }
    assert practice.calls() == {"describe": 1, "view": 1, "query": 1}


@pytest.mark.requirement("R71")
def test_a_contact_view_restricts_the_contacts_further(
    connector: SalesforceConnector, view_named: Callable[..., str]
) -> None:
    everybody = ids_of(connector, Read("contacts", How.IDS))

    connector.salesforce.contact_view = view_named("Skalin Contacts", "contacts")
    chosen = ids_of(connector, Read("contacts", How.IDS))

    assert chosen < everybody
    assert chosen


def test_a_view_with_a_sub_select_is_read_account_by_account(
    connector: SalesforceConnector, practice: PracticeSalesforce, view_named: Callable[[str], str]
) -> None:
    practice.control(
        set_view_where={"Active customers (CS)": "Id IN (SELECT AccountId FROM Contact WHERE Phone != null)"}
    )
    set_view(connector.salesforce, view_named("Active customers (CS)"))
    accounts = ids_of(connector, Read("customers", How.IDS))
    expected = {
        row["Id"] for row in practice.query("SELECT Id, AccountId FROM Contact") if row["AccountId"] in accounts
    }

    found = ids_of(connector, Read("contacts", How.IDS))

    assert found == expected
    assert connector.count("contacts").total == len(expected)


@pytest.mark.requirement("C10", "F36")
def test_a_view_that_is_gone_is_no_empty_view(
    connector: SalesforceConnector, practice: PracticeSalesforce, view_named: Callable[[str], str]
) -> None:
    set_view(connector.salesforce, view_named("EMEA key accounts"), "EMEA key accounts")
    practice.control(delete_view="EMEA key accounts")

    with pytest.raises(Misconfigured) as refused:
        connector.read(Read("customers", How.IDS))

    assert (refused.value.code, refused.value.fields) == ("view-gone", ("EMEA key accounts",))


def test_a_view_that_depends_on_who_looks_is_refused(
    connector: SalesforceConnector, view_named: Callable[[str], str]
) -> None:
    set_view(connector.salesforce, view_named("My Accounts"), "My Accounts")

    with pytest.raises(Misconfigured) as refused:
        connector.read(Read("customers", How.ALL, ("Name",)))

    assert refused.value.code == "view-unusable"


@pytest.mark.parametrize(("accounts", "queries"), [(0, 1), (1, 1), (2000, 1), (2001, 2)])
def test_a_full_reading_costs_one_query_per_2000(
    small_practice: Callable[..., PracticeSalesforce], db: None, accounts: int, queries: int
) -> None:
    practice = small_practice(accounts, contacts_per=0)
    connector = SalesforceConnector(signed_in(practice))

    found = [len(page.records) for page in pages_of(connector, Read("customers", How.ALL, ("Name", "Website")))]

    calls = practice.calls()
    assert sum(found) == accounts
    assert calls["query"] + calls["query_more"] == queries
    assert calls.total() == queries + 1


def test_a_page_token_alone_goes_on_in_another_process(
    small_practice: Callable[..., PracticeSalesforce], db: None
) -> None:
    practice = small_practice(2001, contacts_per=0)
    connection = signed_in(practice)
    read = Read("customers", How.ALL, ("Name", "Annual_Spend__c"))
    first = SalesforceConnector(connection).read(read)
    practice.forget_calls()

    rest = SalesforceConnector(connection).read(read, first.next)

    assert (len(first.records), len(rest.records), rest.next, first.total) == (2000, 1, "", 2001)
    # Not even the describe is asked again: the token carries the types.
    assert practice.calls() == {"query_more": 1}


def test_a_lost_locator_asks_to_begin_again(small_practice: Callable[..., PracticeSalesforce], db: None) -> None:
    practice = small_practice(2001, contacts_per=0)
    connector = SalesforceConnector(signed_in(practice))
    read = Read("customers", How.ALL, ("Name",))
    first = connector.read(read)

    broken = first.next.replace("/query/", "/query/0r8XXXXXXXXXXXXXXX-2000?x=")

    with pytest.raises(ReadingLost):
        connector.read(read, broken)


@pytest.mark.requirement("F20", "F21")
def test_a_delta_takes_both_ends_of_its_window_right(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    account = practice.create("Account", Name="Grenzfall AG")
    stamp = records_of(connector, Read("customers", How.BY_ID, ids=(account,)))[account].modified_at
    assert stamp is not None
    second = timedelta(seconds=1)

    begins = records_of(connector, Read("customers", How.CHANGED, ("Name",), since=stamp, until=stamp + second))
    ends = records_of(connector, Read("customers", How.CHANGED, ("Name",), since=stamp - second, until=stamp))

    assert account in begins
    assert account not in ends


def test_a_delta_tells_which_contacts_are_in_their_view(
    connector: SalesforceConnector, practice: PracticeSalesforce, view_named: Callable[..., str]
) -> None:
    connector.salesforce.contact_view = view_named("Skalin Contacts", "contacts")
    inside = ids_of(connector, Read("contacts", How.IDS))
    outside = next(row["Id"] for row in practice.query("SELECT Id FROM Contact") if row["Id"] not in inside)
    taken = min(inside)
    for contact in (outside, taken):
        practice.edit("Contact", contact, Phone="+33 1 00 00 00 01")
    clock = connector.whoami().clock

    since, until = hour(clock, -0.1), hour(clock, 0.1)
    practice.forget_calls()
    found = records_of(connector, Read("contacts", How.CHANGED, ("Phone",), since=since, until=until))

    assert {contact: record.is_inside for contact, record in found.items()} == {taken: True, outside: False}
    assert practice.calls()["query"] == 2, "one more, and only where something changed"


@pytest.mark.requirement("F33")
def test_deleted_and_merged_accounts_are_told_apart(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    ids = [row["Id"] for row in practice.query("SELECT Id FROM Account WHERE ParentId = null LIMIT 3")]
    clock = connector.whoami().clock
    practice.delete("Account", ids[0])
    practice.merge("Account", ids[1], ids[2])
    practice.forget_calls()

    page = connector.read(Read("customers", How.DELETED, since=hour(clock, -1), until=hour(clock, 0.1)))

    assert {gone.source_id: gone.merged_into for gone in page.gone} == {ids[0]: "", ids[2]: ids[1]}
    assert page.covered_until is not None
    assert practice.calls() == {"deleted": 1, "query_all": 1}


@pytest.mark.requirement("C11", "C12")
def test_fate_of_named_records_is_known_at_once(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    """The list of deletions ignores seconds, so the youngest ones are not in it yet."""
    ids = [row["Id"] for row in practice.query("SELECT Id FROM Account WHERE ParentId = null LIMIT 4")]
    practice.delete("Account", ids[0])
    practice.merge("Account", ids[1], ids[2])
    practice.forget_calls()

    page = connector.read(Read("customers", How.DELETED, ids=(ids[0], ids[2], ids[3])))

    assert {gone.source_id: gone.merged_into for gone in page.gone} == {ids[0]: "", ids[2]: ids[1]}
    assert practice.calls() == {"query_all": 1}


def test_nothing_deleted_costs_one_call(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    clock = connector.whoami().clock
    practice.forget_calls()

    page = connector.read(Read("customers", How.DELETED, since=hour(clock, -0.01), until=clock))

    assert (list(page.gone), practice.calls()) == ([], {"deleted": 1})


def test_deletions_of_longer_ago_than_salesforce_remembers_are_a_gap(connector: SalesforceConnector) -> None:
    clock = connector.whoami().clock

    page = connector.read(Read("customers", How.DELETED, since=clock - timedelta(days=40), until=clock))

    assert page.covered_until is None


def test_named_records_that_are_gone_are_left_out(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    kept, deleted = [row["Id"] for row in practice.query("SELECT Id FROM Account LIMIT 2")]
    practice.delete("Account", deleted)

    found = records_of(connector, Read("customers", How.BY_ID, ("Name",), ids=(kept, deleted)))

    assert set(found) == {kept}


def test_named_records_cost_one_call_per_2000_and_one_for_their_people(
    small_practice: Callable[..., PracticeSalesforce], db: None
) -> None:
    practice = small_practice(2001, contacts_per=0)
    connector = SalesforceConnector(signed_in(practice))
    ids = tuple(sorted(ids_of(connector, Read("customers", How.IDS))))
    practice.forget_calls()

    found = records_of(connector, Read("customers", How.BY_ID, ("Name", "Owner.Email"), ids=ids))

    assert set(found) == set(ids)
    assert all(record.values["Owner.Email"] for record in found.values())
    assert practice.calls() == {"describe": 1, "retrieve": 4}


@pytest.mark.requirement("R28")
def test_dependents_are_all_contacts_of_the_named_accounts(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    accounts = tuple(row["Id"] for row in practice.query("SELECT Id FROM Account"))[:405]
    rows = practice.query("SELECT Id, AccountId FROM Contact")

    found = records_of(connector, Read("contacts", How.DEPENDENTS, ("Email",), ids=accounts))

    assert set(found) == {row["Id"] for row in rows if row["AccountId"] in accounts}
    assert practice.calls()["query"] == 2


def test_nobody_named_costs_nothing(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    for how, name in ((How.DEPENDENTS, "contacts"), (How.BY_ID, "customers")):
        assert connector.read(Read(name, how)).records == ()

    assert "query" not in practice.calls()
    assert "retrieve" not in practice.calls()


@pytest.mark.requirement("R6")
def test_a_connector_for_reading_cannot_write(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    connector = SalesforceConnector(connection, read_only=True)
    records_of(connector, Read("customers", How.ALL, ("Name",)))
    practice.forget_calls()

    with pytest.raises(DryRun):
        connector.client.session.send(Request("PATCH", f"{practice.base_url}/services/data/v66.0/sobjects/Account/1"))

    assert practice.calls() == {}


@pytest.mark.requirement("F24")
def test_a_field_that_is_gone_stops_the_reading_by_name(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    practice.control(hide_fields=["Account.Segment__c"])

    with pytest.raises(Misconfigured) as refused:
        connector.read(Read("customers", How.ALL, ("Segment__c",)))

    assert refused.value.fields == ("Segment__c",)
