"""What people, imports and the API change here: checked, journaled with who and why, marked for what goes out."""

from typing import Any

import pytest

from integrations.hub.door import Refusal, door
from integrations.hub.models import Customer
from integrations.sync.models import Block, Change, HubMark, RecordLink
from tests.hub.factories import CustomerFactory
from tests.sync.fakes import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Any:
    return CustomerFactory.create(name="Aldervale", domain="aldervale.example")


@pytest.mark.requirement("C2", "E4")
def test_edit_is_journaled_with_before_and_who(customer: Customer) -> None:
    refused = door().edit("customers", {customer.pk: {"name": "Aldervale Group", "pulse": 4}}, by="Inès")

    customer.refresh_from_db()
    change = Change.objects.get()
    assert refused == []
    assert (customer.name, customer.name_key, customer.pulse) == ("Aldervale Group", "aldervale group", 4)
    assert (change.before, change.after) == (
        {"name": "Aldervale", "pulse": None},
        {"name": "Aldervale Group", "pulse": 4},
    )
    assert (change.actor, change.run_id, change.hub_id) == ("Inès", None, customer.pk)
    assert set(customer.touched) == {"name", "pulse"}


def test_value_that_stands_already_is_no_edit(customer: Customer) -> None:
    door().edit("customers", {customer.pk: {"name": "Aldervale"}}, by="Inès")

    assert not Change.objects.exists()


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"pulse": 9}, "pulse", "out-of-range"),
        ({"name": ""}, "name", "no-name"),
        ({"stage": "nowhere"}, "stage", "unmapped-value"),
        ({"csm": "nobody"}, "csm", "not-a-person"),
    ],
)
def test_bad_value_refuses_its_row_by_name(customer: Customer, values: Any, field: str, code: str) -> None:
    other = CustomerFactory.create(name="Birch")

    [refusal] = door().edit("customers", {customer.pk: values, other.pk: {"name": "Birch & Co"}}, by="Inès")

    other.refresh_from_db()
    assert (refusal.hub_id, refusal.field, refusal.reason.code) == (customer.pk, field, code)
    assert other.name == "Birch & Co"


@pytest.mark.requirement("R8")
def test_only_connections_that_write_are_marked(customer: Customer) -> None:
    two_way, one_way = connect("Two"), connect("One")
    Block.objects.filter(connection=two_way, object="customers").update(mode="two-way")

    door().edit("customers", {customer.pk: {"pulse": 2}}, by="Inès")

    assert list(HubMark.objects.values_list("connection", "object", "hub_id")) == [
        (two_way.pk, "customers", customer.pk)
    ]
    assert one_way.pk != two_way.pk


def test_made_row_has_its_customer_and_its_journal(customer: Customer) -> None:
    [made, refused] = door().create(
        "contacts", [{"customer": customer.pk, "last_name": "Reis", "email": "a@b.example"}, {"phone": "1"}], by="Inès"
    )

    assert isinstance(refused, Refusal)
    assert customer.contacts.get().pk == made
    assert Change.objects.get(action="create").hub_id == made


@pytest.mark.requirement("C25")
def test_deleting_keeps_every_value_in_the_journal_and_the_record_out(customer: Customer) -> None:
    connection = connect()
    door().create("contacts", [{"customer": customer.pk, "last_name": "Reis"}], by="Inès")
    RecordLink.objects.create(
        connection=connection,
        object="customers",
        source_object="Company",
        source_id="1",
        state="linked",
        hub_id=customer.pk,
    )

    number = door().delete("customers", [customer.pk], by="Inès")

    gone = Change.objects.get(object="customers", action="delete")
    link = RecordLink.objects.get()
    assert number == 2
    assert not Customer.objects.exists()
    assert gone.before["name"] == "Aldervale"
    assert (link.state, link.excluded_by_hand, link.reason_code) == ("excluded", True, "deleted-here")


def test_statements_do_not_grow_with_rows(django_assert_max_num_queries: Any) -> None:
    rows = CustomerFactory.create_batch(30)
    with django_assert_max_num_queries(25):
        door().edit("customers", {row.pk: {"pulse": 3} for row in rows}, by="Inès")
