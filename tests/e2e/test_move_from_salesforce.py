"""The whole move in a browser, from Salesforce: trouble found, cured and proved, and a report that the team signs."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.moving import connect, move


@pytest.mark.requirement("R129", "R130", "R131", "R132", "R133", "R134", "R135", "R221", "E3", "E7")
def test_salesforce_to_hubspot_with_stripe_and_intercom(person: Person) -> None:
    person.sign_in()
    mover = connect(person, "salesforce", "Salesforce", "salesforce_id", view="Active customers (CS)")
    mover.connect_tools()
    move(mover)
    mover.update_tools()
    mover.validate()
    mover.sign_report()
    person.go("/moves/")
    expect(person.page.locator("main")).to_contain_text("Signed")
