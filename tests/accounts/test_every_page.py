"""Walks every address of this part: who may open it, that opening changes nothing, that nothing is inline."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts.models import User
from accounts.permissions import Permission, Role, mark_of
from accounts.urls import urlpatterns
from tests.factories import TeamFactory, UserFactory
from tests.signed_in import ClientAs

PAGES = {
    "people": Permission.SEE_PEOPLE,
    "add_person": Permission.EDIT_PEOPLE,
    "person": Permission.SEE_PEOPLE,
    "new_link": Permission.EDIT_PEOPLE,
    "end_sessions": Permission.EDIT_PEOPLE,
    "teams": Permission.SEE_PEOPLE,
    "add_team": Permission.EDIT_PEOPLE,
    "team": Permission.EDIT_PEOPLE,
    "delete_team": Permission.EDIT_PEOPLE,
    "audit": Permission.SEE_PEOPLE,
    "me": Permission.ENTER,
}
ONLY_POST = {"new_link", "end_sessions", "delete_team"}


def test_every_address_has_its_row() -> None:
    assert {pattern.name: mark_of(pattern.callback, "required_permission") for pattern in urlpatterns} == PAGES


@pytest.mark.parametrize("role", Role)
def test_opening_follows_the_table_and_changes_nothing(client_as: ClientAs, role: Role) -> None:
    client, addresses = client_as(role), _addresses()
    before = _rows()

    answers = {name: client.get(address).status_code for name, address in addresses.items()}

    assert answers == {name: _expected(role, name) for name in PAGES}
    assert _rows() == before


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_changing_people_is_refused_and_changes_nothing(client_as: ClientAs, role: Role) -> None:
    client, addresses = client_as(role), _addresses()
    before = _rows()

    answers = {name: client.post(address, {"role": "admin"}).status_code for name, address in addresses.items()}

    assert {answers[name] for name in PAGES if PAGES[name] is Permission.EDIT_PEOPLE} == {403}
    assert answers["person"] == 403
    assert _rows() == before


def test_pages_have_nothing_inline(client_as: ClientAs) -> None:
    client, addresses = client_as(Role.ADMIN), _addresses()
    pages = [client.get(address) for name, address in addresses.items() if name not in ONLY_POST]
    pages += [
        client.get(address)
        for address in (
            "/sign-in/sessions/",
            "/sign-in/reauthenticate/",
            "/sign-in/logout/",
            "/sign-in/password/change/",
            "/raw/",
            "/no/",
        )
    ]
    pages += [Client().get(address) for address in ("/sign-in/login/", "/sign-in/password/reset/", "/sign-in/signup/")]

    found = [
        (page.request["PATH_INFO"], hit)
        for page in pages
        for hit in re.findall(r"<[^>]*\s(?:style|on\w+)=|<style|<script(?![^>]*\ssrc=)[^>]*>", page.content.decode())
    ]

    assert found == []


@pytest.mark.django_db
@pytest.mark.parametrize("others", [1, 3])
@pytest.mark.parametrize("address", ["/people/", "/people/teams/", "/people/audit/"])
def test_lists_cost_the_same_for_any_number_of_rows(
    client_as: ClientAs, django_assert_num_queries: Callable[..., Any], others: int, address: str
) -> None:
    from accounts import audit

    client = client_as(Role.ADMIN)
    for _ in range(others):
        team = TeamFactory.create()
        team.members.set([UserFactory.create(), UserFactory.create()])
        audit.record(client.user, "changed", team)

    with django_assert_num_queries({"/people/": 5, "/people/teams/": 4, "/people/audit/": 4}[address]):
        client.get(address)


def _addresses() -> dict[str, str]:
    from django.urls import reverse

    person, team = UserFactory.create(), TeamFactory.create()
    team.members.set([person])
    needs = {"person": person, "new_link": person, "end_sessions": person, "team": team, "delete_team": team}
    return {
        name: reverse(f"accounts:{name}", kwargs={"pk": needs[name].pk} if name in needs else None) for name in PAGES
    }


def _expected(role: Role, name: str) -> int:
    if not role.may(PAGES[name]):
        return 403
    return 405 if name in ONLY_POST else 200


def _rows() -> dict[str, Any]:
    models = [*apps.get_app_config("accounts").get_models(), *apps.get_app_config("usersessions").get_models()]
    rows = {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}
    return rows | {"members": sorted(User.teams.through.objects.values_list("team_id", "user_id"))}
