"""What a CRM insists on has one cure in every system, by the name that the mapping page uses."""

import pytest

from integrations.sync.models import FieldMapping
from integrations.sync.registry import system_of

CODES = [
    ("salesforce", "REQUIRED_FIELD_MISSING"),
    ("zoho", "MANDATORY_NOT_FOUND"),
    ("hubspot", "MISSING_REQUIRED_PROPERTY"),
]


@pytest.mark.requirement("C4", "C14")
@pytest.mark.parametrize(("system", "code"), CODES)
def test_cure_names_what_the_mapping_page_asks(system: str, code: str) -> None:
    words = system_of(system).words
    found = words(code, "") if words else None

    assert found is not None
    name = str(FieldMapping._meta.get_field("default_out").verbose_name)
    assert f"“{name.capitalize()}”" in found[1]
    assert "constant" not in found[1]
