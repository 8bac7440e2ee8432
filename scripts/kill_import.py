"""Kills the worker again and again in the middle of first imports, and once while it idles; counts after each import.

    python scripts/kill_import.py [--kills 50] [--each 3] [--accounts 1500] [--seconds 2400]

An import is hit a few times at most, each time at a moment drawn from the whole length of one that nobody disturbs: killed
every second it would be hit while it reads, and hardly ever while it decides or applies.

Uses the practice Salesforce, a database of its own (SQLite, or PostgreSQL where DATABASE_URL says so) and lease, sweep and
canary of two seconds. Exits with 0 when the import ended by itself each time with no record lost and none doubled, in the
hub, the links and the journal.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.__main__ import World, world

SHORT = {
    "SYNC_LEASE_SECONDS": "2", "SYNC_SWEEP_SECONDS": "2", "SYNC_CANARY_SECONDS": "2", "SYNC_SILENCE_SECONDS": "6",
    "SYNC_SLICE_SECONDS": "1", "SYNC_PAGE_SIZE": "100",
}  # fmt: skip
MANAGE = str(Path(__file__).resolve().parent.parent / "manage.py")


def main() -> int:
    arguments = parse()
    print(f"seed {arguments.seed}, {arguments.kills} kills, {arguments.accounts:,} accounts")
    ends_at, dice = time.monotonic() + arguments.seconds, random.Random(arguments.seed)
    with world(arguments.accounts, SHORT) as crm, worker(crm) as process:
        django_here(crm)
        kill_idle(process, ends_at)
        length, _none = one_import(process, dice, [], ends_at)
        forget()
        phases: Counter[str] = Counter()
        imports, wrong = 0, list[str]()
        while phases.total() < arguments.kills and not wrong:
            most = min(arguments.each, arguments.kills - phases.total())
            moments = sorted(dice.uniform(0, length) for _ in range(dice.randint(1, most)))
            took, killed = one_import(process, dice, moments, ends_at)
            phases.update(killed)
            imports += 1
            wrong = complaints(arguments.accounts)
            print(
                f"import {imports}: killed in {', '.join(killed) or 'no phase'} ({phases.total()} in all), {took:.0f} s; "
                f"{wrong or 'nothing lost, nothing doubled'}",
                flush=True,
            )
            forget()
    print(
        f"{phases.total()} kills {dict(phases)} over {imports} imports: "
        + ("BROKEN" if wrong else "every import ended by itself")
    )
    return 1 if wrong else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--each", type=int, default=3, help="kills of one import, at most")
    parser.add_argument("--accounts", type=int, default=1500)
    parser.add_argument("--seconds", type=float, default=2400)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    return parser.parse_args()


@contextlib.contextmanager
def worker(crm: World) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, MANAGE, "worker"], env=crm.environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def django_here(crm: World) -> None:
    os.environ.update(crm.environment, DJANGO_SETTINGS_MODULE="skalin_sync.settings")
    import django

    django.setup()


def one_import(
    process: "subprocess.Popen[bytes]", dice: random.Random, moments: list[float], ends_at: float
) -> tuple[float, list[str]]:
    """Runs a first import and kills a random process of the worker at each moment; (seconds it took, phases that were hit)."""
    from integrations.sync.models import Connection, Run
    from integrations.sync.runs import request_run

    run = request_run(Connection.objects.get(), by="kills")
    began, hit = time.monotonic(), []
    while run.is_active:
        time.sleep(0.05)
        run.refresh_from_db()
        is_due = len(hit) < len(moments) and time.monotonic() - began > moments[len(hit)]
        if is_due and run.is_active and kill(working(process), dice):
            hit.append(run.phase if run.state == Run.State.RUNNING else run.state)
        if time.monotonic() > ends_at:
            raise SystemExit(
                f"BROKEN: out of time; run {run.pk} is {run.state} in {run.phase} after {run.attempt} starts"
            )
    if run.state != Run.State.DONE:
        raise SystemExit(f"BROKEN: run {run.pk} ended as {run.state}: {run.reason_code} {run.reason_params}")
    return time.monotonic() - began, hit


def kill_idle(process: "subprocess.Popen[bytes]", ends_at: float) -> None:
    """The death that wedges a cluster for ever: only the canary notices."""
    from integrations.sync.workers import health

    wait(lambda: health().is_alive, ends_at, "the workers never came up")
    before = health()
    for pid in working(process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    killed_at = time.monotonic()
    wait(lambda: answered_after(before.last_answer_at, killed_at), ends_at, "an idle worker's death was not mended")
    print(
        f"idle workers killed: working again after {time.monotonic() - killed_at:.0f} s, {health().restarts} restarts"
    )


def answered_after(moment: Any, killed_at: float) -> bool:
    """Two canaries later: one may have been answered by a task that was already under way."""
    from integrations.sync.workers import health

    now = health()
    return time.monotonic() - killed_at > 3 and now.is_alive and now.last_answer_at > moment


def working(process: "subprocess.Popen[bytes]") -> list[int]:
    """Grandchildren of the cluster: workers, and the pusher and monitor beside them."""
    [cluster] = children(process.pid) or [0]
    return [pid for guard in children(cluster) for pid in children(guard)]


def children(pid: int) -> list[int]:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def kill(pids: list[int], dice: random.Random) -> bool:
    if not pids:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(dice.choice(pids), signal.SIGKILL)
        return True
    return False


def complaints(accounts: int) -> list[str]:
    from django.db.models import Count

    from integrations.hub.models import Contact, Customer
    from integrations.sync.models import Change, PlannedChange, RecordLink, Run, Staged

    run = Run.objects.latest("pk")
    links = dict(RecordLink.objects.order_by().values("object").annotate(n=Count("pk")).values_list("object", "n"))
    found = []
    listed = {name: number for name, number in run.totals.items() if number}
    if links != listed or run.totals.get("customers") != accounts:
        found.append(f"the source has {listed}, linked or listed are {links}")
    for model, name in ((Customer, "customers"), (Contact, "contacts")):
        linked = RecordLink.objects.filter(object=name, hub_id__isnull=False)
        if model.objects.count() != linked.count() or linked.values("hub_id").distinct().count() != linked.count():
            found.append(f"{model.objects.count()} {name} in the hub, {linked.count()} linked")
    journal = Change.objects.filter(run_id=run.pk)
    if journal.values("object", "source_id").distinct().count() != journal.count() or journal.count() != sum(
        links.values()
    ):
        found.append(f"{journal.count()} journal rows for {sum(links.values())} records")
    if PlannedChange.objects.exists() or Staged.objects.exists():
        found.append("the run left its stage or its plan behind")
    return found


def forget() -> None:
    """An empty hub for the next first import."""
    from integrations.hub.models import Contact, Customer
    from integrations.sync.models import Block, Change, RecordLink

    for model in (Contact, Customer, RecordLink, Change):
        model.objects.all()._raw_delete("default")
    Block.objects.update(cursor=None, rules_hash="", full_read_at=None)


def wait(until: Any, ends_at: float, complaint: str) -> None:
    while not until():
        if time.monotonic() > ends_at:
            raise SystemExit(f"BROKEN: {complaint}")
        time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())
