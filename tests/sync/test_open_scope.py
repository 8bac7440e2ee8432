"""A schedule that starts nothing because nobody said which records come in: it shows, is told once, and ends by choosing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from integrations.hubspot.models import HubSpotConnection
from integrations.sync import lights, registry
from integrations.sync.alerts.texts import told
from integrations.sync.matters import matters, number_of
from integrations.sync.models import Alert, Block, Connection, ConnectionState, Run
from integrations.sync.situation import Situation
from integrations.sync.sweeper import sweep
from tests.signed_in import ClientAs

pytestmark = pytest.mark.django_db
MISSING = "No view is chosen yet: choose one in the set-up, under Scope."
TITLE = "Paper: no sync starts, for no scope is chosen"


@pytest.fixture
def chosen() -> set[int]:
    """Connections of which somebody has chosen the scope."""
    return set()


@pytest.fixture
def open_one(connection: Connection, chosen: set[int], monkeypatch: pytest.MonkeyPatch) -> Connection:
    def missing(child: Connection) -> str:
        return "" if child.pk in chosen else MISSING

    monkeypatch.setitem(registry._systems, "paper", replace(registry._systems["paper"], missing_scope=missing))
    due(connection)
    return connection


def due(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(next_run_at=timezone.now() - timedelta(minutes=1))


def titles() -> list[str]:
    return [one.title for one in matters(Situation()) if "scope" in one.title]


def test_refused_schedule_shows_and_waits_for_its_next_hour(open_one: Connection) -> None:
    sweep()

    assert not Run.objects.exists()
    assert titles() == [TITLE]
    assert number_of(Situation()) == len(matters(Situation()))
    connection = next(one for one in Situation().connections if one.pk == open_one.pk)
    light = lights.of_connection(connection, (), timezone.now())
    assert (light.state, str(light.word)) == ("bad", "Needs a setting put right")
    assert connection.next_run_at
    assert connection.next_run_at > timezone.now()


def test_it_is_told_once_however_often_the_schedule_comes_round(open_one: Connection) -> None:
    for _hour in range(3):
        due(open_one)
        sweep()

    alert = Alert.objects.get()
    said = told(alert)
    assert said.happened == "No scope is chosen for Paper: its schedule starts no sync."
    assert (said.said, said.to_do) == ("", "Choose the scope in the set-up: the connection’s page leads there.")


def test_choosing_the_scope_ends_it_and_starts_the_sync(open_one: Connection, chosen: set[int]) -> None:
    sweep()
    chosen.add(open_one.pk)

    sweep()

    assert titles() == []
    assert Run.objects.get().state == Run.State.QUEUED
    assert Alert.objects.filter(ended_at=None).count() == 0


def test_another_setting_that_is_wrong_is_left_alone(open_one: Connection, chosen: set[int]) -> None:
    chosen.add(open_one.pk)
    ConnectionState.objects.create(connection=open_one, health="wrong", health_code="INVALID_TYPE")
    Connection.objects.update(next_run_at=timezone.now() + timedelta(hours=1))

    sweep()

    assert ConnectionState.objects.get().health == "wrong"
    assert not Run.objects.exists()


def test_connection_that_a_person_stopped_needs_nobody(open_one: Connection) -> None:
    sweep()

    Connection.objects.update(state=Connection.State.PAUSED)

    assert titles() == []


def test_board_and_connection_lead_to_the_scope(client_as: ClientAs) -> None:
    hubspot = HubSpotConnection.objects.create(system="hubspot", name="Hub", slug="hub", state="on", stages="")
    Block.objects.create(connection=hubspot, object="customers")
    due(hubspot)
    sweep()
    there = reverse(registry.system_of("hubspot").urls["wizard"], args=["hub", "scope"])

    [matter] = [one for one in matters(Situation()) if "scope" in one.title]
    page = client_as(Role.ADMIN).get(reverse("sync:connection", args=["hub"])).content.decode()

    assert (matter.url, matter.verb) == (there, "Choose the scope")
    assert f'href="{there}"' in page
    assert "It is not said which records of HubSpot come in, so no sync starts" in page
