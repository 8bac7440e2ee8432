"""What was decided and yet should be known: counted on the run's page, visible in the log, and a matter while it lasts."""

from typing import Any

import pytest

from integrations.sync.matters import matters, number_of
from integrations.sync.models import Connection, RecordLink
from integrations.sync.situation import Situation
from tests.pages.factories import ChangeFactory, LineFactory, LinkFactory, RunFactory
from tests.signed_in import SignedIn

pytestmark = pytest.mark.django_db


def _note(code: str = "unmapped-value", label: str = "Stage", value: str = "Platinum") -> dict[str, Any]:
    return {"code": code, "params": {"label": label, "value": value, "system": "Paper CRM"}}


@pytest.mark.requirement("C14")
def test_run_counts_its_notes_by_kind_with_an_example(admin: SignedIn, calm: Connection, text: Any) -> None:
    run, other = RunFactory.create_batch(2, connection=calm)
    ChangeFactory.create_batch(2, of=run, notes=[_note(), _note("not-an-email", "E-mail", "n/a")])
    ChangeFactory.create(of=run, notes=[_note(label="Profile")])
    ChangeFactory.create(of=run, notes=[])
    ChangeFactory.create(of=other, notes=[_note()])

    page = admin.get(f"/runs/{run.pk}/")

    kinds = [(noted.code, noted.object, noted.number) for noted in page.context["notes"].kinds]
    assert kinds == [
        ("unmapped-value", "customers", 2),
        ("not-an-email", "customers", 2),
        ("unmapped-value", "customers", 1),
    ]
    assert "Stage: nothing here is mapped to “Platinum”." in text(page)
    assert f"?run={run.pk}&amp;note=not-an-email&amp;object=customers" in text(page)


def test_run_without_notes_has_no_such_section(admin: SignedIn, calm: Connection) -> None:
    run = RunFactory.create(connection=calm)

    assert b"Also good to know" not in admin.get(f"/runs/{run.pk}/").content


def test_log_finds_rows_by_their_note(admin: SignedIn, calm: Connection) -> None:
    run = RunFactory.create(connection=calm)
    wanted = ChangeFactory.create(of=run, notes=[_note("loop-cut"), _note()])
    ChangeFactory.create(of=run, notes=[_note("loop-cut")])

    page = admin.get(f"/log/?run={run.pk}&note=unmapped-value")

    assert [line.row.pk for line in page.context["lines"]] == [wanted.pk]
    assert b"nothing here is mapped to" in page.content


def test_note_alone_would_open_every_row(admin: SignedIn, calm: Connection) -> None:
    page = admin.get("/log/?note=unmapped-value")

    assert page.context["lines"] == []
    assert b"Name a run, or choose at most 7 days" in page.content


class TestUnmapped:
    @pytest.fixture(autouse=True)
    def _run(self, calm: Connection) -> None:
        calm.blocks.update(rules_hash="now")
        RunFactory.create(connection=calm)

    def _linked(self, connection: Connection, **settled: Any) -> RecordLink:
        link: RecordLink = LinkFactory.create(connection=connection, settled=settled, rules_hash="now")
        return link

    def test_standing_value_is_a_matter_of_its_field(self, calm: Connection) -> None:
        LineFactory.create(block=calm.blocks.get(object="customers"), hub_field="stage", crm_field="Stage")
        self._linked(calm)
        self._linked(calm)
        self._linked(calm, stage=["run", "Active"])
        self._linked(calm, stage=[None, None])
        LinkFactory.create(connection=calm, rules_hash="older")
        LinkFactory.create(connection=calm, state="excluded", rules_hash="older")

        [matter] = matters(Situation())

        assert matter.title == "Paper: 2 customers have a value of Customer stage that nothing is mapped to"
        assert matter.url == "/connections/paper/mapping/customers/#row-stage"
        assert number_of(Situation()) == 1

    def test_line_that_takes_any_text_has_nothing_unmapped(self, calm: Connection) -> None:
        LineFactory.create(block=calm.blocks.get(object="customers"), hub_field="phone", crm_field="Phone")
        self._linked(calm)

        assert matters(Situation()) == []

    def test_mapping_that_no_run_has_used_yet_says_nothing(self, calm: Connection) -> None:
        LineFactory.create(block=calm.blocks.get(object="customers"), hub_field="stage", crm_field="Stage")
        self._linked(calm)
        Connection.objects.update(version=calm.version + 1)
        RunFactory.create(connection=calm, version=calm.version + 1, state="running", finished_at=None)

        assert matters(Situation()) == []

    def test_counted_anew_after_the_next_run(self, calm: Connection) -> None:
        LineFactory.create(block=calm.blocks.get(object="customers"), hub_field="stage", crm_field="Stage")
        link = self._linked(calm)
        before = number_of(Situation())
        RecordLink.objects.filter(pk=link.pk).update(settled={"stage": ["run", "Active"]})
        RunFactory.create(connection=calm)

        assert (before, number_of(Situation())) == (1, 0)
