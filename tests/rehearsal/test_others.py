"""The practice CRMs beside Salesforce: opened together, at the ports that the demo allows."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

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


def test_console_offers_every_one_that_the_demo_serves() -> None:
    told = demo_environment.settings_of(8000, Path("somewhere"))

    assert told["REHEARSAL_HUBSPOT_MOVE_URL"] == "http://127.0.0.1:8098"
    assert all(hasattr(settings, f"REHEARSAL_{one.name.upper()}_URL") for one in OTHERS)
    assert {f"REHEARSAL_{one.name.upper()}_URL" for one in OTHERS} <= set(told)


def test_demo_knows_the_domain_of_its_own_company() -> None:
    assert demo_environment.settings_of(8000, Path("somewhere"))["OWN_DOMAINS"] == OWN_DOMAIN


@pytest.mark.parametrize(
    ("words", "port"),
    [((), 8000), (("--port", "8300"), 8300), (("--port=8300",), 8300), (("--port", "abc"), 8000), (("--port",), 8000)],
)
def test_port_of_the_demo_is_read_before_its_options_are(words: tuple[str, ...], port: int) -> None:
    assert demo_environment.console_port(["manage.py", "demo", *words]) == port


@pytest.mark.parametrize("port", [0, 65100, 99999])
def test_port_of_the_demo_leaves_room_for_the_practice_crms(port: int, tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path

    with pytest.raises(
        CommandError, match=f"--port must be between 1 and {65_535 - max(demo_environment.practice_ports(0).values())}"
    ):
        call_command("demo", "--port", str(port))

    assert list(tmp_path.iterdir()) == []


def test_start_that_fails_leaves_the_running_demos_shells_alone(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path
    demo_environment.keep_commands(8000, tmp_path)
    before = (tmp_path / demo_environment.COMMANDS).read_text()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CommandError, match="is in use"):
            call_command("demo", "--port", str(min(taken.getsockname()[1], 65030)))

    assert (tmp_path / demo_environment.COMMANDS).read_text() == before


def test_demo_signs_in_through_the_apps_that_they_know(others: list[Listening]) -> None:
    told = demo_environment.settings_of(8000, Path("somewhere"))

    for one in others:
        known = one.app.place.credentials
        name = one.name.upper()
        if one.name in demo_environment.SECOND:
            name = name.partition("_")[0]
        if one.name in demo_environment.KEYED:
            assert told[f"REHEARSAL_{name}_KEY"] == known.restricted_key
            continue
        assert (told[f"{name}_CLIENT_ID"], told[f"{name}_CLIENT_SECRET"]) == (known.client_id, known.client_secret)
    assert [one.name for one in others] == [one.name for one in OTHERS]
