"""Two rows become one, with everything that hangs on them; taken back, every row is as it was, byte by byte."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from integrations.hub import panels
from integrations.hub.door import door
from integrations.hub.models import (
    Agreement,
    Contact,
    CsmOwner,
    Customer,
    CustomField,
    CustomKey,
    HealthProfile,
    Interaction,
    Tag,
)
from integrations.sync import merging, runs, taking_back
from integrations.sync.decisions import DecisionRefused
from integrations.sync.models import Block, Change, Connection, HubMark, Outbox, RecordLink, Run
from integrations.sync.runner.drive import drive
from tests.hub.factories import ContactFactory, CustomerFactory
from tests.signed_in import ClientAs

from .fakes import WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C12", "C25")]


@pytest.fixture
def connection() -> Connection:
    return connect()


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale", Website="aldervale.example")
    crm.company("2", "Aldervale Ltd")
    crm.person("11", "1", LastName="Reis")
    crm.person("22", "2", LastName="Okoro")
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    return run


@pytest.fixture
def two() -> tuple[Customer, Customer]:
    """A survivor and a row that goes, with something of every kind hanging on both."""
    field = CustomField.objects.create(entity="customers", name="Old number", type="STRING", is_key=True)
    keep = CustomerFactory.create(name="Aldervale", pulse=4)
    lose = CustomerFactory.create(
        name="Aldervale Ltd", pulse=2, custom={field.key: "77"}, csm=CsmOwner.objects.create(email="tom@a.example"),
        profile=HealthProfile.objects.create(name="Big"), ref_writer=5,
    )  # fmt: skip
    CustomKey.objects.create(field=field, row_id=lose.pk, value="77")
    helper, other = CsmOwner.objects.create(email="h@a.example"), CsmOwner.objects.create(email="o@a.example")
    tag = Tag.objects.create(name="vip", entity="customers")
    for row in (keep, lose):
        row.tags.add(tag)
        row.team.add(helper)
        contact = ContactFactory.create(customer=row)
        Agreement.objects.create(customer=row, plan="Gold")
        call = Interaction.objects.create(customer=row, type="call", starts_at=timezone.now())
        call.contacts.add(contact)
    lose.team.add(other)
    CustomerFactory.create(name="Daughter", parent=lose)
    return keep, lose


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the hub and every link, each with all its columns; not the journal, nor the queue of what goes out."""
    models: list[Any] = [*apps.get_app_config("hub").get_models(include_auto_created=True), RecordLink]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}


def merge(keep: Customer, lose: Customer, taken: Sequence[str] = ()) -> Change:
    return merging.merge("customers", keep.pk, lose.pk, taken, by="Inès")


@pytest.mark.parametrize("picked", [True, False])
def test_tag_goes_with_the_value_that_stands_for_it(picked: bool) -> None:
    kept, lost = (Tag.objects.create(name=name, entity="customers") for name in ("kept", "lost"))
    names = [f"custom.tag-{tag.pk}" for tag in (kept, lost)]
    row, other = (
        Customer.objects.get(pk=int(str(pk)))
        for pk in door().create("customers", [{"name": "A", names[0]: True}, {"name": "B", names[1]: True}], by="Inès")
    )
    by_hand = Tag.objects.create(name="by hand", entity="customers")
    other.tags.add(by_hand)
    before = everything()

    change = merge(row, other, names if picked else [])

    row.refresh_from_db()
    assert set(row.tags.all()) == {by_hand, lost if picked else kept}
    assert row.custom == {f"tag-{(lost if picked else kept).pk}": True}
    merging.undo(change, by="Inès")
    assert everything() == before


def test_survivor_takes_what_was_picked_and_what_hung_on_the_other(two: tuple[Customer, Customer]) -> None:
    keep, lose = two
    key = CustomField.objects.get().key
    asked = {one.field for one in merging.differences("customers", keep.pk, lose.pk)}
    assert {"name", "pulse", "csm", "profile", "ref_id", "domain", f"custom.{key}"} == asked

    change = merge(keep, lose, ["pulse", "ref_id", "csm", f"custom.{key}"])

    ref_id = lose.ref_id
    keep.refresh_from_db()
    assert (keep.name, keep.pulse, keep.ref_id, keep.ref_writer) == ("Aldervale", 2, ref_id, 5)
    assert (keep.custom, str(keep.csm)) == ({key: "77"}, "tom@a.example")
    assert not Customer.objects.filter(pk=lose.pk).exists()
    assert keep.contacts.count() == keep.agreements.count() == keep.interactions.count() == 2
    assert {row.email for row in keep.team.all()} == {"h@a.example", "o@a.example"}
    assert Customer.objects.get(name="Daughter").parent_id == keep.pk
    assert CustomKey.objects.get().row_id == keep.pk
    assert (change.action, change.actor, change.before["pulse"], change.after["pulse"]) == ("merge", "Inès", 4, 2)
    assert Change.objects.get(action="delete", hub_id=lose.pk).before["name"] == "Aldervale Ltd"


def test_taken_back_is_byte_equal(two: tuple[Customer, Customer]) -> None:
    keep, lose = two
    before = everything()
    change = merge(keep, lose, ["name", "pulse", "ref_id", f"custom.{CustomField.objects.get().key}"])
    assert everything() != before

    left = taking_back.take_back(change, by="Inès")

    assert left == ""
    assert everything() == before


def test_taken_back_after_the_links_moved_is_byte_equal(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    keep, lose = Customer.objects.get(name="Aldervale"), Customer.objects.get(name="Aldervale Ltd")
    before = everything()

    change = merge(keep, lose, ["name"])
    taking_back.take_back(change, by="Inès")

    assert everything() == before


def test_records_of_two_connections_share_the_survivor(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    other = connect("Other")
    WORLDS[other.pk].company("9", "Aldervale Holding")
    sync(other)
    keep, lose = Customer.objects.get(name="Aldervale"), Customer.objects.get(name="Aldervale Holding")

    merge(keep, lose)
    sync(other)
    sync(connection, "full")

    links = RecordLink.objects.filter(object="customers", hub_id=keep.pk)
    assert {(link.source_id, link.state) for link in links} == {("1", "linked"), ("9", "linked")}
    assert not Customer.objects.filter(name="Aldervale Holding").exists()


def test_second_record_of_a_connection_waits_as_a_collision(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    keep, lose = Customer.objects.get(name="Aldervale"), Customer.objects.get(name="Aldervale Ltd")
    merge(keep, lose)
    crm.edit("customers", "2", Name="Aldervale Limited")

    sync(connection)
    sync(connection, "full")

    second = RecordLink.objects.get(object="customers", source_id="2")
    assert (second.state, second.reason_code, second.hub_id) == ("collision", "second-record", None)
    assert Customer.objects.count() == 1
    assert Contact.objects.filter(customer=keep).count() == 2


def test_merged_in_the_crm_too_the_second_record_is_settled(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    keep, lose = Customer.objects.get(name="Aldervale"), Customer.objects.get(name="Aldervale Ltd")
    merge(keep, lose)
    crm.delete("customers", "2", merged_into="1")

    sync(connection)

    assert RecordLink.objects.get(object="customers", source_id="1").hub_id == keep.pk
    assert Customer.objects.count() == 1


def test_taken_back_after_a_run_gives_every_record_its_row(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    keep, lose = Customer.objects.get(name="Aldervale"), Customer.objects.get(name="Aldervale Ltd")
    change = merge(keep, lose)
    sync(connection, "full")

    taking_back.take_back(change, by="Inès")
    sync(connection, "full")

    links = RecordLink.objects.filter(object="customers").values_list("source_id", "state", "hub_id")
    assert set(links) == {("1", "linked", keep.pk), ("2", "linked", lose.pk)}
    assert Contact.objects.get(last_name="Okoro").customer_id == lose.pk


def test_field_changed_since_stays_and_is_named(two: tuple[Customer, Customer]) -> None:
    keep, lose = two
    change = merge(keep, lose, ["pulse", "name"])
    door().edit("customers", {keep.pk: {"pulse": 5}}, by="Tom")

    left = taking_back.take_back(change, by="Inès")

    keep.refresh_from_db()
    assert (keep.pulse, keep.name) == (5, "Aldervale")
    assert "CSM Pulse" in left


def test_survivor_that_hung_from_the_other_takes_its_place(two: tuple[Customer, Customer]) -> None:
    keep, lose = two
    Customer.objects.filter(pk=keep.pk).update(parent=lose)
    before = everything()

    change = merge(keep, lose)

    keep.refresh_from_db()
    assert keep.parent_id is None
    assert Customer.objects.get(name="Daughter").parent_id == keep.pk
    taking_back.take_back(change, by="Inès")
    assert everything() == before


def test_hierarchy_stays_two_levels_deep(two: tuple[Customer, Customer]) -> None:
    keep, lose = two
    head = CustomerFactory.create(name="Head")
    Customer.objects.filter(pk=keep.pk).update(parent=head)
    before = everything()

    change = merge(keep, lose)

    assert Customer.objects.get(name="Daughter").parent_id == head.pk
    taking_back.take_back(change, by="Inès")
    assert everything() == before


def test_contacts_merge_with_their_interactions(two: tuple[Customer, Customer]) -> None:
    keep, lose = Contact.objects.order_by("pk")
    before = everything()

    change = merging.merge("contacts", keep.pk, lose.pk, ["email"], by="Inès")

    keep.refresh_from_db()
    assert keep.email == lose.email
    assert keep.interactions.count() == 2
    taking_back.take_back(change, by="Inès")
    assert everything() == before


def test_merge_waits_for_an_answer_that_the_crm_owes(two: tuple[Customer, Customer], connection: Connection) -> None:
    keep, lose = two
    Outbox.objects.create(
        connection=connection, object="customers", hub_id=lose.pk, kind="create", state="sent",
        reason_code="created-out", planned_at=timezone.now(),
    )  # fmt: skip

    with pytest.raises(DecisionRefused, match="owes an answer"):
        merge(keep, lose)

    assert Customer.objects.filter(pk=lose.pk).exists()


def test_survivor_is_marked_for_what_goes_out(two: tuple[Customer, Customer], connection: Connection) -> None:
    Block.objects.filter(connection=connection).update(mode="two-way")
    keep, lose = two

    merge(keep, lose)

    assert list(HubMark.objects.values_list("hub_id", "kind")) == [(keep.pk, "changed")]


def test_taken_back_once_only(two: tuple[Customer, Customer]) -> None:
    change = merge(*two)
    taking_back.take_back(change, by="Inès")

    with pytest.raises(DecisionRefused):
        taking_back.take_back(change, by="Inès")


def offered(row: Customer) -> list[int]:
    """The changes for which the row's page has a button that takes them back."""
    events = panels.desk().story("customers", row.pk).events
    return [int(event.undo_url.strip("/").split("/")[-2]) for event in events if event.undo_url]


@pytest.fixture
def third(two: tuple[Customer, Customer]) -> Customer:
    """Another row for the same survivor, with a contact of its own."""
    row = CustomerFactory.create(name="Aldervale GmbH", pulse=1)
    ContactFactory.create(customer=row)
    return row


@pytest.mark.parametrize("picked", [[], ["pulse"]], ids=["nothing picked", "the same field picked"])
def test_merges_of_one_survivor_go_back_last_first(
    two: tuple[Customer, Customer], third: Customer, picked: Sequence[str]
) -> None:
    keep, lose = two
    before = everything()
    first = merge(keep, lose, picked)
    between = everything()
    second = merge(keep, third, picked)
    merged = everything()

    assert offered(keep) == [second.pk]
    with pytest.raises(DecisionRefused, match="Take that merge back first"):
        taking_back.take_back(first, by="Inès")
    assert everything() == merged

    taking_back.take_back(second, by="Inès")
    assert everything() == between
    assert offered(keep) == [first.pk]

    taking_back.take_back(first, by="Inès")
    assert everything() == before
    assert offered(keep) == []
    for change in (first, second):
        with pytest.raises(DecisionRefused, match="can no longer be taken back"):
            taking_back.take_back(change, by="Inès")


def test_merge_is_taken_back_after_its_survivor_was_merged_away_and_came_back(
    two: tuple[Customer, Customer], third: Customer
) -> None:
    keep, lose = two
    before = everything()
    first = merge(keep, lose)
    second = merge(third, keep)

    with pytest.raises(DecisionRefused):
        taking_back.take_back(first, by="Inès")
    taking_back.take_back(second, by="Inès")
    assert offered(keep) == [first.pk]
    taking_back.take_back(first, by="Inès")

    assert everything() == before


def test_merged_again_after_it_was_taken_back_only_the_latter_goes_back(two: tuple[Customer, Customer]) -> None:
    keep, lose = two
    before = everything()
    first = merge(keep, lose)
    taking_back.take_back(first, by="Inès")
    second = merge(keep, lose)

    assert offered(keep) == [second.pk]
    with pytest.raises(DecisionRefused):
        taking_back.take_back(first, by="Inès")
    taking_back.take_back(second, by="Inès")

    assert everything() == before


def test_edit_below_a_merge_that_was_taken_back_goes_back_too(two: tuple[Customer, Customer]) -> None:
    keep, lose = two
    door().edit("customers", {keep.pk: {"pulse": 3}}, by="Tom")
    edit = Change.objects.get()
    change = merge(keep, lose, ["pulse"])
    assert offered(keep) == [change.pk]

    taking_back.take_back(change, by="Inès")
    events = panels.desk().story("customers", keep.pk).events

    assert offered(keep) == [edit.pk]
    assert [bool(step.win_url) for event in events for step in event.steps] == [False, True]
    taking_back.take_back(edit, by="Tom")
    keep.refresh_from_db()
    assert keep.pulse == 4


def test_page_has_no_button_for_a_merge_that_a_later_one_covers(
    two: tuple[Customer, Customer], third: Customer, client_as: ClientAs
) -> None:
    keep, lose = two
    first, second = merge(keep, lose), merge(keep, third)
    manager, address = client_as(Role.MANAGER), f"/customers/{keep.pk}/?show=changes"
    buttons = [reverse("sync:take-back", args=[change.pk]) for change in (first, second)]

    page = manager.get(address).content.decode()
    assert [button in page for button in buttons] == [False, True]
    told = manager.post(buttons[0], {"next": address}, follow=True).content.decode()
    assert "Another row was merged into this one since." in told
    assert not Customer.objects.filter(pk=lose.pk).exists()

    manager.post(buttons[1], {"next": address})
    page = manager.get(address).content.decode()
    assert [button in page for button in buttons] == [True, False]
    manager.post(buttons[0], {"next": address})
    assert Customer.objects.filter(pk__in=[lose.pk, third.pk]).count() == 2


@pytest.mark.requirement("C3")
def test_address_of_the_row_that_went_leads_to_the_survivor(
    two: tuple[Customer, Customer], client_as: ClientAs
) -> None:
    keep, lose = two
    change = merge(keep, lose)

    manager = client_as(Role.MANAGER)
    page = manager.get(f"/customers/{lose.pk}/", follow=True)
    unseen = client_as(Role.RESTRICTED_CSM).get(f"/customers/{lose.pk}/")
    merging.undo(change, by="Inès")

    assert page.redirect_chain == [(f"/customers/{keep.pk}/", 302)]
    assert b"merged into the one shown here" in page.content
    assert unseen.status_code == 404
    assert manager.get(f"/customers/{lose.pk}/").status_code == 200
    assert manager.get(f"/customers/{lose.pk + 99}/").status_code == 404
