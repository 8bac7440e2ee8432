"""The log and biography pages over a journal of a million rows (five on PostgreSQL): `python -m bench.journal`.

Prints the CPU of each page, of our process and, on PostgreSQL, of the server's that answers us; exits with 1 above the bar.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from bench.fresh import fresh_database

BAR = 0.100
BATCH = 20_000
TIMES = 60
CUSTOMERS = 20_000
FIELDS = ("name", "domain", "stage", "csm", "pulse", "custom.0123456789abcdef")


def main() -> int:
    arguments = parse()
    with tempfile.TemporaryDirectory() as folder, fresh_database(Path(folder)) as address:
        set_up(address)
        from django.db import connection, connections

        if connection.vendor == "postgresql":
            # What other processes of the server did for us would not be counted.
            connection.cursor().execute("SET max_parallel_workers_per_gather = 0")
        number = arguments.rows or (5_000_000 if connection.vendor == "postgresql" else 1_000_000)
        fill(number)
        broken = [page for page in pages(number) if measure(*page) > BAR]
        connections.close_all()
    for name, _address in broken:
        print(f"BROKEN: {name} takes more than {BAR * 1000:.0f} ms")
    return 1 if broken else 0


def set_up(address: str) -> None:
    os.environ |= {
        "DATABASE_URL": address, "SECRET_KEY": "of-a-bench-and-of-nothing-else-at-all", "DEBUG": "0",
        "CREDENTIAL_KEY": "of-a-bench-and-of-nothing-else-at-all", "DJANGO_SETTINGS_MODULE": "skalin_sync.settings",
        "ALLOWED_HOSTS": "testserver",
    }  # fmt: skip
    django.setup()
    call_command("migrate", verbosity=0)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=0)
    return parser.parse_args()


def fill(number: int) -> None:
    from django.db import connection

    from integrations.hub.models import Customer, Stage
    from integrations.sync.models import Change, Connection, RecordLink
    from integrations.sync.store.bulk import upsert
    from integrations.sync.store.journal import COLUMNS

    stage = Stage.objects.get(is_default=True)
    made = Connection.objects.create(system="salesforce", name="Big", slug="big", state="on")
    customers = [
        Customer(name=f"Customer {n}", name_key=f"customer {n}", stage=stage, domain_key=f"c{n}.example")
        for n in range(CUSTOMERS)
    ]
    Customer.objects.bulk_create(customers, batch_size=500)
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    RecordLink.objects.bulk_create(
        (
            RecordLink(
                connection=made,
                object="customers",
                source_object="Account",
                source_id=f"001{n:015d}",
                hub_id=pk,
                state="linked",
            )
            for n, pk in enumerate(ids)
        ),
        batch_size=500,
    )
    began = time.monotonic()
    for start in range(0, number, BATCH):
        upsert(Change, COLUMNS, rows(made.pk, ids, start, min(BATCH, number - start)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{number:,} rows on {connection.vendor}, filled in {time.monotonic() - began:.0f} s")


def rows(connection_id: int, ids: Sequence[int], start: int, number: int) -> Iterator[list[Any]]:
    """A year of decisions: mostly updates, some refusals, erasures and collisions among them."""
    begin = datetime.now(UTC) - timedelta(days=365)
    for n in range(start, start + number):
        field, customer = FIELDS[n % len(FIELDS)], n % len(ids)
        action = "collision" if n % 997 == 0 else "refuse" if n % 499 == 0 else "update"
        outcome = {"collision": "listed", "refuse": "refused"}.get(action, "done")
        reason = {"code": "only-crm-moved", "params": {"label": field, "system": "Salesforce"}}
        yield [
            begin + timedelta(seconds=n * 6), n // 500, connection_id, "salesforce", "customers", ids[customer],
            f"001{customer:015d}", action, outcome, {field: "before"}, {field: f"after {n}"}, {field: reason}, reason["code"],
            reason["params"], [], f" {field} ", n % 1009 == 0, "", {"link": {"settled": {field: ["before", "before", "12345678"]}}},
        ]  # fmt: skip


def pages(number: int) -> list[tuple[str, str]]:
    from integrations.hub.models import Customer
    from integrations.sync.models import Change

    middle = Change.objects.order_by("pk").values_list("pk", flat=True)[number // 2]
    customer = Customer.objects.order_by("pk")[CUSTOMERS // 2]
    today = datetime.now(UTC).date()
    week = f"first={today - timedelta(days=6)}&last={today}"
    return [
        ("log, newest", "/log/"),
        ("log, in the middle", f"/log/?before={middle}"),
        ("log, of a connection", "/log/?connection=big"),
        ("log, of a run", f"/log/?run={number // 1000}"),
        ("log, refused", "/log/?outcome=refuse"),
        ("log, collisions", "/log/?outcome=collision"),
        ("log, erasures", "/log/?outcome=erases"),
        ("log, by name", "/log/?q=Customer+777"),
        ("log, by CRM id", "/log/?q=001000000000000777"),
        ("log, a field in a week", f"/log/?field=stage&{week}"),
        ("log, a field nobody wrote in a week", f"/log/?field=profile&{week}"),
        ("log, a day", f"/log/?first={today - timedelta(days=100)}&last={today - timedelta(days=100)}"),
        ("biography of a customer", f"/customers/{customer.pk}/"),
        ("changes of a customer", f"/customers/{customer.pk}/?show=changes"),
    ]


def measure(name: str, address: str) -> float:
    """The best of some, so that nothing is measured that happens once or that others do."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in()
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200, address
    number = len(queries)
    taken = []
    for _ in range(TIMES):
        ours, theirs = time.process_time(), cpu_of_database()
        client.get(address)
        taken.append((time.process_time() - ours, cpu_of_database() - theirs))
    best = min(taken, key=sum)
    print(
        f"  {name:<38} {1000 * sum(best):6.1f} ms, of which {1000 * best[1]:5.1f} ms in the database, {number} statements",
        flush=True,
    )
    return sum(best)


def cpu_of_database() -> float:
    """Seconds of CPU of the process that serves our connection; SQLite works inside our own."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    # Linux counts it in nanoseconds; the server must run on this machine.
    return int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9


def signed_in() -> Any:
    from django.test import Client

    from accounts.models import User
    from accounts.permissions import Role

    client = Client()
    admin = User.objects.filter(email="bench@example.org").first()
    client.force_login(
        admin or User.objects.create_user(email="bench@example.org", password="never-used-anywhere", role=Role.ADMIN)
    )
    return client


if __name__ == "__main__":
    sys.exit(main())
