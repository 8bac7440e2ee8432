"""Calls of whole syncs beside the fewest that the vendor's protocol allows: `python -m bench.calls [zoho …]`.

For each system: the first import of 10,000 companies and 20,000 contacts with owners, parents and won deals; a delta of
1 %; 1,000 customers written back (of a system that is only read: their scores). Exits with 1 where a sync takes more calls
than the fewest and 5 %, or five.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from bench.fresh import fresh_database

if TYPE_CHECKING:
    from bench.systems import System
    from tests.contract.crm import Crm

NAMES = ("salesforce", "hubspot", "pipedrive", "zoho", "sellsy")
SLACK, SLACK_CALLS = 0.05, 5
CONTACTS_PER = 2
SET_UP = {
    "DEBUG": "0", "LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "skalin_sync.settings",
    # Every slice asks anew for what the one before it knew: how many there are is a matter of the machine.
    "SYNC_SLICE_SECONDS": "3600",
}  # fmt: skip
KEYS = {
    "SECRET_KEY": "of-a-bench-and-of-nothing-else-at-all",
    "CREDENTIAL_KEY": "of-a-bench-and-of-nothing-else-at-all",
}


@dataclass(frozen=True, slots=True)
class Counted:
    what: str
    state: str
    calls: Counter[str]
    least: int
    done: int
    """Records that the sync moved…"""
    wanted: int
    """…of those it had to."""

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    @property
    def most(self) -> int:
        return max(int(self.least * (1 + SLACK)), self.least + SLACK_CALLS)

    @property
    def is_kept(self) -> bool:
        return self.state == "done" and self.done == self.wanted and self.total <= self.most

    def __str__(self) -> str:
        told = ", ".join(f"{number} {kind}" for kind, number in sorted(self.calls.items(), key=lambda one: -one[1]))
        verdict = "kept" if self.is_kept else "BROKEN"
        moved = "" if self.done == self.wanted else f"; {self.state}, {self.done:,} of {self.wanted:,} records"
        return f"{self.what:<22} {self.total:>6,} calls, {self.least:>6,} at least, {self.most:>6,} allowed: {verdict}{moved} ({told})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("systems", nargs="*", metavar="system", help=", ".join(NAMES))
    parser.add_argument("--companies", type=int, default=10_000)
    parser.add_argument("--written", type=int, default=1_000)
    arguments = parser.parse_args()
    chosen = arguments.systems or NAMES
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"there is no {', '.join(unknown)}")
    if len(chosen) != 1:
        print(
            f"{arguments.companies:,} companies, {CONTACTS_PER * arguments.companies:,} contacts, a won deal each",
            flush=True,
        )
    if len(chosen) == 1:
        return 0 if show(chosen[0], arguments.companies, arguments.written) else 1
    kept = [alone(name, arguments.companies, arguments.written) for name in chosen]
    return 0 if all(kept) else 1


def alone(name: str, companies: int, written: int) -> bool:
    """In a process of its own: settings and database belong to one system."""
    command = [sys.executable, "-m", "bench.calls", name, "--companies", str(companies), "--written", str(written)]
    return subprocess.run(command, check=False).returncode == 0


def show(name: str, companies: int, written: int) -> bool:
    with (
        tempfile.TemporaryDirectory(prefix="calls-", ignore_cleanup_errors=True) as folder,
        fresh_database(Path(folder)) as address,
    ):
        os.environ |= SET_UP | KEYS | {"DATABASE_URL": address, "VAR_DIR": folder}
        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connections

        from bench.systems import SYSTEMS

        call_command("migrate", verbosity=0)
        kept = True
        for counted in count(SYSTEMS[name], Path(folder), settings, companies, written):
            print(f"{name:<11}{counted}", flush=True)
            kept &= counted.is_kept
        connections.close_all()
    return kept


def count(system: "System", folder: Path, settings: Any, companies: int, written: int) -> Iterator[Counted]:
    from bench.minimums import Size

    crm = system.open(folder, settings, companies, CONTACTS_PER)
    try:
        everything = Size(companies, CONTACTS_PER * companies, companies)
        system.set_up(crm)
        yield measured(crm, "first import", system.least.first(everything), "create", sum(of(everything)))
        changed = Size(max(1, companies // 100), max(1, CONTACTS_PER * companies // 100), max(1, companies // 100))
        system.change(crm, *of(changed))
        yield measured(crm, "delta of 1 %", system.least.delta(everything, changed), "update", sum(of(changed)))
        system.open_outwards(crm)
        crm.later()
        system.edit_here(written)
        least = system.least.delta(everything, Size(0, 0, 0)) + system.least.write(written)
        yield measured(crm, f"{written:,} written back", least, "push", written)
    finally:
        crm.practice.__exit__(None, None, None)


def of(size: Any) -> tuple[int, int, int]:
    return size.companies, size.contacts, size.deals


def measured(crm: "Crm", what: str, least: int, action: str, wanted: int) -> Counted:
    from integrations.sync.models import Change

    crm.practice.forget_calls()
    run = crm.sync()
    calls = crm.practice.calls()
    done = Change.objects.filter(run_id=run.pk, action=action, outcome=Change.Outcome.DONE).count()
    return Counted(what, run.state, calls, least, done, wanted)


if __name__ == "__main__":
    sys.exit(main())
