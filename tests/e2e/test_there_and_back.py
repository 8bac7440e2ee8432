"""An edit here reaches the practice Salesforce, and the run that sent it is taken back."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.first_sync import first_sync

AFTER = "Edited in the hub"


@pytest.mark.requirement("R8", "R14", "C25", "E2")
def test_edit_goes_out_and_comes_back_by_undo(person: Person) -> None:
    first_sync(person, person.sign_in, person.click)
    page = person.page
    person.go("/integrations/salesforce/salesforce/customers/")
    page.locator("input[name=mode][value=two-way]").check()
    expect(page.get_by_label("Let every field that Salesforce lets us write go both ways")).to_be_checked()
    page.get_by_role("button", name="Save and leave").click()
    person.go("/connections/salesforce/mapping/customers/")
    expect(page.locator("input[name=line-name-direction][value=both]")).to_be_checked()
    person.go("/customers/")
    page.locator("main table tbody a").first.click()
    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Name").first.fill(AFTER)
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("main h1")).to_contain_text(AFTER)

    sync_now(person)
    sent = page.url
    assert is_there(person, AFTER)
    page.goto(sent)
    page.get_by_role("link", name="Undo this run").click()
    page.get_by_label("Why is it taken back?").fill("The name was right before.")
    page.get_by_role("button", name="Undo this run").click()
    expect(page.locator("main h1 .lamp", has_text="Done")).to_be_visible(timeout=60_000)

    assert not is_there(person, AFTER)


def sync_now(person: Person) -> None:
    person.go("/connections/salesforce/")
    person.page.get_by_role("button", name="Sync now").first.click()
    expect(person.page.locator("main h1 .lamp", has_text="Done")).to_be_visible(timeout=60_000)


def is_there(person: Person, name: str) -> bool:
    """On the practice Salesforce's own page: in a row of it, beside the search field that repeats what was asked."""
    answer = person.page.request.get(f"{person.demo.practice}/salesforce/Account?q={quote(name)}")
    return answer.ok and f">{name}</a>" in answer.text()
