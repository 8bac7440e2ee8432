"""Every save is a version: what differs in words, and the way back."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, User
from accounts.permissions import Role
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.configuration import Part, VersionMoved, differences, restore, save_version, snapshot
from integrations.sync.models import Block, Connection, ConnectionState, FieldMapping, Version
from tests.configuration.factories import own_field
from tests.pages.factories import RunFactory


def test_save_version_first_counts_the_lines(connection: Connection, admin_user: User) -> None:
    version = save_version(connection, admin_user, "set up")

    assert version is not None
    assert (version.number, version.author_name, version.note) == (1, "Inès Moreau", "set up")
    assert version.diff == [
        "New connection “Brook”",
        "Customers: Input only, 3 lines",
        "Contacts: Input only, 3 lines",
    ]
    assert Connection.objects.get(pk=connection.pk).version == connection.version == 1


def test_save_version_unchanged_makes_none(connection: Connection, admin_user: User) -> None:
    save_version(connection, admin_user)

    assert save_version(connection, admin_user) is None
    assert connection.versions.count() == 1


def test_save_version_ignores_what_decides_nothing(connection: Connection, customers: Block, admin_user: User) -> None:
    save_version(connection, admin_user)
    customers.lines.filter(hub_field="name").update(
        crm_label="Renamed there",
        crm_type="string",
        position=40,
        suspended_at=timezone.now(),
        suspended_code="field-gone",
    )
    SalesforceConnection.objects.filter(pk=connection.pk).update(account_view_label="Renamed view")
    Block.objects.filter(pk=customers.pk).update(cursor=timezone.now(), counted=7)
    Connection.objects.filter(pk=connection.pk).update(state=Connection.State.PAUSED, next_run_at=timezone.now())

    assert save_version(connection, admin_user) is None


def test_version_that_changes_much_folds_in_the_list(
    admin_client: Client, connection: Connection, customers: Block, admin_user: User
) -> None:
    save_version(connection, admin_user)
    customers.lines.update(blanks="erase", on_conflict="hub")
    Connection.objects.filter(pk=connection.pk).update(every_minutes=30)
    connection.refresh_from_db()
    made = save_version(connection, admin_user)

    page = admin_client.get(reverse("sync:versions", args=[connection.slug])).content.decode()

    assert made
    assert f"<summary>and {len(made.diff) - 4} more</summary>" in page
    assert page.count("Minutes between syncs: 15 → 30") == 1


def test_going_back_tells_by_data_type_what_would_change(
    admin_client: Client, connection: Connection, customers: Block, admin_user: User
) -> None:
    save_version(connection, admin_user)
    customers.lines.update(blanks="erase")
    Connection.objects.filter(pk=connection.pk).update(every_minutes=30)

    answer = admin_client.get(reverse("sync:restore", args=[connection.slug, 1]))

    [whole, of_customers] = answer.context["parts"]
    assert (whole.title, whole.said) == ("", ["Minutes between syncs: 30 → 15"])
    assert (of_customers.title, len(of_customers.said)) == ("Customers", customers.lines.count())
    assert f"Go back: {1 + customers.lines.count()} changes" in answer.content.decode()


def test_differences_say_each_change_in_words(
    connection: Connection, customers: Block, stage_line: FieldMapping
) -> None:
    before = snapshot(connection)
    SalesforceConnection.objects.filter(pk=connection.pk).update(
        account_view="00B2", account_view_label="Active companies", every_minutes=30, churn_missing=True
    )
    Block.objects.filter(pk=customers.pk).update(mode="two-way", merge_keys=["domain"], ref_is_common=True)
    customers.lines.filter(hub_field="domain").update(blanks="erase", direction="both", on_conflict="ask")
    customers.lines.filter(hub_field="name").update(crm_field="Title", transform="trim")
    customers.lines.filter(hub_field="stage").update(value_map={"Live": "onboarding", "Trial": "trial"})
    customers.lines.filter(hub_field="ref_id").delete()
    FieldMapping.objects.create(block=customers, hub_field="pulse", constant="3")

    assert differences(before, snapshot(connection)) == [
        "Minutes between syncs: 15 → 30",
        "Churn customers that leave the source: no → yes",
        "Account view: All companies → Active companies",
        "Customers, mode: Input only → Two-way",
        "Customers, merge keys: Customer ID, Domain → Domain",
        "Customers, ID shared by all systems: no → yes",
        "Customers, Customer ID: no longer mapped",
        "Customers, Name: Name → Title",
        "Customers, Name: transform: empty → Without spaces around it",
        "Customers, Domain: who writes: Into the hub → Both ways",
        "Customers, Domain: on conflict: CRM wins → Ask a person",
        "Customers, Domain: blanks: Keep → Erase",
        "Customers, Customer stage: value “Live”: run → onboarding",
        "Customers, Customer stage: value “Trial”: unmapped → trial",
        "Customers, CSM Pulse: mapped from a fixed value",
        "Customers, CSM Pulse: fixed value: empty → 3",
    ]


def test_differences_name_the_teams_own_fields(connection: Connection, customers: Block) -> None:
    before = snapshot(connection)
    field = own_field("Annual revenue")
    FieldMapping.objects.create(block=customers, hub_field=f"custom.{field.key}", crm_field="Revenue")

    assert differences(before, snapshot(connection)) == ["Customers, Annual revenue: mapped from Revenue"]


def test_restore_brings_the_whole_configuration_back_as_a_new_version(
    connection: Connection, customers: Block, admin_user: User
) -> None:
    save_version(connection, admin_user)
    wanted = snapshot(connection)
    customers.lines.all().delete()
    FieldMapping.objects.create(block=customers, hub_field="name", constant="always")
    SalesforceConnection.objects.filter(pk=connection.pk).update(account_view="00B2", keep_hierarchy=True)
    save_version(connection, admin_user)

    made = restore(connection, 1, admin_user)

    assert made is not None
    assert (made.number, made.note) == (3, "Back to version 1")
    assert snapshot(connection) == wanted
    assert restore(connection, 1, admin_user) is None


def test_restore_leaves_progress_state_and_credentials(
    connection: Connection, customers: Block, admin_user: User
) -> None:
    save_version(connection, admin_user)
    read = timezone.now()
    ConnectionState.objects.create(connection=connection, credentials=b"sealed", health="ok")
    Block.objects.filter(pk=customers.pk).update(cursor=read, mode="disabled")
    save_version(connection, admin_user)
    Connection.objects.filter(pk=connection.pk).update(state=Connection.State.PAUSED)

    restore(connection, 1, admin_user)

    customers.refresh_from_db()
    connection.refresh_from_db()
    assert (customers.mode, customers.cursor, connection.state) == ("input", read, Connection.State.PAUSED)
    assert ConnectionState.objects.filter(pk=connection.pk, credentials=b"sealed").exists()


def test_restore_to_before_a_data_type_disables_it(connection: Connection, admin_user: User) -> None:
    contacts = connection.blocks.get(object="contacts")
    lines = list(contacts.lines.values_list("hub_field", "crm_field"))
    contacts.delete()
    save_version(connection, admin_user)
    contacts = Block.objects.create(connection=connection, object="contacts", cursor=timezone.now())
    for hub, crm in lines:
        FieldMapping.objects.create(block=contacts, hub_field=hub, crm_field=crm)
    save_version(connection, admin_user)

    restore(connection, 1, admin_user)

    contacts.refresh_from_db()
    assert (contacts.mode, contacts.lines.count(), contacts.cursor is None) == ("disabled", 0, False)


def test_restore_keeps_a_line_that_rests(connection: Connection, customers: Block, admin_user: User) -> None:
    save_version(connection, admin_user)
    customers.lines.filter(hub_field="domain").update(
        suspended_at=timezone.now(), suspended_code="field-gone", crm_label="Website", blanks="erase"
    )
    save_version(connection, admin_user)

    restore(connection, 1, admin_user)

    line = customers.lines.get(hub_field="domain")
    assert (line.blanks, line.suspended_code, line.crm_label) == ("keep", "field-gone", "Website")


def test_versions_never_hold_a_secret_column(connection: Connection, admin_user: User) -> None:
    SalesforceConnection.objects.filter(pk=connection.pk).update(username="ines@aldervale.example")
    ConnectionState.objects.create(connection=connection, credentials=b"sealed-secret")
    version = save_version(connection, admin_user)

    assert version is not None
    assert version.data["settings"]["username"] == "ines@aldervale.example"
    assert "sealed-secret" not in str(version.data)
    assert not {"credentials", "state", "next_run_at"} & set(version.data["options"] | version.data["settings"])


@pytest.mark.requirement("R205", "R206")
def test_restore_page_only_admin_changes(
    connection: Connection, admin_user: User, client_as: Callable[..., Client]
) -> None:
    save_version(connection, admin_user)
    connection.blocks.get(object="customers").lines.filter(hub_field="domain").update(blanks="fill")
    save_version(connection, admin_user)
    address = reverse("sync:restore", args=[connection.slug, 1])

    for role in (Role.MANAGER, Role.CSM, Role.SUPPORT):
        assert client_as(role).post(address).status_code == 403
    shown = client_as(admin_user).get(address)
    assert shown.context["parts"] == [Part("Customers", ["Domain: blanks: Only if empty → Keep"])]
    assert Version.objects.count() == 2

    client_as(admin_user).post(address, {"version": 2})

    assert Version.objects.count() == 3
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.after) == (
        "Inès Moreau",
        {"changes": ["Customers, Domain: blanks: Only if empty → Keep"]},
    )


@pytest.mark.requirement("E9")
def test_going_back_shows_again_what_it_would_change_where_somebody_saved_meanwhile(
    connection: Connection, admin_user: User, client_as: Callable[..., Client]
) -> None:
    lines = connection.blocks.get(object="customers").lines
    save_version(connection, admin_user)
    lines.filter(hub_field="domain").update(blanks="fill")
    save_version(connection, admin_user)
    lines.filter(hub_field="domain").update(blanks="erase")
    save_version(connection, admin_user)

    page = client_as(admin_user).post(reverse("sync:restore", args=[connection.slug, 1]), {"version": 2})
    # What the page was checked against is checked again by what acts, under the lock that saving takes.
    with pytest.raises(VersionMoved):
        restore(connection, 1, admin_user, expected=2)

    assert "Somebody saved another version meanwhile" in page.content.decode()
    [said] = page.context["parts"][0].said
    assert said.endswith("→ Keep")
    assert Version.objects.count() == 3


@pytest.mark.parametrize("shown", ["", "x", "²", "-1", "9" * 5000])
def test_going_back_from_no_version_that_was_shown_changes_nothing(
    shown: str, connection: Connection, admin_user: User, client_as: Callable[..., Client]
) -> None:
    save_version(connection, admin_user)

    page = client_as(admin_user).post(reverse("sync:restore", args=[connection.slug, 1]), {"version": shown})

    assert (page.status_code, Version.objects.count()) == (200, 1)


@pytest.mark.parametrize("number", [9, 10**30])
def test_restore_page_unknown_version_is_not_found(
    number: int, connection: Connection, admin_user: User, client_as: Callable[..., Client]
) -> None:
    assert client_as(admin_user).post(reverse("sync:restore", args=[connection.slug, number])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_versions_page_query_count_is_constant(
    number: int, connection: Connection, customers: Block, admin_user: User, client_as: Callable[..., Client],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    save_version(connection, admin_user)
    for blanks in ("erase", "fill", "keep")[:number]:
        customers.lines.filter(hub_field="domain").update(blanks=blanks)
        save_version(connection, admin_user)
        RunFactory.create(connection=connection, version=connection.version, counts={"customers.refuse": 1})
    client = client_as(Role.CSM)

    with django_assert_num_queries(18):
        page = client.get(reverse("sync:versions", args=[connection.slug]))

    assert "Customers, Domain: blanks: Keep → Erase" in page.content.decode()
    assert "Back to 1" not in page.content.decode()
