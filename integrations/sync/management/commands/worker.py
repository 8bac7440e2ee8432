"""Works on syncs until it is told to stop: the queue's cluster, the sweeper, and the canary that restarts the cluster."""

import argparse
import signal
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from integrations.sync.cluster import Cluster, die_with
from integrations.sync.supervision import Supervisor


class Command(BaseCommand):
    help = "Runs the workers, rings for runs that were left behind, and restarts workers that have gone silent."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--cluster", action="store_true", help=argparse.SUPPRESS)
        parser.add_argument("--parent", type=int, default=0, help=argparse.SUPPRESS)

    def handle(self, *args: Any, cluster: bool, parent: int, **options: Any) -> None:
        if cluster:
            die_with(parent)
            call_command("qcluster")
            return
        supervisor = Supervisor(Cluster())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: supervisor.stopping.set())
        supervisor.run()
