"""What may happen between a decision and its write: nothing typed on either side is lost, doubled or written against a word."""

# ruff: noqa: F811  fixtures of another file are named as they are

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from integrations.engine.mapping import Mode
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer
from integrations.sync import decisions, merging, retrying, runs, undo
from integrations.sync.connector import Answer, ObjectAbility, Sent
from integrations.sync.models import (
    Block,
    Conflict,
    Connection,
    FieldMapping,
    HubMark,
    Outbox,
    RecordLink,
    Run,
)
from integrations.sync.runner import sending
from integrations.sync.runner.drive import drive
from integrations.wire.errors import AuthExpired

from .fakes import ABILITIES, PaperCrm
from .test_two_way import connection, crm, customer, edit, made_here, sync  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("I1", "I2", "I3", "I5")]


def due_now() -> None:
    Outbox.objects.update(due_at=timezone.now() - timedelta(minutes=1))


def names(crm: PaperCrm) -> list[str]:
    return sorted(str(r.values["Name"]) for r in crm.records["customers"].values())


def once(happens: Callable[[], object]) -> Callable[[Any], None]:
    """A hook of the paper CRM: at its first write, and never again."""
    left = [happens]

    def hook(sends: Any) -> None:
        if left:
            left.pop()()

    return hook


def dropping(crm: PaperCrm, hook: str = "after_write", error: Any = None) -> None:
    lost = [error or AuthExpired("INVALID_SESSION_ID", "Expired.")]

    def drop(sends: Any) -> None:
        if lost:
            raise lost.pop()

    setattr(crm, hook, drop)


def test_create_that_waits_is_not_sent_once_its_row_found_a_record(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    made_here("customers", [{"name": "Cedar", "domain": "cedar.example"}], by="Inès")
    crm.refuses["Cedar"] = Sent(Answer.REFUSED, "", "REQUIRED_FIELD_MISSING", "Industry.", ())
    sync(connection)
    assert Outbox.objects.get().state == "refused"
    crm.refuses.clear()
    crm.company("3", "Cedar", Website="cedar.example")
    sync(connection)
    assert RecordLink.objects.get(source_id="3").hub_id == customer("Cedar").pk
    due_now()
    sync(connection)
    assert names(crm).count("Cedar") == 1


def test_create_that_waits_is_not_sent_once_its_row_took_over_a_link_by_merge(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    [keep] = made_here("customers", [{"name": "Cedar", "domain": "cedar.example"}], by="Inès")
    crm.refuses["Cedar"] = Sent(Answer.REFUSED, "", "REQUIRED_FIELD_MISSING", "Industry.", ())
    sync(connection)
    crm.refuses.clear()
    merging.merge("customers", keep, customer("Birch").pk, [], by="Inès")
    assert RecordLink.objects.get(source_id="2").hub_id == keep
    due_now()
    run = sync(connection)
    assert run.state == "done"
    assert len(crm.records["customers"]) == 2


def test_write_that_waits_is_not_sent_while_a_person_is_asked(connection: Connection, crm: PaperCrm) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict="ask")
    sync(connection)
    crm.refuses["1"] = Sent(Answer.REFUSED, "1", "ENTITY_IS_LOCKED", "Locked.", ())
    edit(customer("Aldervale"), name="Here")
    sync(connection)
    crm.refuses.clear()
    crm.edit("customers", "1", Name="There")
    sync(connection)
    assert Conflict.objects.count() == 1
    due_now()
    sync(connection)
    assert crm.records["customers"]["1"].values["Name"] == "There"


def test_busy_write_is_not_sent_while_a_person_is_asked(connection: Connection, crm: PaperCrm) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict="ask")
    sync(connection)
    crm.refuses["1"] = Sent(Answer.BUSY, "1", "UNABLE_TO_LOCK_ROW", "Locked.", ())
    edit(customer("Aldervale"), name="Here")
    sync(connection)
    crm.refuses.clear()
    crm.edit("customers", "1", Name="There")
    due_now()
    sync(connection)
    assert Conflict.objects.count() == 1
    assert crm.records["customers"]["1"].values["Name"] == "There"


@pytest.mark.parametrize("rule", ["crm", "ask", "hub"])
def test_edit_there_after_a_create_without_answer_is_kept(connection: Connection, crm: PaperCrm, rule: str) -> None:
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict=rule)
    sync(connection)
    [pk] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    dropping(crm)
    drive(runs.request_run(connection, "delta", by="Inès"))
    assert Outbox.objects.get().state == "sent"
    [new] = [k for k, r in crm.records["customers"].items() if r.values["Name"] == "Cedar"]
    crm.later()
    crm.edit("customers", new, Name="Cedar Holding")
    sync(connection)
    sync(connection)
    sync(connection, "full")
    row = Customer.objects.get(pk=pk)
    there = crm.records["customers"][new].values["Name"]
    assert row.name == there or Conflict.objects.exists(), (
        row.name,
        there,
        RecordLink.objects.get(source_id=new).settled["name"],
    )


def test_edit_there_between_write_and_reading_back_is_kept(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    row = customer("Aldervale")
    edit(row, name="Aldervale Group")
    crm.after_write = once(lambda: crm.edit("customers", "1", Name="Typed there", Website="typed.example"))
    sync(connection)
    crm.later()
    sync(connection)
    sync(connection, "full")
    row.refresh_from_db()
    there = crm.records["customers"]["1"].values
    assert (row.name, row.domain) == (there["Name"], there["Website"])


def test_paused_record_is_not_deleted_there(connection: Connection, crm: PaperCrm) -> None:
    Block.objects.filter(connection=connection).update(on_hub_delete="delete")
    sync(connection)
    decisions.pause([RecordLink.objects.get(source_id="2", object="customers").pk])
    door().delete("customers", [customer("Birch").pk], by="Inès")
    sync(connection)
    assert "2" in crm.records["customers"]


def test_record_excluded_by_hand_is_not_deleted_there(connection: Connection, crm: PaperCrm) -> None:
    Block.objects.filter(connection=connection).update(on_hub_delete="delete")
    sync(connection)
    decisions.exclude([RecordLink.objects.get(source_id="2", object="customers").pk], by="Inès")
    sync(connection)
    door().delete("customers", [customer("Birch").pk], by="Inès")
    sync(connection)
    assert "2" in crm.records["customers"]


@pytest.fixture
def with_scores() -> Iterator[None]:
    old = ABILITIES.objects
    object.__setattr__(
        ABILITIES,
        "objects",
        (*old, ObjectAbility("scores", "Score", "Scores", (Mode.OUTPUT, Mode.DISABLED), "at once")),
    )
    yield
    object.__setattr__(ABILITIES, "objects", old)


@pytest.mark.parametrize("mode", ["input", "two-way"])
def test_block_that_only_reads_deletes_nothing_because_scores_go_out(
    with_scores: None, connection: Connection, crm: PaperCrm, mode: str
) -> None:
    Block.objects.filter(connection=connection).update(on_hub_delete="delete")
    sync(connection)
    Block.objects.filter(connection=connection, object="customers").update(mode=mode)
    block = Block.objects.create(connection=connection, object="scores", mode="output")
    FieldMapping.objects.create(
        block=block, hub_field="health_score", crm_field="Segment", crm_label="Segment", direction="out"
    )
    door().delete("customers", [customer("Birch").pk], by="Inès")
    run = sync(connection)
    assert run.state == "done", (run.state, run.reason_code, run.reason_params)
    assert ("2" in crm.records["customers"]) is (mode == "input")


def test_write_that_waits_is_not_sent_for_a_record_that_left_the_scope(connection: Connection, crm: PaperCrm) -> None:
    Connection.objects.filter(pk=connection.pk).update(churn_missing=True, brake_floor=50)
    sync(connection)
    crm.refuses["1"] = Sent(Answer.REFUSED, "1", "ENTITY_IS_LOCKED", "Locked.", ())
    edit(customer("Aldervale"), name="Here")
    sync(connection)
    crm.refuses.clear()
    crm.outside.add("1")
    sync(connection, "full")
    sync(connection, "full")
    link = RecordLink.objects.get(source_id="1", object="customers")
    before = link.state
    assert before == "excluded"
    due_now()
    sync(connection)
    link.refresh_from_db()
    assert (link.state, crm.records["customers"]["1"].values["Name"]) == (before, "Aldervale")


@pytest.mark.parametrize("when", ["before", "while"])
def test_record_that_is_gone_when_written_churns_like_any_other(
    connection: Connection, crm: PaperCrm, when: str
) -> None:
    Connection.objects.filter(pk=connection.pk).update(churn_missing=True, brake_floor=50)
    connection.refresh_from_db()
    sync(connection)
    row = customer("Aldervale")
    edit(row, name="Here")
    if when == "before":
        crm.delete("customers", "1")
    else:
        crm.before_write = once(lambda: crm.delete("customers", "1"))
    for kind in ("delta", "delta", "full", "full"):
        sync(connection, kind)
        crm.later()
    row.refresh_from_db()
    assert row.stage.is_churn, (row.stage, RecordLink.objects.get(source_id="1", object="customers").state)


@pytest.mark.parametrize("when", ["before", "while"])
def test_contact_that_is_gone_when_written_says_so(connection: Connection, crm: PaperCrm, when: str) -> None:
    sync(connection)
    row = Contact.objects.get()
    edit(row, last_name="Here")
    if when == "before":
        crm.delete("contacts", "11")
    else:
        crm.before_write = once(lambda: crm.delete("contacts", "11"))
    for kind in ("delta", "delta", "full"):
        sync(connection, kind)
        crm.later()
    row.refresh_from_db()
    assert row.gone_at is not None


def test_create_answered_with_a_record_kept_out_by_hand(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.company("3", "Cedar Ltd")
    sync(connection)
    link = RecordLink.objects.get(source_id="3", object="customers")
    decisions.part(link.pk, by="Inès")
    sync(connection)
    [_a] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    crm.refuses["Cedar"] = Sent(Answer.EXISTS, "3", "DUPLICATES_DETECTED", "There.", ())
    sync(connection)
    link.refresh_from_db()
    assert not (link.state == "linked" and link.excluded_by_hand), (link.state, link.hub_id)
    assert link.hub_id is None


def test_linked_by_hand_while_its_creation_is_on_its_way(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.company("3", "Cedar Ltd")
    sync(connection)
    link = RecordLink.objects.get(source_id="3", object="customers")
    decisions.part(link.pk, by="Inès")
    [a] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    crm.after_write = once(lambda: decisions.link_to_row(link.pk, a, by="Inès"))
    run = sync(connection)
    assert run.state == "done", (run.state, run.reason_code)
    assert RecordLink.objects.filter(object="customers", hub_id=a).count() == 1


def test_row_deleted_here_while_its_creation_is_on_its_way(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    [pk] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    crm.after_write = once(lambda: door().delete("customers", [pk], by="Inès"))
    for kind in ("delta", "delta", "full"):
        sync(connection, kind)
        crm.later()
    assert not Customer.objects.filter(name="Cedar").exists()
    assert (
        not RecordLink.objects.filter(object="customers", state__in=["linked", "failing"])
        .exclude(source_id__in="12")
        .exists()
    ), RecordLink.objects.filter(object="customers").values("source_id", "state", "hub_id", "reason_code")


def output(connection: Connection) -> None:
    Block.objects.filter(connection=connection, object="contacts").update(mode="output")


def test_edit_of_a_paused_record_goes_out_when_resumed_in_an_output_block(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    output(connection)
    sync(connection)
    link = RecordLink.objects.get(object="contacts")
    decisions.pause([link.pk])
    edit(Contact.objects.get(), last_name="Typed")
    sync(connection)
    decisions.resume([link.pk])
    sync(connection)
    sync(connection, "full")
    assert crm.records["contacts"]["11"].values["LastName"] == "Typed"


def test_edit_of_a_paused_record_goes_out_when_resumed_in_a_two_way_block(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    link = RecordLink.objects.get(object="contacts")
    decisions.pause([link.pk])
    edit(Contact.objects.get(), last_name="Typed")
    sync(connection)
    decisions.resume([link.pk])
    sync(connection)
    assert crm.records["contacts"]["11"].values["LastName"] == "Typed"


def test_new_line_of_an_output_block_goes_out_for_linked_records(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    output(connection)
    sync(connection)
    block = Block.objects.get(connection=connection, object="contacts")
    FieldMapping.objects.create(block=block, hub_field="phone", crm_field="Phone", crm_label="Phone", direction="both")
    edit(Contact.objects.get(), phone="+33 1 23 45 67 89")
    sync(connection)
    sync(connection, "full")
    assert crm.records["contacts"]["11"].values["Phone"]


def test_creation_taken_back_there_is_not_made_again_by_an_edit(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    sync(connection)
    [_pk] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    run = sync(connection)
    assert "Cedar" in names(crm)
    back = undo.request_undo(run, admin_user, "no", delete_out=True)
    drive(back)
    assert "Cedar" not in names(crm)
    crm.later()
    sync(connection)
    sync(connection, "full")
    edit(customer("Cedar"), domain="cedar.example")
    sync(connection)
    assert "Cedar" not in names(crm)


def test_create_that_waits_is_not_sent_once_its_row_found_a_record_that_agrees(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    [pk] = made_here("customers", [{"name": "Cedar", "domain": "cedar.example"}], by="Inès")
    crm.refuses["Cedar"] = Sent(Answer.REFUSED, "", "REQUIRED_FIELD_MISSING", "Industry.", ())
    sync(connection)
    row = Outbox.objects.get()
    crm.refuses.clear()
    crm.company("3", "Cedar", Website="cedar.example", Stage=row.after.get("stage"))
    sync(connection)
    assert RecordLink.objects.get(source_id="3").hub_id == pk
    due_now()
    sync(connection)
    assert names(crm).count("Cedar") == 1


@pytest.mark.parametrize("kind", ["delta", "full"])
@pytest.mark.parametrize("churn", [True, False])
@pytest.mark.parametrize("how", ["outside", "deleted"])
def test_edit_here_of_a_record_that_left_in_the_same_run(
    connection: Connection, crm: PaperCrm, kind: str, churn: bool, how: str
) -> None:
    Connection.objects.filter(pk=connection.pk).update(churn_missing=churn, brake_floor=50)
    connection.refresh_from_db()
    sync(connection)
    row = customer("Aldervale")
    edit(row, name="Here")
    if how == "outside":
        crm.outside.add("1")
        crm.edit("customers", "1", Website="elsewhere.example")
    else:
        crm.delete("customers", "1")
    sync(connection, kind)
    row.refresh_from_db()
    link = RecordLink.objects.get(source_id="1", object="customers")
    assert link.state != "linked"
    assert crm.sends == []


@pytest.mark.parametrize("how", ["outside", "deleted"])
def test_contact_edit_here_of_a_record_that_left_in_the_same_run(
    connection: Connection, crm: PaperCrm, how: str
) -> None:
    sync(connection)
    row = Contact.objects.get()
    edit(row, last_name="Here")
    crm.delete("contacts", "11")
    sync(connection)
    row.refresh_from_db()
    assert row.gone_at


@pytest.mark.parametrize("key", ["Key", ""])
def test_two_creations_answered_with_one_record_take_one_call(connection: Connection, crm: PaperCrm, key: str) -> None:
    Block.objects.filter(connection=connection).update(key_field=key)
    sync(connection)
    _a, _b, _c = made_here("customers", [{"name": "Cedar"}, {"name": "Cedar2"}, {"name": "Fine"}], by="Inès")
    crm.outside.add("3")
    crm.company("3", "Cedar Ltd")
    for name in ("Cedar", "Cedar2"):
        crm.refuses[name] = Sent(Answer.EXISTS, "3", "DUPLICATES_DETECTED", "There.", ())
    sync(connection)
    assert len(crm.sends) == 1


def test_deleted_there_and_edited_here_churns_with_deltas_alone(connection: Connection, crm: PaperCrm) -> None:
    Connection.objects.filter(pk=connection.pk).update(churn_missing=True, brake_floor=50)
    connection.refresh_from_db()
    sync(connection)
    sync(connection)
    row = customer("Aldervale")
    crm.later()
    edit(row, name="Here")
    crm.delete("customers", "1")
    for _ in range(4):
        sync(connection)
        crm.later()
    row.refresh_from_db()
    assert row.stage.is_churn


@pytest.mark.parametrize("kind", ["delta", "full"])
def test_edit_there_of_another_field_after_the_reading_is_no_echo(
    connection: Connection, crm: PaperCrm, kind: str
) -> None:
    """A colleague edits another field after this run has read and before it sends."""
    sync(connection)
    row = customer("Aldervale")
    edit(row, name="Aldervale Group")
    crm.before_write = once(lambda: crm.edit("customers", "1", Website="typed.example"))
    sync(connection)
    for one in ("delta", kind):
        crm.later()
        sync(connection, one)
    row.refresh_from_db()
    assert row.domain == "typed.example"


def test_other_spelling_typed_there_after_the_reading_is_no_echo(connection: Connection, crm: PaperCrm) -> None:
    """It reads the same; whoever takes a later write back brings back its letters all the same."""
    sync(connection)
    crm.later()
    edit(customer("Aldervale"), name="Aldervale Group")
    crm.before_write = once(lambda: crm.edit("customers", "1", Website="https://www.aldervale.example/fr"))
    sync(connection)
    crm.later()

    sync(connection)

    link = RecordLink.objects.get(object="customers", source_id="1")
    assert link.settled["domain"][1:] == ["aldervale.example", ANY, "https://www.aldervale.example/fr"]
    assert link.source_hash


def test_preview_applied_after_a_create_without_answer_makes_no_second_row(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    made_here("customers", [{"name": "Cedar"}], by="Inès")
    dropping(crm)
    drive(runs.request_run(connection, "delta", by="Inès"))
    assert Outbox.objects.get().state == "sent"
    crm.later()
    preview = sync(connection, "preview")
    drive(runs.apply_preview(preview, "Inès"))
    crm.later()
    sync(connection)
    assert Customer.objects.filter(name="Cedar").count() == 1


def test_edit_whose_transaction_ends_after_the_marks_were_read_goes_out(connection: Connection, crm: PaperCrm) -> None:
    """PostgreSQL: an import opens its transaction before the run begins and commits while the run sends."""
    sync(connection)
    edit(customer("Birch"), name="Birch & Co")
    birch_sent = [1]

    def commits(sends: Any) -> None:
        if birch_sent:
            birch_sent.pop()
            run = Run.objects.latest("pk")
            row = customer("Aldervale")
            edit(row, name="Typed")
            HubMark.objects.filter(hub_id=row.pk).update(
                at=datetime.fromisoformat(run.cursor["marked_at"]) - timedelta(seconds=1)
            )

    crm.before_write = commits
    sync(connection)
    crm.later()
    sync(connection)
    sync(connection, "delta")
    assert crm.records["customers"]["1"].values["Name"] == "Typed"


def test_merged_twice_page_leads_on(connection: Connection, crm: PaperCrm, admin_client: Client) -> None:
    a, b, c = made_here("customers", [{"name": "A"}, {"name": "B"}, {"name": "C"}], by="Inès")
    merging.merge("customers", b, a, [], by="Inès")
    one = admin_client.get(reverse("hub:customer", args=[a]))
    merging.merge("customers", c, b, [], by="Inès")
    two = admin_client.get(reverse("hub:customer", args=[a]))
    assert (one.status_code, two.status_code) == (302, 302)


def customer_of(pk):
    return Contact.objects.get(pk=pk).customer_id


def test_contact_that_waits_after_relinking_by_hand(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.company("3", "Birch Ltd", Website="birch-ltd.example")
    sync(connection)
    birch = customer("Birch").pk
    made_here("contacts", [{"customer": birch, "last_name": "Okoro", "email": "o@birch.example"}], by="Inès")
    crm.refuses["Okoro"] = Sent(Answer.REFUSED, "", "REQUIRED_FIELD_MISSING", "Phone.", ())
    sync(connection)
    crm.refuses.clear()
    decisions.link_to_row(RecordLink.objects.get(object="customers", source_id="3").pk, birch, by="Inès", instead=True)
    sync(connection)
    due_now()
    sync(connection)
    sync(connection)
    made = [r for r in crm.records["contacts"].values() if r.values["LastName"] == "Okoro"]
    assert [r.customer_ids for r in made] == [("3",)]


def test_frozen_field_is_not_sent_by_a_write_that_waits(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.refuses["1"] = Sent(Answer.REFUSED, "1", "ENTITY_IS_LOCKED", "Locked.", ())
    edit(customer("Aldervale"), name="Here")
    sync(connection)
    crm.refuses.clear()
    RecordLink.objects.filter(object="customers", source_id="1").update(frozen={"name": "2026-03-02T08:00:00+00:00"})
    due_now()
    sync(connection)
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale"


def test_worker_that_slept_through_its_lease_writes_nothing(
    connection: Connection, crm: PaperCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sleeps before its call; B finishes the run; a colleague edits; A wakes up."""
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(on_conflict="ask")
    sync(connection)
    edit(customer("Aldervale"), name="Aldervale Group")
    left, real = [1], sending.told_apart

    def sleeps(*asked: Any) -> Any:
        if left:
            left.pop()
            run = Run.objects.latest("pk")
            Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            drive(run)
            crm.later()
            crm.edit("customers", "1", Name="Typed there")
        return real(*asked)

    monkeypatch.setattr(sending, "told_apart", sleeps)
    drive(runs.request_run(connection, "delta", by="Inès"))

    assert crm.records["customers"]["1"].values["Name"] == "Typed there"
    assert len(crm.sends) == 1


def unanswered_without_a_key(connection: Connection, crm: PaperCrm, *, arrives: bool) -> int:
    Block.objects.filter(connection=connection).update(key_field="")
    sync(connection)
    [row] = made_here("customers", [{"name": "Cedar"}], by="Inès")
    dropping(crm, "after_write" if arrives else "before_write")
    drive(runs.request_run(connection, "delta", by="Inès"))
    crm.later()
    sync(connection)
    assert Outbox.objects.get().state == "doubtful"
    return row


def test_creation_never_answered_is_listed_by_name_and_sent_again_by_a_persons_word(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    row = unanswered_without_a_key(connection, crm, arrives=False)

    matters = admin_client.get("/needs/").content.decode()
    records = admin_client.get(f"/connections/{connection.slug}/records/customers/?state=unsent")
    retrying.retry(connection, retrying.some(connection, "customers", [f"hub:{row}"]), by="Inès")
    drive(Run.objects.latest("pk"))

    assert "given up" in matters
    assert [one["name"] for one in records.context["rows"]] == ["Cedar"]
    assert names(crm).count("Cedar") == 1
    assert RecordLink.objects.get(hub_id=row).state == "linked"
    assert not Outbox.objects.exists()


def test_creation_never_answered_that_turned_up_is_merged_with_its_row(connection: Connection, crm: PaperCrm) -> None:
    row = unanswered_without_a_key(connection, crm, arrives=True)
    [read] = Customer.objects.filter(name="Cedar").exclude(pk=row)

    merging.merge("customers", row, read.pk, [], by="Inès")
    for _again in range(2):
        crm.later()
        sync(connection)

    assert names(crm).count("Cedar") == 1
    assert RecordLink.objects.get(hub_id=row).state == "linked"
    assert not Outbox.objects.exists()
