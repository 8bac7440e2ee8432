"""An old paper CRM whose customers move, and a practice HubSpot that they move to."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.models import HubSpotConnection
from integrations.migration import census, checking
from integrations.migration.chapters import step_of
from integrations.migration.models import Move, StepState
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.configuration import save_version
from integrations.sync.models import Connection, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runs import request_run
from tests.hubspot.conftest import signed_in, small_practice  # noqa: F401 (a fixture)
from tests.sync.fakes import WORLDS, PaperCrm, connect

OLD_ID = "paper_id"


@pytest.fixture
def old(db: None) -> Iterator[Connection]:
    connection = connect(web_url="https://paper.example")
    save_version(connection, None)
    yield connection
    WORLDS.clear()


@pytest.fixture
def crm(old: Connection) -> PaperCrm:
    return WORLDS[old.pk]


@pytest.fixture
def sync(old: Connection) -> Callable[..., Run]:
    def run(kind: str = Run.Kind.DELTA) -> Run:
        old.refresh_from_db()
        return drive(request_run(old, kind, by="test"), 20)

    return run


@pytest.fixture
def move(old: Connection, crm: PaperCrm, sync: Callable[..., Run]) -> Move:
    """Three customers, known by their links."""
    for number in (1, 2, 3):
        crm.company(f"A{number}", f"Firm {number}")
    sync()
    return Move.objects.create(old=old, created_by="Tom")


@pytest.fixture
def portal(small_practice: Callable[..., PracticeHubSpot]) -> PracticeHubSpot:  # noqa: F811
    return small_practice(0)


@pytest.fixture
def hubspot(portal: PracticeHubSpot, db: None) -> HubSpotConnection:
    return signed_in(portal)


@pytest.fixture
def reached(move: Move, hubspot: HubSpotConnection) -> Move:
    move.new = hubspot
    move.save(update_fields=["new"])
    return move


@pytest.fixture
def ready(reached: Move, hubspot: HubSpotConnection) -> Move:
    """With the property of the old ID."""
    HubSpotConnector(hubspot).create_old_id_field(OLD_ID, "Paper ID", is_number=False)
    reached.old_id_property = OLD_ID
    reached.save(update_fields=["old_id_property"])
    return reached


@pytest.fixture
def company(portal: PracticeHubSpot) -> Callable[..., str]:
    def make(name: str, old_id: str = "", stage: str = "customer", **more: Any) -> str:
        held = {OLD_ID: old_id} if old_id else {}
        return portal.create("companies", name=name, lifecyclestage=stage, **held, **more)

    return make


def measured(move: Move, key: str) -> StepState:
    move = Move.objects.select_related("old", "new").get(pk=move.pk)
    return checking.check(move, step_of(key), "Tom")


def signed(move: Move, key: str, by: User, **said: Any) -> StepState:
    move = Move.objects.select_related("old", "new").get(pk=move.pk)
    return checking.sign(move, step_of(key), by, said)


def done(move: Move, key: str, act: str, by: User, **said: Any) -> str:
    move = Move.objects.select_related("old", "new").get(pk=move.pk)
    return next(one for one in step_of(key).acts if one.key == act).do(move, by, said)


def is_met(move: Move, key: str) -> bool:
    return checking.is_met(step_of(key), checking.standing(move, step_of(key)))


def listed(move: Move) -> Move:
    """The census, begun and gone through."""
    move = Move.objects.select_related("old", "new").get(pk=move.pk)
    census.begin(move)
    while census.work(move.pk):
        pass
    move.refresh_from_db()
    return move
