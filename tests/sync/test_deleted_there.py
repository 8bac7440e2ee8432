"""A record that was deleted in its CRM takes its row along, where the block says so, and the undo of the run brings it back."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer, CustomField, CustomKey, Interaction, Tag
from integrations.sync import decisions, runs
from integrations.sync.models import Block, Change, Connection, HubMark, PlannedChange, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.tallies import came_of_it, to_compare
from integrations.sync.undo import request_undo, survey

from .fakes import WORLDS, PaperCrm, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Iterator[Connection]:
    made = connect(objects=("customers", "contacts", "calls"))
    Block.objects.filter(connection=made).update(on_crm_delete="delete")
    yield made
    WORLDS.clear()


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    crm.person("11", "1", LastName="Reis", Email="ana@aldervale.example")
    crm.person("12", "1", LastName="Faro", Email="rui@aldervale.example")
    crm.call("21", "1", **{"@contacts": ("11", "12")})
    crm.call("22", "1", **{"@contacts": ("11",)})
    sync(connection)
    crm.later(60)
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    connection.refresh_from_db()
    return drive(runs.request_run(connection, kind, by="Inès"), 20)


def undo(run: Run, by: User) -> Run:
    ended = drive(request_undo(run, by, "Deleted by mistake."), 20)
    Connection.objects.filter(pk=run.connection_id).update(state="on")
    return ended


def reis() -> Contact:
    return Contact.objects.get(last_name="Reis")


def whole(row: Any) -> dict[str, Any]:
    return type(row).objects.filter(pk=row.pk).values().get()


def link(source_id: str) -> RecordLink:
    return RecordLink.objects.get(source_id=source_id)


@pytest.mark.requirement("F34")
def test_contact_that_was_deleted_there_is_deleted_here_and_kept_whole_in_the_journal(
    connection: Connection, crm: PaperCrm
) -> None:
    pk = reis().pk
    crm.delete("contacts", "11")

    run = sync(connection)
    crm.later(60)
    after = [sync(connection), sync(connection, "full")]

    change = Change.objects.get(run_id=run.pk)
    assert (change.action, change.outcome, change.hub_id, change.reason_code) == (
        "delete", "done", pk, "deleted-with-record",
    )  # fmt: skip
    assert (change.before["last_name"], change.after["last_name"], change.erases) == ("Reis", None, False)
    assert not Contact.objects.filter(pk=pk).exists()
    assert (link("11").state, link("11").hub_id) == ("gone", None)
    assert came_of_it(run) == "1 deleted here, 4 unchanged"
    assert [one.state for one in after] == ["done", "done"]
    assert not Change.objects.filter(run_id__in=[one.pk for one in after]).exists()
    assert all(tally.missing == 0 for tally in to_compare(after[1]))
    assert not HubMark.objects.exists()


@pytest.mark.requirement("F34")
def test_undo_brings_the_row_back_with_its_id_its_values_and_what_hung_on_it(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    row, tag = reis(), Tag.objects.create(name="VIP")
    field = CustomField.objects.create(entity="contacts", name="Badge", key="badge", type="STRING", is_key=True)
    CustomKey.objects.create(field=field, row_id=row.pk, value="b7")
    Contact.objects.filter(pk=row.pk).update(custom={"badge": "B7"}, nps_score=9)
    row.tags.add(tag)
    kept, calls = whole(row), set(row.interactions.values_list("ref_id", flat=True))
    crm.delete("contacts", "11")
    run = sync(connection)
    assert not CustomKey.objects.exists()
    assert survey(run).by_action == {"delete": 1}

    ended = undo(run, admin_user)
    crm.later(60)
    after = [sync(connection), sync(connection, "full"), sync(connection, "full")]

    assert whole(row) == kept
    assert (list(row.tags.all()), calls) == ([tag], {"21", "22"})
    assert set(row.interactions.values_list("ref_id", flat=True)) == calls
    assert CustomKey.objects.get().row_id == row.pk
    assert (link("11").state, link("11").hub_id, link("11").reason_code) == ("gone", row.pk, "deletion-undone")
    back = Change.objects.get(run_id=ended.pk)
    assert (back.action, back.outcome, back.after["last_name"]) == ("restore", "done", "Reis")
    assert not Change.objects.filter(run_id__in=[one.pk for one in after]).exists(), "nothing deletes it once more"

    crm.person("11", "1", LastName="Reis Lima", Email="ana@aldervale.example")
    sync(connection)
    row.refresh_from_db()
    assert (row.last_name, link("11").state) == ("Reis Lima", "linked")


def test_undo_brings_calls_and_their_contacts_back_together(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    calls = {one.pk: whole(one) for one in Interaction.objects.all()}
    ties = set(Interaction.contacts.through.objects.values_list("interaction", "contact"))
    crm.delete("contacts", "11")
    crm.delete("calls", "21")
    crm.delete("calls", "22")
    run = sync(connection)
    assert (Interaction.objects.count(), Contact.objects.count()) == (0, 1)

    undo(run, admin_user)
    sync(connection, "full")

    assert {one.pk: whole(one) for one in Interaction.objects.all()} == calls
    assert set(Interaction.contacts.through.objects.values_list("interaction", "contact")) == ties


@pytest.mark.parametrize("kind", ["delta", "full"])
def test_what_is_merely_not_there_or_merged_or_outside_is_kept(
    connection: Connection, crm: PaperCrm, kind: str
) -> None:
    crm.company("2", "Birch")
    crm.person("13", "2")
    sync(connection)
    crm.vanish("contacts", "11")
    crm.delete("contacts", "12", merged_into="13")
    crm.outside.add("2")

    for _turn in range(3):
        crm.later(60)
        sync(connection, kind)

    assert Contact.objects.count() == 3
    assert not Change.objects.filter(action="delete").exists()


def test_keep_marks_it_as_gone(connection: Connection, crm: PaperCrm) -> None:
    Block.objects.filter(connection=connection).update(on_crm_delete="keep")
    crm.delete("contacts", "11")

    sync(connection)

    assert reis().gone_at is not None


@pytest.mark.requirement("F34")
def test_row_that_another_connection_has_too_stays_and_says_so(connection: Connection, crm: PaperCrm) -> None:
    other = connect("Second", objects=("customers", "contacts"))
    Block.objects.filter(connection=other, object="customers").update(merge_keys=["name"])
    WORLDS[other.pk].company("901", "Aldervale")
    WORLDS[other.pk].person("911", "901", LastName="Reis", Email="ana@aldervale.example")
    sync(other)
    assert link("911").hub_id == reis().pk
    crm.delete("contacts", "11")

    run = sync(connection)

    change = Change.objects.get(run_id=run.pk)
    assert change.action == "gone"
    assert [(note["code"], note["params"]["other"]) for note in change.notes] == [("kept-for-other", "Second")]
    assert link("911").hub_id == reis().pk


@pytest.mark.requirement("R17")
def test_customers_are_never_deleted_with_their_records(connection: Connection, crm: PaperCrm) -> None:
    crm.delete("customers", "1")

    sync(connection)
    sync(connection, "full")

    assert Customer.objects.get().name == "Aldervale"
    assert not Change.objects.filter(action="delete").exists()


def test_paused_record_keeps_its_row(connection: Connection, crm: PaperCrm) -> None:
    decisions.pause([link("11").pk])
    crm.delete("contacts", "11")

    sync(connection)

    assert Contact.objects.count() == 2


def test_record_that_comes_back_to_life_makes_a_row_anew(connection: Connection, crm: PaperCrm) -> None:
    pk = reis().pk
    crm.delete("contacts", "11")
    run = sync(connection)
    crm.later(60)
    crm.person("11", "1", LastName="Reis", Email="ana@aldervale.example")

    sync(connection)

    assert reis().pk != pk
    assert (link("11").state, link("11").hub_id) == ("linked", reis().pk)
    assert set(reis().interactions.values_list("ref_id", flat=True)) == {"21", "22"}
    assert survey(run).by_action == {"delete": 1}


def test_undo_leaves_a_row_whose_record_made_another_since(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    crm.delete("contacts", "11")
    run = sync(connection)
    crm.later(60)
    crm.person("11", "1", LastName="Reis", Email="ana@aldervale.example")
    sync(connection)
    now = reis().pk

    ended = undo(run, admin_user)

    assert reis().pk == now
    assert Change.objects.get(run_id=ended.pk).reason_code == "touched-since"


def test_undo_leaves_a_row_whose_customer_is_gone(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    crm.delete("contacts", "11")
    run = sync(connection)
    door().delete("customers", [Customer.objects.get().pk], by="Inès")

    ended = undo(run, admin_user)

    assert Change.objects.get(run_id=ended.pk).reason_code == "returns-to-nothing"
    assert not Contact.objects.exists()


def test_two_way_sends_nothing_about_what_the_crm_deleted_itself(connection: Connection, crm: PaperCrm) -> None:
    Block.objects.filter(connection=connection).update(mode="two-way", key_field="Key", on_hub_delete="delete")
    crm.delete("contacts", "11")
    assert door().edit("contacts", {reis().pk: {"phone": "1"}}, by="Inès") == []

    sync(connection)
    sync(connection)

    assert not Contact.objects.filter(last_name="Reis").exists()
    assert (crm.sends, HubMark.objects.count()) == ([], 0)


def test_preview_shows_it_and_applies_it(connection: Connection, crm: PaperCrm) -> None:
    crm.delete("contacts", "11")
    preview = sync(connection, "preview")
    planned = PlannedChange.objects.get(run_id=preview.pk)
    assert (planned.action, planned.before["last_name"]) == ("delete", "Reis")
    assert Contact.objects.count() == 2

    drive(runs.apply_preview(preview, "Inès"), 10)

    assert Contact.objects.count() == 1


def test_row_that_somebody_edits_before_it_is_applied_stays(connection: Connection, crm: PaperCrm) -> None:
    crm.delete("contacts", "11")
    preview = sync(connection, "preview")
    assert door().edit("contacts", {reis().pk: {"phone": "+33 1"}}, by="Inès") == []

    run = drive(runs.apply_preview(preview, "Inès"), 10)

    refused = Change.objects.get(run_id=run.pk)
    assert (refused.action, refused.outcome, refused.reason_code) == ("delete", "refused", "hub-moved")
    assert reis().phone == "+33 1"


class TestBrake:
    @pytest.fixture
    def held(self, connection: Connection, crm: PaperCrm) -> Run:
        for number in range(30, 45):
            crm.person(str(number), "1")
        sync(connection)
        crm.later(60)
        for number in range(30, 42):
            crm.delete("contacts", str(number))
        return sync(connection)

    @pytest.mark.requirement("F34", "F36")
    def test_more_than_a_few_wait(self, held: Run) -> None:
        assert (held.state, held.reason_code, held.reason_params["count"]) == ("held", "brake-deleted", 12)
        assert Contact.objects.count() == 17

    def test_let_through_they_go(self, held: Run, connection: Connection) -> None:
        runs.release_held(held, "Noé")

        assert drive(held, 10).state == "done"
        assert Contact.objects.count() == 5
        assert set(Change.objects.filter(action="delete").values_list("actor", flat=True)) == {"Noé"}

    def test_dropped_they_stay_and_nobody_is_asked_again(
        self, held: Run, crm: PaperCrm, connection: Connection
    ) -> None:
        runs.drop_held(held, "Noé")
        drive(held, 10)
        crm.later(60)

        after = [sync(connection), sync(connection, "full")]

        assert [one.state for one in after] == ["done", "done"]
        assert Contact.objects.count() == 17

    def test_the_next_complete_run_asks_anew(self, held: Run, crm: PaperCrm, connection: Connection) -> None:
        crm.later(60)

        after = sync(connection, "full")

        assert (after.state, after.reason_code) == ("held", "brake-deleted")

    def test_who_was_restored_meanwhile_stays(self, held: Run, crm: PaperCrm) -> None:
        crm.person("35", "1")
        runs.release_held(held, "Noé")

        drive(held, 10)

        assert Contact.objects.filter(ref_id="35").exists()
        assert Contact.objects.count() == 6
