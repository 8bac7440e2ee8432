"""The way out: what changes here reaches the CRM once, by its rule, and never comes back as news."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.engine.writing import LONGEST_KEPT
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer, CustomField
from integrations.sync import decisions, runs
from integrations.sync.configuration import save_version
from integrations.sync.connector import Answer, Sent
from integrations.sync.models import (
    Block,
    Change,
    Conflict,
    Connection,
    FieldMapping,
    HubMark,
    Outbox,
    PlannedChange,
    RecordLink,
    Run,
)
from integrations.sync.runner.drive import drive
from integrations.sync.tallies import came_of_it, sum_of
from integrations.sync.undo import request_undo
from integrations.wire.errors import AuthExpired, Transient

from .fakes import WORLDS, PaperCrm, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    made = connect()
    Block.objects.filter(connection=made).update(mode="two-way", key_field="Key")
    lines = FieldMapping.objects.filter(block__connection=made).exclude(hub_field="ref_id")
    lines.update(direction="both")
    return made


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale", Website="aldervale.example")
    crm.company("2", "Birch")
    crm.person("11", "1", LastName="Reis", Email="ana@aldervale.example")
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    return run


def customer(name: str) -> Customer:
    return Customer.objects.get(name=name)


def edit(row: Customer | Contact, **values: Any) -> None:
    entity = "customers" if isinstance(row, Customer) else "contacts"
    assert door().edit(entity, {row.pk: values}, by="Inès") == []


def made_here(*asked: Any, **by: Any) -> list[int]:
    made = door().create(*asked, **by)
    assert all(isinstance(one, int) for one in made), made
    return [one for one in made if isinstance(one, int)]


@pytest.mark.requirement("R8", "R14", "I1")
def test_change_here_reaches_the_crm_and_the_next_sync_writes_nothing(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    edit(customer("Aldervale"), name="Aldervale Group")

    run = sync(connection)

    assert run.state == "done"
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale Group"
    assert [[send.values for send in batch] for batch in crm.sends] == [[{"Name": "Aldervale Group"}]]
    change = Change.objects.get(run_id=run.pk)
    assert (change.action, change.outcome, change.before, change.after) == (
        "push", "done", {"name": "Aldervale"}, {"name": "Aldervale Group"},
    )  # fmt: skip
    assert not HubMark.objects.exists()
    assert not Outbox.objects.exists()

    crm.later()
    again = sync(connection)
    assert not Change.objects.filter(run_id=again.pk).exists()
    assert len(crm.sends) == 1


@pytest.mark.requirement("R6", "I5")
def test_input_only_never_writes(crm: PaperCrm, connection: Connection) -> None:
    Block.objects.filter(connection=connection).update(mode="input")
    sync(connection)
    edit(customer("Aldervale"), name="Typed")

    sync(connection, "full")

    assert crm.sends == []
    assert customer("Typed").name == "Typed"


@pytest.mark.requirement("R14", "C2")
def test_edit_made_after_a_line_was_widened_goes_out_and_one_made_before_does_not(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    lines = FieldMapping.objects.filter(block__connection=connection, hub_field="name")
    lines.update(direction="in")
    crm.company("2", "Birch")
    save_version(connection, author=admin_user)
    sync(connection)
    edit(customer("Birch"), name="Typed before")
    lines.update(direction="both")
    save_version(connection, author=admin_user)
    edit(customer("Aldervale"), name="Typed after")

    sync(connection)

    assert crm.records["customers"]["1"].values["Name"] == "Typed after"
    assert (customer("Typed after").ref_id, customer("Birch").ref_id) == ("1", "2")
    assert crm.records["customers"]["2"].values["Name"] == "Birch"


def test_a_line_of_input_is_not_sent_in_a_two_way_block(connection: Connection, crm: PaperCrm) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(direction="in")
    sync(connection)
    edit(customer("Aldervale"), name="Typed")

    sync(connection)

    assert crm.sends == []
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale"


@pytest.mark.requirement("I3", "F35")
@pytest.mark.requirement("E2", "C22")
def test_taken_back_the_crm_gets_its_value_letter_by_letter(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    """Read as a domain, written as a domain; and yet what stood there was an address."""
    crm.edit("customers", "1", Website="https://www.aldervale.example/fr")
    sync(connection)
    assert customer("Aldervale").domain == "aldervale.example"
    edit(customer("Aldervale"), domain="alder.example")
    run = sync(connection)
    assert crm.records["customers"]["1"].values["Website"] == "alder.example"

    drive(request_undo(run, admin_user, "typed in the wrong place"))

    assert crm.records["customers"]["1"].values["Website"] == "https://www.aldervale.example/fr"
    Connection.objects.update(state="on")
    crm.later()
    again = sync(connection)
    assert not Change.objects.filter(run_id=again.pk).exists()


@pytest.mark.requirement("I3", "I4", "C4")
def test_edit_over_what_no_line_can_read_is_asked_about_and_comes_back_letter_by_letter(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    crm.edit("customers", "1", Website="aldervale.example")
    sync(connection)
    crm.edit("customers", "1", Website="see our site!")
    sync(connection)
    crm.later()
    edit(customer("Aldervale"), domain="alder.example")

    sync(connection)

    assert crm.records["customers"]["1"].values["Website"] == "see our site!", "nobody has read it"
    conflict = Conflict.objects.get(field="domain")
    assert (conflict.hub_value, conflict.crm_value, conflict.reason_code) == (
        "alder.example", "see our site!", "unread-there",
    )  # fmt: skip
    RecordLink.objects.filter(source_id="1", object="customers").update(
        chosen={"domain": ["hub", "Inès"]}, wanted_at=timezone.now()
    )
    run = sync(connection)
    assert crm.records["customers"]["1"].values["Website"] == "alder.example"
    assert not Conflict.objects.exists()

    drive(request_undo(run, admin_user, "too early"))

    assert crm.records["customers"]["1"].values["Website"] == "see our site!"


@pytest.mark.requirement("E2")
def test_value_too_long_to_be_kept_is_cut_and_stays_as_it_was_sent(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    crm.edit("customers", "1", Website="see our site! " * 100_000)
    sync(connection)
    link = RecordLink.objects.get(source_id="1", object="customers")
    assert len(link.settled["domain"][3]) == LONGEST_KEPT + 1
    edit(customer("Aldervale"), domain="alder.example")
    RecordLink.objects.filter(pk=link.pk).update(chosen={"domain": ["hub", "Inès"]}, wanted_at=timezone.now())
    run = sync(connection)
    assert crm.records["customers"]["1"].values["Website"] == "alder.example"

    drive(request_undo(run, admin_user, "too early"))

    assert crm.records["customers"]["1"].values["Website"] == "alder.example"
    assert Change.objects.latest("pk").reason_code == "too-long-to-keep"


@pytest.mark.requirement("C14")
def test_question_beside_a_change_is_counted_shown_and_said(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict="ask")
    sync(connection)
    edit(customer("Aldervale"), name="Here")
    crm.edit("customers", "1", Name="There", Website="new.example")

    preview = sync(connection, "preview")
    shown = admin_client.get(f"/runs/{preview.pk}/preview/?show=person")
    run = runs.apply_preview(preview, by="Inès")
    drive(run)
    run.refresh_from_db()

    [line] = shown.context["lines"]
    assert [(field.before, field.after) for field in line.fields if "to decide" in field.label] == [("Here", "There")]
    assert preview.counts["customers.asks"] == run.counts["customers.asks"] == 1
    [change] = Change.objects.filter(run_id=run.pk, source_id="1")
    assert (change.action, [note["code"] for note in change.notes]) == ("update", ["ask"])


@pytest.mark.requirement("I4")
def test_edit_that_has_no_way_there_is_asked_about(connection: Connection, crm: PaperCrm) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(
        value_map={"Aldervale": "Here A", "Birch": "Here B"}
    )
    sync(connection)
    edit(customer("Here A"), name="Nowhere there")

    sync(connection)

    assert crm.records["customers"]["1"].values["Name"] == "Aldervale"
    assert Conflict.objects.get(field="name").reason_code == "no-way-back"


def test_both_sides_changed_different_fields(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    edit(customer("Aldervale"), name="Aldervale Group")
    crm.edit("customers", "1", Website="aldervale-group.example")

    sync(connection)

    kept = customer("Aldervale Group")
    assert kept.domain == "aldervale-group.example"
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale Group"


@pytest.mark.parametrize(
    ("rule", "here", "there"),
    [("crm", "There", "There"), ("hub", "Here", "Here"), ("latest", "There", "There"), ("ask", "Here", "There")],
)
@pytest.mark.requirement("F35")
def test_both_sides_changed_one_field(connection: Connection, crm: PaperCrm, rule: str, here: str, there: str) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict=rule)
    sync(connection)
    row = customer("Aldervale")
    edit(row, name="Here")
    crm.clock = row.created_at.replace(year=2030)
    crm.edit("customers", "1", Name="There")

    sync(connection)

    row.refresh_from_db()
    assert (row.name, crm.records["customers"]["1"].values["Name"]) == (here, there)
    assert Conflict.objects.count() == (rule == "ask")


@pytest.mark.parametrize(("side", "expected"), [("hub", "Here"), ("crm", "There")])
def test_a_persons_choice_settles_a_conflict(connection: Connection, crm: PaperCrm, side: str, expected: str) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict="ask")
    sync(connection)
    row = customer("Aldervale")
    edit(row, name="Here")
    crm.edit("customers", "1", Name="There")
    sync(connection)
    conflict = Conflict.objects.get()
    assert (conflict.hub_value, conflict.crm_value, conflict.settled) == ("Here", "There", ["Aldervale", "Aldervale"])

    RecordLink.objects.filter(source_id="1").update(chosen={"name": [side, "Inès"]}, wanted_at=row.created_at)
    run = sync(connection)

    row.refresh_from_db()
    assert (row.name, crm.records["customers"]["1"].values["Name"]) == (expected, expected)
    assert not Conflict.objects.exists()
    assert RecordLink.objects.get(source_id="1").chosen == {}
    assert Change.objects.get(run_id=run.pk).reason_code == f"chosen-{side}"


def test_made_here_is_created_there_once_with_its_people(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    [pk] = made_here("customers", [{"name": "Cedar", "domain": "cedar.example"}], by="Inès")
    door().create("contacts", [{"customer": pk, "last_name": "Okoro", "email": "o@cedar.example"}], by="Inès")

    run = sync(connection)
    sync(connection)
    sync(connection, "full")

    made = [record for record in crm.records["customers"].values() if record.values["Name"] == "Cedar"]
    people = [record for record in crm.records["contacts"].values() if record.values["LastName"] == "Okoro"]
    assert run.state == "done"
    assert (len(made), len(people)) == (1, 1)
    assert people[0].customer_ids == (made[0].source_id,)
    assert Customer.objects.get(pk=pk).ref_id == made[0].source_id
    assert Customer.objects.filter(name="Cedar").count() == 1
    assert Contact.objects.filter(last_name="Okoro").count() == 1


@pytest.mark.requirement("R8", "R14")
def test_made_here_waits_until_a_line_goes_out_and_is_created_by_the_next_run(
    connection: Connection, crm: PaperCrm, admin_user: User, admin_client: Client
) -> None:
    lines = FieldMapping.objects.filter(block__connection=connection).exclude(hub_field="ref_id")
    lines.update(direction="in")
    sync(connection)
    [pk] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    made_here("contacts", [{"customer": pk, "last_name": "Okoro"}], by="Inès")

    preview, run = sync(connection, "preview"), sync(connection)

    for told in (preview, run):
        assert (sum_of(told).sent, told.counts["customers.unsaid"]) == (0, 1)
        assert "1 made here and not sent, as no field goes out" in came_of_it(told)
        assert "written to the CRM" not in came_of_it(told)
    assert not PlannedChange.objects.filter(run_id=preview.pk, action="create-out").exists()
    assert (crm.sends, Outbox.objects.count()) == ([], 0)
    assert sorted(HubMark.objects.values_list("object", flat=True)) == ["contacts", "customers"]
    shown = " ".join(admin_client.get(f"/explain/?hub=customers-{pk}").content.decode().split())
    assert f"No field of it goes to {connection.name} yet, so it waits and is not created there." in shown
    assert "The next sync then creates it there." in shown

    lines.update(direction="both")
    save_version(connection, author=admin_user)
    sync(connection)
    sync(connection)

    [made] = [record for record in crm.records["customers"].values() if record.values["Name"] == "Cedar"]
    [person] = [record for record in crm.records["contacts"].values() if record.values["LastName"] == "Okoro"]
    assert person.customer_ids == (made.source_id,)
    assert not HubMark.objects.exists()
    shown = admin_client.get(f"/explain/?hub=customers-{pk}").content.decode()
    assert "so it waits and is not created there" not in shown


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("silent", ["customers", "contacts"])
def test_contact_is_not_created_by_its_customer_alone_nor_before_it(
    connection: Connection, crm: PaperCrm, silent: str
) -> None:
    lines = FieldMapping.objects.filter(block__connection=connection, block__object=silent)
    lines.update(direction="in")
    sync(connection)
    [pk] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    made_here("contacts", [{"customer": pk, "last_name": "Okoro"}], by="Inès")

    for _ in range(2):
        assert sync(connection).state == "done"

    assert len(crm.records["customers"]) == (2 if silent == "customers" else 3)
    assert len(crm.records["contacts"]) == 1
    assert not Outbox.objects.exists()
    lines.exclude(hub_field="ref_id").update(direction="both")
    sync(connection)
    assert (len(crm.records["customers"]), len(crm.records["contacts"])) == (3, 2)


@pytest.mark.requirement("F5", "I2")
def test_lost_answer_to_a_create_is_looked_up_before_anything_is_sent_again(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    door().create("customers", [{"name": "Cedar"}], by="Inès")
    lost = [Transient("TIMEOUT", "No answer.")]

    def drop(sends: Any) -> None:
        if lost:
            raise lost.pop()

    crm.after_write = drop
    run = sync(connection)
    Run.objects.filter(pk=run.pk).update(due_at=None)
    drive(run)

    run.refresh_from_db()
    assert run.state == "done"
    assert [record.values["Name"] for record in crm.records["customers"].values()].count("Cedar") == 1
    assert RecordLink.objects.get(hub_id=customer("Cedar").pk).state == "linked"


@pytest.mark.requirement("F5", "I2", "C8")
def test_record_made_without_a_word_is_ours_and_not_read_as_a_new_one(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    door().create("customers", [{"name": "Cedar"}], by="Inès")
    lost = [AuthExpired("INVALID_SESSION_ID", "Expired.")]

    def drop(sends: Any) -> None:
        if lost:
            raise lost.pop()

    crm.after_write = drop
    failed = runs.request_run(connection, "delta", by="Inès")
    drive(failed)
    failed.refresh_from_db()
    edit(customer("Cedar"), name="Cedar Group")

    crm.later()
    sync(connection)
    sync(connection)

    assert failed.reason_code == "needs-sign-in"
    assert [record.values["Name"] for record in crm.records["customers"].values()].count("Cedar Group") == 1
    assert Customer.objects.filter(name__startswith="Cedar").count() == 1
    assert RecordLink.objects.get(hub_id=customer("Cedar Group").pk).state == "linked"
    assert not Outbox.objects.exists()


@pytest.mark.requirement("F5", "I2")
def test_lost_answer_without_a_key_asks_a_person(connection: Connection, crm: PaperCrm) -> None:
    Block.objects.filter(connection=connection).update(key_field="")
    sync(connection)
    door().create("customers", [{"name": "Cedar"}], by="Inès")
    lost = [Transient("TIMEOUT", "No answer.")]

    def drop(sends: Any) -> None:
        if lost:
            raise lost.pop()

    crm.after_write = drop
    run = sync(connection)
    Run.objects.filter(pk=run.pk).update(due_at=None)
    drive(run)
    crm.later()
    sync(connection)

    waiting = Outbox.objects.get()
    assert (waiting.state, waiting.error_code) == ("doubtful", "unanswered")
    assert [record.values["Name"] for record in crm.records["customers"].values()].count("Cedar") == 1


def unanswered(connection: Connection, crm: PaperCrm, *, arrives: bool) -> None:
    """An edit that was sent, and of which nobody knows whether it arrived."""
    sync(connection)
    edit(customer("Aldervale"), name="Aldervale Group")
    lost = [AuthExpired("INVALID_SESSION_ID", "Expired.")]

    def drop(sends: Any) -> None:
        if lost:
            raise lost.pop()

    setattr(crm, "after_write" if arrives else "before_write", drop)
    drive(runs.request_run(connection, "delta", by="Inès"))
    assert Outbox.objects.get().state == "sent"
    crm.later()


def name_there(crm: PaperCrm) -> object:
    return crm.records["customers"]["1"].values["Name"]


@pytest.mark.requirement("F5", "I2")
@pytest.mark.parametrize("arrives", [True, False])
def test_update_without_an_answer_is_looked_up_and_sent_at_most_once_more(
    connection: Connection, crm: PaperCrm, arrives: bool
) -> None:
    unanswered(connection, crm, arrives=arrives)
    sent = len(crm.sends)

    sync(connection)
    after, again = len(crm.sends), sync(connection)

    assert (name_there(crm), after - sent) == ("Aldervale Group", 0 if arrives else 1)
    assert (len(crm.sends), again.counts.get("applied", 0)) == (after, 0)
    assert not Outbox.objects.exists()
    assert Change.objects.filter(action="push", outcome="done").count() == 1


@pytest.mark.requirement("F5", "C1")
def test_update_without_an_answer_never_overwrites_what_was_typed_there_since(
    connection: Connection, crm: PaperCrm
) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict="ask")
    unanswered(connection, crm, arrives=True)
    crm.edit("customers", "1", Name="Typed there")

    sync(connection)

    asked = Conflict.objects.get()
    assert (asked.hub_value, asked.crm_value, name_there(crm)) == ("Aldervale Group", "Typed there", "Typed there")
    assert not Outbox.objects.exists()


@pytest.mark.requirement("I1", "R8")
@pytest.mark.parametrize("arrives", [True, False])
def test_update_without_an_answer_is_not_sent_by_a_line_that_only_reads_by_now(
    connection: Connection, crm: PaperCrm, arrives: bool
) -> None:
    unanswered(connection, crm, arrives=arrives)
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(direction="in")
    sent, there = len(crm.sends), name_there(crm)

    sync(connection)
    sync(connection, "full")

    assert (len(crm.sends), name_there(crm)) == (sent, there)
    assert not Outbox.objects.exists()


@pytest.mark.requirement("F36", "C8")
def test_row_whose_link_was_dropped_at_the_brake_is_not_made_there_a_second_time(
    connection: Connection, crm: PaperCrm
) -> None:
    Connection.objects.filter(pk=connection.pk).update(brake_floor=0, brake_percent=0)
    FieldMapping.objects.filter(block__connection=connection, hub_field="domain").update(blanks="erase")
    sync(connection)
    Block.objects.filter(connection=connection, object="customers").update(merge_keys=["name"])
    [row] = made_here("customers", [{"name": "Cedar", "domain": "cedar.example"}], by="Inès")
    HubMark.objects.all().delete()
    crm.company("3", "Cedar", Website=None)
    held = sync(connection)
    assert (held.state, held.reason_code) == ("held", "brake-emptied")

    runs.drop_held(held, "Inès")
    drive(held)
    edit(customer("Cedar"), name="Cedar Group")
    sync(connection)

    assert sorted(crm.records["customers"]) == ["1", "2", "3"]
    assert RecordLink.objects.get(source_id="3").reason_params["row"] == row


@pytest.fixture
def dropped(connection: Connection, crm: PaperCrm) -> Run:
    """An import emptied the domain of Aldervale here, and a person kept the CRM's."""
    Connection.objects.filter(pk=connection.pk).update(brake_floor=0, brake_percent=0)
    FieldMapping.objects.filter(block__connection=connection, hub_field="domain").update(blanks="erase")
    sync(connection)
    edit(customer("Aldervale"), domain="")
    held = sync(connection)
    assert (held.state, held.reason_code) == ("held", "brake-emptied")
    runs.drop_held(held, "Inès")
    assert drive(held).state == "done"
    # One record alone is below the floor again: from here on no brake stands in the way.
    Connection.objects.filter(pk=connection.pk).update(brake_floor=100)
    return held


def website(crm: PaperCrm) -> Any:
    return crm.records["customers"]["1"].values["Website"]


@pytest.mark.requirement("F36", "C5", "R14")
def test_dropped_field_is_not_sent_with_a_later_edit_of_another(
    connection: Connection, crm: PaperCrm, dropped: Run
) -> None:
    edit(customer("Aldervale"), name="Aldervale Group")

    for kind in ("delta", "delta", "full"):
        sync(connection, kind)
        crm.later()

    assert [[send.values for send in batch] for batch in crm.sends] == [[{"Name": "Aldervale Group"}]]
    assert (website(crm), customer("Aldervale Group").domain) == ("aldervale.example", "")


@pytest.mark.requirement("F36", "C5", "R14")
def test_dropped_field_is_not_sent_when_its_record_is_touched_there(
    connection: Connection, crm: PaperCrm, dropped: Run
) -> None:
    crm.later()
    crm.edit("customers", "1", Name="Aldervale Group")

    for kind in ("delta", "delta", "full"):
        sync(connection, kind)
        crm.later()

    assert crm.sends == []
    assert (website(crm), customer("Aldervale Group").domain) == ("aldervale.example", "")


@pytest.mark.requirement("F36", "R14")
def test_dropped_field_moves_again_with_a_new_edit_of_either_side(
    connection: Connection, crm: PaperCrm, dropped: Run
) -> None:
    edit(customer("Aldervale"), domain="group.example")
    sync(connection)
    assert [[send.values for send in batch] for batch in crm.sends] == [[{"Website": "group.example"}]]

    crm.later()
    crm.edit("customers", "1", Website="there.example")
    sync(connection)
    assert customer("Aldervale").domain == "there.example"


@pytest.mark.requirement("F36", "R14")
def test_edit_made_there_after_the_drop_comes_in(connection: Connection, crm: PaperCrm, dropped: Run) -> None:
    crm.later()
    crm.edit("customers", "1", Website="there.example")

    sync(connection)

    assert (customer("Aldervale").domain, crm.sends) == ("there.example", [])


@pytest.mark.requirement("F36", "C5")
def test_dropped_write_that_waited_from_an_earlier_run_goes_with_it(connection: Connection, crm: PaperCrm) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="domain").update(blanks="erase")
    sync(connection)
    crm.refuses["1"] = Sent(
        Answer.REFUSED, "1", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Website is locked.", ("Website",)
    )
    edit(customer("Aldervale"), domain="")
    sync(connection)
    assert Outbox.objects.exists()
    Connection.objects.filter(pk=connection.pk).update(brake_floor=0, brake_percent=0)
    crm.later()
    crm.edit("customers", "1", Name="Aldervale Group")
    held = sync(connection)
    assert held.state == "held"

    runs.drop_held(held, "Inès")
    drive(held)
    crm.refuses.clear()
    Outbox.objects.update(due_at=timezone.now())
    sync(connection)

    assert website(crm) == "aldervale.example"


@pytest.mark.requirement("F36", "C5")
def test_dropped_word_that_reads_otherwise_is_kept_letter_by_letter(connection: Connection, crm: PaperCrm) -> None:
    Connection.objects.filter(pk=connection.pk).update(brake_floor=0, brake_percent=0)
    lines = FieldMapping.objects.filter(block__connection=connection, hub_field="domain")
    lines.update(blanks="erase", transform="domain-of")
    crm.edit("customers", "1", Website="https://www.aldervale.example/en")
    sync(connection)
    former = RecordLink.objects.get(source_id="1", object="customers").settled["domain"]
    edit(customer("Aldervale"), domain="")
    held = sync(connection)

    runs.drop_held(held, "Inès")
    drive(held)

    settled = RecordLink.objects.get(source_id="1", object="customers").settled["domain"]
    assert (settled[0], settled[1:]) == ("", former[1:])
    assert "https://www.aldervale.example/en" in former


@pytest.mark.requirement("C2", "C8")
@pytest.mark.parametrize(("key", "name"), [("domain", "Cedar"), ("name", "501")])
def test_row_whose_key_is_in_dispute_is_not_made_there_before_a_person_decides(
    connection: Connection, crm: PaperCrm, key: str, name: str
) -> None:
    Block.objects.filter(object="customers").update(merge_keys=[key])
    sync(connection)
    first, second = made_here("customers", [{"name": name, "domain": "cedar.example"}] * 2, by="Inès")
    crm.company("3", name, Website="cedar.example")

    for kind in ("delta", "delta", "full"):
        sync(connection, kind)

    assert sorted(crm.records["customers"]) == ["1", "2", "3"]
    assert RecordLink.objects.get(source_id="3").reason_code == "several-hub-rows"
    decisions.link_to_row(RecordLink.objects.get(source_id="3").pk, first, by="Inès")
    sync(connection)
    assert RecordLink.objects.get(source_id="3").hub_id == first
    assert len(crm.records["customers"]) == 4
    assert RecordLink.objects.get(hub_id=second).state == "linked"


@pytest.mark.requirement("F25", "C14")
def test_one_refused_record_does_not_sink_its_batch(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.refuses["1"] = Sent(Answer.REFUSED, "1", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Name is locked.", ("Name",))
    edit(customer("Aldervale"), name="Aldervale Group")
    edit(customer("Birch"), name="Birch & Co")

    run = sync(connection)

    refused = Change.objects.get(run_id=run.pk, outcome="refused")
    tally = sum_of(run)
    assert (tally.sent, tally.not_taken, tally.refused_anywhere) == (1, 1, 1)
    assert "1 written to the CRM, 1 refused by the CRM" in came_of_it(run)
    assert crm.records["customers"]["2"].values["Name"] == "Birch & Co"
    assert (refused.source_id, refused.reason_code) == ("1", "crm-refused")
    assert refused.reason_params["message"] == "Name is locked."
    assert Outbox.objects.get().state == "refused"


def test_write_that_the_crm_ignores_is_an_error(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.keeps = lambda path, value: "Aldervale" if path == "Name" else value
    edit(customer("Aldervale"), name="Aldervale Group")

    run = sync(connection)

    assert Change.objects.get(run_id=run.pk).reason_code == "write-ignored"


def test_what_the_crm_keeps_otherwise_is_settled_as_it_keeps_it(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.keeps = lambda path, value: str(value)[:12] if path == "Name" else value
    row = customer("Aldervale")
    edit(row, name="Aldervale Group of Companies")

    run = sync(connection)
    crm.later()
    again = sync(connection, "full")

    row.refresh_from_db()
    assert row.name == "Aldervale Group of Companies"
    assert Change.objects.get(run_id=run.pk).notes[0]["code"] == "stored-otherwise"
    assert not Change.objects.filter(run_id=again.pk).exists()


@pytest.mark.requirement("C22")
def test_preview_shows_both_directions_and_writes_nothing(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    edit(customer("Aldervale"), name="Aldervale Group")
    crm.edit("customers", "2", Name="Birch & Co")

    preview = sync(connection, "preview")

    assert crm.sends == []
    planned = {row.source_id: row for row in PlannedChange.objects.filter(run_id=preview.pk)}
    assert planned["1"].action == "push"
    assert planned["1"].outward["name"][:2] == ["Aldervale", "Aldervale Group"]
    assert planned["2"].after == {"name": "Birch & Co"}

    applied = runs.apply_preview(preview, "Inès")
    drive(applied)

    assert crm.records["customers"]["1"].values["Name"] == "Aldervale Group"
    assert Customer.objects.filter(name="Birch & Co").exists()
    assert not HubMark.objects.exists()


@pytest.mark.requirement("R14", "C1")
def test_preview_page_shows_what_would_be_sent_before_anybody_applies_it(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    sync(connection)
    edit(customer("Aldervale"), name="Aldervale Group")
    made_here("customers", [{"name": "Cedar"}], by="Inès")
    preview = sync(connection, "preview")

    page = admin_client.get(f"/runs/{preview.pk}/preview/?show=sent")
    text = " ".join(page.content.decode().split())

    assert (page.context["counts"]["sent"], page.context["number"]) == (2, 2)
    assert "1 changed in the CRM, 1 created in the CRM" in text
    assert "Name, in the CRM" in text
    assert "Aldervale Group" in text
    assert "Nothing would change" not in text


@pytest.mark.requirement("C2", "F36")
@pytest.mark.parametrize("churn", [True, False])
def test_customer_made_here_whose_record_is_not_in_the_view_is_not_churned(
    connection: Connection, crm: PaperCrm, churn: bool
) -> None:
    Connection.objects.filter(pk=connection.pk).update(churn_missing=churn, brake_floor=50)
    connection.refresh_from_db()
    sync(connection)
    [row] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    sync(connection)
    [new] = set(crm.records["customers"]) - {"1", "2"}
    crm.outside.add(new)

    for kind in ("delta", "full", "full"):
        crm.later()
        sync(connection, kind)

    link = RecordLink.objects.get(source_id=new)
    assert (link.state, link.reason_code, link.hub_id) == ("excluded", "made-outside", row)
    assert not Customer.objects.get(pk=row).stage.is_churn
    crm.outside.remove(new)
    crm.edit("customers", new, Website="cedar.example")
    sync(connection, "full")
    assert RecordLink.objects.get(source_id=new).state == "linked"


def test_edit_after_the_preview_waits_for_the_next_run(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    edit(customer("Aldervale"), name="Seen")
    preview = sync(connection, "preview")
    edit(customer("Seen"), name="Unseen")

    drive(runs.apply_preview(preview, "Inès"))
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale"
    sync(connection)

    assert crm.records["customers"]["1"].values["Name"] == "Unseen"


@pytest.mark.requirement("C4")
def test_default_sent_for_a_required_field_never_comes_back(connection: Connection, crm: PaperCrm) -> None:
    block = Block.objects.get(connection=connection, object="customers")
    line = FieldMapping.objects.get(block=block, hub_field="domain")
    line.default_out = "unknown.example"
    line.save()
    sync(connection)
    [pk] = made_here("customers", [{"name": "Cedar"}], by="Inès")

    for kind in ("delta", "delta", "full"):
        sync(connection, kind)
        crm.later()

    made = next(record for record in crm.records["customers"].values() if record.values["Name"] == "Cedar")
    assert made.values["Website"] == "unknown.example"
    assert Customer.objects.get(pk=pk).domain == ""


@pytest.mark.parametrize(("policy", "kept"), [("keep", True), ("delete", False)])
@pytest.mark.requirement("F34")
def test_deleted_here_follows_the_blocks_policy(connection: Connection, crm: PaperCrm, policy: str, kept: bool) -> None:
    Block.objects.filter(connection=connection).update(on_hub_delete=policy)
    sync(connection)
    door().delete("customers", [customer("Birch").pk], by="Inès")

    sync(connection)
    crm.later()
    sync(connection, "full")

    assert ("2" in crm.records["customers"]) is kept
    assert not Customer.objects.filter(name="Birch").exists()


@pytest.mark.requirement("C19")
def test_field_that_goes_back_and_forth_is_frozen(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    row = customer("Aldervale")
    for name in ("B", "Aldervale", "B", "Aldervale"):
        crm.later()
        crm.edit("customers", "1", Name=name)
        sync(connection)

    link = RecordLink.objects.get(source_id="1")
    row.refresh_from_db()
    assert list(link.frozen) == ["name"]
    assert row.name == "Aldervale"


@pytest.mark.requirement("R12")
def test_paused_record_is_left_alone_on_both_sides(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    row = customer("Aldervale")
    RecordLink.objects.filter(source_id="1").update(paused_at=row.created_at)
    crm.edit("customers", "1", Website="elsewhere.example")
    edit(row, name="Typed")

    sync(connection)

    row.refresh_from_db()
    assert row.domain == "aldervale.example"
    assert crm.sends == []


@pytest.mark.requirement("R10", "R11")
def test_output_only_reads_nothing(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    Block.objects.filter(connection=connection, object="contacts").update(mode="output")
    crm.later()
    crm.edit("contacts", "11", LastName="Changed")
    crm.reads.clear()

    sync(connection)

    assert [read for read in crm.reads if read.object == "contacts"] == []
    assert Contact.objects.get().last_name == "Reis"


def test_writes_go_in_batches_of_the_system(connection: Connection, crm: PaperCrm) -> None:
    for number in range(10, 22):
        crm.company(str(number))
    sync(connection)
    door().edit(
        "customers",
        {row.pk: {"name": f"{row.name} Ltd"} for row in Customer.objects.filter(name__startswith="Company")},
        by="Inès",
    )

    sync(connection)

    assert [len(batch) for batch in crm.sends] == [5, 5, 2]


@pytest.mark.requirement("C1", "C14")
def test_new_customer_with_the_name_of_another_is_announced_before_it_is_made(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    door().create("customers", [{"name": "BIRCH", "domain": "other.example"}], by="Inès")

    preview = sync(connection, "preview")
    shown = admin_client.get(f"/runs/{preview.pk}/preview/?show=twins")

    assert [(line.row.name, [note["code"] for note in line.row.notes]) for line in shown.context["lines"]] == [
        ("Birch", ["same-name"])
    ]
    assert "1 new customer has the name of one that is here already." in shown.content.decode()


@pytest.mark.requirement("I1", "I3")
def test_edit_is_asked_about_where_the_record_was_found_with_what_no_line_can_read(
    connection: Connection, crm: PaperCrm
) -> None:
    """Neither the row's value nor the record's is settled at first contact; an edit of it here is an edit all the same."""
    Block.objects.filter(connection=connection, object="customers").update(merge_keys=["name"])
    [pk] = made_here("customers", [{"name": "Birch", "domain": "birch.example"}], by="Inès")
    crm.edit("customers", "2", Website="see our site!")
    for _ in range(2):
        sync(connection)
        crm.later()
    link = RecordLink.objects.get(source_id="2", object="customers")
    assert (link.state, link.hub_id, Conflict.objects.count()) == ("linked", pk, 0)

    edit(customer("Birch"), domain="new.example")
    sync(connection)

    assert crm.records["customers"]["2"].values["Website"] == "see our site!"
    assert (Conflict.objects.get().hub_value, Conflict.objects.get().reason_code) == ("new.example", "unread-there")


@pytest.mark.requirement("I1")
def test_question_goes_with_its_cause(connection: Connection, crm: PaperCrm) -> None:
    crm.edit("customers", "1", Website="aldervale.example")
    sync(connection)
    crm.edit("customers", "1", Website="see our site!")
    sync(connection)
    crm.later()
    edit(customer("Aldervale"), domain="alder.example")
    sync(connection)
    assert Conflict.objects.get().field == "domain"

    edit(customer("Aldervale"), domain="aldervale.example")
    sync(connection)

    assert not Conflict.objects.exists()


@pytest.mark.requirement("I1")
def test_question_of_the_first_contact_outlives_an_edit_of_another_field(connection: Connection, crm: PaperCrm) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict="ask")
    [pk] = made_here("customers", [{"name": "Birch here", "domain": "birch.example"}], by="Inès")
    crm.edit("customers", "2", Name="Birch there", Website="birch.example")
    for _ in range(3):
        sync(connection)
        crm.later()

    edit(Customer.objects.get(pk=pk), domain="new.example")
    sync(connection)

    assert crm.records["customers"]["2"].values["Website"] == "new.example"
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.hub_value, conflict.crm_value) == ("name", "Birch here", "Birch there")
    edit(Customer.objects.get(pk=pk), name="Birch there")
    sync(connection)
    assert not Conflict.objects.exists()


@pytest.mark.requirement("I2", "C20")
def test_row_whose_key_is_in_dispute_waits_whatever_the_key_is_called_by_now(
    connection: Connection, crm: PaperCrm
) -> None:
    key = CustomField.objects.create(entity="contacts", name="Number", type="STRING", is_key=True)
    block = Block.objects.get(connection=connection, object="contacts")
    FieldMapping.objects.create(block=block, hub_field=f"custom.{key.key}", crm_field="Role", direction="both")
    block.merge_keys = [f"custom.{key.key}"]
    block.save()
    sync(connection)
    head = customer("Aldervale").pk
    rows = [{"customer": head, "last_name": name, f"custom.{key.key}": "C-1"} for name in ("Cedar", "Elm")]
    made_here("contacts", rows, by="Inès")
    crm.person("12", "1", LastName="Cedar", Role="C-1")
    for _ in range(2):
        sync(connection)
        crm.later()
    CustomField.objects.update(name="Client number")

    sync(connection)

    assert RecordLink.objects.get(source_id="12").state == "collision"
    assert crm.made == 0


@pytest.mark.requirement("I2")
@pytest.mark.parametrize("on_conflict", ["crm", "hub", "latest", "ask"])
def test_what_is_typed_into_a_record_of_ours_before_it_is_read_goes_out(
    connection: Connection, crm: PaperCrm, on_conflict: str
) -> None:
    """Its domain was blank when it was made: the CRM's blank is nobody's word against what is typed since."""
    FieldMapping.objects.filter(block__object="customers", hub_field="domain").update(
        direction="both", on_conflict=on_conflict, blanks="erase"
    )
    sync(connection)
    [row] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    sync(connection)
    door().edit("customers", {row: {"domain": "cedar.example"}}, by="Inès")

    for _ in range(3):
        crm.later()
        sync(connection)

    [there] = [record for record in crm.records["customers"].values() if record.values["Name"] == "Cedar"]
    assert (there.values["Website"], Customer.objects.get(pk=row).domain) == ("cedar.example", "cedar.example")


@pytest.mark.requirement("I2", "C3")
def test_whoever_types_back_what_was_settled_gives_way_to_the_crm(connection: Connection, crm: PaperCrm) -> None:
    """The question goes, and the value that it was about comes in although nobody touches its record again."""
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict="ask")
    sync(connection)
    row = customer("Aldervale")
    edit(row, name="Here")
    crm.later()
    crm.edit("customers", "1", Name="There")
    sync(connection)
    assert Conflict.objects.get().crm_value == "There"
    edit(row, name="Aldervale")

    for _ in range(2):
        crm.later(60)
        sync(connection)

    assert not Conflict.objects.exists()
    row.refresh_from_db()
    assert (row.name, crm.records["customers"]["1"].values["Name"]) == ("There", "There")
