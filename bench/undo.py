"""Takes a run of 100,000 changed rows back and compares the hub with what it was: `python -m bench.undo`.

Exits with 1 where a row was left, a byte of a table of the hub differs, or the peak memory is not flat.
"""

import argparse
import json
import sys

from bench.__main__ import FLAT, World, database, show, world


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    accounts = parser.parse_args().accounts
    print(f"{accounts:,} accounts; database: {database()}", flush=True)
    with world(accounts, contacts_per=0) as crm:
        first = crm.run("delta")
        show("first", first)
        before = digests(crm)
        crm.change(accounts)
        changed = crm.run("delta")
        show("all changed", changed)
        during = digests(crm)
        undone = crm.run("undo")
        show("taken back", undone)
        print(f"{undone['restored']:,} rows restored, {undone['left']:,} left", flush=True)
        after = digests(crm)
    broken = [table for table, digest in after.items() if digest != before[table]]
    for table in broken:
        print(f"BROKEN: {table} is not as it was")
    is_flat = undone["peak_rss_mb"] <= first["peak_rss_mb"] * FLAT
    print("every table of the hub is byte-equal to before" if not broken else "", "" if is_flat else "BROKEN: memory")
    return 0 if not broken and is_flat and during != before and undone["restored"] == accounts else 1


def digests(crm: World) -> dict[str, str]:
    found: dict[str, str] = json.loads(crm.call("digests").splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
