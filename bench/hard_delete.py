"""Deletes 50,000 customers for good, restores them and compares the hub with what it was: `python -m bench.hard_delete`.

Exits with 1 where a byte of a table of the hub differs, or the peak memory is not flat.
"""

import argparse
import json
import sys

from bench.__main__ import FLAT, database, show, world
from bench.undo import digests


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50_000)
    accounts = parser.parse_args().accounts
    print(f"{accounts:,} accounts, as many contacts; database: {database()}", flush=True)
    with world(accounts, contacts_per=1) as crm:
        first = crm.run("delta")
        show("first", first)
        before = digests(crm)
        peaks = []
        for kind in ("hard-delete", "hard-restore"):
            done = json.loads(crm.call(kind).splitlines()[-1])
            peaks.append(done["peak_rss_mb"])
            print(
                f"{kind:>22}: {done['customers']:,} customers, {done['state']}, {done['left_here']:,} left here; "
                f"{done['cpu_s']} s CPU, {done['statements']:,} statements; backup {done['size_mb']} MB; "
                f"peak {done['peak_rss_mb']} MB",
                flush=True,
            )
        after = digests(crm)
    broken = [f"{table} is not as it was" for table, digest in after.items() if digest != before[table]]
    if max(peaks) > first["peak_rss_mb"] * FLAT:
        broken.append("the peak memory is not flat")
    for complaint in broken:
        print(f"BROKEN: {complaint}")
    print("" if broken else "every table of the hub is byte-equal to before")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
