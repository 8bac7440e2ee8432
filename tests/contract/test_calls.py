"""Whole syncs of every system beside the fewest calls that its protocol allows; `make bench` counts the same at full size."""

from pathlib import Path

import pytest
from pytest_django import Settings

from bench.calls import NAMES, count
from bench.systems import SYSTEMS

COMPANIES = 60


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_import_delta_and_write_back_take_about_the_fewest_calls(name: str, tmp_path: Path, settings: Settings) -> None:
    counted = list(count(SYSTEMS[name], tmp_path, settings, COMPANIES, written=COMPANIES))

    assert [one.what for one in counted if not one.is_kept] == [], "\n".join(str(one) for one in counted)
