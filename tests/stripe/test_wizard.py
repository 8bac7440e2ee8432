"""The guided set-up: a key that is tried at once, who is who, what counts as MRR, and on."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.models import CustomField, CustomKey
from integrations.rehearsal.practice_stripe import PracticeStripe
from integrations.stripe.models import StripeConnection
from integrations.sync import credentials
from integrations.sync.models import Block, Connection, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive

from .conftest import signed_in
from .everyday import customer, set_up, subscribe, sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm(small_crm: Callable[..., PracticeStripe]) -> PracticeStripe:
    return small_crm(3)


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


def step(connection: Connection, name: str) -> str:
    return reverse("stripe:wizard", args=[connection.slug, name])


def text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


# --- The key -----------------------------------------------------------------------------------------------------------------
def test_practice_account_is_connected_by_one_button(admin: Client, crm: PracticeStripe) -> None:
    answer = admin.post(reverse("stripe:start"), {"practice": "1"})

    connection = StripeConnection.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, step(connection, "customers"))
    assert (connection.account, connection.organisation) == ("ines.moreau@aldervale.example", "Aldervale Software")
    assert connection.account_key == "acct_1AldervalePract:sandbox"
    assert crm.credentials.restricted_key not in text(admin.get(step(connection, "connect")))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "Enter a key from Stripe."),
        ("pk_test_1234567890", "This is a publishable key"),
        ("whatever", "A key of Stripe begins with rk_ or sk_."),
        ("rk_test_wrong_wrong_wrong", "Stripe does not know this key."),
    ],
)
def test_key_that_opens_nothing_is_refused_in_plain_words(
    admin: Client, crm: PracticeStripe, key: str, said: str
) -> None:
    answer = admin.post(reverse("stripe:start"), {"name": "Stripe", "secret_key": key, "base_url": crm.base_url})

    assert said in text(answer)
    assert not key or key not in text(answer)


@pytest.mark.parametrize(
    ("permission", "said"),
    [
        ("customers", "may not read customers"), ("subscriptions", "may not read subscriptions"),
        ("prices", "may not read prices"), ("products", "may not read products"), ("events", "may not read events"),
    ],
)  # fmt: skip
def test_each_missing_permission_is_said_with_its_cure(
    admin: Client, crm: PracticeStripe, permission: str, said: str
) -> None:
    crm.control(withdraw_permissions=[permission])

    page = text(admin.post(reverse("stripe:start"), {"practice": "1"}))

    assert said in page
    assert f"{permission.capitalize()}: Read in Stripe" in page


def test_several_missing_permissions_are_named_at_once(admin: Client, crm: PracticeStripe) -> None:
    crm.control(withdraw_permissions=["events", "prices"])

    assert "Prices, Events" in text(admin.post(reverse("stripe:start"), {"practice": "1"}))


def test_another_account_is_refused_once_records_are_linked(admin: Client, crm: PracticeStripe) -> None:
    connection = signed_in(crm)
    StripeConnection.objects.filter(pk=connection.pk).update(account_key="acct_other")
    RecordLink.objects.create(connection=connection, object="customers", source_id="cus_1", state="linked", hub_id=1)

    page = text(admin.post(step(connection, "connect"), {"name": "Stripe", "base_url": crm.base_url}))

    assert StripeConnection.objects.get().account_key == "acct_other"
    assert "another" in page.lower()


def test_key_from_a_file_is_tried_by_the_first_run(crm: PracticeStripe) -> None:
    connection = signed_in(crm)
    credentials.save(connection, {"secret_key": crm.credentials.restricted_key})
    set_up(connection)

    assert sync(connection).state == Run.State.DONE


# --- Who is who ----------------------------------------------------------------------------------------------------------------
@pytest.fixture
def connected(admin: Client, crm: PracticeStripe) -> StripeConnection:
    admin.post(reverse("stripe:start"), {"practice": "1"})
    return StripeConnection.objects.get()


@pytest.mark.requirement("R186")
def test_field_for_the_stripe_id_is_made_when_the_page_is_saved_and_once(
    admin: Client, connected: StripeConnection
) -> None:
    given = {"mode": "input", "stripe_id": "+", "by_name": "on", "by_domain": "on"}
    before = admin.get(step(connected, "customers"))

    answer = admin.post(step(connected, "customers"), given)

    assert "when this page is saved" in text(before)
    assert not before.context["form"].errors
    assert answer.headers["Location"] == step(connected, "agreements")
    field = CustomField.objects.get()
    assert (field.name, field.type, field.is_key, field.entity) == ("Stripe ID", "STRING", True, "customers")
    block = Block.objects.get(object="customers")
    assert block.merge_keys == [f"custom.{field.key}", "name", "domain"]
    lines = {line.hub_field: (line.crm_field, line.direction, line.blanks) for line in block.lines.all()}
    assert lines == {
        f"custom.{field.key}": ("id", "in", "keep"), "name": ("name", "in", "fill"), "domain": ("domain", "in", "fill"),
    }  # fmt: skip
    page = admin.get(step(connected, "customers"))
    assert page.context["form"]["stripe_id"].value() == f"custom.{field.key}"
    assert "when this page is saved" not in text(page)


@pytest.mark.requirement("R187", "R188")
def test_field_of_the_team_is_proposed_and_says_how_many_have_it(admin: Client, connected: StripeConnection) -> None:
    # A key of digits alone is a name like any other.
    field = CustomField.objects.create(
        entity="customers", name="Customer ID Stripe", type="STRING", key="1234567890123456"
    )
    customer("Somebody")
    one = customer("Known", custom={field.key: "cus_AV000001"})

    page = admin.get(step(connected, "customers"))
    form = page.context["form"]
    admin.post(
        step(connected, "customers"), {"mode": "input", "stripe_id": form["stripe_id"].value(), "by_domain": "on"}
    )

    assert form["stripe_id"].value() == f"custom.{field.key}"
    assert form.coverage == (2, 1)
    assert dict(form.recognised.by_key)["Customer ID Stripe"] == 0, "it recognises nobody before it is saved"
    field.refresh_from_db()
    assert field.is_key, "what is there recognises from now on"
    assert list(CustomKey.objects.values_list("row_id", "value")) == [(one.pk, "cus_AV000001")]
    assert dict(admin.get(step(connected, "customers")).context["form"].recognised.by_key)["Customer ID Stripe"] == 1


@pytest.mark.requirement("R185")
def test_page_says_who_would_be_found_and_who_would_wait(
    admin: Client, connected: StripeConnection, crm: PracticeStripe
) -> None:
    with crm.store.transaction():
        names = [one.body["name"] for one in crm.store.newest("customer")]
    customer(names[0])

    page = admin.get(step(connected, "customers"))

    found = page.context["form"].recognised
    assert (found.looked_at, dict(found.by_key)["Name"], found.number_unfound) == (3, 1, 2)
    assert names[1] in text(page)
    assert names[2] in text(page)


def test_own_number_in_the_metadata_can_be_chosen(
    admin: Client, connected: StripeConnection, crm: PracticeStripe
) -> None:
    crm.create("customer", name="With a number", metadata={"customer_number": "AV-1"})
    admin.get(step(connected, "customers") + "?again=1")

    page = admin.get(step(connected, "customers"))
    choices = dict(page.context["form"].fields["own_id"].choices)
    admin.post(step(connected, "customers"), {"mode": "input", "stripe_id": "+", "own_id": "metadata.customer_number"})

    assert "metadata.customer_number" in choices
    block = Block.objects.get(object="customers")
    field = CustomField.objects.get()
    assert (block.merge_keys, block.ref_is_common) == ([f"custom.{field.key}", "ref_id"], True)
    assert FieldMapping.objects.get(hub_field="ref_id").crm_field == "metadata.customer_number"


# --- What counts ----------------------------------------------------------------------------------------------------------------
def test_agreements_say_how_each_case_is_decided_and_start_as_input(
    admin: Client, connected: StripeConnection, crm: PracticeStripe
) -> None:
    subscribe(crm, "cus_AV000001", price="price_seats_graduated", quantity=3)
    admin.post(step(connected, "customers"), {"mode": "input", "stripe_id": "+", "by_name": "on"})

    page = admin.get(step(connected, "agreements"))
    answer = admin.post(step(connected, "agreements"), {"mode": "input"})

    met = {str(label): number for label, _said, number in page.context["form"].decisions}
    assert met["Tiered prices"] == 1
    assert "Not taken off: they end" in text(page)
    assert answer.headers["Location"] == step(connected, "review")
    block = Block.objects.get(object="agreements")
    lines = {line.hub_field: line.crm_field or line.constant for line in block.lines.all()}
    assert (block.mode, lines["amount"], lines["amount_format"], lines["status"]) == ("input", "mrr", "MRR", "status")
    review = admin.get(step(connected, "review"))
    assert not review.context["missing"]
    assert review.context["forecast"].agreements == 4


def test_agreements_say_whose_count_instead(admin: Client, connected: StripeConnection) -> None:
    StripeConnection.objects.update(order=5)
    earlier = Connection.objects.create(system="salesforce", name="Our Salesforce", slug="sf", state="on", order=1)
    Block.objects.create(connection=earlier, object="agreements", mode="input")

    page = text(admin.get(step(connected, "agreements")))

    assert "Our Salesforce stands before this connection" in page
    assert "counted in no sum" in page


def test_set_up_leads_to_a_preview_that_makes_nobody(admin: Client, connected: StripeConnection) -> None:
    admin.post(step(connected, "customers"), {"mode": "input", "stripe_id": "+", "by_name": "on"})
    admin.post(step(connected, "agreements"), {"mode": "input"})

    answer = admin.post(step(connected, "review"), {"do": "preview"})

    run = Run.objects.get()
    assert (answer.status_code, run.kind) == (302, Run.Kind.PREVIEW)
    drive(run, 60.0)
    run.refresh_from_db()
    assert (run.state, run.counts.get("customers.exclude.waits-for-row")) == (Run.State.DONE, 3)
    assert "creates nothing, so this record waits" in text(admin.get(reverse("sync:preview", args=[run.pk])))


def test_excluded_are_listed_with_cause_and_cure(admin: Client, connected: StripeConnection) -> None:
    admin.post(step(connected, "customers"), {"mode": "input", "stripe_id": "+", "by_name": "on"})
    StripeConnection.objects.update(state="on")
    connected.refresh_from_db()
    sync(connected)

    page = text(admin.get(reverse("sync:records", args=[connected.slug, "customers"]) + "?state=excluded"))

    assert "so this record waits" in page
    assert "takes it up by itself" in page


def test_disconnecting_forgets_the_key(admin: Client, connected: StripeConnection) -> None:
    admin.post(reverse("stripe:disconnect", args=[connected.slug]))

    assert credentials.load(connected) == {}


def test_review_says_what_is_filled_and_what_is_only_compared(
    admin: Client, connected: StripeConnection, crm: PracticeStripe
) -> None:
    crm.create("customer", name="With a number", metadata={"customer_number": "AV-1"})
    admin.get(step(connected, "customers") + "?again=1")
    chosen = {"mode": "input", "stripe_id": "+", "own_id": "metadata.customer_number", "by_name": "on"}
    admin.post(step(connected, "customers"), chosen)
    admin.post(step(connected, "agreements"), {"mode": "input"})

    page = text(admin.get(step(connected, "review")))

    assert "Stripe decides Stripe ID." in page
    assert "Stripe fills Name and Domain, only where nothing stands here." in page
    assert "Customer ID is only compared with what Stripe holds, and never written." in page
    assert "Customers that are looked for here" in page
    assert "Contacts that follow" not in page
    assert "Churn who leaves the scope" not in page
