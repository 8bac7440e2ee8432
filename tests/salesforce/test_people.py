from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.people import EMAILS_PER_QUERY


def test_users_are_found_by_e_mail_in_one_query(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    users = practice.query("SELECT Name, Email, IsActive FROM User WHERE Email != null")
    emails = [user["Email"].upper() for user in users]
    practice.forget_calls()

    people = connector.people([*emails, "nobody@aldervale.example", "o'neil@aldervale.example"])

    expected = {user["Email"].lower(): (user["Name"], user["IsActive"]) for user in users}
    assert {email: (colleague.name, colleague.is_active) for email, colleague in people.items()} == expected
    assert practice.calls() == {"query": 1}


def test_the_active_one_of_two_users_of_an_address_is_meant(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    user = practice.query("SELECT Id, Email, ProfileId FROM User WHERE IsActive = true LIMIT 1")[0]
    for first, last, is_active in (("Aaron", "Before", False), ("Zoe", "After", False)):
        practice.create(
            "User", FirstName=first, LastName=last, Email=user["Email"], Username=f"{last}@aldervale.example",
            Alias=last[:8], IsActive=is_active, ProfileId=user["ProfileId"],
        )  # fmt: skip

    [colleague] = connector.people([user["Email"]]).values()

    assert colleague.is_active
    assert colleague.name not in {"Aaron Before", "Zoe After"}


def test_many_addresses_are_asked_for_in_few_queries(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    longest = [f"{number:03}{'x' * 104}@aldervale.example" for number in range(EMAILS_PER_QUERY + 1)]

    assert connector.people(longest) == {}
    assert practice.calls()["query"] == 2
    assert connector.people([]) == {}
    assert practice.calls()["query"] == 2
