import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import User
from accounts.permissions import Role
from tests.factories import UserFactory
from tests.signed_in import ClientAs

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.RESTRICTED_CSM, Role.READ_ONLY])
def test_raw_rows_are_closed_for(client_as: ClientAs, role: Role) -> None:
    assert client_as(role).get("/raw/").status_code == 403


def test_support_reads_raw_rows(client_as: ClientAs) -> None:
    client, tom = client_as(Role.SUPPORT), UserFactory.create(name="Tom Okafor")

    answers = [
        client.get(address) for address in ("/raw/", "/raw/accounts/user/", f"/raw/accounts/user/{tom.pk}/change/")
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "Tom Okafor" in answers[1].content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMIN])
def test_people_are_not_changed_among_raw_rows(client_as: ClientAs, role: Role) -> None:
    client, tom = client_as(role), UserFactory.create(name="Tom")

    answers = [
        client.post(f"/raw/accounts/user/{tom.pk}/change/", {"name": "Eve", "role": "admin"}).status_code,
        client.post(f"/raw/accounts/user/{tom.pk}/delete/", {"post": "yes"}).status_code,
        client.post("/raw/accounts/user/add/", {"email": "e@e.example"}).status_code,
    ]

    assert answers == [403, 403, 403]
    assert User.objects.get(pk=tom.pk).name == "Tom"


@pytest.mark.parametrize(
    ("role", "permission", "may"),
    [
        (Role.ADMIN, "hub.change_customer", True),
        (Role.ADMIN, "hub.delete_customer", True),
        (Role.SUPPORT, "hub.view_customer", True),
        (Role.SUPPORT, "hub.change_customer", False),
        (Role.SUPPORT, "hub.viewers_customer", False),
        (Role.ADMIN, "django_q.view_schedule", True),
        (Role.ADMIN, "django_q.add_schedule", False),
        (Role.CSM, "hub.view_customer", False),
    ],
)
def test_raw_permission_follows_the_role(role: Role, permission: str, may: bool) -> None:
    assert UserFactory.build(role=role).has_perm(permission) is may


def test_schedules_of_the_queue_cannot_be_written_in_a_browser(client_as: ClientAs) -> None:
    response = client_as(Role.ADMIN).post("/raw/django_q/schedule/add/", {"func": "os.system", "args": "'id'"})

    assert response.status_code == 403


def test_session_keys_and_addresses_are_not_among_raw_rows() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert registered & {"usersessions.usersession", "account.emailaddress", "auth.group"} == set()
    assert "accounts.user" in registered


def test_admins_own_door_leads_to_the_one_door(client: Client, client_as: ClientAs) -> None:
    tom = UserFactory.create(role=Role.ADMIN)

    answer = client.post("/raw/login/?next=/raw/", {"username": tom.email, "password": "x"})

    assert answer["Location"].startswith("/sign-in/login/")
    assert client_as(tom).get("/raw/login/")["Location"] == "/raw/"
    assert client_as(tom).get("/raw/password_change/")["Location"] == "/sign-in/password/change/"


def _raw_addresses() -> list[str]:
    """Every address of the raw rows: each table's list and empty form, and what may be asked of a row."""
    kinds = [model._meta for model in admin.site._registry]
    tables = [f"/raw/{kind.app_label}/{kind.model_name}/" for kind in kinds]
    of_rows = [f"{table}1/{verb}/" for table in tables for verb in ("change", "delete", "history")]
    apps = {f"/raw/{kind.app_label}/" for kind in kinds}
    return [*tables, *(f"{table}add/" for table in tables), *of_rows, *sorted(apps), "/raw/", "/raw/jsi18n/"]


@pytest.mark.requirement("R205", "R206")
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.RESTRICTED_CSM, Role.READ_ONLY])
def test_every_raw_address_is_closed_to_others(client_as: ClientAs, role: Role) -> None:
    client = client_as(role)

    answers = {
        address: (client.get(address).status_code, client.post(address).status_code) for address in _raw_addresses()
    }

    assert len(answers) > 200
    assert set(answers.values()) == {(403, 403)}


@pytest.mark.requirement("R205")
def test_every_raw_address_asks_a_stranger_to_sign_in(client: Client, db: None) -> None:
    for address in _raw_addresses():
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, "/sign-in/" in answer["Location"]) == (302, True), address


@pytest.mark.requirement("R205", "R206")
def test_support_may_write_no_raw_row(client_as: ClientAs) -> None:
    client = client_as(Role.SUPPORT)

    for model in admin.site._registry:
        table = f"/raw/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(table).status_code in {200, 403}, table
        assert client.post(f"{table}add/", {}).status_code == 403, table
