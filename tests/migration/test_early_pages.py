"""The pages of chapters 1 to 3: what each role sees, and that they cost the same however many records stand behind."""

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.models import Customer, Stage
from integrations.migration.models import Company, Move, Stay
from integrations.sync.models import RecordLink
from tests.migration.conftest import done, measured
from tests.signed_in import ClientAs

pytestmark = pytest.mark.django_db

EARLY = ("hubspot", "hub", "old-off")


def queries(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(database) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def more(move: Move, number: int) -> None:
    """More customers to move, companies, and customers that stay behind."""
    stage = Stage.objects.get(is_default=True)
    for n in range(number):
        customer = Customer.objects.create(name=f"More {n}", stage=stage)
        RecordLink.objects.create(
            connection=move.old, object="customers", source_object="Company", source_id=f"M{n}", state="linked",
            hub_id=customer.pk,
        )  # fmt: skip
        stays = Customer.objects.create(name=f"Stays {n}", stage=stage)
        Stay.objects.create(move=move, hub_id=stays.pk, name=stays.name, reason="sold", by="Tom")
        for kind, old_id in (("unknown", f"X{n}"), ("twin", "M0"), ("outside", f"M{n}")):
            Move.objects.filter(pk=move.pk).update(census={"state": "done"})
            Company.objects.create(
                move=move, source_id=f"{kind}{n}", name=f"{kind} {n}", old_id=old_id, old_key=old_id, stage="Lead"
            )


def cleared() -> None:
    RecordLink.objects.filter(source_id="M0").delete()
    Company.objects.all().delete()
    Stay.objects.all().delete()


@pytest.fixture
def busy(move: Move, admin_user: User) -> Move:
    done(move, "old-id-field", "make", admin_user, name="Old CRM ID")
    done(move, "old-id-mapped", "map", admin_user)
    more(move, 1)
    for key in ("old-id-field", "old-id-mapped", "old-id-sample", "blocks-off", "old-retired"):
        measured(move, key)
    return Move.objects.get(pk=move.pk)


@pytest.mark.parametrize("chapter", EARLY)
def test_a_chapter_costs_the_same_for_one_and_for_many(client_as: ClientAs, busy: Move, chapter: str) -> None:
    admin, page = client_as(Role.ADMIN), reverse("migration:chapter", args=[busy.pk, chapter])
    few = queries(admin, page)

    cleared()
    more(busy, 3)

    assert queries(admin, page) == few
    assert few <= 45


@pytest.mark.parametrize("show", ["without", "twins", "unknown", "outside", "stays"])
def test_a_list_costs_the_same_for_one_and_for_many(client_as: ClientAs, move: Move, show: str) -> None:
    admin, page = client_as(Role.ADMIN), f"{reverse('migration:companies', args=[move.pk])}?show={show}"
    more(move, 1)
    few = queries(admin, page)
    cleared()
    more(move, 3)

    assert queries(admin, page) == few


@pytest.mark.requirement("R140", "R145", "R206")
def test_lists_are_searched_and_read_by_whoever_may_see_connections(client_as: ClientAs, move: Move) -> None:
    more(move, 3)
    manager, page = client_as(Role.MANAGER), reverse("migration:companies", args=[move.pk])

    by_name = manager.get(page, {"show": "unknown", "q": "unknown 1"}).content.decode()
    by_id = manager.get(page, {"show": "unknown", "q": "X2"}).content.decode()
    customers = manager.get(page, {"show": "without", "q": "A2"}).content.decode()

    assert ("unknown 1" in by_name, "unknown 2" in by_name) == (True, False)
    assert ("unknown 2" in by_id, "unknown 0" in by_id) == (True, False)
    assert ("Firm 2" in customers, "Firm 1" in customers) == (True, False)
    assert "https://paper.example/customers/A2" in customers
    assert "Let the chosen stay behind" not in customers
    assert "Take along again" not in manager.get(page, {"show": "stays"}).content.decode()


@pytest.mark.requirement("R140", "R205")
def test_customers_are_left_behind_with_a_reason_and_taken_along_again(client_as: ClientAs, move: Move) -> None:
    admin, pk = client_as(Role.ADMIN), Customer.objects.get(name="Firm 1").pk
    address = reverse("migration:stay", args=[move.pk])

    admin.post(address, {"customer": [pk], "reason": " "})
    assert not Stay.objects.exists()
    admin.post(address, {"customer": [pk, "x", "9" * 30], "reason": "sold"})
    stay = Stay.objects.get()
    assert (stay.name, stay.reason, stay.by) == ("Firm 1", "sold", admin.user.label)
    page = admin.get(reverse("migration:companies", args=[move.pk]), {"show": "stays"}).content.decode()
    assert "Firm 1" in page

    admin.post(reverse("migration:unstay", args=[move.pk]), {"stay": stay.pk})
    assert not Stay.objects.exists()


@pytest.mark.parametrize("chapter", EARLY)
@pytest.mark.requirement("R206")
def test_others_read_the_chapters_and_change_nothing(client_as: ClientAs, busy: Move, chapter: str) -> None:
    page = client_as(Role.SUPPORT).get(reverse("migration:chapter", args=[busy.pk, chapter])).content.decode()

    assert "/do/" not in page
    assert "/sign/" not in page


@pytest.mark.requirement("R205", "R206")
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.RESTRICTED_CSM, Role.SUPPORT, Role.READ_ONLY])
def test_only_an_admin_acts(client_as: ClientAs, move: Move, role: Role) -> None:
    client = client_as(role)
    for step, act in (
        ("old-id-field", "make"), ("old-id-mapped", "map"), ("old-id-filled", "sync"), ("blocks-off", "disable"),
        ("old-id-property", "make"), ("old-id-filled-there", "list"), ("old-id-filled-there", "stay"),
    ):  # fmt: skip
        assert client.post(reverse("migration:act", args=[move.pk, step, act])).status_code == 403


@pytest.mark.requirement("R222")
def test_the_listing_shows_how_far_it_is(client_as: ClientAs, move: Move) -> None:
    Move.objects.filter(pk=move.pk).update(census={"state": "running", "number": 1200, "left": 2200})

    page = client_as(Role.ADMIN).get(reverse("migration:chapter", args=[move.pk, "hubspot"])).content.decode()

    assert "1,200 of about 3,400 companies listed" in page
    assert '<progress value="1200" max="3400"' in page
    assert 'id="listing" hx-get' in page, "it goes on being shown"
