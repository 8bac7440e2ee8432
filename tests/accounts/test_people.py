import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from accounts import people
from accounts.models import AuditEntry, User
from accounts.people import LastAdminError
from accounts.permissions import Role
from tests.factories import PASSWORD, TeamFactory, UserFactory
from tests.signed_in import ClientAs

pytestmark = pytest.mark.django_db


def form_of(user: User, **changes: object) -> dict[str, object]:
    return {"name": user.name, "role": user.role, "is_active": "on", **changes}


def test_adding_sends_a_link_and_shows_it_once(client_as: ClientAs) -> None:
    client, team = client_as(Role.ADMIN), TeamFactory.create(name="North")

    response = client.post(
        "/people/add/",
        {"name": "Tom Okafor", "email": "Tom@Aldervale.example", "role": "restricted_csm", "teams": [team.pk]},
    )

    tom = User.objects.get(email="tom@aldervale.example")
    [message] = mail.outbox
    link = next(line for line in message.body.splitlines() if line.startswith("https://"))
    assert (tom.name, tom.role, list(tom.teams.all()), tom.has_usable_password()) == (
        "Tom Okafor",
        "restricted_csm",
        [team],
        False,
    )
    assert link in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert [(e.verb, e.label) for e in AuditEntry.objects.order_by("pk")] == [
        ("created", "Tom Okafor"),
        ("invited", "Tom Okafor"),
    ]
    assert link.rsplit("-", 1)[1].strip("/") not in str(list(AuditEntry.objects.values()))


def test_adding_takes_no_field_that_the_form_does_not_have(client_as: ClientAs) -> None:
    form = {"name": "Tom", "email": "t@a.example", "role": "csm", "is_superuser": "1", "password": "x", "is_active": ""}

    client_as(Role.ADMIN).post("/people/add/", form)

    tom = User.objects.get(email="t@a.example")
    assert (tom.is_staff, tom.is_active, tom.has_usable_password()) == (False, True, False)


def test_adding_somebody_twice_is_refused(client_as: ClientAs) -> None:
    UserFactory.create(email="tom@aldervale.example")

    response = client_as(Role.ADMIN).post(
        "/people/add/", {"name": "T", "email": "TOM@aldervale.example", "role": "csm"}
    )

    assert "Somebody with this e-mail is already here." in response.content.decode()
    assert mail.outbox == []


def test_changing_a_role_is_recorded_with_before_and_after(client_as: ClientAs) -> None:
    client, tom = client_as(Role.ADMIN), UserFactory.create(name="Tom Okafor")

    client.post(f"/people/{tom.pk}/", form_of(tom, role="manager"))

    assert User.objects.get(pk=tom.pk).role == "manager"
    [entry] = AuditEntry.objects.all()
    assert (entry.verb, entry.actor_id, entry.label) == ("changed", client.user.pk, "Tom Okafor")
    assert (entry.before, entry.after) == ({"role": "CSM"}, {"role": "Manager"})


def test_saving_without_a_change_records_nothing(client_as: ClientAs) -> None:
    tom = UserFactory.create()

    client_as(Role.ADMIN).post(f"/people/{tom.pk}/", form_of(tom))

    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("changes", [{"role": "csm"}, {"is_active": ""}])
def test_last_admin_stays(client_as: ClientAs, changes: dict[str, str]) -> None:
    client = client_as(Role.ADMIN)
    UserFactory.create(role=Role.ADMIN, is_active=False)

    page = client.post(f"/people/{client.user.pk}/", form_of(client.user, **changes)).content.decode()

    stayed = User.objects.get(pk=client.user.pk)
    assert (stayed.role, stayed.is_active) == ("admin", True)
    assert "This is the last admin" in page or "You cannot switch off your own sign-in" in page


def test_last_admin_cannot_be_switched_off_by_a_command_either(admin_user: User) -> None:
    with pytest.raises(LastAdminError):
        people.change_person(None, admin_user, name="x", role=Role.ADMIN, teams=[], is_active=False)

    assert User.objects.get(pk=admin_user.pk).is_active


def test_one_of_two_admins_may_go(client_as: ClientAs, admin_user: User) -> None:
    client_as(Role.ADMIN).post(f"/people/{admin_user.pk}/", form_of(admin_user, role="read_only"))

    assert User.objects.get(pk=admin_user.pk).role == "read_only"


def test_nobody_switches_themselves_off(client_as: ClientAs, admin_user: User) -> None:
    client = client_as(Role.ADMIN)

    page = client.post(f"/people/{client.user.pk}/", form_of(client.user, is_active="")).content.decode()

    assert "You cannot switch off your own sign-in; another admin can." in page
    assert User.objects.get(pk=client.user.pk).is_active


def test_switching_off_ends_all_sessions_at_once(client_as: ClientAs) -> None:
    tom = UserFactory.create()
    devices = [_signed_in(tom), _signed_in(tom)]

    client_as(Role.ADMIN).post(f"/people/{tom.pk}/", form_of(tom, is_active=""))

    assert [device.get("/").status_code for device in devices] == [302, 302]
    assert UserSession.objects.filter(user=tom).count() == 0
    assert AuditEntry.objects.filter(verb="disabled", label=tom.name).count() == 1


def test_ending_sessions_leaves_the_person_free_to_sign_in(client_as: ClientAs) -> None:
    tom = UserFactory.create()
    device = _signed_in(tom)

    client_as(Role.ADMIN).post(f"/people/{tom.pk}/sessions/")

    assert device.get("/").status_code == 302
    assert _signed_in(tom).get("/").status_code == 200
    assert AuditEntry.objects.get(verb="sessions ended").after == {"ended": 1}


def test_new_link_is_not_given_to_somebody_switched_off(client_as: ClientAs) -> None:
    tom = UserFactory.create(is_active=False)

    assert client_as(Role.ADMIN).post(f"/people/{tom.pk}/link/").status_code == 404
    assert mail.outbox == []


def test_new_link_makes_the_old_password_no_worse(client_as: ClientAs) -> None:
    tom = UserFactory.create()

    client_as(Role.ADMIN).post(f"/people/{tom.pk}/link/")

    assert User.objects.get(pk=tom.pk).check_password(PASSWORD)


def test_person_is_read_only_for_a_manager(client_as: ClientAs) -> None:
    tom = UserFactory.create(name="Tom Okafor")

    page = client_as(Role.MANAGER).get(f"/people/{tom.pk}/").content.decode()

    assert "only admins change this" in page
    assert "Save this person" not in page
    assert "End " not in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ann", "Bo", "Zoe"]),
        ("?q=bo", ["Bo"]),
        ("?q=zoe%40", ["Zoe"]),
        ("?role=csm", ["Bo"]),
        ("?sort=-name", ["Zoe", "Bo", "Ann"]),
        ("?sort=password", ["Ann", "Bo", "Zoe"]),
        ("?role=nonsense", []),
    ],
)
def test_list_is_searched_and_sorted(client_as: ClientAs, query: str, names: list[str]) -> None:
    ann = UserFactory.create(name="Ann", role=Role.ADMIN)
    UserFactory.create(name="Bo", role=Role.CSM)
    UserFactory.create(name="Zoe", email="zoe@aldervale.example", role=Role.READ_ONLY)

    response = client_as(ann).get(f"/people/{query}")

    assert [person.name for person in response.context["page"]] == names


def test_hostile_name_stays_text(client_as: ClientAs) -> None:
    UserFactory.create(name="<script>alert(1)</script>")

    page = client_as(Role.ADMIN).get("/people/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_teams_are_added_changed_and_deleted_with_a_trace(client_as: ClientAs) -> None:
    client, tom = client_as(Role.ADMIN), UserFactory.create(name="Tom")

    client.post("/people/teams/add/", {"name": "North", "members": [tom.pk]})
    team = tom.teams.get()
    client.post(f"/people/teams/{team.pk}/", {"name": "South", "members": []})
    client.post(f"/people/teams/{team.pk}/delete/")

    assert [(e.verb, e.before, e.after) for e in AuditEntry.objects.order_by("pk")] == [
        ("created", {"name": None, "members": None}, {"name": "North", "members": ["Tom"]}),
        ("changed", {"name": "North", "members": ["Tom"]}, {"name": "South", "members": []}),
        ("deleted", {"name": "South", "members": []}, None),
    ]
    assert User.objects.filter(pk=tom.pk).exists()


def test_own_name_is_changed_and_nothing_else(client_as: ClientAs) -> None:
    client = client_as(Role.READ_ONLY)

    client.post("/people/me/", {"name": "Rosa Vidal", "role": "admin", "email": "x@x.example"})

    me = User.objects.get(pk=client.user.pk)
    assert (me.name, me.role, me.email) == ("Rosa Vidal", "read_only", client.user.email)


def _signed_in(user: User) -> Client:
    client = Client()
    client.post("/sign-in/login/", {"login": user.email, "password": PASSWORD})
    return client
