"""A portal filled from really recorded answers, read through client and connector."""

import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from integrations.hubspot.connector import HubSpotConnector
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.connector import How, Read

from .conftest import PLAIN, allow, signed_in

SPECS = (
    Path(os.environ.get("SPECS_DIR") or Path(django_settings.BASE_DIR).parent / "shared" / "specs")
    / "hubspot" / "recorded"
)  # fmt: skip


def test_recorded_companies_and_properties_are_read_whole(db: None, tmp_path: Path, settings: Settings) -> None:
    if not SPECS.exists():
        pytest.skip("The recordings are not here; set SPECS_DIR to the folder of recordings.")
    with PracticeHubSpot(tmp_path, load=SPECS) as portal:
        portal.control(**PLAIN)
        allow(settings, portal)
        with portal.store.transaction():
            held = {one.id: one.body for one in portal.store.find("companies")}
        stages = sorted({str(body["lifecyclestage"]) for body in held.values() if body.get("lifecyclestage")})
        connector = HubSpotConnector(signed_in(portal, stages=";".join(stages)))

        names = tuple(field.path for field in connector.schema("customers").fields)
        found = connector.read(Read("customers", How.ALL, names)).records

        assert {one.source_id for one in found} == {one for one, body in held.items() if body.get("lifecyclestage")}
        assert found
        assert all(one.values["name"] == held[one.source_id].get("name") for one in found)
        assert all(one.modified_at is not None for one in found)
