from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from integrations.hub.models import Customer, Interaction, Stage
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.models import Block, Version
from integrations.wire.errors import Misconfigured

from .consent import answer

KINDS = ("emails", "meetings", "calls", "notes")
UNTOUCHED = {**dict.fromkeys(KINDS, "disabled"), "since_months": "12"}


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User, practice: PracticeSalesforce) -> Client:
    """Signed in here and at Salesforce."""
    client = client_as(admin_user)
    location = client.post(reverse("salesforce:start"), {"practice": "1"}).headers["Location"]
    client.get(reverse("salesforce:callback"), answer(location))
    practice.forget_calls()
    return client


@pytest.fixture
def connection(admin: Client) -> SalesforceConnection:
    return SalesforceConnection.objects.get()


@pytest.fixture
def page(admin: Client, connection: SalesforceConnection) -> str:
    connection.wizard_step = "review"
    connection.save()
    return page_of(connection, "interactions")


@pytest.mark.requirement("R13", "R53", "R76")
def test_four_kinds_are_offered_and_all_start_disabled(admin: Client, page: str) -> None:
    response = admin.get(page)

    form, shown = response.context["form"], texts(response)
    assert [row.name for row in form.rows] == list(KINDS)
    assert {form[kind].value() for kind in KINDS} == {"disabled"}
    assert all(row.number and row.number > 10 for row in form.rows)
    assert "Stay on Input only for the first sync." in shown
    assert "Salesforce does not keep the meeting IDs of Google and Microsoft." in shown


@pytest.mark.requirement("R10", "R11", "R12")
def test_every_mode_is_offered_for_each_kind(admin: Client, page: str) -> None:
    form = admin.get(page).context["form"]

    for kind in KINDS:
        assert [mode for mode, _label in form.fields[kind].choices] == ["disabled", "input", "two-way", "output"]
    # Of customers and contacts, Output only is not offered.
    contacts = admin.get(page.replace("interactions", "contacts")).context["form"]
    assert "output" not in dict(contacts.fields["mode"].choices)


@pytest.mark.requirement("R53")
def test_one_kind_is_switched_on_with_its_fields(
    admin: Client,
    page: str,
    connection: SalesforceConnection,
) -> None:
    response = admin.post(page, {**UNTOUCHED, "calls": "two-way", "since_months": "24"})

    assert response.headers["Location"] == page.replace("interactions", "scores")
    [block] = Block.objects.filter(connection=connection, object__in=KINDS)
    assert (block.object, block.mode, block.settings) == ("calls", "two-way", {"since_months": 24})
    lines = {line.hub_field: (line.crm_field, line.direction) for line in block.lines.all()}
    assert lines["subject"] == ("Subject", "both")
    assert lines["starts_at"] == ("ActivityDate", "both")
    assert lines["ref_id"] == ("Id", "in")
    assert "calls" in str(Version.objects.latest("number").diff).lower()


@pytest.mark.requirement("R12")
def test_kind_that_is_switched_off_keeps_its_fields(
    admin: Client,
    page: str,
    connection: SalesforceConnection,
) -> None:
    admin.post(page, {**UNTOUCHED, "notes": "input"})
    admin.post(page, UNTOUCHED)

    block = Block.objects.get(connection=connection, object="notes")
    assert (block.mode, block.lines.count()) == ("disabled", 5)


@pytest.mark.requirement("R77")
def test_meetings_beside_a_calendar_take_a_word_of_consent(admin: Client, page: str) -> None:
    customer = Customer.objects.create(name="One", stage=Stage.objects.all()[0])
    Interaction.objects.create(customer=customer, type="meeting", origin="captured", starts_at=timezone.now())

    refused = admin.post(page, {**UNTOUCHED, "meetings": "input"})
    was_saved = Block.objects.filter(object="meetings").exists()
    admin.post(page, {**UNTOUCHED, "meetings": "input", "meetings_anyway": "on"})
    once_on = admin.post(page, {**UNTOUCHED, "meetings": "input"})

    assert "Meetings from a calendar are here already, or will be." in texts(refused)
    assert "confirm below that you want them all the same" in texts(refused)
    assert not was_saved
    assert Block.objects.get(object="meetings").mode == "input"
    assert once_on.status_code == 302, "consent is asked for once"


@pytest.mark.requirement("R77")
def test_a_calendar_that_an_admin_names_takes_a_word_of_consent(admin: Client, page: str) -> None:
    admin.post(reverse("hub:capture"), {"calendar_connected": "on"})

    refused = admin.post(page, {**UNTOUCHED, "meetings": "input"})
    others = admin.post(page, {**UNTOUCHED, "calls": "input"})

    assert "confirm below that you want them all the same" in texts(refused)
    assert others.status_code == 302, "only meetings are asked about"


@pytest.mark.requirement("R77")
def test_meetings_typed_here_are_no_calendar(admin: Client, page: str) -> None:
    customer = Customer.objects.create(name="One", stage=Stage.objects.all()[0])
    Interaction.objects.create(customer=customer, type="meeting", origin="hand", starts_at=timezone.now())

    assert not admin.get(page).context["form"].risk.is_certain


@pytest.mark.requirement("R53", "C22")
def test_the_review_counts_what_comes_in_of_each_kind(
    admin: Client, connection: SalesforceConnection, page: str, practice: PracticeSalesforce
) -> None:
    seen = numbers(admin.get(page))
    admin.post(page, {**UNTOUCHED, "notes": "input", "calls": "two-way", "emails": "output"})

    response = admin.get(page_of(connection, "review"))
    practice.forget_calls()
    admin.get(page_of(connection, "review"))

    assert response.context["forecast"].interactions == [("Calls", seen["calls"]), ("Notes", seen["notes"])]
    assert "Calls that follow" in texts(response)
    assert "E-mails that follow" not in texts(response)
    assert practice.calls().total() == 0


def test_counts_follow_how_far_back_one_looks(admin: Client, page: str) -> None:
    recent = numbers(admin.post(page, {**UNTOUCHED, "since_months": "3", "do": "look"}))
    everything = numbers(admin.post(page, {**UNTOUCHED, "since_months": "0", "do": "look"}))

    assert all(recent[kind] < everything[kind] for kind in KINDS)
    assert not Block.objects.filter(object__in=KINDS).exists(), "looking saves nothing"


def test_the_same_counts_cost_no_second_call(admin: Client, page: str, practice: PracticeSalesforce) -> None:
    admin.get(page)
    practice.forget_calls()

    admin.get(page)

    assert practice.calls().total() == 0


def test_what_may_not_be_seen_is_said_beside_its_kind(admin: Client, page: str, practice: PracticeSalesforce) -> None:
    practice.control(hide_fields=["Event.AccountId"])

    response = admin.get(page)

    assert numbers(response)["meetings"] is None
    assert "hidden from the signed-in user" in texts(response)


def test_step_is_optional_and_beside_the_others(
    admin: Client,
    page: str,
    connection: SalesforceConnection,
) -> None:
    steps = admin.get(page_of(connection, "contacts")).context["steps"]

    [shown] = [step for step in steps if step.label == "Interactions"]
    assert (shown.url, shown.is_done) == (page, False)


def page_of(connection: SalesforceConnection, step: str) -> str:
    return reverse("salesforce:wizard", args=[connection.slug, step])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


def numbers(response: Any) -> dict[str, Any]:
    return {row.name: row.number for row in response.context["form"].rows}


# --- The field for our own key, per kind

KEY = "Skalin_Sync_Id__c"


@pytest.mark.requirement("R54", "R55", "I1")
def test_field_for_our_key_is_made_for_each_kind_that_goes_out(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    shown = admin.get(page).content.decode()

    response = admin.post(
        page, {**UNTOUCHED, "calls": "two-way", "meetings": "input", "notes": "two-way", "make_key": "on"}
    )

    assert "Add a field for our own ID in Salesforce" in shown
    assert "for each of these kinds that goes out: Meetings and Calls." in shown
    assert response.status_code == 302
    assert dict(Block.objects.filter(connection=connection, object__in=KINDS).values_list("object", "key_field")) == {
        "calls": KEY, "meetings": "", "notes": "",
    }  # fmt: skip
    # Salesforce keeps one field for both; to each of the two kinds it is given by a word of its own.
    again = admin.get(page).context["form"]
    assert (again.without_key, again.key_field) == (["meetings"], KEY)
    admin.post(
        page, {**UNTOUCHED, "calls": "two-way", "meetings": "two-way", "meetings_anyway": "on", "make_key": "on"}
    )
    done = admin.get(page).context["form"]
    assert ("make_key" in done.fields, done.key_field) == (False, KEY)
    assert Block.objects.get(connection=connection, object="meetings").key_field == KEY


def test_without_the_tick_no_field_is_made(admin: Client, page: str, practice: PracticeSalesforce) -> None:
    admin.post(page, {**UNTOUCHED, "calls": "two-way"})

    assert Block.objects.get(object="calls").key_field == ""
    assert "tooling" not in practice.calls()


def test_refused_field_is_said_and_nothing_is_saved(
    admin: Client, page: str, connection: SalesforceConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_connector: SalesforceConnector, _name: str) -> str:
        raise Misconfigured("FIELD_NOT_ALLOWED", "Not yours to add.")

    monkeypatch.setattr(SalesforceConnector, "create_key_field", refuse)

    response = admin.post(page, {**UNTOUCHED, "calls": "two-way", "make_key": "on"})

    assert "The connecting user may not add fields in Salesforce." in response.context["form"].errors["make_key"][0]
    assert not Block.objects.filter(connection=connection, object="calls").exists()


@pytest.mark.requirement("C9", "E9")
@pytest.mark.parametrize("was_on", [True, False])
def test_field_made_before_another_was_refused_is_kept(
    admin: Client, page: str, connection: SalesforceConnection, monkeypatch: pytest.MonkeyPatch, *, was_on: bool
) -> None:
    if was_on:
        admin.post(page, {**UNTOUCHED, "calls": "two-way", "meetings": "two-way", "meetings_anyway": "on"})
    create = SalesforceConnector.create_key_field

    def refuse_the_second(connector: SalesforceConnector, name: str) -> str:
        if name == "calls":
            raise Misconfigured("FIELD_NOT_ALLOWED", "Not yours to add.")
        return create(connector, name)

    monkeypatch.setattr(SalesforceConnector, "create_key_field", refuse_the_second)
    both = {**UNTOUCHED, "calls": "two-way", "meetings": "two-way", "meetings_anyway": "on", "make_key": "on"}

    form = admin.post(page, both).context["form"]

    kept = Block.objects.get(connection=connection, object="meetings")
    assert (kept.key_field, kept.mode) == (KEY, "two-way" if was_on else "disabled")
    assert "may not add fields" in form.errors["make_key"][0]
    assert (form.without_key, form.key_field) == (["calls"], KEY)
    assert AuditEntry.objects.filter(note="Fields for our own ID").latest("pk").after == {"meetings": KEY}

    monkeypatch.undo()
    assert admin.post(page, both).status_code == 302
    rows = Block.objects.filter(connection=connection, object__in=["calls", "meetings"])
    assert set(rows.values_list("mode", "key_field")) == {("two-way", KEY)}
    assert all(block.lines.exists() for block in rows)


@pytest.mark.requirement("C9", "E9")
@pytest.mark.parametrize("step", ["customers", "contacts", "interactions"])
def test_field_that_went_is_offered_again(
    admin: Client, page: str, connection: SalesforceConnection, practice: PracticeSalesforce, step: str
) -> None:
    admin.post(page, {**UNTOUCHED, "calls": "two-way"})
    Block.objects.filter(connection=connection).update(key_field=KEY)

    address = page.replace("interactions", step)
    form = admin.get(address).context["form"]

    assert "make_key" in form.fields
    assert (form.key_field, form.lost_key) == ("", KEY)
    assert f"Our own ID stood in the field {KEY} of Salesforce" in admin.get(address).content.decode()
