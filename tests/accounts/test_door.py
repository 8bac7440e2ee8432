import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.models import User
from accounts.permissions import Role
from tests.factories import UserFactory
from tests.signed_in import ClientAs


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/people/", "/connection/?tab=2", "/unmarked/", "/raw/", "/raw/login/"])
def test_page_without_sign_in_leads_to_the_door(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/login/?next=")


@pytest.mark.django_db
def test_public_page_needs_no_sign_in(client: Client) -> None:
    assert client.get("/open/").content == b"open"


def test_unmarked_page_is_closed_even_for_admins(client_as: ClientAs) -> None:
    response = client_as(Role.ADMIN).get("/unmarked/")

    assert response.status_code == 403
    assert b"nobody should read this" not in response.content


@pytest.mark.requirement("R206")
@pytest.mark.parametrize(
    ("role", "reads", "changes"),
    [
        (Role.ADMIN, 200, 200),
        (Role.MANAGER, 200, 403),
        (Role.CSM, 200, 403),
        (Role.RESTRICTED_CSM, 403, 403),
        (Role.SUPPORT, 200, 403),
        (Role.READ_ONLY, 403, 403),
    ],
)
def test_reading_and_changing_ask_for_their_own_permission(
    client_as: ClientAs, role: Role, reads: int, changes: int
) -> None:
    client = client_as(role)

    assert (client.get("/connection/").status_code, client.post("/connection/").status_code) == (reads, changes)


def test_refusal_says_which_role_and_who_has_it(client_as: ClientAs, admin_user: User) -> None:
    response = client_as(Role.CSM).post("/connection/")

    page = response.content.decode()
    assert "You are signed in as CSM. To create or change connections, another role is needed: Admin." in page
    assert "Inès Moreau" in page
    assert "Nothing was changed." in page


def test_refusal_by_a_view_has_the_same_page(client_as: ClientAs) -> None:
    response = client_as(Role.ADMIN).get("/refused/")

    assert response.status_code == 403
    assert "not yours to see" in response.content.decode()


def test_role_change_counts_from_the_next_click(client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    before = client.get("/connection/").status_code
    User.objects.filter(pk=client.user.pk).update(role=Role.READ_ONLY)

    assert (before, client.get("/connection/").status_code) == (200, 403)


def test_switched_off_person_is_out_at_the_next_click(client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    User.objects.filter(pk=client.user.pk).update(is_active=False)

    assert client.get("/")["Location"] == "/sign-in/login/?next=/"


def test_session_ends_after_seven_days(client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    _set(client, sessions.SIGNED_IN_AT, timezone.now() - timedelta(days=7, minutes=1))

    assert client.get("/")["Location"] == "/sign-in/login/?next=/"


def test_session_lasts_just_under_seven_days(client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    _set(client, sessions.SIGNED_IN_AT, timezone.now() - timedelta(days=6, hours=23))

    assert client.get("/").status_code == 200


def test_session_of_unknown_beginning_ends(client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    session = client.session
    del session[sessions.SIGNED_IN_AT]
    session.save()

    assert client.get("/").status_code == 302


def test_activity_moves_the_expiry_and_last_seen(client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    _set(client, sessions.SEEN_AT, timezone.now() - timedelta(hours=2))
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=6))
    User.objects.update(last_seen=None)

    client.get("/")

    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=7, minutes=59)
    assert User.objects.get(pk=client.user.pk).last_seen is not None


def test_activity_within_a_minute_writes_nothing(
    client_as: ClientAs, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = client_as(Role.CSM)

    with django_assert_num_queries(2):  # the session and the person
        client.get("/")


def test_polling_does_not_keep_the_session_alive(client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    _set(client, sessions.SEEN_AT, timezone.now() - timedelta(hours=2))
    soon = timezone.now() + timedelta(hours=6)
    Session.objects.update(expire_date=soon)

    client.get("/", headers={"hx-request": "true"})

    assert Session.objects.get().expire_date == soon


@pytest.mark.django_db
def test_fragment_without_sign_in_sends_the_browser_to_the_door(client: Client) -> None:
    response = client.get("/people/", headers={"hx-request": "true", "hx-current-url": "http://testserver/?tab=1"})

    assert response["HX-Redirect"] == "/sign-in/login/?next=/%3Ftab%3D1"
    assert response.content == b""


def test_signed_in_pages_are_not_stored(client_as: ClientAs) -> None:
    assert client_as(Role.CSM).get("/")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("address", ["email/", "password/set/", "confirm-email/", "login/code/confirm/"])
def test_sign_in_pages_that_are_not_offered_are_not_there(client_as: ClientAs, address: str) -> None:
    assert client_as(Role.CSM).get(f"/sign-in/{address}").status_code == 404


def test_fault_shows_a_reference_that_the_log_has(client_as: ClientAs, caplog: pytest.LogCaptureFixture) -> None:
    from accounts.reference import AddReference

    client = client_as(Role.CSM)
    client.raise_request_exception = False
    caplog.handler.addFilter(AddReference())

    with caplog.at_level(logging.ERROR, "django.request"):
        page = client.get("/broken/").content.decode()

    [reference] = {record.__dict__["reference"] for record in caplog.records if record.name == "django.request"}
    assert f"<code>{reference}</code>" in page
    assert len(reference) == 8
    assert "a fault with a secret inside" not in page


def test_missing_page_says_so(client_as: ClientAs) -> None:
    response = client_as(Role.CSM).get("/nothing/here/")

    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


@pytest.mark.django_db
def test_two_people_cannot_share_an_address_in_another_case() -> None:
    UserFactory.create(email="Tom@Aldervale.example")

    with pytest.raises(Exception, match=r"(?i)unique"):
        UserFactory.create(email="tom@aldervale.EXAMPLE")


def _set(client: Client, name: str, moment: datetime) -> None:
    session = client.session
    session[name] = moment.timestamp()
    session.save()
