"""The whole move in a browser, from Pipedrive: trouble found, cured and proved, and a report that the team signs."""

import pytest

from tests.e2e.conftest import Person
from tests.e2e.moving import connect, move


@pytest.mark.requirement("R129", "R131", "R132", "R133", "R135", "E3")
def test_pipedrive_to_hubspot(person: Person) -> None:
    person.sign_in()
    mover = connect(person, "pipedrive", "Pipedrive", "pipedrive_id")
    move(mover)
    mover.update_other_tools()
    mover.validate()
    mover.sign_report()
