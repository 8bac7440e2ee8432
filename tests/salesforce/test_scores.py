"""Health score and CSM Pulse on their way to fields of the account: matched by hand, off until switched on."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.keyfield import create_field, number_field, text_field
from integrations.salesforce.models import SalesforceConnection
from integrations.salesforce.simulator.fields import Field
from integrations.sync import runs
from integrations.sync.lines import lines_of
from integrations.sync.models import Block, Change, FieldMapping, Outbox, RecordLink, Run, Version
from integrations.sync.runner.drive import drive
from integrations.sync.undo import request_undo

from .conftest import signed_in
from .writes import row

HEALTH, PULSE, LIST = "Skalin_Healthscore__c", "Skalin_CSM_Pulse__c", "Mood__c"


@pytest.fixture
def practice(small_practice: Callable[..., PracticeSalesforce]) -> PracticeSalesforce:
    return small_practice(3, contacts_per=1)


@pytest.fixture
def connection(db: None, practice: PracticeSalesforce) -> SalesforceConnection:
    """Customers come in and nothing else; an admin has made the two fields in Salesforce."""
    connection = signed_in(practice, state="on", wizard_step="review")
    client = SalesforceConnector(connection).client
    create_field(client, "Account", number_field("Skalin Healthscore"))
    create_field(client, "Account", text_field("Skalin CSM Pulse"))
    block = Block.objects.create(connection=connection, object="customers", mode="input")
    for hub, path, kind in (("name", "Name", "string"), ("domain", "Website", "url")):
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=path, crm_label=path, crm_type=kind)
    return connection


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def page(connection: SalesforceConnection) -> str:
    return reverse("salesforce:wizard", args=[connection.slug, "scores"])


# --- Off until activated


@pytest.mark.requirement("R58")
def test_upload_is_off_and_nothing_is_written_until_it_is_switched_on(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    sync(connection)
    customer = some_customer()
    form = admin.get(page).context["form"]
    assert not form["is_on"].value()
    admin.post(page, {"health_score": HEALTH, "pulse": PULSE})
    score(customer, health_score=8, pulse=4)
    practice.forget_calls()

    sync(connection)

    assert Block.objects.get(object="scores").mode == "disabled"
    assert "update_many" not in practice.calls()
    assert stored(practice, customer) == (None, None)


@pytest.mark.requirement("R58")
def test_a_step_that_is_passed_by_leaves_no_trace(admin: Client, page: str, connection: SalesforceConnection) -> None:
    answer = admin.post(page, {})

    assert answer.headers["Location"] == page.replace("scores", "review")
    assert not Block.objects.filter(object="scores").exists()


# --- The upload


@pytest.mark.requirement("R56", "R57", "R75")
def test_scores_that_stood_here_before_go_out_once_it_is_switched_on(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    sync(connection)
    customer = some_customer()
    score(customer, health_score=8, pulse=4)
    switch_on(admin, page)

    run = sync(connection)

    assert run.state == Run.State.DONE
    assert stored(practice, customer) == (8.0, "4")
    assert not Outbox.objects.exists()


@pytest.mark.requirement("R56", "R57")
def test_a_changed_score_goes_out_with_the_next_sync_and_is_no_news_afterwards(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    switch_on(admin, page)
    sync(connection)
    customer = some_customer()
    score(customer, health_score=3)
    practice.forget_calls()

    sync(connection)

    assert stored(practice, customer) == (3.0, None)
    assert practice.calls()["update_many"] == 1
    journal = Change.objects.get(run_id__isnull=False, action="push", hub_id=customer.pk)
    assert journal.after == {"score.health_score": 3}
    practice.forget_calls()
    sync(connection)
    assert "update_many" not in practice.calls()


@pytest.mark.requirement("R56")
def test_one_of_the_two_may_go_out_alone(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    admin.post(page, {"is_on": "on", "health_score": HEALTH, "pulse": ""})
    sync(connection)
    customer = some_customer()
    score(customer, health_score=9, pulse=5)

    sync(connection)

    assert stored(practice, customer) == (9.0, None)


@pytest.mark.requirement("R57")
def test_what_stands_in_the_field_already_need_not_be_a_score(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    sync(connection)
    first, second = Customer.objects.order_by("pk")[:2]
    for customer in (first, second):
        practice.edit("Account", id_of(customer), **{PULSE: "rather good"})
    score(first, pulse=2)
    switch_on(admin, page)

    run = sync(connection)

    assert run.state == Run.State.DONE
    assert stored(practice, first) == (None, "2")
    assert stored(practice, second) == (None, "rather good"), "a customer without a pulse empties nothing"
    assert RecordLink.objects.filter(state="linked").count() == 3


@pytest.mark.requirement("E2", "R56", "R57")
def test_taken_back_the_field_holds_again_what_stood_there_before(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce, admin_user: User
) -> None:
    sync(connection)
    customer = some_customer()
    practice.edit("Account", id_of(customer), **{HEALTH: 5.25, PULSE: "rather good"})
    score(customer, health_score=8, pulse=4)
    switch_on(admin, page)
    run = sync(connection)
    assert stored(practice, customer) == (8.0, "4")
    [line] = lines_of(list(Change.objects.filter(run_id=run.pk, action="push")))
    shown = {field.name: (field.before, field.after) for field in line.fields}
    assert shown == {"score.health_score": (Decimal("5.25"), 8), "score.pulse": ("rather good", 4)}

    drive(request_undo(run, admin_user, "too soon"), 60.0)

    assert stored(practice, customer) == (5.25, "rather good")


def test_what_somebody_types_there_never_comes_in(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    switch_on(admin, page)
    customer = synced_with(connection, health_score=7, pulse=3)
    practice.edit("Account", id_of(customer), **{HEALTH: 1, PULSE: "1"})

    sync(connection)

    customer.refresh_from_db()
    assert (customer.health_score, customer.pulse) == (7, 3)


@pytest.mark.requirement("R57")
def test_the_step_of_customers_reads_no_field_that_takes_a_score(
    admin: Client, page: str, connection: SalesforceConnection
) -> None:
    switch_on(admin, page)
    block = Block.objects.get(object="customers")
    said = {"mode": "input", "ref_id": "Id", "domain": PULSE, "csm": "", "stage": "", "profile": ""}

    refused = admin.post(page.replace("scores", "customers"), said)

    [why] = refused.context["form"].errors["domain"]
    assert why.startswith("“Skalin CSM Pulse” takes the score “CSM Pulse” that is sent there")
    assert "Read “Domain” from another field" in refused.content.decode()
    assert block.lines.get(hub_field="domain").crm_field == "Website"

    admin.post(page.replace("scores", "customers"), said | {"domain": "Website"})

    assert block.lines.filter(hub_field="ref_id", crm_field="Id").exists()


@pytest.mark.requirement("R57")
def test_customers_that_are_read_again_do_not_take_a_score_for_data(
    admin: Client, page: str, connection: SalesforceConnection
) -> None:
    """The step does not ask about this line: it comes to read with the mode."""
    switch_on(admin, page)
    block = Block.objects.get(object="customers")
    FieldMapping.objects.create(block=block, position=9, hub_field="pulse", crm_field=PULSE)
    Block.objects.filter(pk=block.pk).update(mode="disabled")
    said = {"ref_id": "Id", "domain": "Website", "csm": "", "stage": "", "profile": ""}

    refused = admin.post(page.replace("scores", "customers"), said | {"mode": "input"})

    block.refresh_from_db()
    assert "that is sent there, and nothing of it is read back" in refused.content.decode()
    assert (list(refused.context["form"].errors), block.mode) == (["mode"], "disabled")


@pytest.mark.requirement("R57")
def test_line_that_reads_a_score_already_bars_no_other_change_of_the_step(
    admin: Client, page: str, connection: SalesforceConnection
) -> None:
    switch_on(admin, page)
    block = Block.objects.get(object="customers")
    FieldMapping.objects.create(block=block, position=9, hub_field="pulse", crm_field=PULSE)
    said = {"mode": "input", "ref_id": "Id", "csm": "", "stage": "", "profile": ""}

    taken = admin.post(page.replace("scores", "customers"), said | {"domain": ""})

    assert taken.status_code == 302
    assert not block.lines.filter(hub_field="domain").exists()


@pytest.mark.requirement("R58")
def test_switched_off_again_it_writes_no_more_and_keeps_its_fields(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    switch_on(admin, page)
    customer = synced_with(connection, health_score=7, pulse=3)

    admin.post(page, {"health_score": HEALTH, "pulse": PULSE})
    score(customer, health_score=1)
    sync(connection)

    assert stored(practice, customer) == (7.0, "3")
    assert Block.objects.get(object="scores").lines.count() == 2


def test_a_field_that_is_gone_rests_alone_and_the_other_goes_on(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    switch_on(admin, page)
    customer = synced_with(connection, health_score=7, pulse=3)
    practice.control(hide_fields=[f"Account.{HEALTH}"])
    score(customer, health_score=2, pulse=1)

    run = sync(connection)

    assert run.state == Run.State.DONE
    assert FieldMapping.objects.get(block__object="scores", hub_field="health_score").suspended_code == "field-gone"
    assert row(practice, id_of(customer), PULSE) == {PULSE: "1"}


# --- A list of values


@pytest.mark.requirement("R57")
def test_a_list_takes_the_value_that_was_chosen_for_each_pulse(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    add_list(practice, "Lost", "Cold", "Fine", "Warm", "Hot")
    looked = admin.post(page, {"do": "look", "pulse": LIST})
    assert [str(field.label) for field in looked.context["form"].value_fields] == [f"Pulse {n}" for n in range(1, 6)]
    words = {"pulse_1": "Lost", "pulse_2": "Cold", "pulse_3": "Fine", "pulse_4": "Warm", "pulse_5": "Hot"}

    assert admin.post(page, {"is_on": "on", "pulse": LIST, **words}).status_code == 302
    sync(connection)
    customer = some_customer()
    score(customer, pulse=4)
    sync(connection)

    assert row(practice, id_of(customer), LIST) == {LIST: "Warm"}
    kept = admin.get(page).context["form"]
    assert kept["pulse_4"].value() == "Warm"


@pytest.mark.requirement("R57")
def test_a_list_needs_a_value_of_its_own_for_each_pulse(
    admin: Client, page: str, practice: PracticeSalesforce, connection: SalesforceConnection
) -> None:
    add_list(practice, "1 - lost", "2 - cold", "3 - fine", "4 - warm", "5 - hot")
    proposed = admin.post(page, {"do": "look", "pulse": LIST}).context["form"]
    assert proposed.initial["pulse_4"] == "4 - warm"
    words = {f"pulse_{n}": "1 - lost" for n in (1, 2)} | {"pulse_3": "3 - fine", "pulse_4": "4 - warm"}

    form = admin.post(page, {"is_on": "on", "pulse": LIST, **words}).context["form"]

    assert "stands for pulse 1 already" in form.errors["pulse_2"][0]
    assert "Choose the value of the list" in form.errors["pulse_5"][0]
    assert not Block.objects.filter(object="scores").exists()


# --- The step and the mapping editor


@pytest.mark.requirement("R75")
def test_only_fields_that_can_hold_the_score_and_may_be_changed_are_offered(
    admin: Client, page: str, practice: PracticeSalesforce, connection: SalesforceConnection
) -> None:
    add_list(practice, "Low", "High")

    form = admin.get(page).context["form"]

    health, pulse = paths(form, "health_score"), paths(form, "pulse")
    assert {HEALTH, "AnnualRevenue"} <= health
    assert not {PULSE, LIST} & health
    assert {HEALTH, PULSE, LIST} <= pulse
    assert not {"Id", "Website", "LastModifiedDate", "OwnerId"} & (health | pulse)


@pytest.mark.requirement("R58", "R75")
@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"is_on": "on"}, "is_on", "Choose a field for at least one"),
        ({"is_on": "on", "health_score": HEALTH, "pulse": HEALTH}, "pulse", "takes the health score already"),
        ({"is_on": "on", "pulse": "Name"}, "pulse", "mapped to a field of customers already"),
        ({"is_on": "on", "health_score": PULSE}, "health_score", "not one of the available choices"),
    ],
)
def test_what_cannot_work_is_said_beside_its_field(
    admin: Client, page: str, typed: dict[str, str], field: str, said: str
) -> None:
    answer = admin.post(page, typed)

    assert said in answer.context["form"].errors[field][0]
    assert not Block.objects.filter(object="scores").exists()


@pytest.mark.requirement("R58")
def test_review_says_where_scores_go_and_the_version_names_the_switch(
    admin: Client, page: str, connection: SalesforceConnection
) -> None:
    admin.post(page, {"health_score": HEALTH, "pulse": PULSE})
    switch_on(admin, page)

    review = admin.get(page.replace("scores", "review"))
    assert review.context["forecast"].written == ["Scores"]
    assert "Health score is written to “Skalin Healthscore” in Salesforce." in texts(review)
    shown = texts(admin.get(reverse("sync:connection", args=[connection.slug])))

    assert "Health score is written to “Skalin Healthscore” in Salesforce." in shown
    assert "CSM Pulse is written to “Skalin CSM Pulse” in Salesforce." in shown
    assert any("Scores, mode: Disabled → Output only" in said for said in Version.objects.latest("number").diff)


@pytest.mark.requirement("R75")
def test_mapping_editor_matches_scores_too_and_refuses_what_cannot_hold_one(
    admin: Client, connection: SalesforceConnection
) -> None:
    address = reverse("sync:mapping", args=[connection.slug, "scores"])
    assert admin.get(address).status_code == 200

    refused = admin.post(address, {**untouched(), "line-pulse-crm": "LastModifiedDate"})
    constant = admin.post(address, {**untouched(), "line-pulse-constant": "3"})
    saved = admin.post(address, {**untouched(), "line-pulse-crm": PULSE, "line-health_score-crm": HEALTH})

    assert "does not let the signed-in user change" in texts(refused)
    assert "A score is written to a field of the CRM" in texts(constant)
    assert saved.status_code == 302
    block = Block.objects.get(object="scores")
    assert block.mode == "disabled", "matching switches nothing on"
    assert set(block.lines.values_list("direction", flat=True)) == {"out"}


@pytest.mark.requirement("R58")
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT])
def test_only_an_admin_switches_it_on(
    client_as: Callable[..., Client], page: str, connection: SalesforceConnection, role: Role
) -> None:
    client = client_as(role)

    assert client.get(page).status_code == 200
    assert client.post(page, {"is_on": "on", "health_score": HEALTH}).status_code == 403
    assert not Block.objects.filter(object="scores").exists()


def test_the_customers_page_says_that_a_score_goes_out(
    admin: Client, page: str, connection: SalesforceConnection
) -> None:
    switch_on(admin, page)
    customer = synced_with(connection, health_score=7, pulse=3)

    form = texts(admin.get(reverse("hub:customer-edit", args=[customer.pk])))
    changes = texts(admin.get(reverse("hub:customer", args=[customer.pk]) + "?show=changes"))

    assert "Your change goes out to Salesforce." in form
    assert "score." not in changes
    assert admin.get(reverse("hub:customer", args=[customer.pk])).status_code == 200


def test_pages_of_the_log_and_the_run_name_the_score(
    admin: Client, page: str, connection: SalesforceConnection
) -> None:
    switch_on(admin, page)
    synced_with(connection, health_score=7)
    run = Run.objects.latest("pk")

    for address in (reverse("sync:log"), reverse("sync:run", args=[run.pk])):
        assert ">score." not in texts(admin.get(address))
    assert "<span>Health score, uploaded</span>" in texts(admin.get(reverse("sync:log")))


def switch_on(admin: Client, page: str) -> None:
    answer = admin.post(page, {"is_on": "on", "health_score": HEALTH, "pulse": PULSE})
    assert answer.status_code == 302, answer.context["form"].errors


def add_list(practice: PracticeSalesforce, *values: str) -> None:
    with practice.store.transaction():
        changes = practice.store.schema.changes
        changes.added.setdefault("Account", []).append(Field(LIST, "Mood", "picklist", values=values))
        practice.store.save_schema()


def untouched() -> dict[str, str]:
    names = ("health_score", "pulse")
    return {
        **{f"line-{name}-{part}": "" for name in names for part in ("crm", "constant")},
        "line-TOTAL_FORMS": "2",
        "line-INITIAL_FORMS": "2",
        "version": str(SalesforceConnection.objects.get().version),
    }


def paths(form: Any, name: str) -> set[str]:
    return {path for _group, options in form.fields[name].choices[1:] for path, _label in options}


def sync(connection: SalesforceConnection) -> Run:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    return run


def synced_with(connection: SalesforceConnection, **scores: int) -> Customer:
    sync(connection)
    customer = some_customer()
    score(customer, **scores)
    sync(connection)
    return customer


def some_customer() -> Customer:
    return Customer.objects.order_by("pk")[0]


def score(customer: Customer, **values: int) -> None:
    assert door().edit("customers", {customer.pk: values}, by="Inès") == []


def stored(practice: PracticeSalesforce, customer: Customer) -> tuple[Any, Any]:
    found = row(practice, id_of(customer), HEALTH, PULSE)
    return found[HEALTH], found[PULSE]


def id_of(customer: Customer) -> str:
    return RecordLink.objects.get(object="customers", hub_id=customer.pk).source_id


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())
