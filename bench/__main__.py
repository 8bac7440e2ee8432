"""Measures syncs of the practice Salesforce: `make bench`, or `python -m bench --accounts 10000 --memory 100000`.

Prints, for a first, an unchanged and a 1 %-changed run: records per CPU second (of our process; PostgreSQL's own CPU is
not in it), API calls beside the fewest possible, database statements per page and peak memory; then whether the peak
stays flat when there is ten times as much to read. Exits with 1 where a promise is broken.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.fresh import fresh_database

ROWS_OF_A_QUERY = 2000
CALLS_BESIDE = 5
FLAT = 1.2


def main() -> int:
    arguments = parse()
    print(f"{arguments.accounts:,} accounts, {2 * arguments.accounts:,} contacts; database: {database()}")
    runs, broken = all_runs(arguments.accounts), []
    for name, run in runs.items():
        show(name, run)
        broken += complaints(name, run, arguments.accounts)
    if arguments.memory:
        peaks = (runs["first"]["peak_rss_mb"], first_run(arguments.memory)["peak_rss_mb"])
        print(f"peak memory: {peaks[0]} MB at {arguments.accounts:,}, {peaks[1]} MB at {arguments.memory:,} accounts")
        if peaks[1] > peaks[0] * FLAT:
            broken.append("the peak memory is not flat")
    for complaint in broken:
        print(f"BROKEN: {complaint}")
    return 1 if broken else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--memory", type=int, default=100_000, help="accounts of the second memory reading; 0: none")
    return parser.parse_args()


def all_runs(accounts: int) -> dict[str, dict[str, Any]]:
    with world(accounts) as crm:
        runs = {"first": crm.run("delta"), "unchanged": crm.run("delta"), "unchanged, read whole": crm.run("full")}
        crm.change(accounts // 100)
        return runs | {"1 % changed": crm.run("delta")}


def first_run(accounts: int) -> dict[str, Any]:
    with world(accounts) as crm:
        return crm.run("delta")


class World:
    def __init__(self, process: subprocess.Popen[str], base_url: str, environment: dict[str, str]) -> None:
        self._process, self._base_url, self.environment = process, base_url, environment

    def run(self, kind: str) -> dict[str, Any]:
        measured: dict[str, Any] = json.loads(self.call(kind).splitlines()[-1])
        return measured

    def call(self, kind: str) -> str:
        command = [sys.executable, "-m", "bench.measure", kind, self._base_url]
        done = subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def change(self, number: int) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()


@contextmanager
def world(accounts: int, extra: Mapping[str, str] | None = None, contacts_per: int = 2) -> Iterator[World]:
    temporary = tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
    with temporary as folder, fresh_database(Path(folder)) as database_url:
        environment = settings(Path(folder), database_url) | dict(extra or {})
        command = [sys.executable, "-m", "bench.crm", folder, str(accounts), str(contacts_per)]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout
            base_url = process.stdout.readline().strip()
            environment["CRM_EXTRA_HOSTS"] = base_url.removeprefix("http://")
            made = World(process, base_url, environment)
            made.call("prepare")
            yield made
        finally:
            process.terminate()
            process.wait()


def settings(folder: Path, database_url: str) -> dict[str, str]:
    return {
        **os.environ, "SECRET_KEY": "s" * 40, "CREDENTIAL_KEY": "c" * 40, "VAR_DIR": str(folder),
        "DATABASE_URL": database_url, "DEBUG": "0", "LOG_LEVEL": "WARNING", "SYNC_PAGE_SIZE": "1000",
        "SALESFORCE_CLIENT_ID": "practice-console", "SALESFORCE_CLIENT_SECRET": "practice-secret-not-a-real-one",
    }  # fmt: skip


def database() -> str:
    return "PostgreSQL" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "SQLite"


def show(name: str, run: dict[str, Any]) -> None:
    print(
        f"{name:>22}: {run['records']:>7,} records in {run['cpu_s']} s CPU ({run['wall_s']} s wall) = "
        f"{run['records_per_cpu_s']:,} per CPU second; {run['calls']} calls {run['calls_by_kind']}; "
        f"{run['statements']:,} statements on {run['pages']} pages = {run['statements_per_page']} each; "
        f"{run['created']:,} created, {run['updated']:,} updated, {run['journal']:,} journal rows; "
        f"peak {run['peak_rss_mb']} MB"
    )


def complaints(name: str, run: dict[str, Any], accounts: int) -> list[str]:
    found = [] if run["state"] == "done" else [f"{name}: ended as {run['state']} ({run['reason']})"]
    fewest = math.ceil(accounts / ROWS_OF_A_QUERY) + math.ceil(2 * accounts / ROWS_OF_A_QUERY)
    queries = run["calls_by_kind"].get("query", 0)
    if name == "first" and queries > fewest + CALLS_BESIDE:
        found.append(f"{name}: {queries} query calls where {fewest} + {CALLS_BESIDE} are allowed")
    if name.startswith("unchanged") and (run["journal"] or run["created"] or run["updated"]):
        found.append(f"{name}: it wrote")
    if name == "1 % changed" and run["updated"] != accounts // 100:
        found.append(f"{name}: {run['updated']} updated where {accounts // 100} had changed")
    return found


if __name__ == "__main__":
    sys.exit(main())
