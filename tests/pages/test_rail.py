from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory

from accounts.permissions import Role
from integrations.sync.models import Connection
from integrations.sync.navigation import rail
from integrations.sync.situation import Situation
from integrations.sync.unmapped import unmapped_of
from tests.factories import UserFactory
from tests.pages.factories import ConnectionFactory, CustomerFactory, LinkFactory, RunFactory, StateFactory
from tests.signed_in import ClientAs


def _labels(role: Role, path: str = "/") -> list[str]:
    request = RequestFactory().get(path)
    request.user = UserFactory.create(role=role)
    drawn = rail(request)["rail"]
    return [str(item.label) for _heading, items in drawn.groups for item in items] + [str(i.label) for i in drawn.foot]


WORK = ["Status", "Needs you", "Runs", "Alerts", "Sync log", "Explain a customer"]


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (
            Role.ADMIN,
            [
                *WORK,
                "Paper",
                "Add a connection",
                "Customers",
                "Contacts",
                "Agreements",
                "Revenue",
                "Interactions",
                "Move to HubSpot",
                "Identity workbench",
                "Bulk hard delete",
                "Workers",
                "Money",
                "Mailbox and calendar",
                "API tokens",
                "Raw rows",
                "People",
            ],
        ),
        (
            Role.MANAGER,
            [
                *WORK,
                "Paper",
                "Customers",
                "Contacts",
                "Agreements",
                "Revenue",
                "Interactions",
                "Move to HubSpot",
                "Identity workbench",
                "Workers",
                "People",
            ],
        ),
        (
            Role.CSM,
            [
                *WORK,
                "Paper",
                "Customers",
                "Contacts",
                "Agreements",
                "Revenue",
                "Interactions",
                "Move to HubSpot",
                "Identity workbench",
                "Workers",
            ],
        ),
        (
            Role.SUPPORT,
            [
                *WORK,
                "Paper",
                "Customers",
                "Contacts",
                "Agreements",
                "Revenue",
                "Interactions",
                "Move to HubSpot",
                "Identity workbench",
                "Workers",
                "Raw rows",
                "People",
            ],
        ),
        (Role.RESTRICTED_CSM, ["Customers", "Contacts", "Agreements", "Revenue", "Interactions"]),
        (Role.READ_ONLY, ["Customers", "Contacts", "Agreements", "Revenue", "Interactions"]),
    ],
)
def test_only_where_the_role_may_go(calm: Connection, role: Role, labels: list[str]) -> None:
    assert _labels(role) == labels


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/", "Status"),
        ("/runs/7/", "Runs"),
        ("/connections/paper/records/customers/", "Paper"),
        ("/integrations/paper/paper/connect/", "Paper"),
        ("/connections/", "Add a connection"),
        ("/customers/9/", "Customers"),
        ("/people/3/", "People"),
        ("/people/me/", None),
    ],
)
def test_present_page_is_marked_once(calm: Connection, admin_user: Any, path: str, label: str | None) -> None:
    request = RequestFactory().get(path)
    request.user = admin_user

    drawn = rail(request)["rail"]

    items = [item for _heading, items in drawn.groups for item in items] + drawn.foot
    assert [str(item.label) for item in items if item.current] == ([label] if label else [])


def test_nothing_for_who_is_not_signed_in(db: None, django_assert_num_queries: Callable[..., Any]) -> None:
    with django_assert_num_queries(0):
        page = Client().get("/sign-in/login/")

    assert b'class="rail"' not in page.content


@pytest.mark.parametrize("number", [1, 3])
def test_costs_six_statements_however_much_there_is(
    calm: Connection, django_assert_num_queries: Callable[..., Any], number: int
) -> None:
    for _ in range(number):
        connection = ConnectionFactory.create()
        StateFactory.create(connection=connection)
        RunFactory.create(connection=connection, state="held")
        LinkFactory.create(connection=connection, state="failing", reason_code="too-long")
        CustomerFactory.create()
    request = RequestFactory().get("/")
    request.user = UserFactory.create(role=Role.ADMIN)
    # What is unmapped is counted once after each run; the second page finds it counted.
    unmapped_of(Situation().connections)

    with django_assert_num_queries(6):
        assert rail(request)["rail"].groups


def test_lights_and_counts(client_as: ClientAs, calm: Connection) -> None:
    LinkFactory.create(connection=calm, state="failing", reason_code="too-long")
    RunFactory.create(connection=calm, state="running")
    CustomerFactory.create()

    page = client_as(Role.CSM).get("/").content.decode()

    assert '<span class="count hot">1</span>' in page
    assert '<span class="count">1 live</span>' in page
    assert '<li class="is-run"><a href="/connections/paper/">' in page


def test_situation_is_read_anew_though_its_statement_is_kept(calm: Connection) -> None:
    before = Situation().connections
    RunFactory.create(connection=calm, state="failed")
    calm.name = "Renamed"
    calm.save()

    after = Situation().connections

    assert [(one.name, one.latest_run is None) for one in before] == [("Paper", True)]  # type: ignore[attr-defined]
    assert [(one.name, one.latest_run is None) for one in after] == [("Renamed", False)]  # type: ignore[attr-defined]
