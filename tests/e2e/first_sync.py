"""What a newcomer does from sign-in to a finished first sync on the practice Salesforce."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Person

STEPS = (
    ("link", "Connect a CRM"),
    ("link", "Connect Salesforce"),
    ("button", "Connect Practice Salesforce"),
    ("button", "Allow as Inès Moreau"),
    ("button", "Continue to Customers"),
    ("button", "Continue to Contacts"),
    ("button", "Continue to Review"),
    ("button", "Preview first"),
    ("button", "Apply exactly this"),
)


def first_sync(person: Person, sign_in: Callable[[], None], act: Callable[[str, str], None]) -> None:
    sign_in()
    for role, name in STEPS:
        expect(person.page.get_by_role(role, name=name).first).to_be_visible(timeout=60_000)  # type: ignore[arg-type]
        act(role, name)
    expect(person.page.locator("main h1 .lamp", has_text="Done")).to_be_visible(timeout=60_000)
