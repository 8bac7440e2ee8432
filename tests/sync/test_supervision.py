"""The supervisor over a cluster that is told what to do: no process is started here."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.sync import workers
from integrations.sync.cluster import Cluster
from integrations.sync.models import Heartbeat
from integrations.sync.supervision import Supervisor
from integrations.sync.tasks import CANARY, sing


class PaperCluster(Cluster):
    def __init__(self) -> None:
        super().__init__()
        self.is_well = True
        self.restarts = 0

    @property
    def is_running(self) -> bool:
        return self.is_well

    def start(self) -> None: ...

    def stop(self, grace: float = 0) -> None: ...

    def restart(self) -> None:
        self.restarts += 1
        self.is_well = True


@dataclass
class Hands:
    now: float = 100.0
    asked: int = 0
    rung: list[int] = field(default_factory=list)


@pytest.fixture
def hands(db: None, monkeypatch, settings) -> Hands:
    settings.SYNC_SWEEP_SECONDS, settings.SYNC_CANARY_SECONDS, settings.SYNC_SILENCE_SECONDS = 60, 30, 90
    hands = Hands()

    def ask() -> None:
        hands.asked += 1

    monkeypatch.setattr("integrations.sync.supervision.ring_canary", ask)
    monkeypatch.setattr("integrations.sync.supervision.close_old_connections", lambda: None)
    return hands


@pytest.fixture
def cluster() -> PaperCluster:
    return PaperCluster()


@pytest.fixture
def supervisor(hands: Hands, cluster: PaperCluster) -> Supervisor:
    return Supervisor(cluster, clock=lambda: hands.now)


def test_canary_is_asked_every_half_minute(hands: Hands, supervisor: Supervisor, cluster: PaperCluster) -> None:
    for hands.now in (100, 110, 131, 140, 161):
        supervisor.tick()
        sing()

    assert hands.asked == 3
    assert cluster.restarts == 0


@pytest.mark.requirement("F13")
def test_silent_cluster_is_restarted_once_and_counted(
    hands: Hands, supervisor: Supervisor, cluster: PaperCluster
) -> None:
    supervisor.tick()
    sing()
    restarts = []
    for hands.now in (130, 220, 221, 222, 300):
        supervisor.tick()
        restarts.append(cluster.restarts)

    # Heard at 130; silent for more than ninety seconds at 221, and not yet again at 300.
    assert restarts == [0, 0, 1, 1, 1]
    assert Heartbeat.objects.get(name=CANARY).restarts == 1


@pytest.mark.requirement("F13")
def test_start_that_takes_longer_than_the_silence_is_let_finish(
    hands: Hands, supervisor: Supervisor, cluster: PaperCluster
) -> None:
    """A busy machine: each start takes 150 s, and nothing is answered before."""
    restarts = []
    for hands.now in range(100, 700, 10):
        supervisor.tick()
        restarts.append(cluster.restarts)
        if cluster.restarts and hands.now >= 200 + 150:
            sing()

    assert (restarts[10], restarts[-1]) == (1, 1)


def test_patience_ends_with_the_first_answer(hands: Hands, supervisor: Supervisor, cluster: PaperCluster) -> None:
    for hands.now in (100, 200, 300):
        supervisor.tick()
    sing()
    for hands.now in (310, 401):
        supervisor.tick()

    assert cluster.restarts == 2


def test_cluster_that_died_is_restarted_at_once(hands: Hands, supervisor: Supervisor, cluster: PaperCluster) -> None:
    supervisor.tick()
    cluster.is_well = False

    supervisor.tick()

    assert cluster.restarts == 1


def test_health_says_when_a_real_task_last_answered(
    hands: Hands, supervisor: Supervisor, cluster: PaperCluster
) -> None:
    assert workers.health() == workers.WorkersHealth(False, None, None, 0)
    supervisor.tick()
    sing()

    alive = workers.health()
    Heartbeat.objects.update(answered_at=timezone.now() - timedelta(seconds=200))
    silent = workers.health()

    assert (alive.is_alive, silent.is_alive) == (True, False)
    assert silent.silent_seconds == pytest.approx(200, abs=5)
