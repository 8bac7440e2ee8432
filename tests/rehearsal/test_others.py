"""The practice CRMs beside Salesforce: opened together, at the ports that the demo allows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.rehearsal import demo_environment
from integrations.rehearsal.others import HTTPS_BESIDE, OTHERS, Listening, open_others, ports_from
from integrations.rehearsal.world import OWN_DOMAIN


@pytest.fixture
def others(tmp_path: Path) -> Iterator[list[Listening]]:
    found = open_others(tmp_path, 9000, rows=2, per=1, reset=False)
    yield found
    for one in found:
        one.app.book.close()


def test_each_keeps_its_records_in_a_file_of_its_own(tmp_path: Path, others: list[Listening]) -> None:
    assert {one.file for one in OTHERS} <= {path.name for path in tmp_path.iterdir()}


def test_demo_allows_exactly_the_ports_on_which_they_listen() -> None:
    ports = demo_environment.practice_ports(8000)

    listening = ports_from(ports["salesforce"] + 1)
    assert {name: ports[name] for name in listening} == listening
    assert {name: ports[f"{name}_https"] for name in listening} == {n: p + HTTPS_BESIDE for n, p in listening.items()}
    allowed = demo_environment.settings_of(8000, Path("somewhere"))["CRM_EXTRA_HOSTS"].split(",")
    assert all(f"127.0.0.1:{port}" in allowed for port in listening.values())


def test_demo_knows_the_domain_of_its_own_company() -> None:
    assert demo_environment.settings_of(8000, Path("somewhere"))["OWN_DOMAINS"] == OWN_DOMAIN


def test_demo_signs_in_through_the_apps_that_they_know(others: list[Listening]) -> None:
    told = demo_environment.settings_of(8000, Path("somewhere"))

    for one in others:
        known = one.app.place.credentials
        name = one.name.upper()
        assert (told[f"{name}_CLIENT_ID"], told[f"{name}_CLIENT_SECRET"]) == (known.client_id, known.client_secret)
    assert [one.name for one in others] == [one.name for one in OTHERS]
