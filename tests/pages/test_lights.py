from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.sync import lights
from integrations.sync.models import Block, Connection, ConnectionState, Run

NOW = timezone.now()


def _connection(state: str = Connection.State.ON, **live: object) -> Connection:
    connection = Connection(pk=1, name="Paper", state=state, every_minutes=15)
    connection.live = ConnectionState(connection=connection, **{"health": "ok", **live})
    return connection


def _block(minutes: int | None = 3, **more: object) -> Block:
    at = None if minutes is None else NOW - timedelta(minutes=minutes)
    return Block(object="customers", caught_up_at=at, **more)


def _run(state: str, **more: object) -> Run:
    return Run(**{"state": state, "created_at": NOW, "slot": Run.Slot.REAL, "phase": "read", **more})


@pytest.mark.requirement("R350", "R351", "R355")
def test_caught_up_block_is_green_with_its_lag() -> None:
    light = lights.of_block(_connection(), _block(), [], NOW)

    assert (light.state, light.lag) == ("ok", "3 min behind")


@pytest.mark.requirement("C15")
@pytest.mark.parametrize(("minutes", "state"), [(45, "ok"), (46, "quota"), (6000, "quota")])
def test_light_is_not_green_when_syncs_were_missed(minutes: int, state: str) -> None:
    assert lights.of_block(_connection(), _block(minutes), [], NOW).state == state


@pytest.mark.parametrize(
    ("connection", "runs", "state"),
    [
        (_connection(health="sign-in"), [_run("held")], "key"),
        (_connection(), [_run("held")], "brake"),
        (_connection(health="down"), [], "bad"),
        (_connection(), [_run("failed")], "bad"),
        (_connection(), [_run("failed", reason_code="needs-sign-in")], "quota"),
        (_connection(health="sign-in"), [_run("failed", reason_code="needs-sign-in")], "key"),
        (_connection(), [_run("running")], "run"),
        (_connection(), [_run("waiting", due_at=NOW)], "quota"),
        (_connection(), [_run("running", slot=Run.Slot.PREVIEW)], "ok"),
        (_connection(Connection.State.PAUSED), [], "pause"),
        (_connection(Connection.State.PAUSED, health="sign-in"), [], "pause"),
        (_connection(Connection.State.PAUSED), [_run("held")], "pause"),
        (_connection(Connection.State.ARCHIVED, health="down"), [_run("failed")], "pause"),
        (_connection(Connection.State.DRAFT), [], "pause"),
    ],
)
def test_persons_pause_comes_first_then_the_gravest(connection: Connection, runs: list[Run], state: str) -> None:
    assert lights.of_connection(connection, runs, NOW).state == state


def test_failure_before_the_present_run_is_history() -> None:
    light = lights.of_connection(_connection(), [_run("running"), _run("failed")], NOW)

    assert light.state == "run"


def test_brake_shows_only_on_the_data_type_that_it_holds() -> None:
    found = [
        lights.of_block(_connection(), _block(), [_run("held")], NOW, held) for held in ({"customers"}, {"contacts"})
    ]

    assert [light.state for light in found] == ["brake", "ok"]


def test_running_block_says_how_much_is_read() -> None:
    run = _run("running", counts={"customers.read": 61}, totals={"customers": 100})

    assert lights.of_block(_connection(), _block(), [run], NOW).lag == "61 % read"


def test_disabled_block_is_so_by_choice() -> None:
    light = lights.of_block(_connection(health="sign-in"), _block(mode="disabled"), [], NOW)

    assert (light.state, light.lag) == ("disabled", "by choice")


def test_block_that_was_never_read_is_not_green() -> None:
    assert lights.of_block(_connection(), _block(None), [], NOW).state == "pause"


@pytest.mark.requirement("C15")
def test_pause_shows_on_every_data_type_whatever_else_is_true() -> None:
    paused = _connection(Connection.State.PAUSED, health="sign-in")

    light = lights.of_block(paused, _block(), [_run("held")], NOW, {"customers"})

    assert (light.state, light.lag) == ("pause", "by a person")


@pytest.mark.requirement("C10")
@pytest.mark.parametrize(
    ("blocks", "state"),
    [
        ([_block(counted=5, unexplained=0)], "ok"),
        ([_block(counted=5, unexplained=0), _block(counted=5, unexplained=-2)], "bad"),
        ([_block(counted=5, unexplained=2, mode="disabled")], "pause"),
        ([_block()], "pause"),
        ([], "pause"),
    ],
)
def test_completeness_is_a_light_of_its_own(blocks: list[Block], state: str) -> None:
    assert lights.of_completeness(blocks).state == state


def test_connection_that_was_signed_in_again_says_that_the_next_sync_tells() -> None:
    light = lights.of_block(_connection(), _block(), [_run("failed", reason_code="needs-sign-in")], NOW)

    assert (light.word, light.lag) == ("Signed in again", "the next sync tells")
