"""What tests of Sellsy do again and again: blocks with lines, runs to their end, all pages of a reading."""

from typing import Any

from integrations.engine.records import Record
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.models import SellsyConnection
from integrations.sync import runs
from integrations.sync.connector import Gone, Page, Read
from integrations.sync.models import Block, FieldMapping, Run
from integrations.sync.runner.drive import drive

LINES = {
    "customers": {"ref_id": "id", "name": "name", "domain": "website"},
    "contacts": {"ref_id": "id", "last_name": "last_name", "email": "email"},
}


def add_block(
    connection: SellsyConnection, object_name: str, lines: dict[str, str] | None = None, **more: Any
) -> Block:
    """`=` before a value makes a constant of it, a word behind the path a transform."""
    block = Block.objects.create(connection=connection, object=object_name, mode="input", merge_keys=["ref_id"], **more)
    for hub, said in (lines or LINES[object_name]).items():
        path, _, transform = said.partition(" ")
        constant = said[1:] if said.startswith("=") else None
        FieldMapping.objects.create(
            block=block, hub_field=hub, crm_field="" if constant is not None else path, crm_label=path,
            constant=constant, transform="" if constant is not None else transform,
        )  # fmt: skip
    return block


def sync(connection: SellsyConnection, kind: str = Run.Kind.DELTA) -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    for _attempt in range(8):
        drive(run, 60.0)
        run.refresh_from_db()
        if run.state not in {Run.State.WAITING, Run.State.QUEUED}:
            break
        Run.objects.filter(pk=run.pk).update(due_at=None)
        run.refresh_from_db()
    return run


def pages(connector: SellsyConnector, read: Read) -> list[Page]:
    """By page tokens alone, each with a connector of its own, as after a crash."""
    found, token = [], ""
    while True:
        page = SellsyConnector(connector.connection).read(read, token)
        found.append(page)
        token = page.next
        if not token:
            return found


def records(connector: SellsyConnector, read: Read) -> dict[str, Record]:
    every = [record for page in pages(connector, read) for record in page.records]
    assert len(every) == len({one.source_id for one in every}), "a record came twice"
    return {one.source_id: one for one in every}


def gone(connector: SellsyConnector, read: Read) -> list[Gone]:
    return [one for page in pages(connector, read) for one in page.gone]


def link(crm: PracticeSellsy, company: str, contact: str) -> None:
    """As a colleague does it: the company is stamped, the contact is not."""
    with crm.store.transaction():
        crm.store.link(("company", company), ("contact", contact))
        record = crm.store.get("company", company)
        assert record is not None
        crm.account.touch(record)


def client(crm: PracticeSellsy, name: str, **more: Any) -> str:
    return crm.create("company", name=name, type="client", **more)


def contact(crm: PracticeSellsy, last_name: str, *companies: str, **more: Any) -> str:
    number = crm.create("contact", last_name=last_name, **more)
    for company in companies:
        link(crm, company, number)
    return number
