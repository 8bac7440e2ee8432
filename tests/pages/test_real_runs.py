"""What the runner leaves behind, read by the pages: counts, plans, links and the journal must mean the same to both."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from integrations.sync import runs
from integrations.sync.models import Block, Connection, Run
from integrations.sync.runner.drive import drive
from integrations.sync.tallies import sum_of, to_compare
from tests.signed_in import SignedIn
from tests.sync.fakes import WORLDS, PaperCrm, connect

Sync = Callable[..., Run]


@pytest.fixture
def connection(db: None) -> Iterator[Connection]:
    yield connect()
    WORLDS.clear()


TOO_LONG = f"{'b' * 250}@marlowe.example"


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("C1", "Marlowe Logistics", Website="marlowe.example")
    crm.company("C2", "Brindle Robotics")
    crm.company("C3", "")
    crm.person("P1", "C1", Email="ada@marlowe.example", FirstName="Ada", LastName="Byron")
    crm.person("P2", "C1", Email=TOO_LONG)
    return crm


@pytest.fixture
def sync(connection: Connection, crm: PaperCrm) -> Sync:
    def run(kind: str = Run.Kind.DELTA) -> Run:
        connection.refresh_from_db()
        return drive(runs.request_run(connection, kind, by="Inès Moreau"), 20)

    return run


@pytest.mark.requirement("C10", "C22")
def test_preview_adds_up_and_applies_as_shown(admin: SignedIn, sync: Sync, text: Any) -> None:
    preview = sync(Run.Kind.PREVIEW)

    page = admin.get(f"/runs/{preview.pk}/preview/")
    shown = {line.subject.name for line in page.context["lines"]}
    admin.post(f"/runs/{preview.pk}/apply/")
    applied = drive(Run.objects.get(kind="apply"), 20)

    assert [(tally.object, tally.missing) for tally in page.context["compared"]] == [("customers", 0), ("contacts", 0)]
    assert {"Marlowe Logistics", "Brindle Robotics", "Ada Byron"} <= shown
    assert applied.state == Run.State.DONE
    assert [(tally.object, tally.missing) for tally in to_compare(applied)] == [("customers", 0), ("contacts", 0)]
    assert sum_of(applied).created == sum_of(preview).created > 0
    blocks = Block.objects.filter(connection=preview.connection)
    assert sorted(blocks.values_list("counted", "unexplained")) == [(2, 0), (3, 0)]
    assert "applied this preview" in text(admin.get(f"/runs/{preview.pk}/preview/"))


@pytest.mark.requirement("C14", "R273")
def test_refusal_is_found_by_name_with_cause_and_repair(admin: SignedIn, sync: Sync, text: Any) -> None:
    sync()

    page = admin.get("/log/?outcome=refuse&q=P2")
    [line] = page.context["lines"]

    assert "has 266 characters and the hub takes 254" in line.reason
    assert line.cure
    assert [str(field.after) for field in line.fields] == [TOO_LONG]
    assert "1 contact refused, for 1 cause" in text(admin.get("/needs/"))


def test_second_sync_without_a_change_says_so(admin: SignedIn, sync: Sync) -> None:
    sync()
    rows = admin.get("/log/").context["lines"]

    again = sync(Run.Kind.FULL)

    page = admin.get(f"/runs/{again.pk}/")
    assert [(tally.object, tally.missing) for tally in page.context["compared"]] == [("customers", 0), ("contacts", 0)]
    assert (page.context["sum"].created, page.context["sum"].updated) == (0, 0)
    assert [line.row.pk for line in admin.get("/log/").context["lines"]] == [line.row.pk for line in rows]


@pytest.mark.requirement("E6")
def test_explanation_of_a_linked_and_of_a_refused_record(admin: SignedIn, sync: Sync) -> None:
    sync()

    linked, refused = (admin.get(f"/explain/?q={words}").context["explanation"] for words in ("Marlowe", "P2"))

    [standing], [stuck] = linked.standings, refused.standings
    assert (standing.is_in_scope, standing.link.state) == (True, "linked")
    assert standing.matched
    assert {str(word): number for _light, word, number in linked.dependents} == {"In sync": 1, "Failing": 1}
    assert (stuck.link.state, "E-mail" in stuck.reason) == ("failing", True)


@pytest.mark.requirement("C16")
def test_retry_after_the_repair_brings_the_record(admin: SignedIn, sync: Sync, crm: PaperCrm) -> None:
    sync()
    crm.edit("contacts", "P2", Email="bo@marlowe.example")

    admin.post("/retry/", {"connection": "paper", "object": "contacts", "source_id": "P2"})
    drive(Run.objects.latest("pk"), 20)

    assert admin.get("/connections/paper/records/contacts/?state=failing").context["rows"] == []
    assert {line.state for line in admin.get("/log/?q=P2").context["lines"]} == {"refused", "created"}
