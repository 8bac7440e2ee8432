"""What every connector must do, whatever its vendor: each system inherits this suite with a `Crm` of its own.

In a system's folder: `class TestContract(Contract)` and a fixture `opened` that gives `crm.Open`.
"""

import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.engine.mapping import Mode
from integrations.engine.records import Record
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer
from integrations.setup.guide import guide_of
from integrations.setup.saving import first_data
from integrations.sync.configuration import write
from integrations.sync.connector import How, Read, Send
from integrations.sync.drift import shows
from integrations.sync.models import Block, Change, FieldMapping, Outbox, PlannedChange, RecordLink, Run
from integrations.sync.registry import connector_for, systems
from integrations.wire.errors import DryRun

from .crm import Crm, Open
from .crm_side import CrmSide
from .machine import CONFIGURATIONS, Rules, play

HISTORIES = int(os.environ.get("HISTORIES_PER_SYSTEM") or 24)
"""Of the state machine, spread over the ways of deciding; some hundreds by hand."""
ODD = "Żółć 北京 & <Söhne> “‘😀’” é é"
FAULTS = {
    "too many calls": {"burst": 2, "retry_after": 0},
    "server error": {"burst": 1, "burst_status": 503, "retry_after": 0},
    "a page of HTML": {"html": 1},
    "half an answer": {"truncate": 1},
    "a broken connection": {"reset": 1},
    "sessions end": {"expire_after": 3},
}


def link(source_id: str, object_name: str = "customers") -> RecordLink:
    """Some systems count each kind of record by itself: a company and a contact may have one id."""
    return RecordLink.objects.get(object=object_name, source_id=source_id)


def row_of(source_id: str, object_name: str = "customers") -> int:
    hub_id = link(source_id, object_name).hub_id
    assert hub_id is not None
    return hub_id


@pytest.mark.django_db
class Contract:
    page_size: int
    """Records of one page of a reading."""
    ways: Sequence[Rules] = CONFIGURATIONS
    """Directions and rules that the system's abilities allow."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "rules_of_lines" in metafunc.fixturenames:
            metafunc.parametrize("rules_of_lines", self.ways, ids="-".join)

    @pytest.fixture
    def opened(self) -> Open:
        raise NotImplementedError

    @pytest.fixture
    def crm(self, opened: Open) -> Crm:
        return opened(3, contacts_per=1)

    @pytest.fixture
    def two_way(self, crm: Crm) -> Crm:
        if Mode.TWO_WAY not in crm.modes("customers"):
            pytest.skip("this system is only read")
        crm.block("customers", "two-way")
        crm.block("contacts", "two-way")
        return crm

    # --- Reading ---------------------------------------------------------------------------------------------------------
    @pytest.mark.parametrize("more", [None, -1, 0, 1], ids=["none", "a page less one", "a page", "a page and one"])
    def test_every_record_comes_once_at_the_edges_of_a_page(self, opened: Open, more: int | None) -> None:
        number = 0 if more is None else self.page_size + more
        crm = opened(number, contacts_per=0)

        assert len(crm.records(crm.all("customers"))) == number

    def test_first_sync_brings_everything_and_the_second_nothing(self, crm: Crm) -> None:
        crm.block("customers", "input")
        crm.block("contacts", "input")

        first = crm.sync()
        crm.later()
        second = crm.sync("full")

        assert (first.state, Customer.objects.count(), Contact.objects.count()) == (Run.State.DONE, 3, 3)
        names = sorted(values["name"] for values in crm.values("customers").values())
        assert sorted(Customer.objects.values_list("name", flat=True)) == names
        assert second.state == Run.State.DONE
        assert not Change.objects.filter(run_id=second.pk).exists()
        assert crm.written == {}

    def test_odd_letters_arrive_and_leave_as_they_are(self, two_way: Crm) -> None:
        there = two_way.company(ODD)
        two_way.sync()
        here = Customer.objects.get(pk=row_of(there))
        name = here.name
        door().edit("customers", {here.pk: {"name": f"{ODD} 2"}}, by="Inès")

        two_way.sync()

        assert (name, two_way.values("customers")[there]["name"]) == (ODD, f"{ODD} 2")

    def test_delta_brings_what_changed_and_nothing_else(self, crm: Crm) -> None:
        crm.block("customers", "input")
        crm.sync()
        crm.later()
        one, *others = crm.values("customers")
        crm.edit("customers", one, name="Renamed there")
        crm.later(120)

        run = crm.sync()

        changed = Change.objects.filter(run_id=run.pk).values_list("source_id", "action")
        assert list(changed) == [(one, "update")]
        assert len(others) == 2

    def test_records_with_one_stamp_are_all_in_the_delta(self, opened: Open) -> None:
        crm = opened(12, contacts_per=0)
        crm.block("customers", "input")
        crm.sync()
        crm.later()
        for number, source_id in enumerate(crm.values("customers")):
            crm.edit("customers", source_id, name=f"At one moment {number}")
        crm.later(120)

        crm.sync()

        assert Customer.objects.filter(name__startswith="At one moment").count() == 12

    @pytest.mark.parametrize("rule", ["keep", "erase"])
    def test_blank_erases_only_where_its_rule_says_so(self, crm: Crm, rule: str) -> None:
        crm.block("customers", "input")
        FieldMapping.objects.filter(hub_field="domain").update(blanks=rule)
        one = crm.company("With a website", **{crm.column("customers", "domain"): "kept.example"})
        crm.sync()
        crm.later()
        crm.edit("customers", one, domain=None)
        crm.later(120)

        crm.sync()

        assert Customer.objects.get(pk=row_of(one)).domain == ("kept.example" if rule == "keep" else "")

    def test_child_hangs_under_its_parent(self, crm: Crm) -> None:
        if not crm.ability("customers").has_hierarchy:
            pytest.skip("this system has no hierarchy")
        type(crm.connection).objects.filter(pk=crm.connection.pk).update(keep_hierarchy=True)
        crm.connection.refresh_from_db()
        crm.block("customers", "input")
        parent, child = crm.company("Head"), crm.company("Branch")
        crm.under(child, parent)

        crm.sync()

        assert Customer.objects.get(name="Branch").parent == Customer.objects.get(name="Head")

    # --- What goes -------------------------------------------------------------------------------------------------------
    def test_deleted_record_is_gone_and_its_row_stays(self, crm: Crm) -> None:
        crm.block("customers", "input")
        crm.block("contacts", "input")
        crm.sync()
        crm.later()
        [person] = [one.source_id for one in RecordLink.objects.filter(object="contacts")[:1]]
        row = row_of(person, "contacts")
        crm.delete("contacts", person)
        crm.later(120)

        crm.sync()

        assert (link(person, "contacts").state, Contact.objects.filter(pk=row).exists()) == ("gone", True)

    def test_merged_record_leads_to_the_one_it_became(self, crm: Crm) -> None:
        if not crm.merges:
            pytest.skip("this system merges nothing")
        crm.block("customers", "input")
        crm.sync()
        crm.later()
        winner, loser, _third = crm.values("customers")
        rows = {row_of(winner), row_of(loser)}
        survivor = crm.merge("customers", winner, loser)
        crm.later(120)

        crm.sync()

        assert {link(one).state for one in {winner, loser} - {survivor}} == {"merged"}
        assert (link(survivor).state, row_of(survivor) in rows) == ("linked", True)
        assert Customer.objects.count() == 3

    # --- Faults ----------------------------------------------------------------------------------------------------------
    @pytest.mark.parametrize("fault", FAULTS)
    def test_fault_in_the_middle_loses_and_doubles_nothing(self, crm: Crm, fault: str) -> None:
        crm.block("customers", "input")
        crm.block("contacts", "input")
        crm.practice.control(**FAULTS[fault])

        run = crm.sync()
        crm.practice.control(clear=True)
        crm.later()
        again = crm.sync("full")

        assert (run.state, Customer.objects.count(), Contact.objects.count()) == (Run.State.DONE, 3, 3)
        assert not Change.objects.filter(run_id=again.pk).exists()

    # --- Writing ---------------------------------------------------------------------------------------------------------
    def test_edit_here_stands_there_once_and_comes_back_as_no_news(self, two_way: Crm) -> None:
        two_way.sync()
        customer, contact = Customer.objects.order_by("pk")[0], Contact.objects.order_by("pk")[0]
        door().edit("customers", {customer.pk: {"name": "Renamed here"}}, by="Inès")
        door().edit("contacts", {contact.pk: {"last_name": "Renamed too"}}, by="Inès")

        run = two_way.sync()
        two_way.later()
        two_way.practice.forget_calls()
        again = two_way.sync()

        names = [values["name"] for values in two_way.values("customers").values()]
        people = [values["last_name"] for values in two_way.values("contacts").values()]
        assert (run.state, names.count("Renamed here"), people.count("Renamed too")) == (Run.State.DONE, 1, 1)
        assert two_way.written == {}
        assert not Change.objects.filter(run_id=again.pk).exists()
        assert not Outbox.objects.exists()

    def test_made_here_stands_there_once_even_if_the_answer_was_lost(self, two_way: Crm) -> None:
        two_way.sync()
        [customer] = door().create("customers", [{"name": "Made here"}], by="Inès")
        door().create("contacts", [{"last_name": "Somebody", "customer": str(customer)}], by="Inès")
        two_way.practice.control(reset=1, kinds=sorted(two_way.writes))

        two_way.sync()
        two_way.practice.control(clear=True)
        two_way.later()
        two_way.sync()
        two_way.later()
        two_way.sync("full")

        names = [values["name"] for values in two_way.values("customers").values()]
        people = [values["last_name"] for values in two_way.values("contacts").values()]
        assert (names.count("Made here"), people.count("Somebody")) == (1, 1)
        assert (Customer.objects.filter(name="Made here").count(), Customer.objects.count()) == (1, 4)
        assert not Outbox.objects.exists()

    def test_one_refused_record_does_not_sink_the_others(self, two_way: Crm) -> None:
        two_way.sync()
        for number, customer in enumerate(Customer.objects.order_by("pk")):
            door().edit("customers", {customer.pk: {"name": f"Renamed {number}"}}, by="Inès")
        two_way.practice.control(reject_every=2)

        run = two_way.sync()

        outcomes = Change.objects.filter(run_id=run.pk, action="push").values_list("outcome", flat=True)
        assert sorted(outcomes) == ["done", "done", "refused"]
        refused = Change.objects.get(run_id=run.pk, outcome="refused")
        assert (refused.reason_code, bool(refused.reason_params["message"])) == ("crm-refused", True)

    def test_preview_decides_both_directions_and_writes_nothing(self, two_way: Crm) -> None:
        two_way.sync()
        two_way.later()
        [one, other, *_more] = [row.source_id for row in RecordLink.objects.filter(object="customers").order_by("pk")]
        door().edit("customers", {row_of(one): {"name": "Renamed here"}}, by="Inès")
        two_way.edit("customers", other, name="Renamed there")
        two_way.later(120)
        before = two_way.values("customers")
        two_way.practice.forget_calls()

        preview = two_way.sync(Run.Kind.PREVIEW)

        planned = PlannedChange.objects.filter(run_id=preview.pk).values_list("source_id", "action")
        assert sorted(planned) == sorted([(one, "push"), (other, "update")])
        assert (two_way.values("customers"), two_way.written) == (before, {})

    def test_connector_for_reading_refuses_to_write(self, two_way: Crm) -> None:
        reader = connector_for(two_way.connection, read_only=True)
        [one, *_others], before = two_way.values("customers"), two_way.values("customers")

        with pytest.raises(DryRun):
            reader.write("customers", [Send(one, values={two_way.fields["customers"]["name"]: "Written"})])

        assert two_way.values("customers") == before

    def test_key_field_is_made_once(self, two_way: Crm) -> None:
        keeping = [ability.object for ability in two_way.connector.abilities.objects if ability.has_key_field]
        if not keeping:
            pytest.skip("this system takes no field of ours")
        for name in keeping:
            made = two_way.connector.create_key_field(name)
            again = two_way.connector.create_key_field(name)

            schema = two_way.connector.schema(name)
            assert (name, made, [one.path for one in schema.fields].count(made)) == (name, again, 1)
            # A run takes one that it does not see for gone.
            assert (name, shows(schema, made)) == (name, True)

    @pytest.mark.requirement("I1", "I2", "I3", "I4", "I5", "I7", "F5", "F6", "F12", "F17", "F25")
    def test_two_sides_end_equal_whatever_happens(
        self, opened: Open, rules_of_lines: Rules, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        side = CrmSide(opened, rules_of_lines, monkeypatch)
        play(side, rules_of_lines, math.ceil(HISTORIES / len(CONFIGURATIONS)))

    # --- Calls -----------------------------------------------------------------------------------------------------------
    @pytest.mark.requirement("R3")
    def test_every_step_of_the_set_up_opens_and_keeps_what_it_proposes(
        self, crm: Crm, client_as: Callable[..., Client], admin_user: User
    ) -> None:
        client, guide, connection = client_as(admin_user), guide_of(crm.connection), crm.connection
        offered = {ability.object for ability in guide.abilities.objects}
        names = [name for name in ("customers", "contacts") if name in offered]
        write(connection, first_data(connection, {name: crm.connector.schema(name) for name in names}))
        strangers = {one.abilities.label for one in systems()} - {guide.abilities.label}
        for step in guide.steps[1:]:
            address = reverse(f"{guide.namespace}:wizard", args=[connection.slug, step.name])
            page = client.get(address)
            main = page.content.decode().partition("<main")[2]

            assert page.status_code == 200, step.name
            assert not [label for label in strangers if label in main], step.name
            if step.name in {"customers", "contacts"}:
                form = page.context["form"]
                given = {name: form[name].value() for name in form.fields}
                answer = client.post(
                    address, {name: "on" if value is True else value for name, value in given.items() if value}
                )
                assert answer.status_code == 302, (step.name, answer.context and answer.context["form"].errors)

    @pytest.mark.requirement("R3")
    def test_set_up_adds_the_field_for_our_key_when_asked_and_once(
        self, crm: Crm, client_as: Callable[..., Client], admin_user: User
    ) -> None:
        client, guide, connection = client_as(admin_user), guide_of(crm.connection), crm.connection
        if not crm.ability("customers").has_key_field:
            pytest.skip("this system keeps no key of ours")
        write(
            connection, first_data(connection, {name: crm.connector.schema(name) for name in ("customers", "contacts")})
        )
        address = reverse(f"{guide.namespace}:wizard", args=[connection.slug, "contacts"])
        form = client.get(address).context["form"]
        given = {name: form[name].value() for name in form.fields if form[name].value()} | {"make_key": "on"}

        answer = client.post(address, given)

        assert answer.status_code == 302
        assert Block.objects.get(connection=connection, object="contacts").key_field == crm.connector.create_key_field(
            "contacts"
        )
        assert "make_key" not in client.get(address).context["form"].fields

    @pytest.mark.requirement("R8", "R14")
    def test_two_ways_chosen_in_the_set_up_lets_every_field_go_that_the_crm_takes(
        self, crm: Crm, client_as: Callable[..., Client], admin_user: User
    ) -> None:
        client, guide, connection = client_as(admin_user), guide_of(crm.connection), crm.connection
        if not {"customers", "contacts"} <= {one.object for one in guide.abilities.objects if one.creates}:
            pytest.skip("this system makes no customers and contacts of ours")
        schemas = {name: crm.connector.schema(name) for name in ("customers", "contacts")}
        write(connection, first_data(connection, {**schemas}))
        for name, schema in schemas.items():
            address = reverse(f"{guide.namespace}:wizard", args=[connection.slug, name])
            form = client.get(address).context["form"]
            given = {field: form[field].value() for field in form.fields if form[field].value()}
            assert given.pop("both_ways") is True
            assert client.post(address, given | {"mode": "two-way", "both_ways": "on"}).status_code == 302
            for line in FieldMapping.objects.filter(block__connection=connection, block__object=name):
                found = schema.get(line.crm_field)
                may_go = line.hub_field != "ref_id" and found is not None and found.is_updateable
                assert (line.hub_field, line.direction) == (line.hub_field, "both" if may_go else "in")
                assert (line.on_conflict, line.blanks) == ("crm", "keep")
            named = {"customers": "name", "contacts": "last_name"}[name]
            assert FieldMapping.objects.get(block__object=name, hub_field=named).direction == "both"
            assert "both_ways" not in client.get(address).context["form"].fields

    def test_first_import_takes_about_as_few_calls_as_the_protocol_allows(self, opened: Open) -> None:
        crm = opened(450, contacts_per=2)
        crm.block("customers", "input")
        crm.block("contacts", "input")
        crm.practice.forget_calls()

        run = crm.sync()

        calls, least = sum(crm.practice.calls().values()), crm.minimum(450, 900)
        assert (run.state, Contact.objects.count()) == (Run.State.DONE, 900)
        assert calls <= max(least * 1.05, least + 5), crm.practice.calls()

    # --- Named records ---------------------------------------------------------------------------------------------------
    def test_named_records_come_with_the_same_values_as_all_of_them(self, crm: Crm) -> None:
        everything = crm.records(crm.all("customers"))
        asked = crm.all("customers")

        named = crm.records(Read("customers", How.BY_ID, asked.fields, ids=(*everything, "0000000")))

        assert {one: values_of(record) for one, record in named.items()} == {
            one: values_of(record) for one, record in everything.items()
        }


def values_of(record: Record) -> dict[str, Any]:
    return dict(record.values)
