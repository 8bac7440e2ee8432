"""The whole way: the practice Salesforce, the wire, the runner and the hub, in both directions."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import Values, door
from integrations.hub.models import Customer, Interaction
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.defaults import default_lines
from integrations.salesforce.models import SalesforceConnection
from integrations.sync import runs
from integrations.sync.models import Block, Change, FieldMapping, PlannedChange, RecordLink, Run
from integrations.sync.runner.drive import drive

from .conftest import signed_in
from .test_interactions import ACCOUNT, OTHER, PERSON, document, email, event, scope_of, task

WHEN = datetime(2026, 11, 5, 14, 30, tzinfo=UTC)
KINDS = ("emails", "meetings", "calls", "notes")


@pytest.fixture
def practice(small_practice: Callable[..., PracticeSalesforce]) -> PracticeSalesforce:
    return small_practice(3, contacts_per=1)


@pytest.fixture
def connection(db: None, practice: PracticeSalesforce) -> SalesforceConnection:
    connection = signed_in(practice, state="on")
    for name in ("customers", "contacts"):
        add_block(connection, name, "input")
    return connection


@pytest.mark.requirement("R16", "R17", "R68")
def test_churned_customer_stays_readable_with_its_contacts_and_interactions(
    connection: SalesforceConnection, practice: PracticeSalesforce, admin_client: Client
) -> None:
    SalesforceConnection.objects.filter(pk=connection.pk).update(churn_missing=True)
    add_block(connection, "calls", "input")
    task(practice, TaskSubtype="Call", Subject="Check-in", WhoId=PERSON)
    sync(connection)
    customer = hub_id("customers", ACCOUNT)
    practice.control(clock_offset=900)
    practice.delete("Account", ACCOUNT)
    practice.control(clock_offset=1800)

    sync(connection)

    row = Customer.objects.get(pk=customer)
    assert row.stage.is_churn
    assert row.contacts.exists()
    shown = admin_client.get(reverse("hub:customer", args=[customer]) + "?show=interactions").content.decode()
    assert "Check-in" in shown


@pytest.mark.requirement("R1", "R53", "R54")
def test_each_kind_stands_beside_its_customer_and_contact(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    for kind in KINDS:
        add_block(connection, kind, "input")
    task(practice, TaskSubtype="Call", Subject="Check-in", CallDurationInSeconds=600, CallType="Inbound", WhoId=PERSON)
    event(practice, Subject="Review", WhoId=PERSON)
    email(practice, ActivityId=task(practice, TaskSubtype="Email"), Subject="Exports", ToAddress="ada@one.example")
    document(practice, "Who decides", "<p>Ada does.</p>", ACCOUNT, PERSON)

    run = sync(connection)

    assert run.state == Run.State.DONE
    found = {one.type: one for one in Interaction.objects.all()}
    assert Interaction.objects.count() == 4
    assert {one.customer_id for one in found.values()} == {hub_id("customers", ACCOUNT)}
    assert {one.origin for one in found.values()} == {"captured"}
    assert [found[name].subject for name in ("call", "meeting", "email", "note")] == [
        "Check-in",
        "Review",
        "Exports",
        "Who decides",
    ]
    assert (found["call"].minutes, found["call"].is_incoming) == (10, True)
    assert found["email"].participants == ["ada@one.example"]
    assert found["note"].body == "Ada does."
    for name in ("call", "meeting", "note"):
        assert [contact.pk for contact in found[name].contacts.all()] == [hub_id("contacts", PERSON)]
    assert explained(connection) == dict.fromkeys(("customers", "contacts", *KINDS), 0)


@pytest.mark.requirement("I7")
def test_second_sync_changes_nothing(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    for kind in KINDS:
        add_block(connection, kind, "two-way")
    (
        task(practice, TaskSubtype="Call"),
        event(practice),
        email(practice),
        document(practice, "Note", "<p>x</p>", ACCOUNT),
    )
    sync(connection)
    before = list(Interaction.objects.order_by("pk").values())
    practice.forget_calls()

    sync(connection)

    assert list(Interaction.objects.order_by("pk").values()) == before
    assert not {"create_many", "update_many", "delete_many", "composite"} & set(practice.calls())


@pytest.mark.requirement("R8", "R55")
def test_what_is_typed_here_goes_out_once_and_comes_back_as_itself(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    for kind in KINDS:
        add_block(connection, kind, "two-way")
    task(practice, TaskSubtype="Call", Subject="Captured")
    sync(connection)
    customer = hub_id("customers", ACCOUNT)
    typed: Values = {"customer": customer, "subject": "Typed here", "body": "Words", "starts_at": WHEN}
    for kind in KINDS:
        assert isinstance(door().create(kind, [typed], by="Inès")[0], int)

    for _ in range(3):
        assert sync(connection).state == Run.State.DONE

    assert subjects(practice, "Task", "TaskSubtype = 'Call'") == ["Captured", "Typed here"]
    assert subjects(practice, "Event") == ["Typed here"]
    assert subjects(practice, "EmailMessage") == ["Typed here"]
    assert [row["Title"] for row in practice.query("SELECT Title FROM ContentNote")] == ["Typed here"]
    assert Interaction.objects.count() == 5
    assert set(Interaction.objects.filter(origin="hand").values_list("starts_at", flat=True)) == {WHEN}


@pytest.mark.requirement("R10", "R11")
def test_output_only_reads_nothing(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    add_block(connection, "calls", "output")
    task(practice, TaskSubtype="Call", Subject="Not read")
    sync(connection)
    door().create(
        "calls", [{"customer": hub_id("customers", ACCOUNT), "subject": "Typed here", "starts_at": WHEN}], by="Inès"
    )
    practice.forget_calls()

    sync(connection)

    assert subjects(practice, "Task") == ["Not read", "Typed here"]
    assert [one.subject for one in Interaction.objects.all()] == ["Typed here"]
    paths = asked(practice)
    assert not any("+FROM+Task+WHERE" in path and "Subtype" in path for path in paths)


@pytest.mark.requirement("R12")
def test_disabled_kinds_cost_no_call(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    sync(connection)
    practice.forget_calls()
    sync(connection)
    without = practice.calls()
    for kind in KINDS:
        add_block(connection, kind, "disabled")
    task(practice, TaskSubtype="Call")
    practice.forget_calls()

    sync(connection)

    assert practice.calls() == without
    assert not Interaction.objects.exists()


def test_deleted_one_is_kept_and_flagged(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    add_block(connection, "calls", "input")
    call = task(practice, TaskSubtype="Call")
    sync(connection)
    practice.delete("Task", call)
    # Salesforce lists deletions by the whole minute.
    practice.control(clock_offset=180)
    sync(connection)

    assert Interaction.objects.get().gone_at is not None


def test_customer_that_enters_brings_its_history(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    add_block(connection, "calls", "input")
    connector = SalesforceConnector(connection)
    scope_of(connector, practice, f"Id != '{OTHER}'")
    SalesforceConnection.objects.update(account_view=connector.salesforce.account_view)
    task(practice, TaskSubtype="Call", WhatId=OTHER, AccountId=OTHER, Subject="Theirs")
    sync(connection)
    was = Interaction.objects.count()

    practice.control(set_view_where={"Some": "Name != 'x'"})
    sync(connection)

    assert was == 0
    assert [one.subject for one in Interaction.objects.all()] == ["Theirs"]


def test_every_page_of_the_connection_knows_the_four_kinds(
    connection: SalesforceConnection, practice: PracticeSalesforce, client_as: Callable[..., Client], admin_user: User
) -> None:
    for kind in KINDS:
        add_block(connection, kind, "two-way")
    task(practice, TaskSubtype="Call", Subject="Check-in")
    first = sync(connection)
    customer = hub_id("customers", ACCOUNT)
    door().create("calls", [{"customer": customer, "subject": "Typed here", "starts_at": WHEN}], by="Inès")
    second = sync(connection)
    preview = runs.request_run(connection, Run.Kind.PREVIEW, by="Inès")
    drive(preview, 60.0)
    client = client_as(admin_user)

    pages = [
        reverse("sync:run", args=[first.pk]),
        reverse("sync:run", args=[second.pk]),
        reverse("sync:preview", args=[preview.pk]),
        reverse("sync:connection", args=[connection.slug]),
        reverse("sync:connections"),
        "/",
        *(reverse("sync:mapping", args=[connection.slug, kind]) for kind in KINDS),
        *(reverse("salesforce:wizard", args=[connection.slug, step]) for step in ("interactions", "review")),
    ]

    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


@pytest.mark.requirement("C4")
@pytest.mark.parametrize("direction", ["in", "both"])
def test_length_that_salesforce_insists_on_never_comes_back(
    connection: SalesforceConnection, practice: PracticeSalesforce, direction: str
) -> None:
    add_block(connection, "meetings", "two-way")
    FieldMapping.objects.filter(block__object="meetings", hub_field="minutes").update(direction=direction)
    sync(connection)
    typed: Values = {"customer": hub_id("customers", ACCOUNT), "subject": "Typed here", "starts_at": WHEN}
    door().create("meetings", [typed], by="Inès")

    for number, kind in enumerate((Run.Kind.DELTA, Run.Kind.DELTA, Run.Kind.FULL), 1):
        assert sync(connection, kind).state == Run.State.DONE
        practice.control(clock_offset=900 * number)

    [row] = practice.query("SELECT Id, DurationInMinutes FROM Event")
    assert row["DurationInMinutes"] == 0
    assert Interaction.objects.get().minutes is None
    said = Change.objects.get(object="meetings", action="create-out")
    reasons = {
        name: reason["params"]["value"] for name, reason in said.field_reasons.items() if "value" in reason["params"]
    }
    assert reasons == ({"minutes": "0"} if direction == "both" else {})
    assert said.notes == []
    preview = sync(connection, Run.Kind.PREVIEW)
    assert not PlannedChange.objects.filter(run_id=preview.pk, object="meetings").exists()

    practice.edit("Event", row["Id"], DurationInMinutes=15)
    practice.control(clock_offset=5400)
    sync(connection)

    assert Interaction.objects.get().minutes == 15


@pytest.mark.requirement("C4")
def test_length_that_was_erased_here_never_comes_back_as_none_at_all(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    add_block(connection, "meetings", "two-way")
    FieldMapping.objects.filter(block__object="meetings", hub_field="minutes").update(direction="both", blanks="erase")
    sync(connection)
    typed: Values = {"customer": hub_id("customers", ACCOUNT), "subject": "Typed", "starts_at": WHEN, "minutes": 45}
    door().create("meetings", [typed], by="Inès")
    sync(connection)
    practice.control(clock_offset=900)
    sync(connection)
    door().edit("meetings", {Interaction.objects.get().pk: {"minutes": None}}, by="Inès")

    for number in range(2, 5):
        assert sync(connection).state == Run.State.DONE
        practice.control(clock_offset=900 * number)
    assert sync(connection, Run.Kind.FULL).state == Run.State.DONE

    [row] = practice.query("SELECT Id, DurationInMinutes FROM Event")
    assert (row["DurationInMinutes"], Interaction.objects.get().minutes) == (0, None)
    preview = sync(connection, Run.Kind.PREVIEW)
    assert not PlannedChange.objects.filter(run_id=preview.pk, object="meetings").exists()


@pytest.mark.requirement("C4")
def test_title_that_is_made_of_the_text_never_comes_back(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    add_block(connection, "notes", "two-way")
    sync(connection)
    typed: Values = {"customer": hub_id("customers", ACCOUNT), "body": "First line.\nSecond.", "starts_at": WHEN}
    door().create("notes", [typed], by="Inès")

    for number in range(1, 4):
        sync(connection)
        practice.control(clock_offset=900 * number)

    assert [row["Title"] for row in practice.query("SELECT Title FROM ContentNote")] == ["First line."]
    assert Interaction.objects.get().subject == ""


def add_block(connection: SalesforceConnection, name: str, mode: str) -> None:
    block = Block.objects.create(connection=connection, object=name, mode=mode, merge_keys=["ref_id"])
    FieldMapping.objects.bulk_create(
        FieldMapping(
            block=block,
            hub_field=line["hub_field"],
            crm_field=line["crm_field"],
            direction=line.get("direction", "in"),
            blanks=line.get("blanks", "keep"),
        )
        for line in default_lines(name)
        if line["crm_field"] != "Owner.Email"
    )


def sync(connection: SalesforceConnection, kind: str = Run.Kind.DELTA) -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    return run


def hub_id(object_name: str, source_id: str) -> int:
    found = RecordLink.objects.get(object=object_name, source_id=source_id).hub_id
    assert found is not None
    return found


def explained(connection: SalesforceConnection) -> dict[str, Any]:
    return dict(Block.objects.filter(connection=connection).values_list("object", "unexplained"))


def subjects(practice: PracticeSalesforce, obj: str, where: str = "Id != null") -> list[str]:
    return sorted(row["Subject"] for row in practice.query(f"SELECT Subject FROM {obj} WHERE {where}"))


def asked(practice: PracticeSalesforce) -> list[str]:
    with practice.store.transaction():
        return [row[0] for row in practice.store.execute("SELECT path FROM _call").fetchall()]
