import pytest

from integrations.hub.models import Customer
from integrations.sync.models import Change, Connection, RecordLink
from tests.sync.fakes import PaperCrm

pytestmark = pytest.mark.requirement("R19")


@pytest.fixture
def grouped(connection: Connection, crm: PaperCrm) -> PaperCrm:
    Connection.objects.update(keep_hierarchy=True)
    return crm


def parents() -> dict[str, str | None]:
    return dict(Customer.objects.values_list("ref_id", "parent__ref_id"))


@pytest.mark.requirement("R21")
def test_moved_ancestor_moves_everybody_below(grouped: PaperCrm, sync) -> None:
    grouped.company("A1")
    grouped.company("A2", parent="A1")
    grouped.company("A3", parent="A2")
    grouped.company("B1")
    sync()
    assert parents() == {"A1": None, "A2": "A1", "A3": "A1", "B1": None}
    grouped.later(60)
    grouped.edit("customers", "A1", parent="B1")

    run = sync()

    assert parents() == {"A1": "B1", "A2": "B1", "A3": "B1", "B1": None}
    assert set(Change.objects.filter(run_id=run.pk).values_list("source_id", flat=True)) == {"A1", "A2", "A3"}
    assert run.counts["customers.unchanged"] == 1


@pytest.mark.requirement("R20")
def test_switching_the_option_off_puts_all_on_one_level(grouped: PaperCrm, sync) -> None:
    grouped.company("A1")
    grouped.company("A2", parent="A1")
    sync()
    Connection.objects.update(keep_hierarchy=False)

    first, second = sync(), sync()

    assert parents() == {"A1": None, "A2": None}
    assert Change.objects.filter(run_id=first.pk).count() == 1
    assert not Change.objects.filter(run_id=second.pk).exists()


def test_parent_that_is_refused_leaves_its_child_a_head(grouped: PaperCrm, sync) -> None:
    grouped.company("A1", " ")
    grouped.company("A2", parent="A1")
    sync()
    assert parents() == {"A2": None}
    grouped.later(60)
    quiet = sync()
    assert not Change.objects.filter(run_id=quiet.pk).exists()
    grouped.edit("customers", "A1", Name="Named at last")

    sync()

    assert parents() == {"A1": None, "A2": "A1"}


@pytest.mark.requirement("F37")
def test_circle_of_parents_is_cut_the_same_way_in_any_order(grouped: PaperCrm, sync) -> None:
    grouped.page_size = 1
    for source_id, parent in (("A3", "A1"), ("A2", "A3"), ("A1", "A2")):
        grouped.company(source_id, parent=parent)

    sync()

    assert parents() == {"A1": None, "A2": "A1", "A3": "A1"}
    assert RecordLink.objects.get(source_id="A3").top_id == "A1"


def test_parent_out_of_scope_is_said(grouped: PaperCrm, sync) -> None:
    grouped.company("A1")
    grouped.company("A2", parent="A1")
    grouped.outside.add("A1")

    sync()

    assert parents() == {"A2": None}
    assert [note["code"] for note in Change.objects.get(source_id="A2").notes] == ["parent-out-of-scope"]
