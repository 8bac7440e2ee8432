"""Editing and creating by hand: who may, what is checked, what a person sees beside each field, and that nothing typed is lost."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Contact, CsmOwner, Customer, CustomField, HealthProfile, Stage
from integrations.sync import decisions, merging
from integrations.sync.models import Block, Change, Connection, FieldMapping, HubMark, RecordLink
from tests.factories import TeamFactory, UserFactory
from tests.hub.factories import ContactFactory, CsmOwnerFactory, CustomerFactory
from tests.signed_in import ClientAs, SignedIn
from tests.sync.fakes import connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R206", "E4")]


@pytest.fixture
def row() -> Customer:
    return CustomerFactory.create(name="Aldervale", domain="aldervale.example", pulse=4)


@pytest.fixture
def manager(client_as: ClientAs) -> SignedIn:
    return client_as(Role.MANAGER)


def typed(client: SignedIn, address: str, **changed: str) -> dict[str, str]:
    """What a browser would post: every field as the page showed it, with what the person changed."""
    form = client.get(address).context["form"]
    shown = {name: str(form[name].value() or "") for name in form.fields}
    return {**shown, **{name.replace("__", "."): value for name, value in changed.items()}}


def edit(client: SignedIn, row: Customer | Contact, **changed: str) -> Any:
    name = "hub:customer-edit" if isinstance(row, Customer) else "hub:contact-edit"
    address = reverse(name, args=[row.pk])
    return client.post(address, typed(client, address, **changed))


def test_edit_changes_journals_and_offers_to_take_it_back(manager: SignedIn, row: Customer) -> None:
    HealthProfile.objects.create(name="Big")
    answer = edit(manager, row, name="Aldervale Group", pulse="2", profile="Big", csm="Tom@aldervale.example")

    row.refresh_from_db()
    change = Change.objects.get()
    assert (answer.status_code, row.name, row.pulse, str(row.profile)) == (302, "Aldervale Group", 2, "Big")
    assert row.csm is not None
    assert row.csm.email == "tom@aldervale.example"
    assert (change.actor, set(change.after)) == (manager.user.label, {"name", "pulse", "profile", "csm"})
    page = manager.get(answer["Location"])
    assert reverse("sync:take-back", args=[change.pk]) in page.content.decode()

    manager.post(reverse("sync:take-back", args=[change.pk]))

    row.refresh_from_db()
    assert (row.name, row.pulse, row.profile, row.csm) == ("Aldervale", 4, None, None)


@pytest.mark.requirement("R56")
def test_health_score_is_typed_shown_and_taken_back(manager: SignedIn, row: Customer) -> None:
    refused = edit(manager, row, health_score="11")
    edit(manager, row, health_score="8")
    row.refresh_from_db()
    page = manager.get(reverse("hub:customer", args=[row.pk])).content.decode()

    manager.post(reverse("sync:take-back", args=[Change.objects.get().pk]))

    assert refused.context["form"].errors["health_score"] == ["From 1 to 10."]
    assert row.health_score == 8
    assert "Health score" in page
    row.refresh_from_db()
    assert row.health_score is None


def test_untouched_fields_are_not_written(manager: SignedIn, row: Customer) -> None:
    edit(manager, row)

    assert not Change.objects.exists()


@pytest.mark.requirement("C2")
def test_what_a_sync_wrote_meanwhile_is_not_put_back(manager: SignedIn, row: Customer) -> None:
    address = reverse("hub:customer-edit", args=[row.pk])
    posted = typed(manager, address, pulse="1")
    door().edit("customers", {row.pk: {"domain": "new.example"}}, by="the sync")

    manager.post(address, posted)

    row.refresh_from_db()
    assert (row.pulse, row.domain) == (1, "new.example")


def test_field_that_both_changed_asks_before_it_is_replaced(manager: SignedIn, row: Customer) -> None:
    address = reverse("hub:customer-edit", args=[row.pk])
    posted = typed(manager, address, name="Mine")
    door().edit("customers", {row.pk: {"name": "Theirs"}}, by="the sync")

    asked = manager.post(address, posted)

    row.refresh_from_db()
    assert (asked.status_code, row.name) == (422, "Theirs")
    assert "became “Theirs”" in asked.content.decode()
    again = {name: str(asked.context["form"][name].value() or "") for name in asked.context["form"].fields}
    manager.post(address, again)
    row.refresh_from_db()
    assert row.name == "Mine"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "required"),
        ("domain", "not a website", "A website"),
        ("csm", "nobody", "The e-mail address of a colleague."),
        ("name", "x" * 300, "At most 255 characters"),
        ("custom.number", "1,5", "A plain number"),
        ("custom.day", "31.12.2026", "A date"),
        ("custom.moment", "soon", "A date and a time"),
    ],
)
def test_bad_value_is_named_beside_its_field_and_nothing_is_lost(
    manager: SignedIn, row: Customer, field: str, value: str, said: str
) -> None:
    for key, kind in (("number", "NUMBER"), ("day", "DATE"), ("moment", "DATETIME")):
        CustomField.objects.create(entity="customers", name=key, type=kind, key=key)
    address = reverse("hub:customer-edit", args=[row.pk])
    posted = {**typed(manager, address, pulse="1"), field: value}

    answer = manager.post(address, posted)

    row.refresh_from_db()
    assert (answer.status_code, row.pulse) == (422, 4)
    form = answer.context["form"]
    assert said in str(form.errors[field])
    assert (form[field].value(), form["pulse"].value()) == (value, "1")


def test_typed_custom_values_are_kept_as_what_they_are(manager: SignedIn, row: Customer) -> None:
    for key, kind in (("number", "NUMBER"), ("day", "DATE"), ("yes", "BOOLEAN")):
        CustomField.objects.create(entity="customers", name=key, type=kind, key=key)

    edit(manager, row, custom__number="1250.50", custom__day="2026-12-31", custom__yes="yes")

    row.refresh_from_db()
    assert row.custom == {"number": {"n": "1250.50"}, "day": {"d": "2026-12-31"}, "yes": True}
    assert Decimal(row.custom["number"]["n"]) == Decimal("1250.5")
    edit(manager, row, custom__yes="no")
    row.refresh_from_db()
    assert row.custom["yes"] is False


@pytest.mark.parametrize(
    ("mode", "direction", "said"),
    [
        ("input", "in", "Paper writes it: its next change there replaces yours."),
        ("two-way", "both", "Your change goes out to Paper; both sides write it."),
        ("input", "both", "Paper writes it: its next change there replaces yours."),
        ("two-way", "out", "Your change goes out to Paper."),
    ],
)
def test_each_field_says_who_else_writes_it(
    manager: SignedIn, row: Customer, mode: str, direction: str, said: str
) -> None:
    connection = linked(row)
    Block.objects.filter(connection=connection).update(mode=mode)
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(direction=direction)

    form = manager.get(reverse("hub:customer-edit", args=[row.pk])).context["form"]

    assert said in form["name"].help_text
    assert form["pulse"].help_text == "From 1 to 5."


@pytest.mark.requirement("R8")
def test_edit_is_marked_for_the_crms_that_are_written_to(manager: SignedIn, row: Customer) -> None:
    connection = linked(row)
    Block.objects.filter(connection=connection).update(mode="two-way")

    edit(manager, row, name="Aldervale Group")

    assert list(HubMark.objects.values_list("connection", "hub_id")) == [(connection.pk, row.pk)]


def linked(row: Customer) -> Connection:
    connection = connect()
    RecordLink.objects.create(
        connection=connection, object="customers", source_object="Company", source_id="1", state="linked", hub_id=row.pk
    )
    return connection


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY])
def test_who_only_reads_edits_nothing(client_as: ClientAs, row: Customer, role: Role) -> None:
    client = client_as(role)

    assert client.get(reverse("hub:customer-edit", args=[row.pk])).status_code == 403
    assert client.post(reverse("hub:customer-new"), {"name": "X"}).status_code == 403
    assert "Edit" not in client.get(reverse("hub:customer", args=[row.pk])).content.decode()


def test_csm_edits_their_own_and_reads_the_others(client_as: ClientAs, row: Customer) -> None:
    csm = client_as(Role.CSM)
    own = CustomerFactory.create(name="Own", csm=CsmOwnerFactory.create(email=csm.user.email))

    edit(csm, own, name="Mine")
    others = csm.post(reverse("hub:customer-edit", args=[row.pk]), {"name": "Mine"})

    own.refresh_from_db()
    assert (own.name, others.status_code) == ("Mine", 403)
    assert csm.get(reverse("hub:customer", args=[row.pk])).status_code == 200


def test_csm_who_is_refused_reads_whose_it_is_and_whom_to_ask(client_as: ClientAs, row: Customer) -> None:
    Customer.objects.filter(pk=row.pk).update(csm=CsmOwnerFactory.create(name="Tom Reed"))
    UserFactory.create(role=Role.MANAGER, name="Mara Lind")
    UserFactory.create(role=Role.MANAGER, name="Gone", is_active=False)

    page = client_as(Role.CSM).get(reverse("hub:customer-edit", args=[row.pk])).content.decode()

    assert "Aldervale is looked after by Tom Reed." in page
    assert "A CSM changes the customers that they or their teams look after." in page
    assert "You are signed in as CSM. These roles may all the same: Admin, Manager." in page
    assert "Ask one of those who have it: Mara Lind." in page


def test_restricted_csm_is_not_told_whose_a_customer_is_that_they_may_not_see(
    client_as: ClientAs, row: Customer
) -> None:
    link = linked(row).links.get()

    answer = client_as(Role.RESTRICTED_CSM).post(reverse("sync:decide", args=[link.pk, "pause"]))

    assert answer.status_code == 403
    assert "is looked after by" not in answer.content.decode()


def test_csm_edits_what_a_teammate_looks_after(client_as: ClientAs) -> None:
    csm, mate = client_as(Role.CSM), UserFactory.create(role=Role.CSM)
    TeamFactory.create().members.set([csm.user, mate])
    theirs = CustomerFactory.create(csm=CsmOwnerFactory.create(email=mate.email))

    assert csm.get(reverse("hub:customer-edit", args=[theirs.pk])).status_code == 200


@pytest.mark.parametrize("name", ["hub:customer-edit", "hub:contact-edit"])
def test_restricted_csm_does_not_learn_of_foreign_rows(client_as: ClientAs, row: Customer, name: str) -> None:
    pk = row.pk if name == "hub:customer-edit" else ContactFactory.create(customer=row).pk

    assert client_as(Role.RESTRICTED_CSM).get(reverse(name, args=[pk])).status_code == 404


def test_contact_is_edited_with_its_roles(manager: SignedIn, row: Customer) -> None:
    contact = ContactFactory.create(customer=row, last_name="Reis", is_champion=True)

    edit(manager, contact, is_champion="no", is_sponsor="yes", nps_score="9", email="new@aldervale.example")

    contact.refresh_from_db()
    assert (contact.is_champion, contact.is_sponsor, contact.nps_score) == (False, True, 9)
    assert contact.email_key == "new@aldervale.example"


def test_contact_keeps_a_name(manager: SignedIn, row: Customer) -> None:
    contact = ContactFactory.create(customer=row)

    answer = edit(manager, contact, first_name="", last_name="", email="")

    assert answer.status_code == 422
    assert "needs a name" in answer.content.decode()


def test_customer_is_created_with_the_default_stage(manager: SignedIn) -> None:
    address = reverse("hub:customer-new")

    answer = manager.post(address, typed(manager, address, name="Cedar", domain="https://www.cedar.example/"))

    made = Customer.objects.get()
    assert answer["Location"] == reverse("hub:customer", args=[made.pk])
    assert (made.name, made.domain, made.stage) == ("Cedar", "cedar.example", Stage.objects.get(is_default=True))
    assert Change.objects.get().action == "create"


def test_csm_creates_what_they_look_after(client_as: ClientAs) -> None:
    csm: SignedIn = client_as(Role.CSM)
    address = reverse("hub:customer-new")

    refused = csm.post(address, typed(csm, address, name="Cedar", csm="tom@aldervale.example"))
    made = csm.post(address, typed(csm, address, name="Cedar"))

    assert (refused.status_code, made.status_code) == (422, 302)
    assert str(Customer.objects.get().csm) == csm.user.email
    assert CsmOwner.objects.count() == 1


def test_contact_is_created_at_its_customer_and_unmade(manager: SignedIn, row: Customer) -> None:
    address = reverse("hub:contact-new", args=[row.pk])

    manager.post(address, typed(manager, address, last_name="Reis"))
    made = row.contacts.get()
    manager.post(reverse("sync:take-back", args=[Change.objects.get(action="create").pk]))

    assert made.last_name == "Reis"
    assert not row.contacts.exists()


def made_by_hand(name: str) -> int:
    [pk] = door().create("customers", [{"name": name}], by="Inès")
    assert isinstance(pk, int)
    return pk


def test_created_row_that_was_worked_on_since_stays(manager: SignedIn, row: Customer) -> None:
    address = reverse("hub:contact-new", args=[row.pk])
    manager.post(address, typed(manager, address, last_name="Reis"))
    made, created = row.contacts.get(), Change.objects.get(action="create")
    page, button = reverse("hub:contact", args=[made.pk]), reverse("sync:take-back", args=[created.pk])
    assert button in manager.get(page, {"show": "changes"}).content.decode()

    door().edit("contacts", {made.pk: {"email": "reis@aldervale.example", "phone": "1"}}, by="Tom")
    shown = manager.get(page, {"show": "changes"}).content.decode()
    told = manager.post(button, {"next": page}, follow=True).content.decode()

    assert button not in shown
    assert "It was worked on since. Nothing was deleted." in told
    assert row.contacts.get().email == "reis@aldervale.example"


def test_created_row_that_swallowed_another_stays(manager: SignedIn) -> None:
    pk = made_by_hand("Birch")
    other = CustomerFactory.create(name="Birch Ltd")
    created = Change.objects.get(action="create")
    merging.merge("customers", pk, other.pk, [], by="Inès")
    page, button = reverse("hub:customer", args=[pk]), reverse("sync:take-back", args=[created.pk])

    shown = manager.get(page, {"show": "changes"}).content.decode()
    manager.post(button)

    assert button not in shown
    assert Customer.objects.filter(pk=pk).exists()


def test_created_row_that_was_linked_and_parted_unwritten_is_unmade(manager: SignedIn) -> None:
    pk = made_by_hand("Birch")
    link = RecordLink.objects.create(
        connection=connect(), object="customers", source_object="Company", source_id="1", state="excluded"
    )
    created = Change.objects.get(action="create")
    decisions.link_to_row(link.pk, pk, by="Inès")
    manager.post(reverse("sync:take-back", args=[created.pk]))
    assert Customer.objects.filter(pk=pk).exists()

    decisions.part(link.pk, by="Inès")
    manager.post(reverse("sync:take-back", args=[created.pk]))

    assert not Customer.objects.filter(pk=pk).exists()


@pytest.mark.parametrize("number", [1, 3])
def test_edit_page_costs_the_same_for_any_number(
    manager: SignedIn, row: Customer, number: int, django_assert_num_queries: Any
) -> None:
    linked(row)
    for one in range(number):
        CustomField.objects.create(entity="customers", name=f"Field {one}", type="STRING")
        CsmOwnerFactory.create()
        Change.objects.create(
            at=row.created_at, object="customers", hub_id=row.pk, action="update", outcome="done", actor="Tom",
            before={"pulse": one}, after={"pulse": one + 1}, reason_code="by-hand",
        )  # fmt: skip

    with django_assert_num_queries(23):
        manager.get(reverse("hub:customer-edit", args=[row.pk]))


def test_history_shows_both_candidates_and_lets_the_loser_win(manager: SignedIn, row: Customer) -> None:
    connection = linked(row)
    Block.objects.filter(connection=connection).update(mode="two-way")
    change = Change.objects.create(
        at=row.created_at, run_id=7, connection_id=connection.pk, object="customers", hub_id=row.pk, source_id="1",
        action="update", outcome="done", before={"name": "Ours"}, after={"name": "Aldervale"},
        field_reasons={"name": {"code": "conflict-crm", "params": {"label": "Name", "system": "Paper CRM"}}},
        reason_code="conflict-crm", reason_params={"label": "Name", "system": "Paper CRM"},
    )  # fmt: skip

    page = " ".join(manager.get(reverse("hub:customer", args=[row.pk]) + "?field=name").content.decode().split())
    manager.post(reverse("sync:make-win", args=[change.pk]), {"field": "name"})

    row.refresh_from_db()
    assert "Ours</span> lost" in page
    assert "Make “Ours” win" in page
    assert (row.name, Change.objects.latest("pk").reason_code) == ("Ours", "made-to-win")
    assert HubMark.objects.filter(hub_id=row.pk).exists()


def test_value_that_changed_since_does_not_win_unseen(manager: SignedIn, row: Customer) -> None:
    door().edit("customers", {row.pk: {"name": "Second"}}, by="Tom")
    change = Change.objects.get()
    door().edit("customers", {row.pk: {"name": "Third"}}, by="Tom")

    manager.post(reverse("sync:make-win", args=[change.pk]), {"field": "name"})

    row.refresh_from_db()
    assert row.name == "Third"


def test_foreign_change_is_not_taken_back(client_as: ClientAs, row: Customer) -> None:
    door().edit("customers", {row.pk: {"name": "Second"}}, by="Tom")
    user: User = UserFactory.create(role=Role.CSM)

    answer = client_as(user).post(reverse("sync:take-back", args=[Change.objects.get().pk]))

    row.refresh_from_db()
    assert (answer.status_code, row.name) == (403, "Second")
