"""8.2.2: a restricted CSM learns nothing of anybody else's customers: not by id, search, list, count, preview or file."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.models import Contact, Customer
from tests.factories import TeamFactory, UserFactory
from tests.hub.factories import ContactFactory, CsmOwnerFactory, CustomerFactory
from tests.pages.factories import ChangeFactory, ConnectionFactory, LinkFactory, RunFactory, StateFactory
from tests.security.crawl import body
from tests.signed_in import ClientAs, SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R206")]

FOREIGN = ("Foreignwood", "foreignwood.example", "001FOREIGN", "Foreigner", "foreigner@")


@pytest.fixture
def mia() -> User:
    return UserFactory.create(role=Role.RESTRICTED_CSM, email="mia@aldervale.example")


@pytest.fixture
def world(mia: User) -> dict[str, Any]:
    """One own customer and one foreign one, which is its parent; everything about the foreign one can be told by its name."""
    colleague = UserFactory.create(email="tom@aldervale.example")
    TeamFactory.create(name="Without Mia").members.add(colleague)
    foreign = CustomerFactory.create(
        name="Foreignwood Ltd",
        ref_id="001FOREIGN",
        domain="foreignwood.example",
        csm=CsmOwnerFactory.create(email=colleague.email),
    )
    own = CustomerFactory.create(name="Own Works", csm=CsmOwnerFactory.create(email=mia.email), parent=foreign)
    contact = ContactFactory.create(customer=foreign, last_name="Foreigner", email="foreigner@foreignwood.example")
    ContactFactory.create(customer=own, last_name="Ownsen")
    connection = ConnectionFactory.create(slug="paper")
    StateFactory.create(connection=connection)
    run = RunFactory.create(connection=connection)
    for row in (foreign, own):
        LinkFactory.create(connection=connection, hub_id=row.pk, name=row.name)
        ChangeFactory.create(of=run, hub_id=row.pk, after={"name": row.name})
    return {"foreign": foreign, "own": own, "contact": contact, "run": run}


@pytest.fixture
def browser(client_as: ClientAs, mia: User, world: dict[str, Any]) -> SignedIn:
    return client_as(mia)


def test_no_page_within_reach_tells_of_a_foreign_customer(browser: SignedIn, world: dict[str, Any]) -> None:
    from tests.security import crawl

    seen = 0
    for address, page in crawl.pages(browser, "/customers/", "/contacts/", f"/customers/{world['own'].pk}/"):
        if page.status_code == 200:
            told = [name for name in FOREIGN if name in body(page).decode()]
            assert told == [], address
            seen += 1

    assert seen > 5


@pytest.mark.parametrize("name", ["hub:customer", "hub:customer-peek", "hub:contact", "hub:contact-peek"])
def test_foreign_id_is_not_there(browser: SignedIn, world: dict[str, Any], name: str) -> None:
    row = world["contact"] if "contact" in name else world["foreign"]

    foreign = browser.get(reverse(name, args=[row.pk]))
    nobodys = browser.get(reverse(name, args=[999_999]))

    assert (foreign.status_code, nobodys.status_code) == (404, 404)


@pytest.mark.parametrize(
    "query",
    [
        "/customers/?q=Foreignwood", "/customers/?q=001FOREIGN", "/customers/?peek={foreign}", "/customers/?csm={owner}",
        "/customers/?family=parents", "/customers/?contacts=some", "/customers/?source=paper", "/contacts/?q=Foreigner",
        "/contacts/?q=Foreignwood", "/contacts/?customer={foreign}", "/contacts/?peek={contact}", "/contacts/?source=paper",
        "/contacts/?sort=customer", "/customers/?sort=-csm&page=1",
    ],
)  # fmt: skip
def test_lists_and_their_counts_know_own_ones_only(browser: SignedIn, world: dict[str, Any], query: str) -> None:
    address = query.format(foreign=world["foreign"].pk, contact=world["contact"].pk, owner=world["foreign"].csm_id)

    page = browser.get(address)

    own_customers, own_contacts = (
        {world["own"].pk},
        set(Contact.objects.filter(customer=world["own"]).values_list("pk", flat=True)),
    )
    listed = {row.pk for row in page.context["page"].object_list}
    assert page.status_code == 200
    assert listed <= (own_customers if address.startswith("/customers/") else own_contacts)
    assert page.context["page"].paginator.count == len(listed)
    assert page.context["peek"] is None
    if "q=" not in query:
        # Where words were asked for, the page repeats them.
        assert [name for name in FOREIGN if name in page.content.decode()] == []


@pytest.mark.parametrize(
    "path",
    [
        "/log/",
        "/log/?csv=1",
        "/explain/?q=Foreignwood",
        "/runs/",
        "/runs/{run}/",
        "/runs/{run}/preview/?csv=1",
        "/connections/paper/records/customers/",
        "/raw/hub/customer/",
        "/needs/",
    ],
)
def test_pages_and_files_that_name_everybody_are_closed(browser: SignedIn, world: dict[str, Any], path: str) -> None:
    assert browser.get(path.format(run=world["run"].pk)).status_code == 403


def test_customer_that_changes_hands_is_gone_with_the_next_click(browser: SignedIn, world: dict[str, Any]) -> None:
    address = reverse("hub:customer", args=[world["own"].pk])
    before = browser.get(address).status_code

    Customer.objects.filter(pk=world["own"].pk).update(csm=world["foreign"].csm)

    assert (before, browser.get(address).status_code) == (200, 404)
