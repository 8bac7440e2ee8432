import re

import pytest
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from accounts import people
from accounts.models import AuditEntry, User
from accounts.permissions import Role
from tests.factories import PASSWORD, UserFactory
from tests.signed_in import ClientAs

pytestmark = pytest.mark.django_db
DOOR = "/sign-in/login/"
NEW = "green-harbour-33-sail"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post(DOOR, {"login": email, "password": password}).status_code


def test_sign_in_by_e_mail_in_any_case(client: Client) -> None:
    UserFactory.create(email="tom@aldervale.example")

    assert sign_in(client, "Tom@Aldervale.Example") == 302
    assert client.get("/").status_code == 200


def test_sign_in_leads_on_to_where_one_wanted(client: Client) -> None:
    user = UserFactory.create(role=Role.ADMIN)

    response = client.post(DOOR, {"login": user.email, "password": PASSWORD, "next": "/people/"})

    assert response["Location"] == "/people/"


def test_sign_in_does_not_lead_to_strangers(client: Client) -> None:
    user = UserFactory.create()

    response = client.post(DOOR, {"login": user.email, "password": PASSWORD, "next": "https://evil.example/"})

    assert response["Location"] == "/"


def test_sign_in_changes_the_session_key(client: Client) -> None:
    user = UserFactory.create()
    session = client.session
    session["planted"] = "by somebody"
    session.save()
    planted = session.session_key

    sign_in(client, user.email)

    assert client.session.session_key != planted


def test_sign_in_and_out_are_recorded(client: Client) -> None:
    user = UserFactory.create()

    sign_in(client, user.email)
    client.post("/sign-in/logout/")

    assert [(e.verb, e.actor_id, e.address) for e in AuditEntry.objects.order_by("pk")] == [
        ("signed in", user.pk, "127.0.0.1"),
        ("signed out", user.pk, "127.0.0.1"),
    ]
    assert client.get("/").status_code == 302


def test_signing_out_needs_a_post(client: Client) -> None:
    user = UserFactory.create()
    sign_in(client, user.email)

    client.get("/sign-in/logout/")

    assert client.get("/").status_code == 200


def test_failed_sign_in_is_recorded_without_what_was_typed(client: Client) -> None:
    user = UserFactory.create()

    sign_in(client, user.email, "almost-the-right-one")

    [entry] = AuditEntry.objects.all()
    assert (entry.verb, entry.object_id, entry.actor) == ("sign-in failed", str(user.pk), "")
    assert "almost-the-right-one" not in str(AuditEntry.objects.values().get())


@pytest.mark.parametrize("known", [True, False])
def test_failed_sign_in_answers_alike_for_known_and_unknown(client: Client, known: bool) -> None:
    email = UserFactory.create().email if known else "nobody@aldervale.example"

    page = client.post(DOOR, {"login": email, "password": "wrong"}).content.decode()

    assert "E-mail and password do not match." in page


def test_tenth_wrong_password_locks_even_the_right_one(client: Client) -> None:
    user, other = UserFactory.create(), UserFactory.create()
    for _ in range(10):
        sign_in(client, user.email, "wrong")

    page = client.post(DOOR, {"login": user.email, "password": PASSWORD}).content.decode()

    assert "Too many tries. Wait 15 minutes" in page
    assert client.get("/").status_code == 302
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere, other.email) == 302


def test_nine_wrong_passwords_do_not_lock(client: Client) -> None:
    user = UserFactory.create()
    for _ in range(9):
        sign_in(client, user.email, "wrong")

    assert sign_in(client, user.email) == 302


def test_locked_account_is_locked_from_other_addresses_too() -> None:
    user = UserFactory.create()
    for n in range(10):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{n + 1}"), user.email, "wrong")

    page = Client(REMOTE_ADDR="192.0.2.99").post(DOOR, {"login": user.email, "password": PASSWORD}).content.decode()

    assert "Too many tries" in page


def test_switched_off_person_does_not_get_in(client: Client) -> None:
    user = UserFactory.create(is_active=False)

    sign_in(client, user.email)

    assert client.get("/").status_code == 302


def test_sign_up_is_closed(client: Client) -> None:
    form = {"email": "new@aldervale.example", "password1": NEW, "password2": NEW}

    pages = [client.get("/sign-in/signup/"), client.post("/sign-in/signup/", form)]

    assert ["There is no sign-up page" in page.content.decode() for page in pages] == [True, True]
    assert User.objects.count() == 0


def test_forgotten_password_link_ignores_a_forged_host(client: Client, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    user = UserFactory.create()

    client.post("/sign-in/password/reset/", {"email": user.email}, headers={"host": "evil.example"})

    [message] = mail.outbox
    assert message.to == [user.email]
    assert re.findall(r"https?://[^/\s]+", str(message.body)) == ["https://sync.aldervale.example"]


def test_forgotten_password_of_a_stranger_sends_nothing_and_says_the_same(client: Client) -> None:
    user = UserFactory.create()

    pages = [
        client.post("/sign-in/password/reset/", {"email": email}, follow=True).content.decode()
        for email in (user.email, "nobody@aldervale.example")
    ]

    assert ["If somebody with this e-mail is known here" in page for page in pages] == [True, True]
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_one_time_link_sets_a_password_once(client: Client) -> None:
    user = UserFactory.create(password=None)
    link = people.one_time_link(user)

    first = _set_password(client, link, NEW)
    again = Client().get(_path(link), follow=True).content.decode()

    assert "The password is set" in first
    assert sign_in(Client(), user.email, NEW) == 302
    assert "This link no longer works" in again


def test_one_time_link_refuses_a_weak_password(client: Client) -> None:
    user = UserFactory.create(password=None)

    page = _set_password(client, people.one_time_link(user), "short")

    assert "at least 10 characters" in page
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_changed_password_ends_the_other_sessions(client: Client) -> None:
    user, other = UserFactory.create(), Client()
    sign_in(other, user.email)
    sign_in(client, user.email)

    client.post("/sign-in/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert (client.get("/").status_code, other.get("/").status_code) == (200, 302)
    entry = AuditEntry.objects.get(verb="password changed")
    assert (entry.actor_id, entry.after) == (user.pk, {"other sessions ended": 1})


def test_own_sessions_are_listed_and_the_others_ended(client: Client) -> None:
    user, other = UserFactory.create(), Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    sign_in(other, user.email)
    sign_in(client, user.email)

    page = client.get("/sign-in/sessions/").content.decode()
    client.post("/sign-in/sessions/")

    assert "Firefox on Linux" in page
    assert (client.get("/").status_code, other.get("/").status_code) == (200, 302)
    assert UserSession.objects.filter(user=user).count() == 1


def test_door_is_no_place_for_frames_or_strangers_scripts(client: Client) -> None:
    response = client.get(DOOR)

    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_address_of_a_hostile_form_is_not_kept(client: Client, client_as: ClientAs) -> None:
    sign_in(client, "x\r\nforged: line@aldervale.example")

    assert [c for entry in AuditEntry.objects.all() for c in entry.label if not c.isprintable()] == []


def _path(link: str) -> str:
    return link.removeprefix("https://sync.aldervale.example")


def _set_password(client: Client, link: str, password: str) -> str:
    form = client.get(_path(link), follow=True)
    address = form.redirect_chain[-1][0]
    return client.post(address, {"password1": password, "password2": password}, follow=True).content.decode()
