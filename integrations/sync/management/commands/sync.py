"""Starts a sync of one connection from the command line.

Exit codes: 0 done (or queued, without --wait) · 1 failed or cancelled · 2 refused, nothing was started · 3 held by the brake
· 4 still under way when the time was up.
"""

import argparse
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.sync import repair
from integrations.sync.management.by_name import connection_named
from integrations.sync.models import Run
from integrations.sync.runner.drive import drive, wait_for
from integrations.sync.runs import RunRefused, request_run
from integrations.sync.workers import health

CODES = {Run.State.DONE: 0, Run.State.FAILED: 1, Run.State.CANCELLED: 1, Run.State.HELD: 3}
UNDER_WAY = 4


class Command(BaseCommand):
    help = "Syncs one connection. " + (__doc__ or "").split("\n\n", 1)[1].replace("\n", " ")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", help="the connection's name as in its address")
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--preview", action="store_true", help="only say what would happen")
        kind.add_argument("--full", action="store_true", help="read everything, not only what changed")
        parser.add_argument(
            "--wait", action="store_true", help="wait for the end; works by itself where no worker runs"
        )
        parser.add_argument("--seconds", type=float, default=3600.0, help="how long --wait waits at most")
        parser.add_argument("--json", action="store_true", dest="as_json", help="answer with one JSON object")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            run = request_run(connection_named(name, returncode=2), _kind(options), by="command line")
        except RunRefused as refused:
            raise CommandError(refused.reason, returncode=2) from None
        if options["wait"]:
            run = (wait_for if health().is_alive else drive)(run, options["seconds"])
        self.stdout.write(json.dumps(_answer(run)) if options["as_json"] else _text(run))
        if options["wait"] and (code := CODES.get(Run.State(run.state), UNDER_WAY)):
            sys.exit(code)


def _kind(options: dict[str, Any]) -> str:
    if options["preview"]:
        return Run.Kind.PREVIEW
    return Run.Kind.FULL if options["full"] else Run.Kind.DELTA


def _answer(run: Run) -> dict[str, Any]:
    said = repair.of_run(run)
    why, cure, theirs = (said.why, said.cure, said.said) if said else ("", "", "")
    return {
        "run": run.pk, "kind": run.kind, "state": run.state, "counts": run.counts, "totals": run.totals,
        "calls": run.calls, "reason": why, "cure": cure, "crm_said": theirs,
    }  # fmt: skip


def _text(run: Run) -> str:
    lines = [f"Run {run.pk}: {run.get_kind_display()}, {run.get_state_display()}."]
    if said := repair.of_run(run):
        lines += [said.why, said.cure, said.said]
    lines += [f"  {key}: {number:,}" for key, number in sorted(run.counts.items()) if number]
    return "\n".join(line for line in lines if line)
