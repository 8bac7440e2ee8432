"""What comes in of a portal: which companies, whose contacts, and how few calls that takes."""

from collections.abc import Callable

import pytest

from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.models import HubSpotConnection
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.connector import How, Read
from integrations.wire.errors import Misconfigured, NeedsSignIn

from .conftest import signed_in
from .reading_all import pages_of, records_of

FIELDS = ("name", "domain", "hubspot_owner_id", "lifecyclestage")


def company(portal: PracticeHubSpot, name: str, stage: str = "customer", **columns: str) -> str:
    return portal.create("companies", name=name, lifecyclestage=stage, **columns)


@pytest.mark.requirement("R79", "R84", "R89")
def test_companies_of_the_chosen_stages_come_in_and_no_others(connector: HubSpotConnector) -> None:
    found = records_of(connector, Read("customers", How.ALL, FIELDS))
    listed = {one for page in pages_of(connector, Read("customers", How.IDS)) for one in page.ids}

    assert {record.values["lifecyclestage"] for record in found.values()} == {"customer", "evangelist"}
    assert len(found) == connector.count("customers").total
    assert set(found) == listed


@pytest.mark.requirement("R80", "R88")
@pytest.mark.parametrize(
    ("operator", "values", "names"),
    [("any", "france;spain", {"A"}), ("none", "france", {"B", "C"}), ("filled", "", {"A", "B"}), ("empty", "", {"C"})],
)
def test_one_more_condition_narrows_the_scope(
    small_practice: Callable[..., PracticeHubSpot], db: None, operator: str, values: str, names: set[str]
) -> None:
    portal = small_practice(0)
    company(portal, "A", country="France")
    company(portal, "B", country="Germany")
    company(portal, "C")
    connector = HubSpotConnector(
        signed_in(portal, filter_field="country", filter_operator=operator, filter_values=values)
    )

    found = records_of(connector, Read("customers", How.ALL, ("name",)))

    assert {record.name for record in found.values()} == names


def test_owner_is_read_as_an_address(connector: HubSpotConnector) -> None:
    found = records_of(connector, Read("customers", How.ALL, FIELDS))

    assert all(str(record.values["hubspot_owner_id"]).endswith("@aldervale.example") for record in found.values())


@pytest.mark.requirement("R28", "R89")
def test_contacts_of_chosen_companies_come_with_all_their_companies_the_primary_first(
    small_practice: Callable[..., PracticeHubSpot], db: None
) -> None:
    portal = small_practice(0)
    inside, other, outside = company(portal, "In"), company(portal, "Too"), company(portal, "Out", "lead")
    both = portal.create("contacts", lastname="Both", associatedcompanyid=other)
    portal.control(associate=[{"from": ["contacts", both], "to": ["companies", inside], "type": 279}])
    portal.create("contacts", lastname="Outside", associatedcompanyid=outside)
    connector = HubSpotConnector(signed_in(portal))

    found = records_of(connector, Read("contacts", How.ALL, ("lastname",)))
    hanging = records_of(connector, Read("contacts", How.DEPENDENTS, ("lastname",), ids=(inside,)))

    assert {one: record.customer_ids for one, record in found.items()} == {both: (other, inside)}
    assert hanging == found
    assert connector.count("contacts").total == 1


def test_property_that_is_gone_is_unknown_and_not_empty(connector: HubSpotConnector, portal: PracticeHubSpot) -> None:
    portal.control(remove_fields=["companies.industry"])

    found = records_of(connector, Read("customers", How.ALL, ("name", "industry")))

    assert not any("industry" in record.values for record in found.values())


def test_more_than_a_search_gives_are_read_from_id_to_id(
    small_practice: Callable[..., PracticeHubSpot], db: None
) -> None:
    portal = small_practice(450, contacts_per=0)
    connector = HubSpotConnector(signed_in(portal, stages="customer;evangelist;opportunity;other;94862137"))

    pages = list(pages_of(connector, Read("customers", How.IDS)))

    assert [len(page.ids) for page in pages] == [200, 200, 50]
    assert portal.calls() == {"search": 3}


def test_search_that_lags_loses_nobody_who_was_there(small_practice: Callable[..., PracticeHubSpot], db: None) -> None:
    portal = small_practice(3, contacts_per=0)
    portal.control(index_lag=30)
    fresh = company(portal, "Fresh")
    connector = HubSpotConnector(signed_in(portal))

    listed = [one for page in pages_of(connector, Read("customers", How.IDS)) for one in page.ids]
    named = records_of(connector, Read("customers", How.BY_ID, ("name",), ids=(fresh,)))

    assert fresh not in listed
    assert set(named) == {fresh}


def test_what_became_of_missing_records_is_told_by_name(
    small_practice: Callable[..., PracticeHubSpot], db: None
) -> None:
    portal = small_practice(0)
    first, second, deleted = (company(portal, name) for name in ("First", "Second", "Deleted"))
    portal.delete("companies", deleted)
    survivor = portal.merge("companies", first, second)
    connector = HubSpotConnector(signed_in(portal))

    gone = connector.read(Read("customers", How.DELETED, ids=(first, second, deleted))).gone

    assert {one.source_id: one.merged_into for one in gone} == {first: survivor, second: survivor, deleted: ""}


def test_dead_key_asks_for_another_sign_in(connector: HubSpotConnector, portal: PracticeHubSpot) -> None:
    portal.control(revoke_grants=True)

    with pytest.raises(NeedsSignIn):
        connector.whoami()


def test_missing_scope_names_itself(connection: HubSpotConnection, portal: PracticeHubSpot) -> None:
    portal.control(withheld_scopes=["crm.objects.companies.read", "crm.objects.companies.write"])

    with pytest.raises(Misconfigured) as refused:
        HubSpotConnector(connection).count("customers")

    assert refused.value.code == "MISSING_SCOPES"
    assert "crm.objects.companies.read" in refused.value.fields
