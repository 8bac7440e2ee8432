"""A newcomer's first hour: the first sync, the proof in the hub, a change in the CRM that arrives."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Demo, Person, listen
from tests.e2e.first_sync import first_sync

MOST_CLICKS = 12
PAGES = (
    "/",
    "/needs/",
    "/runs/",
    "/runs/1/preview/",
    "/runs/2/",
    "/log/",
    "/log/?action=create",
    "/explain/?q=Birchfield",
    "/workers/",
    "/connections/",
    "/connections/salesforce/",
    "/connections/salesforce/versions/",
    "/connections/salesforce/mapping/customers/",
    "/connections/salesforce/mapping/contacts/",
    "/connections/salesforce/records/customers/",
    "/connections/salesforce/records/contacts/",
    "/integrations/salesforce/",
    "/integrations/salesforce/salesforce/connect/",
    "/integrations/salesforce/salesforce/scope/",
    "/integrations/salesforce/salesforce/customers/",
    "/integrations/salesforce/salesforce/contacts/",
    "/integrations/salesforce/salesforce/agreements/",
    "/integrations/salesforce/salesforce/interactions/",
    "/integrations/salesforce/salesforce/scores/",
    "/integrations/salesforce/salesforce/review/",
    "/connections/salesforce/promote/",
    "/connections/salesforce/move/",
    "/connections/import/",
    "/runs/2/undo/",
    "/conflicts/",
    "/collisions/",
    "/alerts/",
    "/alerts/mine/",
    "/alerts/channels/",
    "/customers/",
    "/customers/1/",
    "/customers/1/peek/",
    "/customers/1/edit/",
    "/customers/1/contacts/new/",
    "/customers/1/interactions/new/",
    "/customers/scores/",
    "/agreements/",
    "/interactions/",
    "/money/",
    "/mailbox-and-calendar/",
    "/api/tokens/",
    "/customers/?q=nothing-is-called-this",
    "/contacts/",
    "/contacts/1/",
    "/people/",
    "/people/add/",
    "/people/teams/",
    "/people/audit/",
    "/people/me/",
    "/raw/",
    "/raw/sync/change/",
)
TOO_WIDE = """() => [...document.querySelectorAll("main .sheet, main .pad, main .note, main .steps li")]
  .filter((card) => card.checkVisibility() && card.scrollWidth > card.clientWidth + 1 && getComputedStyle(card).overflowX === "visible")
  .map((card) => card.textContent.trim().slice(0, 60))"""
LOOKS = (
    pytest.param(1440, "light", id="desktop-light"),
    pytest.param(1440, "dark", id="desktop-dark"),
    pytest.param(390, "light", id="phone-light"),
    pytest.param(390, "dark", id="phone-dark"),
    pytest.param(320, "light", id="zoomed"),
)


@pytest.fixture(scope="module")
def synced(browser: Browser, demo: Demo) -> Person:
    """The clicks of the first sync, made once for this module."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    newcomer = Person(context.new_page(), demo)
    listen(newcomer)
    first_sync(newcomer, newcomer.sign_in, newcomer.click)
    context.close()
    return newcomer


@pytest.mark.requirement("R3", "C17")
def test_first_sync_takes_few_clicks_and_no_complaint(synced: Person) -> None:
    assert synced.clicks <= MOST_CLICKS
    assert synced.complaints == []


def test_customers_have_arrived(synced: Person, person: Person) -> None:
    person.sign_in("CSM")

    person.go("/customers/")

    expect(person.page.get_by_text("Rows 1 to 50 of 420")).to_be_visible()


@pytest.mark.requirement("R198", "R199", "R200", "R201", "R229")
def test_eye_shows_id_crm_and_last_sync(synced: Person, person: Person) -> None:
    person.sign_in("CSM")
    person.go("/customers/")

    person.page.get_by_role("link", name="Open the preview of").first.click()

    preview = person.page.get_by_role("dialog").or_(person.page.locator("main")).last
    expect(preview).to_contain_text("001Pr")
    expect(preview).to_contain_text("Salesforce")
    expect(preview.locator("time").first).to_be_attached()


def test_filters_fold_on_a_phone(synced: Person, person: Person) -> None:
    person.page.set_viewport_size({"width": 390, "height": 844})
    person.sign_in("CSM")
    person.go("/customers/?family=parents")

    expect(person.page.get_by_label("Stage", exact=True)).to_be_hidden()
    person.click("button", "Filters: 1 set")

    expect(person.page.get_by_label("Stage", exact=True)).to_be_visible()


@pytest.mark.requirement("R5")
def test_change_in_the_crm_arrives(synced: Person, person: Person) -> None:
    person.sign_in()
    person.page.goto(person.demo.practice)
    person.page.get_by_role("link", name="Accounts").first.click()
    person.page.locator("main table a").first.click()
    person.page.get_by_label("Account Name").fill("Renamed by a newcomer")
    person.page.get_by_role("button", name="Save").first.click()
    # Salesforce stamps whole seconds: a reading ends before the second in which it begins.
    person.page.wait_for_timeout(2000)

    person.go("/connections/salesforce/")
    person.page.get_by_role("button", name="Sync now").first.click()
    expect(person.page.locator("main h1 .lamp", has_text="Done")).to_be_visible(timeout=60_000)
    person.go("/customers/?q=Renamed+by+a+newcomer")

    expect(person.page.get_by_role("link", name="Renamed by a newcomer").first).to_be_visible()


@pytest.fixture
def visitor(browser: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Person]:
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale="en-GB", color_scheme=scheme, reduced_motion="reduce"
    )
    found = Person(context.new_page(), demo)
    listen(found)
    yield found
    context.close()


@pytest.mark.parametrize(
    "visitor", [pytest.param((look.values[0], look.values[1]), id=look.id) for look in LOOKS], indirect=True
)
def test_every_page_is_clean(synced: Person, visitor: Person) -> None:
    """No axe violation, no complaint of the browser, nothing wider than the screen."""
    visitor.sign_in()
    found: dict[str, object] = {}

    for path in PAGES:
        visitor.go(path)
        visitor.page.wait_for_load_state("networkidle")
        wide = visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        violations = Axe().run(visitor.page).response["violations"]
        problems = [f"{problem['id']}: {problem['nodes'][0]['html'][:160]}" for problem in violations]
        if wide > 0:
            problems.append(f"{wide} px wider than the screen")
        problems += [f"{card} runs out of its card" for card in visitor.page.evaluate(TOO_WIDE)]
        if problems:
            found[path] = problems

    assert found == {}
    assert visitor.complaints == []
