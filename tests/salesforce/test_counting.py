from collections.abc import Callable

import pytest

from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce import scope
from integrations.salesforce.connector import SalesforceConnector
from integrations.wire.errors import Misconfigured


@pytest.mark.requirement("R64")
def test_the_view_of_all_accounts_comes_first(connector: SalesforceConnector) -> None:
    views = connector.views("customers")

    assert views[0].label == "All Accounts"
    assert {view.label for view in views if not view.is_usable} == {"My Accounts", "Recently Viewed Accounts"}
    assert all(view.why_not for view in views if not view.is_usable)


@pytest.mark.requirement("X15")
def test_a_view_is_counted_by_account_type_in_one_query(
    connector: SalesforceConnector, practice: PracticeSalesforce, view_named: Callable[[str], str]
) -> None:
    view = view_named("All Accounts")
    practice.forget_calls()

    found = connector.count("customers", view)

    assert found.total == 420 == sum(number for _, number in found.groups)
    assert dict(found.groups)["Prospect"] > 0
    assert found.groups[0][1] == max(number for _, number in found.groups)
    assert practice.calls() == {"view": 1, "query": 1}


def test_an_organisation_that_hides_the_type_is_counted_all_the_same(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    practice.control(hide_fields=["Account.Type"])

    assert (connector.count("customers").total, connector.count("customers").groups) == (420, ())


@pytest.mark.parametrize(
    ("object_name", "path", "values", "condition"),
    [
        ("customers", "Segment__c", ["Strategic", "Enterprise"], "Segment__c IN ('Strategic','Enterprise')"),
        ("customers", "Is_Strategic__c", ["true"], "Is_Strategic__c = true"),
        ("customers", "NumberOfEmployees", ["12"], "NumberOfEmployees = 12"),
        ("contacts", "Role__c", ["ambassador"], "Role__c = 'Ambassador' AND AccountId != null"),
        ("contacts", "Title", ["O'Brien"], "Title = 'O\\'Brien' AND AccountId != null"),
    ],
)
@pytest.mark.requirement("R31", "R72")
def test_records_that_hold_a_value_are_counted_before_saving(
    connector: SalesforceConnector, practice: PracticeSalesforce, object_name: str, path: str, values: list[str], condition: str
) -> None:  # fmt: skip
    expected = len(practice.query(f"SELECT Id FROM {connector.source(object_name).object} WHERE {condition}"))

    assert connector.count_matching(object_name, path, values) == expected


def test_a_word_where_a_number_is_asked_is_refused_by_name(connector: SalesforceConnector) -> None:
    with pytest.raises(Misconfigured) as refused:
        connector.count_matching("customers", "NumberOfEmployees", ["many"])

    assert "many" in refused.value.message


def test_samples_are_three_different_filled_values_in_one_query(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    paths = ["Website", "Owner.Email", "Is_Strategic__c", "Renewal_Date__c", "Gone__c"]

    samples = connector.samples("customers", paths)

    assert set(samples) == set(paths) - {"Gone__c"}
    assert len(samples["Website"]) == 3 == len(set(samples["Website"]))
    assert "@" in samples["Owner.Email"][0]
    assert set(samples["Is_Strategic__c"]) <= {"true", "false"}
    assert practice.calls() == {"describe": 1, "query": 1}


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("", "", ""),
        ("A = 1", "", "A = 1"),
        ("", "B = 2", "B = 2"),
        ("A = 1 OR A = 2", "B = 2", "(A = 1 OR A = 2) AND (B = 2)"),
        ("Id IN (SELECT AccountId FROM Contact)", "B = 2", "Id IN (SELECT AccountId FROM Contact) AND (B = 2)"),
        ("Name = 'SELECT'", "B = 2", "(Name = 'SELECT') AND (B = 2)"),
    ],
)
def test_two_conditions_are_put_together(first: str, second: str, together: str) -> None:
    assert scope.both(first, second) == together
