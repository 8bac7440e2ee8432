import copy
from typing import Any

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def _this_part_alone(settings: LazySettings) -> None:
    """Only the addresses of this part are there, hence no rail: it would point to the others."""
    settings.ROOT_URLCONF = "tests.accounts.urls"
    templates: Any = copy.deepcopy(settings.TEMPLATES)
    options = templates[0]["OPTIONS"]
    options["context_processors"] = [name for name in options["context_processors"] if "navigation" not in name]
    settings.TEMPLATES = templates
    settings.PUBLIC_URL = "https://sync.aldervale.example"
