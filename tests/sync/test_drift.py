from typing import Any

import pytest

from integrations.engine.mapping import Kind
from integrations.hub.models import Customer
from integrations.sync.models import Block, Connection, FieldMapping, Run
from integrations.sync.open_values import MOST, open_values_of
from integrations.sync.repair import of_run
from tests.sync.fakes import FIELDS, PaperCrm

pytestmark = pytest.mark.requirement("F24")


@pytest.fixture
def synced(connection: Connection, crm: PaperCrm, sync) -> PaperCrm:
    crm.company("A1", Website="alder.example", Stage="Run")
    sync()
    crm.later(60)
    return crm


def line(hub_field: str) -> FieldMapping:
    return FieldMapping.objects.get(block__object="customers", hub_field=hub_field)


def test_field_that_is_gone_rests_its_line_only(synced: PaperCrm, sync) -> None:
    synced.hidden_fields.add("Website")
    synced.edit("customers", "A1", Name="Renamed")

    run = sync()

    assert (run.state, run.counts["customers.suspended"]) == (Run.State.DONE, 1)
    assert (line("domain").suspended_code, line("domain").crm_label) == ("field-gone", "Website")
    one = Customer.objects.get()
    assert (one.name, one.domain) == ("Renamed", "alder.example")


def test_field_that_is_back_wakes_its_line_and_everything_is_read_anew(synced: PaperCrm, sync) -> None:
    synced.hidden_fields.add("Website")
    sync()
    synced.hidden_fields.clear()
    synced.edit("customers", "A1", Website="birch.example")
    sync()

    assert line("domain").suspended_at is None
    assert Customer.objects.get().domain == "birch.example"


def test_field_of_another_type_rests_where_its_values_cannot_be_read(
    synced: PaperCrm, connection: Connection, sync
) -> None:
    FieldMapping.objects.create(block=line("name").block, hub_field="pulse", crm_field="Segment", crm_type="integer")
    FieldMapping.objects.filter(hub_field="name").update(crm_type="text")
    synced.types = {"Segment": "date", "Name": "long-text"}

    sync()

    assert (line("pulse").suspended_code, line("pulse").crm_type) == ("field-type-changed", "integer")
    assert (line("name").suspended_code, line("name").crm_type) == ("", "long-text")


def test_lost_customer_id_stops_the_run(synced: PaperCrm, sync) -> None:
    synced.hidden_fields.add("Id")
    synced.edit("customers", "A1", Name="Renamed")

    run = sync()

    assert (run.state, run.reason_code) == (Run.State.FAILED, "field-gone")
    assert Customer.objects.get().name == "Company A1"


def test_preview_suspends_nothing(synced: PaperCrm, sync) -> None:
    synced.hidden_fields.add("Website")

    run = sync("preview")

    assert run.state == Run.State.DONE
    assert line("domain").suspended_at is None


@pytest.mark.requirement("C9")
@pytest.mark.parametrize("kind", ["gone", "retyped"])
def test_connection_may_rather_stop_than_rest_a_line(synced: PaperCrm, connection: Connection, sync, kind: str) -> None:
    Connection.objects.update(on_field_gone="stop", on_field_retyped="stop")
    lose(synced, kind)
    synced.edit("customers", "A1", Name="Renamed")

    run = sync()

    assert (run.state, run.reason_code) == (Run.State.FAILED, {"gone": "field-gone"}.get(kind, "field-type-changed"))
    assert Customer.objects.get().name == "Company A1"
    synced.hidden_fields.clear()
    synced.types = {"Segment": "integer"}
    assert sync().state == Run.State.DONE
    assert Customer.objects.get().name == "Renamed"


@pytest.mark.requirement("C9")
def test_connection_may_go_on_with_a_field_of_another_type(synced: PaperCrm, connection: Connection, sync) -> None:
    Connection.objects.update(on_field_retyped="take")
    lose(synced, "retyped")
    synced.edit("customers", "A1", Name="Renamed")

    run = sync()

    assert (run.state, run.counts["customers.retyped"]) == (Run.State.DONE, 1)
    assert (line("pulse").suspended_code, line("pulse").crm_type) == ("", "date")
    assert "customers.retyped" not in sync().counts


def lose(crm: PaperCrm, kind: str) -> None:
    if kind == "gone":
        crm.hidden_fields.add("Website")
        return
    FieldMapping.objects.create(block=line("name").block, hub_field="pulse", crm_field="Segment", crm_type="integer")
    crm.types = {"Segment": "date"}


# --- New values, fields that can no longer be written, fields that the CRM comes to insist on


@pytest.fixture
def listed(connection: Connection, crm: PaperCrm, sync) -> PaperCrm:
    """The stage comes from a list whose one value is mapped; both ways, so that fields are written too."""
    crm.lists["Stage"] = ["Live"]
    FieldMapping.objects.filter(hub_field="stage").update(value_map={"Live": "run"})
    Block.objects.filter(object="customers").update(mode="two-way")
    FieldMapping.objects.filter(hub_field="name").update(direction="both")
    crm.company("A1", Stage="Live")
    sync()
    crm.later(60)
    return crm


DRIFTS = {
    "field-locked": ("name", "Name", "on_field_locked"),
    "value-new": ("stage", "Stage", "on_value_new"),
}


def drift(crm: PaperCrm, code: str) -> None:
    if code == "field-locked":
        crm.locked.add("Name")
    else:
        crm.lists["Stage"] = ["Live", "Partner"]


@pytest.mark.requirement("C9", "C13")
@pytest.mark.parametrize("code", DRIFTS)
def test_drift_rests_its_line_only_where_the_connection_says_so(listed: PaperCrm, sync, code: str) -> None:
    hub_field, label, policy = DRIFTS[code]
    Connection.objects.update(**{policy: "rest"})
    drift(listed, code)
    listed.edit("customers", "A1", Website="alder.example")

    run, again = sync(), sync()

    assert (run.state, run.counts["customers.suspended"]) == (Run.State.DONE, 1)
    assert (line(hub_field).suspended_code, line(hub_field).crm_label) == (code, label)
    assert FieldMapping.objects.exclude(suspended_code="").count() == 1
    assert Customer.objects.get().domain == "alder.example"
    assert "customers.suspended" not in again.counts


@pytest.mark.requirement("C9", "C13")
@pytest.mark.parametrize("code", DRIFTS)
def test_drift_stops_the_run_where_the_connection_says_so(listed: PaperCrm, sync, code: str) -> None:
    hub_field, label, policy = DRIFTS[code]
    Connection.objects.update(**{policy: "stop"})
    drift(listed, code)
    listed.edit("customers", "A1", Website="alder.example")

    runs = [sync(), sync()]

    assert [(run.state, run.reason_code) for run in runs] == [(Run.State.FAILED, code)] * 2
    assert label in runs[0].reason_params["field"]
    repair = of_run(runs[0])
    assert repair is not None
    assert repair.ways[0].url.endswith("/mapping/customers/")
    assert Customer.objects.get().domain == ""
    assert line(hub_field).suspended_code == ""


@pytest.mark.requirement("C9", "C13")
@pytest.mark.parametrize("code", DRIFTS)
def test_drift_is_told_once_where_the_connection_goes_on(listed: PaperCrm, sync, code: str) -> None:
    hub_field, _label, policy = DRIFTS[code]
    Connection.objects.update(**{policy: "take"})
    drift(listed, code)

    run, again = sync(), sync()

    assert (run.state, line(hub_field).suspended_code, line(hub_field).noticed_code) == (Run.State.DONE, "", code)
    assert sum(run.counts.get(f"customers.{name}", 0) for name in ("locked", "new-values")) == 1
    assert not any(again.counts.get(f"customers.{name}") for name in ("locked", "new-values"))


@pytest.mark.requirement("C13")
def test_new_value_that_is_mapped_is_no_drift(listed: PaperCrm, sync) -> None:
    Connection.objects.update(on_value_new="stop")
    drift(listed, "value-new")
    FieldMapping.objects.filter(hub_field="stage").update(value_map={"Live": "run", "partner": "run"})

    assert sync().state == Run.State.DONE


@pytest.mark.requirement("C9")
def test_resting_line_wakes_when_the_field_can_be_written_again(listed: PaperCrm, sync) -> None:
    drift(listed, "field-locked")
    sync()
    listed.locked.clear()
    sync()

    assert (line("name").suspended_code, line("name").suspended_at) == ("", None)


@pytest.mark.requirement("C9")
def test_policy_that_comes_to_go_on_wakes_the_line(listed: PaperCrm, sync) -> None:
    drift(listed, "field-locked")
    sync()
    Connection.objects.update(on_field_locked="take")
    sync()

    assert (line("name").suspended_code, line("name").noticed_code) == ("", "field-locked")


@pytest.mark.requirement("C9")
def test_line_that_never_could_be_written_is_no_drift(connection: Connection, crm: PaperCrm, sync) -> None:
    crm.locked.add("Name")
    Block.objects.filter(object="customers").update(mode="two-way")
    FieldMapping.objects.filter(hub_field="name").update(direction="both")
    crm.company("A1")

    assert "customers.suspended" not in sync().counts


@pytest.mark.requirement("C9")
def test_newly_required_field_is_told_until_something_fills_it(listed: PaperCrm, sync) -> None:
    listed.required.add("Segment")

    run = sync()

    assert (run.state, run.counts["customers.newly-required"]) == (Run.State.DONE, 1)
    assert Block.objects.get(object="customers").required_new == {"Segment": "Segment"}
    assert "customers.newly-required" not in sync().counts
    FieldMapping.objects.create(block=line("name").block, hub_field="pulse", crm_field="Segment", direction="both")
    sync()
    assert Block.objects.get(object="customers").required_new == {}


@pytest.mark.requirement("C9")
def test_newly_required_field_may_stop_the_run(listed: PaperCrm, sync) -> None:
    Connection.objects.update(on_required_new="stop")
    listed.required.add("Segment")

    run = sync()

    assert (run.state, run.reason_code, run.reason_params["field"]) == (Run.State.FAILED, "required-new", "Segment")


@pytest.mark.requirement("C9")
def test_what_is_only_read_needs_no_required_field(synced: PaperCrm, sync) -> None:
    Connection.objects.update(on_required_new="stop")
    synced.required.add("Segment")

    assert sync().state == Run.State.DONE


@pytest.mark.requirement("C9")
def test_lost_field_keeps_its_likely_successors(synced: PaperCrm, sync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIELDS["customers"], "Website_2", Kind.TEXT)
    synced.hidden_fields.add("Website")

    sync()

    assert line("domain").successors == [["Website_2", "Website_2"]]


# --- Values that nothing is mapped to, before the run


@pytest.fixture
def staged(connection: Connection, crm: PaperCrm) -> PaperCrm:
    FieldMapping.objects.filter(hub_field="stage").update(value_map={"Live": "run"})
    for number, stage in enumerate(["Live", "Odd", "Odd", "Strange"]):
        crm.company(f"A{number}", Stage=stage)
    return crm


def opened(run: Run) -> dict[str, Any]:
    return {field.label: dict(field.values) for field in open_values_of(run)}


@pytest.mark.requirement("C13")
def test_preview_counts_the_records_of_each_value_that_nothing_maps(staged: PaperCrm, sync) -> None:
    run = sync("preview")

    assert opened(run) == {"Customer stage": {"Odd": 2, "Strange": 1}}
    assert open_values_of(run)[0].url.endswith("/mapping/customers/#row-stage")
    assert not Customer.objects.exists()


@pytest.mark.requirement("C13")
def test_preview_counts_records_that_do_not_change_too(staged: PaperCrm, sync) -> None:
    run = sync()
    staged.later(60)
    staged.edit("customers", "A1", Name="Renamed")

    assert opened(run) == {}
    assert opened(sync("preview")) == {"Customer stage": {"Odd": 1, "": 2}}


@pytest.mark.requirement("C13")
def test_page_by_page_the_numbers_add_up(staged: PaperCrm, sync, settings: Any) -> None:
    settings.SYNC_PAGE_SIZE = 2

    assert opened(sync("preview")) == {"Customer stage": {"Odd": 2, "Strange": 1}}


@pytest.mark.requirement("C13")
def test_many_values_are_counted_together_from_some_number_on(staged: PaperCrm, sync) -> None:
    for number in range(MOST + 5):
        staged.company(f"B{number}", Stage=f"Value {number}")

    stages = opened(sync("preview"))["Customer stage"]

    assert (len(stages), sum(stages.values())) == (MOST + 1, MOST + 8)
    assert list(stages)[-1] == ""


@pytest.mark.requirement("C13")
def test_mapped_values_are_open_no_more(staged: PaperCrm, sync) -> None:
    FieldMapping.objects.filter(hub_field="stage").update(value_map={"Live": "run", "odd": "run", "Strange": "run"})

    assert opened(sync("preview")) == {}
