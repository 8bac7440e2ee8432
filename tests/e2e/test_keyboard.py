"""The same first sync without a mouse."""

import pytest

from tests.e2e.conftest import Person
from tests.e2e.first_sync import first_sync


@pytest.mark.requirement("R3")
def test_first_sync_by_keyboard_alone(person: Person) -> None:
    first_sync(person, person.key_in, person.key_to)

    assert person.clicks == 9
