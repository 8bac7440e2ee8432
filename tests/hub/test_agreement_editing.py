"""Agreements by hand: what follows is shown before it is kept, journaled when it moved, and goes back with what moved it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Agreement, Customer, MoneySettings
from integrations.sync.models import Change
from tests.hub.factories import CsmOwnerFactory, CustomerFactory
from tests.signed_in import ClientAs, SignedIn
from tests.today import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E8"), pytest.mark.usefixtures("one_day")]


@pytest.fixture
def customer() -> Customer:
    return CustomerFactory.create(name="Aldervale")


@pytest.fixture
def manager(client_as: ClientAs) -> SignedIn:
    return client_as(Role.MANAGER)


def shown(client: SignedIn, address: str) -> dict[str, str]:
    form = client.get(address).context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def make(client: SignedIn, customer: Customer, **typed: str) -> Any:
    address = reverse("hub:agreement-new", args=[customer.pk])
    return client.post(address, {**shown(client, address), **typed})


def edit(client: SignedIn, row: Agreement, **typed: str) -> Any:
    address = reverse("hub:agreement-edit", args=[row.pk])
    return client.post(address, {**shown(client, address), **typed})


def kept(**values: Any) -> Agreement:
    """As the door keeps it."""
    values.setdefault("customer", CustomerFactory.create().pk)
    [pk] = door().create("agreements", [values], by="Tom")
    assert isinstance(pk, int)
    return Agreement.objects.get(pk=pk)


@pytest.mark.requirement("R38", "R39", "R40", "R42", "R43", "R46", "R49")
def test_typed_agreement_is_kept_with_all_that_follows(manager: SignedIn, customer: Customer) -> None:
    answer = make(
        manager, customer, plan="Gold", amount="12000", amount_format="ARR", currency="USD", fee="500",
        start_date="2025-01-31", engagement="1", engagement_period="MONTH", notice="3", notice_period="MONTH",
        auto_renew="yes",
    )  # fmt: skip

    row = Agreement.objects.get()
    assert answer["Location"] == reverse("hub:agreement", args=[row.pk])
    assert (row.customer, row.plan, row.amount, row.currency, row.fee) == (customer, "Gold", 12000, "USD", 500)
    assert (row.mrr, row.end_date, row.renewal_date) == (1000, date(2025, 2, 28), date(2024, 11, 30))
    assert (row.status, row.auto_renew) == ("FINISHED", True)
    assert "Created here." in manager.get(answer["Location"]).content.decode()


@pytest.mark.requirement("R47")
def test_end_and_notice_are_typed_as_dates_too(manager: SignedIn, customer: Customer) -> None:
    make(manager, customer, amount="10", start_date="2025-01-01", end_date="2035-06-30", notice_date="2035-03-31")

    row = Agreement.objects.get()
    assert (row.end_date, row.renewal_date, row.status) == (date(2035, 6, 30), date(2035, 3, 31), "ACTIVE")


def test_new_one_is_in_the_reporting_currency_unless_said_otherwise(manager: SignedIn, customer: Customer) -> None:
    MoneySettings.objects.create(pk=1, currency="GBP")

    make(manager, customer, amount="10", start_date="2025-01-01")

    assert Agreement.objects.get().currency == "GBP"


def test_look_shows_what_follows_and_keeps_nothing(manager: SignedIn, customer: Customer) -> None:
    answer = make(
        manager, customer, amount="1200", amount_format="ARR", start_date=TODAY.isoformat(), engagement="1",
        engagement_period="YEAR", notice="1", notice_period="MONTH", look="1",
    )  # fmt: skip

    follows = answer.context["follows"]
    assert (answer.status_code, follows["mrr"], str(follows["status"])) == (200, Decimal("100.00"), "Active")
    assert follows["end_date"] > TODAY
    assert follows["notice_date"] < follows["end_date"]
    assert "As it would stand" in answer.content.decode()
    assert not Agreement.objects.exists()
    assert not Change.objects.exists()
    assert answer.context["form"]["amount"].value() == "1200"


def test_look_at_an_edit_changes_nothing_and_says_what_is_wrong(manager: SignedIn) -> None:
    row = kept(amount="100", start_date="2025-01-01")

    seen = edit(manager, row, amount="250", look="1")
    wrong = edit(manager, row, end_date="2024-01-01", look="1")

    row.refresh_from_db()
    assert (seen.context["follows"]["mrr"], row.mrr) == (250, 100)
    assert "It would end on 2024-01-01" in wrong.context["form"].errors["end_date"][0]
    assert wrong.status_code == 200


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"start_date": ""}, "start_date", "required"),
        ({"end_date": "2024-12-31"}, "end_date", "before it starts"),
        ({"amount": "1,5"}, "amount", "A plain number"),
        ({"engagement": "12"}, "engagement_period", "Days, weeks, months or years?"),
        ({"notice": "3"}, "notice_period", "Days, weeks, months or years?"),
        ({"engagement": "1.5", "engagement_period": "YEAR"}, "engagement", "A whole number."),
        ({"currency": "XYZ"}, "currency", "valid choice"),
        ({"status": "FINISHED"}, "status", "valid choice"),
    ],
)
def test_mistake_is_named_beside_its_field(
    manager: SignedIn, customer: Customer, typed: dict[str, str], field: str, said: str
) -> None:
    answer = make(manager, customer, **{"start_date": "2025-01-01", **typed})

    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors[field])
    assert not Agreement.objects.exists()


def test_what_moved_along_is_journaled_and_goes_back(manager: SignedIn) -> None:
    row = kept(amount="100", start_date="2025-01-01")

    edit(manager, row, engagement="1", engagement_period="MONTH", amount="200", notice="1", notice_period="WEEK")

    row.refresh_from_db()
    change = Change.objects.get(action="update")
    assert (row.status, row.end_date, row.mrr) == ("FINISHED", date(2025, 1, 31), 200)
    assert (change.before["status"], change.after["status"]) == ("ACTIVE", "FINISHED")
    assert {"mrr", "end_date", "notice_date"} <= change.after.keys()
    assert change.field_reasons["mrr"]["code"] == "follows"
    assert change.field_reasons["amount"]["code"] == "by-hand"
    story = manager.get(reverse("hub:agreement", args=[row.pk]), {"show": "changes"}).content.decode()
    assert "MRR" in story

    taken = manager.post(reverse("sync:take-back", args=[change.pk]), follow=True)

    row.refresh_from_db()
    assert (row.status, row.end_date, row.renewal_date, row.engagement) == ("ACTIVE", None, None, None)
    assert (row.amount, row.mrr) == (100, 100)
    assert "stays" not in taken.content.decode().split("Taken back.")[1][:200]


def test_only_what_moved_is_journaled(manager: SignedIn) -> None:
    row = kept(amount="100", start_date="2025-01-01")

    edit(manager, row, plan="Silver")

    assert Change.objects.get(action="update").after == {"plan": "Silver"}


def test_created_one_is_unmade(manager: SignedIn, customer: Customer) -> None:
    make(manager, customer, amount="10", start_date="2025-01-01")

    manager.post(reverse("sync:take-back", args=[Change.objects.get(action="create").pk]))

    assert not Agreement.objects.exists()


def test_what_follows_cannot_be_made_to_win(manager: SignedIn) -> None:
    row = kept(amount="100", start_date="2025-01-01")
    edit(manager, row, amount="300")
    address = reverse("hub:agreement", args=[row.pk])

    events = manager.get(address).context["story"].events

    wins = {step.field: bool(step.win_url) for step in events[0].steps}
    assert wins == {"amount": True, "mrr": False}


def test_paused_one_returns_to_what_its_dates_say(manager: SignedIn) -> None:
    row = kept(amount="100", start_date=(TODAY + timedelta(days=9)).isoformat())
    assert row.status == "VALIDATED"

    edit(manager, row, status="PAUSED")
    row.refresh_from_db()
    assert row.status == "PAUSED"
    edit(manager, row, status="ACTIVE")

    row.refresh_from_db()
    assert row.status == "VALIDATED"


def test_date_that_follows_is_not_emptied_alone(manager: SignedIn) -> None:
    row = kept(amount="100", start_date="2025-01-01", engagement=12, engagement_period="MONTH")

    refused = edit(manager, row, end_date="")
    edit(manager, row, end_date="", engagement="", engagement_period="")

    assert "It follows from “Duration”" in str(refused.context["form"].errors["end_date"])
    row.refresh_from_db()
    assert (row.end_date, row.status) == (None, "ACTIVE")


@pytest.mark.requirement("R206")
def test_csm_edits_agreements_of_their_own_customers(client_as: ClientAs) -> None:
    csm = client_as(Role.CSM)
    own = kept(customer=CustomerFactory.create(csm=CsmOwnerFactory.create(email=csm.user.email)).pk, plan="Own")
    others = kept(plan="Others")

    edit(csm, own, plan="Mine")
    change = Change.objects.get(action="update")
    refused = csm.get(reverse("hub:agreement-edit", args=[others.pk]))

    own.refresh_from_db()
    assert (own.plan, refused.status_code) == ("Mine", 403)
    assert csm.post(reverse("sync:take-back", args=[change.pk])).status_code == 302
    own.refresh_from_db()
    assert own.plan == "Own"
    assert "/edit/" not in csm.get(reverse("hub:agreement", args=[others.pk])).content.decode()


@pytest.mark.requirement("R206")
@pytest.mark.parametrize(
    ("role", "code"), [(Role.SUPPORT, 403), (Role.READ_ONLY, 403), (Role.RESTRICTED_CSM, 404), (Role.ADMIN, 200)]
)
def test_roles(client_as: ClientAs, role: Role, code: int) -> None:
    row = kept(amount="1")
    client = client_as(role)

    assert client.get(reverse("hub:agreement-edit", args=[row.pk])).status_code == code
    assert client.get(reverse("hub:agreement-new", args=[row.customer_id])).status_code == code


def test_edit_page_costs_the_same_for_any_history(
    manager: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    row = kept(amount="1", start_date="2025-01-01")
    address = reverse("hub:agreement-edit", args=[row.pk])
    with CaptureQueriesContext(connection) as once:
        manager.get(address)
    cost = len(once)
    for number in range(3):
        edit(manager, row, amount=str(number + 2))
        kept(customer=row.customer_id, amount="1")

    with django_assert_max_num_queries(cost):
        manager.get(address)
