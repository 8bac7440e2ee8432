"""Interactions: read with their contacts, typed by hand and sent once, captured ones never."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from pytest_django import DjangoAssertNumQueries

from integrations.hub.door import Refusal, door
from integrations.hub.models import Contact, Customer, Interaction
from integrations.sync import decisions, runs
from integrations.sync.models import AwaitedContact, Block, Change, Connection, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.store.alike import Asked
from integrations.sync.store.awaited import hang_arrived
from integrations.sync.store.hub_rows import table_of

from .fakes import WORLDS, PaperCrm, connect

pytestmark = pytest.mark.django_db
WHEN = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


@pytest.fixture
def connection() -> Connection:
    made = connect(objects=("customers", "contacts", "calls"))
    FieldMapping.objects.filter(block__connection=made, block__object="calls").exclude(hub_field="ref_id").update(
        direction="both"
    )
    return made


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    crm.person("11", "1", LastName="Reis")
    crm.call("c1", "1", Minutes=20, **{"@contacts": ("11",)})
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    WORLDS[connection.pk].later()
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    assert run.state == "done", run.reason_params
    return run


def mode(connection: Connection, value: str) -> None:
    Block.objects.filter(connection=connection, object="calls").update(mode=value, key_field="Key")


def typed(**more: Any) -> int:
    values = {
        "customer": Customer.objects.get(name="Aldervale").pk, "subject": "Typed", "starts_at": WHEN, "minutes": 15,
        "contacts": tuple(Contact.objects.filter(last_name="Reis").values_list("pk", flat=True)), **more,
    }  # fmt: skip
    [made] = door().create("calls", [values], by="Inès")
    assert isinstance(made, int), made
    return made


def new_customer(**values: Any) -> int:
    [made] = door().create("customers", [values], by="Inès")
    assert isinstance(made, int), made
    return made


@pytest.mark.requirement("R1", "R54")
def test_call_comes_in_with_its_customer_and_contacts(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)

    call = Interaction.objects.get()
    assert (call.type, call.origin, call.subject, call.minutes) == ("call", "captured", "Call c1", 20)
    assert (call.customer.name, [str(one) for one in call.contacts.all()]) == ("Aldervale", ["Reis"])


@pytest.mark.requirement("R55", "R8")
def test_typed_call_goes_out_once_with_its_contact(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "two-way")
    sync(connection)
    typed()

    for kind in ("delta", "delta", "full"):
        sync(connection, kind)

    made = [record for record in crm.records["calls"].values() if record.values["Subject"] == "Typed"]
    assert [(one.values["Minutes"], one.values["@contacts"], one.customer_ids) for one in made] == [
        (15, ("11",), ("1",))
    ]
    assert Interaction.objects.filter(subject="Typed").count() == 1


@pytest.mark.requirement("R55")
def test_captured_call_is_never_created_there(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "two-way")
    sync(connection)
    captured = Interaction.objects.create(
        customer=Customer.objects.get(), type="call", origin="captured", subject="From a mailbox", starts_at=WHEN
    )
    door().edit("calls", {captured.pk: {"subject": "Renamed here"}}, by="Inès")

    sync(connection)

    assert set(crm.records["calls"]) == {"c1"}


@pytest.mark.requirement("R55")
def test_captured_call_that_is_edited_here_is_not_sent_back(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "two-way")
    sync(connection)
    door().edit("calls", {Interaction.objects.get().pk: {"subject": "Renamed here"}}, by="Inès")

    for kind in ("delta", "full"):
        sync(connection, kind)

    assert crm.sends == []
    assert Interaction.objects.get().subject == "Renamed here"


@pytest.mark.requirement("R10", "R11")
def test_output_only_sends_and_reads_nothing(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "output")
    sync(connection)
    typed()
    crm.reads.clear()

    sync(connection)

    assert [record.values["Subject"] for record in crm.records["calls"].values()] == ["Call c1", "Typed"]
    assert {read.how.value for read in crm.reads if read.object == "calls"} <= {"by-id"}
    assert Interaction.objects.get().subject == "Typed"


@pytest.mark.requirement("R6", "R12")
@pytest.mark.parametrize("value", ["input", "disabled"])
def test_typed_call_stays_here_where_nothing_goes_out(connection: Connection, crm: PaperCrm, value: str) -> None:
    mode(connection, value)
    sync(connection)
    typed()

    sync(connection, "full")

    assert crm.sends == []


def test_call_deleted_there_is_kept_and_says_so(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.delete("calls", "c1")

    sync(connection)

    assert Interaction.objects.get().gone_at is not None
    assert RecordLink.objects.get(object="calls").state == "gone"


def test_call_whose_customer_is_out_of_scope_is_taken_up_when_it_enters(connection: Connection, crm: PaperCrm) -> None:
    crm.company("2", "Birch")
    crm.outside.add("2")
    crm.call("c2", "2")
    sync(connection)
    assert not Interaction.objects.filter(subject="Call c2").exists()

    crm.outside.clear()
    sync(connection)

    assert Interaction.objects.filter(subject="Call c2").exists()


def test_typed_call_is_journaled_with_who_typed_it(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    made = typed()

    change = Change.objects.get(object="calls", hub_id=made)
    assert (change.action, change.actor) == ("create", "Inès")


def test_deleting_a_customer_takes_its_interactions_along(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    typed()

    door().delete("customers", [Customer.objects.get().pk], by="Inès")

    assert not Interaction.objects.exists()
    assert Change.objects.filter(object="calls", action="delete").count() == 2


@pytest.mark.requirement("C24", "R77")
def test_call_that_was_typed_here_already_is_proposed_and_makes_no_second_row(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    row = typed(subject="Renewal")
    crm.call("c2", "1", Subject=" RENEWAL ", At=WHEN + timedelta(minutes=1), **{"@contacts": ("11",)})

    sync(connection)

    link = RecordLink.objects.get(object="calls", source_id="c2")
    assert (link.state, link.reason_code, link.reason_params["row"]) == ("collision", "likely-duplicate", row)
    assert Interaction.objects.filter(starts_at__range=(WHEN, WHEN + timedelta(minutes=1))).count() == 1


@pytest.mark.requirement("C24")
@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "collision"),
        ({"Subject": "Other"}, "linked"),
        ({"At": WHEN + timedelta(minutes=3)}, "linked"),
        ({"@contacts": ("12",)}, "linked"),
    ],
)
def test_call_of_another_title_start_or_people_is_taken(
    connection: Connection, crm: PaperCrm, more: dict[str, Any], state: str
) -> None:
    crm.person("11", "1", LastName="Reis", Email="reis@alder.example")
    crm.person("12", "1", LastName="Ude", Email="ude@alder.example")
    sync(connection)
    typed(subject="Renewal")
    crm.call("c2", "1", **{"Subject": "Renewal", "At": WHEN, "@contacts": ("11",)} | more)

    sync(connection)

    assert RecordLink.objects.get(object="calls", source_id="c2").state == state


@pytest.mark.requirement("C24")
def test_call_of_the_same_customer_is_found_when_its_customer_is_met_in_the_same_run(
    connection: Connection, crm: PaperCrm
) -> None:
    crm.company("1", "Aldervale", Website="aldervale.example")
    here = Customer.objects.get(pk=new_customer(name="Aldervale", domain="aldervale.example"))
    row = typed(customer=here.pk, subject="Call c1", starts_at=crm.records["calls"]["c1"].values["At"], contacts=())

    sync(connection)

    assert RecordLink.objects.get(object="customers").hub_id == here.pk
    assert RecordLink.objects.get(object="calls").reason_params["row"] == row


@pytest.mark.requirement("C24", "R55")
def test_row_that_a_record_may_be_is_not_created_there_until_somebody_says(
    connection: Connection, crm: PaperCrm
) -> None:
    mode(connection, "two-way")
    sync(connection)
    typed(subject="Renewal")
    crm.call("c2", "1", Subject="Renewal", At=WHEN, **{"@contacts": ("11",)})
    for kind in ("delta", "full", "delta"):
        sync(connection, kind)
    assert set(crm.records["calls"]) == {"c1", "c2"}

    decisions.make_new([RecordLink.objects.get(source_id="c2", object="calls").pk], by="Inès")
    for _ in range(2):
        sync(connection)

    assert len(crm.records["calls"]) == 3
    assert Interaction.objects.filter(subject="Renewal").count() == 2


@pytest.mark.requirement("C24", "R55")
def test_linked_proposal_keeps_one_row_and_one_record(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "two-way")
    sync(connection)
    row = typed(subject="Renewal")
    crm.call("c2", "1", Subject="Renewal", At=WHEN, **{"@contacts": ("11",)})
    sync(connection)

    decisions.link_to_row(RecordLink.objects.get(source_id="c2", object="calls").pk, row, by="Inès")
    for kind in ("delta", "full"):
        sync(connection, kind)

    assert set(crm.records["calls"]) == {"c1", "c2"}
    assert RecordLink.objects.get(source_id="c2", object="calls").hub_id == row
    assert Interaction.objects.filter(subject="Renewal").count() == 1


@pytest.mark.requirement("C24")
def test_two_alike_records_of_one_crm_are_two(connection: Connection, crm: PaperCrm) -> None:
    crm.call("c2", "1", Subject="Call c1", **{"@contacts": ("11",)})
    sync(connection)
    crm.call("c3", "1", Subject="Call c1", **{"@contacts": ("11",)})

    sync(connection)

    assert set(RecordLink.objects.filter(object="calls").values_list("state", flat=True)) == {"linked"}
    assert Interaction.objects.count() == 3


@pytest.mark.requirement("C24")
def test_same_call_in_another_crm_is_proposed(connection: Connection, crm: PaperCrm) -> None:
    crm.company("1", "Aldervale", Website="aldervale.example")
    sync(connection)
    other = connect("Other", objects=("customers", "contacts", "calls"))
    WORLDS[other.pk].company("900", "Aldervale", Website="aldervale.example")
    WORLDS[other.pk].call("c900", "900", Subject="Call c1")

    sync(other)

    assert RecordLink.objects.get(connection=other, object="calls").reason_code == "likely-duplicate"
    assert Interaction.objects.count() == 1


@pytest.mark.requirement("C24")
def test_calendar_id_and_start_outrank_title_and_people(connection: Connection, crm: PaperCrm) -> None:
    block = Block.objects.get(connection=connection, object="calls")
    FieldMapping.objects.create(block=block, hub_field="ical_uid", crm_field="Uid", crm_label="Uid")
    sync(connection)
    row = Interaction.objects.create(
        customer=Customer.objects.get(), type="call", subject="Moved", starts_at=WHEN, ical_uid="u1@calendar"
    )
    crm.call("c2", "1", Subject="Renewal", At=WHEN, Uid="u1@calendar")

    sync(connection)

    link = RecordLink.objects.get(source_id="c2", object="calls")
    assert (link.reason_code, link.reason_params["row"]) == ("same-calendar-id", row.pk)


@pytest.mark.requirement("F28")
def test_long_text_is_cut_with_a_note_and_the_call_is_taken(connection: Connection, crm: PaperCrm) -> None:
    crm.call("c2", "1", Text="x" * 1_000_000)

    sync(connection)

    assert len(Interaction.objects.get(subject="Call c2").body) == 32_000
    change = Change.objects.get(object="calls", source_id="c2", action="create")
    assert [note["code"] for note in change.notes] == ["cut"]


def test_text_that_is_too_long_is_refused_where_it_is_typed(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)

    [refusal] = door().create(
        "calls", [{"customer": Customer.objects.get().pk, "starts_at": WHEN, "body": "x" * 32_001}], by="Inès"
    )

    assert isinstance(refusal, Refusal)
    assert (refusal.field, refusal.reason.code) == ("body", "too-long")


@pytest.mark.parametrize("number", [1, 3])
def test_proposals_take_as_many_statements_for_one_record_as_for_three(
    connection: Connection, crm: PaperCrm, number: int, django_assert_num_queries: Any
) -> None:
    sync(connection)
    customer = Customer.objects.get().pk
    for place in range(number):
        typed(subject=f"Typed {place}")
    asked = {
        f"c{place}": Asked({"subject": f"Typed {place}", "starts_at": WHEN, "contacts": ("11",)}, frozenset({customer}))
        for place in range(number)
    }

    with django_assert_num_queries(5):
        found = table_of("calls").likely(connection.pk, asked)

    assert len(found) == number


def test_contact_that_comes_in_later_is_hung_on_what_named_it(connection: Connection, crm: PaperCrm) -> None:
    crm.call("c2", "1", **{"@contacts": ("11", "12")})
    sync(connection)
    assert people_of("c2") == ["Reis"]
    crm.person("12", "1", LastName="Sorel")

    sync(connection)

    assert people_of("c2") == ["Reis", "Sorel"]
    assert people_of("c1") == ["Reis"]


def test_contact_of_another_customer_is_hung_on_what_named_it_too(connection: Connection, crm: PaperCrm) -> None:
    crm.company("2", "Brookfield")
    crm.call("c2", "1", **{"@contacts": ("12",)})
    sync(connection)
    crm.person("12", "2", LastName="Sorel")

    sync(connection)

    assert people_of("c2") == ["Sorel"]


def test_contact_that_was_here_is_hung_on_once_it_is_linked(connection: Connection, crm: PaperCrm) -> None:
    crm.call("c2", "1", **{"@contacts": ("12",)})
    sync(connection)
    [sorel] = door().create("contacts", [{"customer": Customer.objects.get().pk, "last_name": "Sorel", "email": "s@aldervale.example"}], by="Inès")  # fmt: skip
    crm.person("12", "1", LastName="Sorel", Email="s@aldervale.example")

    sync(connection)

    assert list(Interaction.objects.get(subject="Call c2").contacts.values_list("pk", flat=True)) == [sorel]


def test_name_that_an_interaction_no_longer_bears_is_not_awaited(connection: Connection, crm: PaperCrm) -> None:
    crm.call("c2", "1", **{"@contacts": ("12", "13")})
    sync(connection)
    assert set(AwaitedContact.objects.values_list("source_id", flat=True)) == {"12", "13"}
    crm.call("c2", "1", **{"@contacts": ("13",)})
    sync(connection)
    crm.person("12", "1", LastName="Sorel")
    crm.person("13", "1", LastName="Tamm")

    sync(connection)

    assert people_of("c2") == ["Tamm"]


def test_contact_of_another_connection_with_the_same_id_is_not_meant(connection: Connection, crm: PaperCrm) -> None:
    other = connect("Other", objects=("customers", "contacts"))
    crm.call("c2", "1", **{"@contacts": ("12",)})
    sync(connection)
    WORLDS[other.pk].company("9", "Elsewhere")
    WORLDS[other.pk].person("12", "9", LastName="Stranger")

    sync(other)

    assert people_of("c2") == []


@pytest.mark.parametrize("number", [1, 3])
def test_hanging_those_who_arrive_costs_the_same_for_any_number(
    number: int, connection: Connection, crm: PaperCrm, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    names = [str(20 + place) for place in range(number)]
    for name in names:
        crm.call(f"c{name}", "1", **{"@contacts": (name,)})
    sync(connection)
    hub_ids = {name: Contact.objects.get(last_name="Reis").pk for name in names}

    with django_assert_num_queries(2):
        hang_arrived(connection.pk, hub_ids)

    assert [people_of(f"c{name}") for name in names] == [["Reis"]] * number


def test_those_who_were_named_before_the_table_was_there_are_awaited_too(connection: Connection, crm: PaperCrm) -> None:
    crm.call("c2", "1", **{"@contacts": ("11", "12")})
    sync(connection)
    AwaitedContact.objects.all().delete()

    import_module("integrations.sync.migrations.0007_awaited_contacts").note_whom_interactions_name(apps, None)

    assert list(AwaitedContact.objects.values_list("source_id", "interaction__subject")) == [("12", "Call c2")]


def people_of(call: str) -> list[str]:
    return sorted(str(one) for one in Interaction.objects.get(subject=f"Call {call}").contacts.all())


@pytest.mark.requirement("R4", "C8")
def test_call_is_not_recognised_by_the_number_of_a_meeting(connection: Connection, crm: PaperCrm) -> None:
    """A CRM counts each kind for itself: one number, two things that happened."""
    sync(connection)
    customer = Customer.objects.get(name="Aldervale")
    meeting = Interaction.objects.create(
        customer=customer, type="meeting", ref_id="c2", ref_writer=connection.pk, subject="Review", starts_at=WHEN
    )
    crm.call("c2", "1", Subject="Call back")

    sync(connection)

    meeting.refresh_from_db()
    assert (meeting.subject, meeting.type) == ("Review", "meeting")
    call = RecordLink.objects.get(object="calls", source_id="c2")
    assert call.hub_id not in {meeting.pk, None}
    assert Interaction.objects.get(pk=call.hub_id).subject == "Call back"
