"""The same first sync without a mouse, and the queue that it leaves."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Person
from tests.e2e.first_sync import first_sync


@pytest.mark.requirement("R3")
def test_first_sync_by_keyboard_alone(person: Person) -> None:
    first_sync(person, person.key_in, person.key_to)

    assert person.clicks == 9
    walk_through_queue(person)


def walk_through_queue(person: Person) -> None:
    """J and K open what they step to: the keys that decide are never about another one."""
    person.go("/collisions/")
    waiting = person.page.locator("[data-queue-item]")
    last = waiting.count() - 1
    assert last > 0
    for place in range(1, last + 1):
        person.page.keyboard.press("j")
        expect_open(waiting.nth(place))
    person.page.keyboard.press("j")
    expect_open(waiting.nth(last))
    person.page.keyboard.press("k")
    expect_open(waiting.nth(last - 1))


def expect_open(item: Locator) -> None:
    expect(item).to_have_attribute("aria-current", "true")
