"""The practice Salesforce in a process of its own, so that its memory and its CPU are not counted as ours.

Prints its address; then each line on standard input is a number of accounts to change, answered by "done".
"""

import sys
from pathlib import Path

from integrations.rehearsal.practice import PracticeSalesforce

MANY = 10_000


def main() -> None:
    folder, accounts, contacts_per = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with PracticeSalesforce(folder, accounts, contacts_per=contacts_per) as crm:
        print(crm.base_url, flush=True)
        for line in sys.stdin:
            change(crm, int(line))
            print("done", flush=True)


def change(crm: PracticeSalesforce, number: int) -> None:
    """Every change is another name: a difference that a sync has to write."""
    if number >= MANY:
        change_all(crm)
        return
    with crm.store.transaction():
        ids = [row[0] for row in crm.store.execute(f"SELECT Id FROM Account ORDER BY Id LIMIT {number}")]
    for place, record_id in enumerate(ids):
        crm.edit("Account", record_id, Name=f"Renamed Works {place}")
    # Stamps have whole seconds, and a reading ends before the second that it begins in.
    crm.control(clock_offset=60)


def change_all(crm: PracticeSalesforce) -> None:
    """As a data loader would: without a call for each."""
    [first] = crm.query("SELECT Id, Name FROM Account LIMIT 1")
    crm.edit("Account", first["Id"], Name="Renamed Works")
    with crm.store.transaction():
        latest = 'SELECT MAX("SystemModstamp") FROM "Account"'
        crm.store.execute(f'UPDATE "Account" SET "Name" = \'Renamed \' || "Name", "SystemModstamp" = ({latest})')
    crm.control(clock_offset=60)


if __name__ == "__main__":
    main()
