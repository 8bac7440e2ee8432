"""The list of connections and a connection's page: how it stands in words, its schedule, and its three verbs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, User
from accounts.permissions import Role
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.configuration import save_version
from integrations.sync.free import LAST, free_order
from integrations.sync.models import Block, Connection, ConnectionState, FieldMapping, Run
from tests.configuration.factories import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(admin_user: User, client_as: Callable[..., Client]) -> Client:
    return client_as(admin_user)


def text_of(client: Client, name: str, *args: Any) -> str:
    page = client.get(reverse(f"sync:{name}", args=args))
    assert page.status_code == 200
    return page.content.decode()


def test_connections_lists_each_with_its_light(admin: Client, connection: Connection) -> None:
    ConnectionState.objects.create(connection=connection, health="sign-in", health_since=timezone.now())
    connect("lake", state=Connection.State.ARCHIVED)

    page = text_of(admin, "connections")

    assert "Needs sign-in" in page
    assert "Customers: Input only" in page
    assert "1 archived connection" in page


def test_connections_none_says_how_it_begins(admin: Client) -> None:
    assert "No CRM is connected yet" in text_of(admin, "connections")


@pytest.mark.requirement("R205", "R206")
def test_connection_page_for_others_has_no_verb(connection: Connection, client_as: Callable[..., Client]) -> None:
    for role in (Role.MANAGER, Role.CSM, Role.SUPPORT):
        page = text_of(client_as(role), "connection", "brook")
        assert "<form" not in page.split("<main")[1]
        assert "Change the mapping" not in page
        assert client_as(role).post(reverse("sync:connection", args=["brook"]), {"every_minutes": 1}).status_code == 403


def test_connection_page_says_scope_mapping_and_options_in_words(admin: Client, customers: Block) -> None:
    FieldMapping.objects.create(block=customers, position=3, hub_field="csm", crm_field="Owner.Email", blanks="erase")
    FieldMapping.objects.create(block=customers, position=4, hub_field="pulse", constant="3")
    customers.lines.filter(hub_field="domain").update(suspended_at=timezone.now())
    SalesforceConnection.objects.filter(pk=customers.connection_id).update(churn_missing=True)

    page = text_of(admin, "connection", "brook")

    assert "Brook decides Customer ID, Name and CSM owner." in page
    assert "A fixed value stands in CSM Pulse." in page
    assert "Blanks in Brook never erase, except in CSM owner." in page
    assert "Resting until the field is found again: Domain." in page
    assert "<dt>Account view</dt><dd>All companies</dd>" in page
    assert "the customer churns" in page


def test_connection_page_needing_sign_in_says_what_waits(admin: Client, connection: Connection) -> None:
    ConnectionState.objects.create(connection=connection, health="sign-in", health_since=timezone.now())

    assert "Nothing is read until somebody signs in again" in text_of(admin, "connection", "brook")


def test_schedule_is_saved_as_a_version(admin: Client, connection: Connection, admin_user: User) -> None:
    save_version(connection, admin_user)

    admin.post(
        reverse("sync:connection", args=["brook"]), {"name": "Brook two", "every_minutes": 5, "full_every_hours": 24}
    )

    connection.refresh_from_db()
    assert (connection.name, connection.every_minutes, connection.version) == ("Brook two", 5, 2)
    version = connection.versions.get(number=2)
    assert version.diff == ["Name: Brook → Brook two", "Minutes between syncs: 15 → 5"]
    assert AuditEntry.objects.latest("pk").after == {"changes": version.diff}


@pytest.mark.requirement("C5", "C6")
def test_limits_are_saved_as_a_version(admin: Client, connection: Connection, admin_user: User) -> None:
    save_version(connection, admin_user)
    limits = {"reserve_percent": 40, "brake_floor": 25, "brake_percent": 5, "brake_mrr_percent": 3}

    admin.post(
        reverse("sync:connection", args=["brook"]),
        {"name": "Brook", "every_minutes": 15, "full_every_hours": 24, **limits},
    )

    connection.refresh_from_db()
    assert {name: getattr(connection, name) for name in limits} == limits
    assert connection.versions.get(number=2).diff == [
        "Records that the brake always lets through: 10 → 25",
        "Share that the brake lets through, %: 10 → 5",
        "Change of MRR that the brake lets through, %: 10 → 3",
        "Share of the daily calls left to others, %: 20 → 40",
    ]


@pytest.mark.requirement("C9")
def test_policies_for_a_schema_that_moves_are_saved_as_a_version(
    admin: Client, connection: Connection, admin_user: User
) -> None:
    save_version(connection, admin_user)
    policies = {
        "on_field_gone": "stop", "on_field_retyped": "take", "on_field_locked": "stop", "on_value_new": "rest",
        "on_required_new": "stop",
    }  # fmt: skip

    admin.post(
        reverse("sync:connection", args=["brook"]),
        {"name": "Brook", "every_minutes": 15, "full_every_hours": 24, **policies},
    )

    connection.refresh_from_db()
    assert {name: getattr(connection, name) for name in policies} == policies
    assert len(connection.versions.get(number=2).diff) == len(policies)


@pytest.mark.requirement("C9")
@pytest.mark.parametrize(("name", "value"), [("on_field_gone", "take"), ("on_required_new", "rest")])
def test_policy_that_makes_no_sense_is_not_offered(
    admin: Client, connection: Connection, name: str, value: str
) -> None:
    page = admin.post(
        reverse("sync:connection", args=["brook"]),
        {"name": "Brook", "every_minutes": 15, "full_every_hours": 24, name: value},
    )

    assert name in page.context["form"].errors


@pytest.mark.requirement("C9")
def test_policies_are_read_by_who_may_not_change_them(connection: Connection, client_as: Callable[..., Client]) -> None:
    page = client_as(Role.MANAGER).get(reverse("sync:connection", args=["brook"])).content.decode()

    assert "<dt>When a field can no longer be written</dt><dd>Rest the line, go on with the others</dd>" in page


@pytest.mark.requirement("C6")
def test_limits_left_blank_stay(admin: Client, connection: Connection) -> None:
    Connection.objects.update(reserve_percent=40, brake_percent=7)

    admin.post(
        reverse("sync:connection", args=["brook"]),
        {"name": "Brook", "every_minutes": 5, "full_every_hours": 24, "reserve_percent": ""},
    )

    connection.refresh_from_db()
    assert (connection.reserve_percent, connection.brake_percent, connection.every_minutes) == (40, 7, 5)


@pytest.mark.requirement("C6")
def test_version_of_an_earlier_release_had_the_limits_of_its_time(connection: Connection, admin_user: User) -> None:
    first = save_version(connection, admin_user)
    assert first is not None
    for name in ("reserve_percent", "brake_floor", "brake_percent", "brake_mrr_percent"):
        del first.data["options"][name]
    first.save()

    assert save_version(connection, admin_user) is None
    Connection.objects.update(reserve_percent=40)
    connection.refresh_from_db()
    second = save_version(connection, admin_user)
    assert second is not None
    assert second.diff == ["Share of the daily calls left to others, %: 20 → 40"]


def test_schedule_keeps_what_a_run_wrote_meanwhile(admin: Client, connection: Connection) -> None:
    due = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(next_run_at=due, state=Connection.State.PAUSED)

    admin.post(
        reverse("sync:connection", args=["brook"]), {"name": "Brook", "every_minutes": 5, "full_every_hours": 24}
    )

    connection.refresh_from_db()
    assert (connection.next_run_at, connection.state, connection.every_minutes) == (due, "paused", 5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"every_minutes": 0}, "At least 1 minute. To stop syncing, pause the connection."),
        ({"every_minutes": "soon"}, "A whole number of minutes, such as 15."),
        ({"full_every_hours": 100_000}, "At most 744 hours, which are 31 days."),
        ({"reserve_percent": 96}, "At most 95, or no sync gets anywhere."),
        ({"reserve_percent": "much"}, "A whole number, such as 20."),
        ({"brake_floor": -1}, "0 or more."),
        ({"brake_percent": 101}, "At most 100."),
        ({"name": ""}, "A connection needs a name."),
        ({"name": "Lake"}, "Another connection has this name."),
    ],
)
def test_schedule_wrong_is_refused_and_kept(
    admin: Client, connection: Connection, changes: dict[str, Any], said: str
) -> None:
    connect("lake")
    data = {"name": "Typed name", "every_minutes": 7, "full_every_hours": 24, **changes}

    page = admin.post(reverse("sync:connection", args=["brook"]), data).content.decode()

    connection.refresh_from_db()
    assert said in page
    assert 'value="7"' in page or "every_minutes" in changes
    assert (connection.name, connection.every_minutes) == ("Brook", 15)


def test_pause_resume_archive_change_the_state(admin: Client, connection: Connection) -> None:
    states = []
    for verb in ("pause", "resume", "archive"):
        assert admin.post(reverse(f"sync:{verb}", args=["brook"])).status_code == 302
        states.append(Connection.objects.get().state)

    assert states == ["paused", "on", "archived"]
    assert Connection.objects.get().blocks.count() == 2


def test_archive_ends_a_run_under_way(admin: Client, connection: Connection) -> None:
    run = Run.objects.create(connection=connection, kind=Run.Kind.DELTA)

    admin.post(reverse("sync:archive", args=["brook"]))

    run.refresh_from_db()
    assert run.cancel_asked or run.state == Run.State.CANCELLED


def test_verb_out_of_place_says_why(admin: Client, connection: Connection) -> None:
    page = admin.post(reverse("sync:resume", args=["brook"]), follow=True).content.decode()

    assert "Only a paused connection can be resumed." in page


@pytest.mark.parametrize("verb", ["pause", "resume", "archive"])
def test_verbs_are_admins_and_never_by_link(
    verb: str, admin: Client, connection: Connection, client_as: Callable[..., Client]
) -> None:
    address = reverse(f"sync:{verb}", args=["brook"])

    assert client_as(Role.SUPPORT).post(address).status_code == 403
    assert admin.get(address).status_code == 405
    assert Connection.objects.get().state == Connection.State.ON


@pytest.mark.parametrize("number", [1, 3])
def test_connections_query_count_is_constant(
    number: int, admin: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(number):
        connect(f"brook-{n}")

    with django_assert_num_queries(11):
        text_of(admin, "connections")


@pytest.mark.parametrize("number", [1, 3])
def test_connection_query_count_is_constant(
    number: int, admin: Client, customers: Block, admin_user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for blanks in ("erase", "fill", "keep")[:number]:
        customers.lines.filter(hub_field="domain").update(blanks=blanks)
        save_version(customers.connection, admin_user)
        Run.objects.create(connection=customers.connection, kind=Run.Kind.DELTA, state=Run.State.DONE)

    with django_assert_num_queries(20):
        text_of(admin, "connection", "brook")


def test_last_place_has_room_for_all(connection: Connection) -> None:
    """A person may have given a connection the highest order that the database keeps."""
    assert free_order() == connection.order + 1
    Connection.objects.update(order=LAST)

    assert free_order() == LAST
