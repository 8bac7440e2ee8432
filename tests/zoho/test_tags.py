"""Tags of customers, each with a field of Zoho: chosen in the set-up, on or off after a sync, and taken back."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.fields import fields_of
from integrations.hub.models import Customer, CustomField, Tag
from integrations.hub.shown import value_of
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import runs
from integrations.sync.models import Block, Change, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.undo import request_undo
from integrations.zoho.models import ZohoConnection

from .conftest import signed_in


@pytest.fixture
def practice(small_practice: Callable[..., PracticeZoho]) -> PracticeZoho:
    return small_practice(4, contacts_per=0)


@pytest.fixture
def connection(db: None, practice: PracticeZoho) -> ZohoConnection:
    connection = signed_in(practice, state="on", wizard_step="review")
    block = Block.objects.create(connection=connection, object="customers", mode="two-way", merge_keys=["ref_id"])
    for hub, crm in {"ref_id": "id", "name": "Account_Name"}.items():
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=crm, crm_label=crm)
    return connection


@pytest.fixture
def strategic(db: None) -> Tag:
    return Tag.objects.create(name="Strategic", entity="customers")


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def page(connection: ZohoConnection) -> str:
    return reverse("zoho:wizard", args=[connection.slug, "scope"])


def accounts(practice: PracticeZoho) -> list[str]:
    with practice.store.transaction():
        return [one.id for one in practice.store.find("Accounts")]


def sync(connection: ZohoConnection) -> Run:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params
    return run


def tagged(tag: Tag) -> set[str]:
    pks = Customer.objects.filter(tags=tag).values("pk")
    return set(RecordLink.objects.filter(object="customers", hub_id__in=pks).values_list("source_id", flat=True))


@pytest.mark.requirement("R113")
def test_each_tag_is_matched_with_a_field_or_with_a_value_of_a_list(
    admin: Client, page: str, connection: ZohoConnection, strategic: Tag
) -> None:
    key = Tag.objects.create(name="Key account", entity="customers")
    Tag.objects.create(name="Of contacts", entity="contacts")
    names = [f"custom.tag-{one.pk}" for one in (strategic, key)]

    form = admin.get(page).context["form"]
    response = admin.post(page, {"merge_keys": ["ref_id"], names[0]: "Is_Strategic=true", names[1]: "Markets=APAC"})
    again = admin.get(page).context["form"]

    assert response.status_code == 302, response.context["form"].errors
    assert {field.name: str(field.label) for field in form.tag_fields} == {
        names[0]: "Tag “Strategic”", names[1]: "Tag “Key account”",
    }  # fmt: skip
    # Shown by its label, kept by its value.
    assert "Markets = Asia-Pacific" in str(form.fields[names[1]].choices)
    lines = FieldMapping.objects.filter(hub_field__in=names).values_list(
        "hub_field", "crm_field", "transform", "argument"
    )
    assert set(lines) == {(names[0], "Is_Strategic", "", ""), (names[1], "Markets", "equals", "APAC")}
    assert [again[name].value() for name in names] == ["Is_Strategic=true", "Markets=APAC"]


@pytest.mark.requirement("R113")
def test_tag_is_on_where_the_account_says_so_and_off_where_it_no_longer_does(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho, strategic: Tag
) -> None:
    admin.post(page, {"merge_keys": ["ref_id"], f"custom.tag-{strategic.pk}": "Is_Strategic=true"})
    first, second, third, _fourth = accounts(practice)
    for one in accounts(practice):
        practice.edit("Accounts", one, Is_Strategic=one in {first, second} or None)
    sync(connection)
    before = tagged(strategic)
    practice.control(clock_offset=900)
    practice.edit("Accounts", first, Is_Strategic=None)
    practice.edit("Accounts", third, Is_Strategic=True)
    practice.control(clock_offset=1100)

    sync(connection)

    assert (before, tagged(strategic)) == ({first, second}, {second, third})


@pytest.mark.requirement("R113")
def test_tag_set_here_is_ticked_there(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho, strategic: Tag
) -> None:
    name = f"custom.tag-{strategic.pk}"
    admin.post(page, {"merge_keys": ["ref_id"], name: "Is_Strategic=true"})
    FieldMapping.objects.filter(hub_field=name).update(direction="both")
    for one in accounts(practice):
        practice.edit("Accounts", one, Is_Strategic=None)
    sync(connection)
    one = accounts(practice)[0]
    hub_id = RecordLink.objects.get(object="customers", source_id=one).hub_id or 0

    door().edit("customers", {hub_id: {name: True}}, by="Inès")
    sync(connection)

    with practice.store.transaction():
        record = practice.store.get("Accounts", one)
    assert record is not None
    assert record.body["Is_Strategic"] is True
    assert tagged(strategic) == {one}
    shown = " ".join(admin.get(reverse("hub:customer", args=[hub_id])).content.decode().split())
    assert "Tag “Strategic”" in shown
    assert Change.objects.filter(hub_id=hub_id, action="push", outcome="done").count() == 1


@pytest.mark.requirement("R113")
def test_undo_takes_the_tag_off_again(
    admin: Client, admin_user: User, page: str, connection: ZohoConnection, practice: PracticeZoho, strategic: Tag
) -> None:
    admin.post(page, {"merge_keys": ["ref_id"], f"custom.tag-{strategic.pk}": "Is_Strategic=true"})
    for one in accounts(practice):
        practice.edit("Accounts", one, Is_Strategic=None)
    sync(connection)
    practice.control(clock_offset=900)
    practice.edit("Accounts", accounts(practice)[0], Is_Strategic=True)
    practice.control(clock_offset=1100)
    run = sync(connection)
    before = tagged(strategic)

    undo = request_undo(run, admin_user, "A slip")
    drive(undo, 60.0)
    undo.refresh_from_db()
    assert undo.state == Run.State.DONE, undo.reason_params

    assert (before, tagged(strategic)) == ({accounts(practice)[0]}, set())


@pytest.mark.requirement("R113")
def test_person_sets_a_tag_on_the_page_of_the_customer(admin: Client, strategic: Tag) -> None:
    [pk] = door().create("customers", [{"name": "Marlowe"}], by="Inès")
    page = reverse("hub:customer-edit", args=[pk])
    form = admin.get(page).context["form"]
    said = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", False)}

    yes = next(
        value for value, label in form.fields[f"custom.tag-{strategic.pk}"].choices if str(label).lower() == "yes"
    )

    response = admin.post(page, {**said, f"custom.tag-{strategic.pk}": yes})

    assert str(form.fields[f"custom.tag-{strategic.pk}"].label) == "Tag “Strategic”"
    assert response.status_code == 302, response.context["form"].errors
    assert list(Customer.objects.get(pk=str(pk)).tags.all()) == [strategic]


def test_tag_that_was_deleted_meanwhile_is_passed_over(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho, strategic: Tag
) -> None:
    admin.post(page, {"merge_keys": ["ref_id"], f"custom.tag-{strategic.pk}": "Is_Strategic=true"})
    strategic.delete()

    sync(connection)

    assert Customer.objects.count() == 4


@pytest.mark.requirement("R114")
def test_field_of_the_team_takes_its_value_from_a_field_of_zoho_and_gives_it_back(
    connection: ZohoConnection, practice: PracticeZoho
) -> None:
    field = CustomField.objects.create(entity="customers", name="Seats sold", type="NUMBER")
    FieldMapping.objects.create(
        block=Block.objects.get(object="customers"), hub_field=f"custom.{field.key}", crm_field="Seats", crm_label="Seats",
        direction="both",
    )  # fmt: skip
    one = accounts(practice)[0]
    practice.edit("Accounts", one, Seats=12)
    sync(connection)
    hub_id = RecordLink.objects.get(object="customers", source_id=one).hub_id or 0
    read = value_of(Customer.objects.get(pk=hub_id), fields_of("customers")[f"custom.{field.key}"])
    door().edit("customers", {hub_id: {f"custom.{field.key}": 15}}, by="Inès")

    sync(connection)

    with practice.store.transaction():
        record = practice.store.get("Accounts", one)
    assert record is not None
    assert (read, record.body["Seats"]) == (12, 15)
