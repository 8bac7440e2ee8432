from collections.abc import Mapping, Sequence

import pytest
from pytest_django import DjangoAssertNumQueries

from integrations.hub.models import CsmOwner
from integrations.sync.connector import Colleague
from integrations.sync.models import Connection
from integrations.sync.people import name_owners
from integrations.wire.errors import Misconfigured
from tests.configuration.factories import connect, link
from tests.configuration.fakes import BrookConnector
from tests.hub.factories import CustomerFactory


class Knows(BrookConnector):
    """A CRM with users, which counts how often it is asked for them."""

    users: Mapping[str, Colleague] = {}

    def people(self, emails: Sequence[str]) -> Mapping[str, Colleague]:
        self._answer("people")
        return {email: self.users[email] for email in emails if email in self.users}


def knows(connection: Connection, *colleagues: Colleague) -> Knows:
    connector = Knows(connection)
    connector.users = {colleague.email: colleague for colleague in colleagues}
    return connector


def owner(connection: Connection, email: str, name: str = "") -> CsmOwner:
    made = CsmOwner.objects.create(email=email, name=name)
    link(connection, CustomerFactory(csm=made))
    return made


def names() -> dict[str, str]:
    return dict(CsmOwner.objects.values_list("email", "name"))


def test_blank_names_are_filled_and_others_kept(
    connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for email, name in (("sara@a.example", ""), ("luc@a.example", ""), ("mia@a.example", "Mia"), ("x@a.example", "")):
        owner(connection, email, name)
    left = Colleague("luc@a.example", "Luc Peyrac", is_active=False)
    connector = knows(connection, Colleague("sara@a.example", "Sara Okello"), left, Colleague("mia@a.example", "Other"))

    with django_assert_num_queries(2):
        known = name_owners(connection, connector)

    assert names() == {
        "sara@a.example": "Sara Okello", "luc@a.example": "Luc Peyrac", "mia@a.example": "Mia", "x@a.example": "",
    }  # fmt: skip
    assert known["luc@a.example"] == left
    assert connector.asked["people"] == 1


def test_nobody_is_asked_where_everybody_has_a_name(
    connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner(connection, "mia@a.example", "Mia")
    connector = knows(connection)

    with django_assert_num_queries(1):
        name_owners(connection, connector)

    assert connector.asked["people"] == 0


def test_colleagues_of_another_connection_are_not_asked_for(connection: Connection) -> None:
    owner(connect("other"), "sara@a.example")

    name_owners(connection, knows(connection, Colleague("sara@a.example", "Sara Okello")))

    assert names() == {"sara@a.example": ""}


def test_a_crm_that_hides_its_users_stops_nothing(connection: Connection) -> None:
    owner(connection, "sara@a.example")
    connector = knows(connection, Colleague("sara@a.example", "Sara Okello"))
    type(connector).trouble = Misconfigured("INVALID_TYPE", "sObject type 'User' is not supported.")

    known = name_owners(connection, connector)

    assert (known, names()) == ({}, {"sara@a.example": ""})


def test_a_crm_without_users_leaves_names_blank(connection: Connection) -> None:
    owner(connection, "sara@a.example")

    assert name_owners(connection, BrookConnector(connection)) == {}


@pytest.fixture(autouse=True)
def nothing_asked_before() -> None:
    Knows.asked.clear()
    Knows.trouble = None
