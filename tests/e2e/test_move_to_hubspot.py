"""The whole move in a browser, from either of two CRMs: trouble found, cured and proved, and a report that the team signs."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.moving import MINUTE, Mover

TAKE_OVER = (
    ("link", "Connect a CRM"),
    ("link", "Connect Salesforce"),
    ("button", "Connect Practice Salesforce"),
    ("button", "Allow as Inès Moreau"),
)
FINISH = (
    ("button", "Continue to Customers"),
    ("button", "Continue to Contacts"),
    ("button", "Continue to Review"),
    ("button", "Preview first"),
    ("button", "Apply exactly this"),
)


def press(person: Person, role: str, name: str) -> None:
    wanted = person.page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    expect(wanted).to_be_visible(timeout=MINUTE)
    wanted.click()


def connect_salesforce(person: Person) -> Mover:
    for role, name in TAKE_OVER:
        press(person, role, name)
    person.page.get_by_label("Active customers (CS)").check()
    for role, name in FINISH:
        press(person, role, name)
    expect(person.page.locator("main h1 .lamp", has_text="Done")).to_be_visible(timeout=MINUTE)
    return Mover(person, "Salesforce", "salesforce_id")


@pytest.mark.requirement("R129", "R130", "R131", "R132", "R133", "R134", "R135", "E3")
def test_salesforce_to_hubspot(person: Person) -> None:
    person.sign_in()
    mover = connect_salesforce(person)
    mover.plan()
    mover.find_trouble()
    mover.cure_trouble()
    mover.prepare_hub()
    mover.retire_old()
    mover.find_customers()
    mover.keep_values()
    mover.let_both_write()
