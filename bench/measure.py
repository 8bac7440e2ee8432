"""One measured run in a process of its own; prints one JSON object."""

import hashlib
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

SLUG = "bench"
MEASURED = ("customers", "contacts")


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "skalin_sync.settings"
    django.setup()
    kind, base_url = sys.argv[1], sys.argv[2]
    if kind == "prepare":
        prepare(base_url)
        return
    ways: dict[str, Callable[[str], Any]] = {"digests": digests, "hard-delete": clear, "hard-restore": clear}
    print(json.dumps(ways.get(kind, measure)(kind)))


def prepare(base_url: str) -> None:
    from django.core.management import call_command

    from integrations.salesforce.connector import SalesforceConnector
    from integrations.salesforce.models import SYSTEM, SalesforceConnection
    from integrations.salesforce.opening import open_session, sign_in_alone
    from integrations.sync import credentials
    from integrations.sync.models import Block, Connection, FieldMapping

    call_command("migrate", verbosity=0)
    connection = SalesforceConnection.objects.create(
        system=SYSTEM, name=SLUG, slug=SLUG, base_url=base_url, state=Connection.State.ON, keep_hierarchy=True,
        environment=SalesforceConnection.Environment.DOMAIN, sign_in=SalesforceConnection.SignIn.APP,
    )  # fmt: skip
    for ability in SalesforceConnector.abilities.objects:
        if ability.object not in MEASURED:
            continue
        block = Block.objects.create(
            connection=connection, object=ability.object, merge_keys=list(ability.default_keys)
        )
        for line in SalesforceConnector.default_lines(ability.object):
            FieldMapping.objects.create(block=block, **line)
    credentials.save(connection, {})
    tokens = sign_in_alone(open_session(), connection, {})
    assert credentials.store_for(connection).save(tokens, 1)
    # No run starts without a scope.
    [everybody] = [one for one in SalesforceConnector(connection).views("customers") if one.label == "All Accounts"]
    SalesforceConnection.objects.update(account_view=everybody.id, account_view_label=everybody.label)


def measure(kind: str) -> dict[str, Any]:
    from django.db import connection as database

    from integrations.sync.models import Change, Connection
    from integrations.sync.runner.drive import drive
    from integrations.sync.runs import request_run

    connection = Connection.objects.get(slug=SLUG)
    statements: Counter[str] = Counter()
    run = take_back(connection) if kind == "undo" else request_run(connection, kind, by="bench")
    cpu, wall = cpu_seconds(), time.monotonic()
    with database.execute_wrapper(counting(statements)):
        run = drive(run)
    cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
    counts = run.counts
    records = sum(counts.get(f"{name}.{what}", 0) for name in MEASURED for what in ("read", "ids"))
    pages = max(statements["pages"], 1)
    return {
        "kind": run.kind, "state": run.state, "reason": run.reason_code, "records": records,
        "created": counts.get("customers.create", 0) + counts.get("contacts.create", 0),
        "updated": counts.get("customers.update", 0) + counts.get("contacts.update", 0),
        "restored": sum(number for name, number in counts.items() if name.endswith("restored.done")),
        "left": sum(number for name, number in counts.items() if name.endswith("restored.refused")),
        "journal": Change.objects.filter(run_id=run.pk).count(),
        "cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "records_per_cpu_s": round(records / cpu) if cpu else 0,
        "calls": run.calls, "calls_by_kind": run.calls_by_kind, "totals": run.totals,
        "statements": statements["all"], "pages": pages, "statements_per_page": round(statements["all"] / pages, 1),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def take_back(connection: Any) -> Any:
    from accounts.models import Role, User
    from integrations.sync.models import Run
    from integrations.sync.undo import request_undo

    admin, _ = User.objects.get_or_create(email="bench@aldervale.example", defaults={"role": Role.ADMIN})
    return request_undo(Run.objects.filter(connection=connection).latest("pk"), admin, "Measured.")


def clear(kind: str) -> dict[str, Any]:
    """All customers of the connection in bulk for good, or back."""
    from django.db import connection as database

    from accounts.models import Role, User
    from integrations.hub.models import Customer
    from integrations.sync.hard_delete import choosing, working
    from integrations.sync.models import HardDelete

    admin, _ = User.objects.get_or_create(email="bench@aldervale.example", defaults={"role": Role.ADMIN})
    statements: Counter[str] = Counter()
    cpu = cpu_seconds()
    with database.execute_wrapper(counting(statements)):
        if kind == "hard-delete":
            job = choosing.draft(choosing.of_connection(SLUG), admin)
            working.confirm(job, admin, typed=str(job.customers), why="Measured.")
        else:
            job = HardDelete.objects.latest("pk")
            working.restore(job, admin)
        while working.work(job.pk):
            pass
    job.refresh_from_db()
    return {
        "state": job.state, "customers": job.customers, "left_here": Customer.objects.count(),
        "cpu_s": round(cpu_seconds() - cpu, 2), "statements": statements["all"],
        "size_mb": round(job.size / 1_000_000, 1),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def digests(_kind: str = "") -> dict[str, str]:
    """One for each table of the hub, over every column of every row."""
    from django.apps import apps
    from django.db import connection as database

    found = {}
    with database.cursor() as cursor:
        for model in apps.get_app_config("hub").get_models(include_auto_created=True):
            table, digest = database.ops.quote_name(model._meta.db_table), hashlib.sha256()
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            while rows := cursor.fetchmany(10_000):
                digest.update(repr(rows).encode())
            found[model._meta.db_table] = digest.hexdigest()
    return found


def counting(statements: Counter[str]) -> Any:
    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements["all"] += 1
        # The first statement of every page's transaction renews the lease.
        statements["pages"] += sql.startswith('UPDATE "sync_run" SET "lease_until"')
        return execute(sql, params, many, context)

    return count


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
