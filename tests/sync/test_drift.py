import pytest

from integrations.hub.models import Customer
from integrations.sync.models import Connection, FieldMapping, Run
from tests.sync.fakes import PaperCrm

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
