"""What a deletion on one side does on the other: asked where it can do anything, kept as a version, said in words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.sync import registry
from integrations.sync.configuration.file_shape import file_shape
from integrations.sync.models import Block
from integrations.sync.registry import system_of
from tests.configuration.fakes import BrookConnector

Brook = type[BrookConnector]
NAME = 'name="on_hub_delete"'


@pytest.fixture
def admin(admin_user: User, client_as: Callable[..., Client]) -> Client:
    return client_as(admin_user)


@pytest.fixture
def deletes(monkeypatch: pytest.MonkeyPatch, brook: Brook) -> None:
    """The CRM lets us delete."""
    objects = tuple(replace(one, deletes_out=True, creates=True, write_batch=5) for one in brook.abilities.objects)
    abilities = replace(brook.abilities, objects=objects)
    monkeypatch.setattr(brook, "abilities", abilities)
    [name] = [name for name, one in registry._systems.items() if one.connector is brook]
    monkeypatch.setitem(registry._systems, name, replace(registry._systems[name], abilities=abilities))


@pytest.fixture
def two_way(deletes: None, customers: Block) -> Block:
    Block.objects.filter(pk=customers.pk).update(mode="two-way")
    customers.refresh_from_db()
    return customers


def address(object_name: str = "customers") -> str:
    return reverse("sync:mapping", args=["brook", object_name])


def typed(block: Block, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"line-TOTAL_FORMS": 99, "line-INITIAL_FORMS": 99, "version": block.connection.version}
    for line in block.lines.all():
        data |= {f"line-{line.hub_field}-crm": line.crm_field, f"line-{line.hub_field}-direction": line.direction}
    return data | {f"rank-{name}": number for number, name in enumerate(block.merge_keys, 1)} | changes


@pytest.mark.requirement("F34", "R205")
def test_page_asks_says_what_it_does_and_keeps_the_answer_as_a_version(admin: Client, two_way: Block) -> None:
    admin.post(address(), typed(two_way))
    two_way.connection.refresh_from_db()
    page = admin.get(address()).content.decode()

    answer = admin.post(address(), typed(two_way, on_hub_delete="delete"))

    assert answer.status_code == 302
    two_way.refresh_from_db()
    assert two_way.on_hub_delete == "delete"
    assert page.count(NAME) == 2
    assert 'value="keep" class="form-check-input" id="id_on_hub_delete_0" checked' in page
    assert "Delete it in Brook too" in page
    assert "only Brook itself can" in page
    assert "than the brake allows" in page
    version = two_way.connection.versions.latest("number")
    assert version.diff == ["Customers, when deleted here: Keep it on the other side → Delete it on the other side too"]
    again = admin.get(address()).content.decode()
    assert "What is deleted here is deleted in Brook too." in again
    assert 'id="id_on_hub_delete_1" checked' in again


def test_what_no_browser_sent_stays(admin: Client, two_way: Block) -> None:
    Block.objects.filter(pk=two_way.pk).update(on_hub_delete="delete")

    admin.post(address(), typed(two_way))

    two_way.refresh_from_db()
    assert two_way.on_hub_delete == "delete"


def test_nonsense_saves_nothing(admin: Client, two_way: Block) -> None:
    page = admin.post(address(), typed(two_way, on_hub_delete="burn"))

    assert page.status_code == 200
    assert "Nothing was saved" in page.content.decode()
    two_way.refresh_from_db()
    assert two_way.on_hub_delete == "keep"


@pytest.mark.requirement("R205", "R206")
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT])
def test_others_see_it_and_change_nothing(role: Role, two_way: Block, client_as: Callable[..., Client]) -> None:
    client = client_as(role)

    page = client.get(address()).content.decode()
    changed = client.post(address(), typed(two_way, on_hub_delete="delete"))

    assert NAME in page
    assert "<fieldset disabled>" in page
    assert changed.status_code == 403
    two_way.refresh_from_db()
    assert two_way.on_hub_delete == "keep"


def test_block_that_only_reads_is_not_asked_and_takes_no_answer(admin: Client, deletes: None, customers: Block) -> None:
    page = admin.get(address()).content.decode()
    admin.post(address(), typed(customers, on_hub_delete="delete"))

    customers.refresh_from_db()
    assert NAME not in page
    assert customers.on_hub_delete == "keep"


def test_crm_that_lets_nothing_be_deleted_is_not_offered(admin: Client, customers: Block) -> None:
    Block.objects.filter(pk=customers.pk).update(mode="two-way")

    assert NAME not in admin.get(address()).content.decode()


CRM = 'name="on_crm_delete"'


@pytest.mark.requirement("F34")
def test_contacts_ask_what_a_deletion_there_does_and_say_how_it_is_noticed(
    admin: Client, customers: Block, brook: Brook
) -> None:
    contacts = customers.connection.blocks.get(object="contacts")
    page = admin.get(address("contacts")).content.decode()

    answer = admin.post(address("contacts"), typed(contacts, on_crm_delete="delete"))

    assert answer.status_code == 302
    contacts.refresh_from_db()
    assert contacts.on_crm_delete == "delete"
    assert "When deleted in Brook" in page
    assert "never while another connection has it" in page
    assert "Seen at the next sync." in page
    assert "What is deleted in Brook is deleted here too." in admin.get(address("contacts")).content.decode()


@pytest.mark.requirement("R17")
def test_customers_are_not_asked_what_a_deletion_there_does(admin: Client, two_way: Block) -> None:
    assert CRM not in admin.get(address()).content.decode()
    admin.post(address(), typed(two_way, on_crm_delete="delete"))
    two_way.refresh_from_db()
    assert two_way.on_crm_delete == "keep"


@pytest.mark.parametrize(("mode", "is_asked"), [("input", True), ("two-way", True), ("disabled", False)])
def test_what_is_not_read_is_not_asked(admin: Client, customers: Block, mode: str, *, is_asked: bool) -> None:
    Block.objects.filter(connection=customers.connection, object="contacts").update(mode=mode)

    assert (CRM in admin.get(address("contacts")).content.decode()) is is_asked


@pytest.mark.requirement("R17")
@pytest.mark.parametrize(
    ("object_name", "value", "said"),
    [
        ("customers", "delete", "must be keep: a customer is never deleted with its record; options.churn_missing churns it"),
        ("agreements", "delete", "must be keep: an agreement whose record is deleted stays here, marked as gone"),
        ("scores", "delete", "must be keep: nothing of this data type is deleted with a record"),
        ("customers", ["delete"], "must be keep: a customer is never deleted with its record"),
        ("contacts", "burn", "must be one of: keep, delete"),
        ("customers", "keep", ""),
        ("contacts", "delete", ""),
        ("calls", "delete", ""),
    ],
)  # fmt: skip
def test_file_names_the_field_and_the_cure(object_name: str, value: Any, said: str) -> None:
    abilities = system_of("salesforce").abilities
    data = {"connection": "brook", "system": "salesforce", "blocks": {object_name: {"on_crm_delete": value}}}
    problems: list[tuple[str, str]] = []

    file_shape(abilities).read(data, "", problems)

    assert [path for path, _text in problems] == ([f"blocks.{object_name}.on_crm_delete"] if said else [])
    assert not said or problems[0][1].startswith(said)
