"""Taking a run back: the hub as it was, the links knowing it, what was touched since left alone and listed."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, User
from integrations.hub.door import Values, door
from integrations.hub.models import Agreement, Contact, Customer, CustomField, CustomKey, Interaction, Tag
from integrations.sync import decisions, runs, undo
from integrations.sync.connector import Answer, Sent
from integrations.sync.models import Block, Change, Connection, FieldMapping, Outbox, RecordLink, Run
from integrations.sync.runner import undoing as runner_undoing
from integrations.sync.runner.drive import drive
from integrations.sync.runner.lease import Lease
from integrations.sync.runner.slice import run_slice
from integrations.sync.store import undoing as store_undoing

from .fakes import START, WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C25", "E2")]
ALL = ("customers", "contacts", "agreements", "calls")


@pytest.fixture
def connection() -> Connection:
    CustomField.objects.create(entity="customers", key="segment", name="Segment", type="STRING", is_key=True)
    CustomField.objects.create(entity="customers", key="notes", name="Notes", type="STRING")
    made = connect(objects=ALL, churn_missing=True, keep_hierarchy=True)
    for field, path in (("custom.segment", "Segment"), ("custom.notes", "Notes")):
        FieldMapping.objects.create(
            block=made.blocks.get(object="customers"), hub_field=field, crm_field=path, crm_label=path, blanks="erase"
        )
    made.blocks.get(object="customers").lines.filter(hub_field="domain").update(blanks="erase")
    return made


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    populate(crm, range(1, 13))
    return crm


def populate(crm: PaperCrm, numbers: range) -> None:
    for n in numbers:
        parent = str(n - 1) if n % 3 == 0 else ""
        crm.company(
            str(n), f"Company {n}", parent=parent, Website=f"c{n}.example", Owner__Email=f"o{n % 4}@x.example",
            Segment=f"s{n}", Notes=f"noted {n}",
        )  # fmt: skip
        crm.person(f"p{n}", str(n), Email=f"p@c{n}.example")
        crm.deal(f"d{n}", str(n), Yearly=1200 * n, Currency="EUR", Start=START.date(), Months=12)
        crm.call(f"k{n}", str(n), Minutes=n, **{"@contacts": (f"p{n}",)})


def upset(crm: PaperCrm, numbers: Iterable[int]) -> None:  # noqa: C901 (one case after the other)
    """A little of everything that a CRM can do to its records."""
    crm.later()
    for n in numbers:
        match n % 12:
            case 1:
                crm.edit("customers", str(n), Name=f"Renamed {n}", Website=None, Segment=None)
            case 2:
                crm.edit("customers", str(n), Owner__Email="new@x.example", Notes=None)
            case 3:
                crm.edit("customers", str(n), parent=str(n + 5))
                moved: dict[str, Any] = {"Subject": "Moved", "@contacts": (f"p{n + 1}", f"p{n}")}
                crm.edit("calls", f"k{n}", **moved)
            case 4:
                crm.outside.add(str(n))
            case 5:
                crm.edit("contacts", f"p{n}", LastName="Changed", Email=None)
            case 6:
                crm.edit("agreements", f"d{n}", Yearly=99, Months=24)
                crm.edit("agreements", f"d{n + 1}", Name="Other plan", Start=(START + timedelta(days=3000)).date())
            case 7:
                crm.delete("contacts", f"p{n}")
            case 8:
                crm.company(f"new{n}", f"New {n}", parent=str(n), Segment="fresh")
                crm.company(f"sub{n}", f"Sub {n}", parent=f"new{n}")
                crm.person(f"pnew{n}", f"new{n}")
                crm.deal(f"dnew{n}", f"new{n}", Yearly=500)
                crm.call(f"knew{n}", f"new{n}", **{"@contacts": (f"pnew{n}",)})
            case 9:
                crm.delete("calls", f"k{n}")
                crm.delete("agreements", f"d{n}")


def sync(connection: Connection, kind: str = "delta") -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    assert run.state in {"done", "held"}, run.reason_params
    return run


def created(object_name: str, values: Values) -> int:
    [made] = door().create(object_name, [values], by="Inès")
    assert isinstance(made, int)
    return made


def take_back(run: Run, by: User, **more: Any) -> Run:
    made = undo.request_undo(run, by, "The mapping was wrong.", **more)
    drive(made)
    made.refresh_from_db()
    assert made.state == "done", (made.reason_code, made.reason_params)
    return made


def go_on(connection: Connection, kind: str = "delta") -> Run:
    connection.refresh_from_db()
    if connection.state == "paused":
        runs.resume(connection, by="Inès")
    WORLDS[connection.pk].later()
    return sync(connection, kind)


def hub() -> dict[str, Any]:
    """Every column of every row, as the database keeps it; ids of rows that only tie others together say nothing."""
    dump: dict[str, Any] = {}
    for model in (Customer, Contact, Agreement, Interaction):
        rows = model.objects.order_by("pk").values_list()
        dump[model.__name__] = [tuple(map(repr, row)) for row in rows]
    dump["keys"] = sorted(CustomKey.objects.exclude(value="").values_list("field", "row_id", "value"))
    dump["contacts"] = sorted(Interaction.contacts.through.objects.values_list("interaction_id", "contact_id"))
    return dump


def skipped(run: Run) -> list[tuple[str, str, str]]:
    rows = Change.objects.filter(run_id=run.pk, outcome="refused").order_by("source_id")
    return list(rows.values_list("source_id", "action", "reason_code"))


@pytest.mark.parametrize("page", [2, 7, 1000])
def test_hub_is_byte_for_byte_as_before(
    connection: Connection, crm: PaperCrm, admin_user: User, settings: Any, page: int
) -> None:
    sync(connection)
    before = hub()
    upset(crm, range(1, 13))
    run = go_on(connection, "full")
    assert {row.action for row in undo.taken_back.decided(run.pk)} >= {"create", "update", "churn", "gone"}
    settings.SYNC_PAGE_SIZE = page

    made = take_back(run, admin_user)

    assert skipped(made) == []
    assert hub() == before
    connection.refresh_from_db()
    assert connection.state == "paused"


@pytest.mark.slow
def test_hundreds_of_rows_go_back_too(connection: Connection, crm: PaperCrm, admin_user: User, settings: Any) -> None:
    settings.SYNC_PAGE_SIZE = 60
    Connection.objects.update(brake_floor=10_000, brake_mrr_percent=10_000)
    populate(crm, range(13, 241))
    sync(connection)
    before = hub()
    upset(crm, range(1, 241))
    run = go_on(connection, "full")
    assert run.state == "done"

    made = take_back(run, admin_user)

    assert (hub(), skipped(made)) == (before, [])
    assert made.counts["applied"] == undo.taken_back.decided(run.pk).count() > 300


@pytest.mark.parametrize("object_name", ["contacts", "calls", "agreements"])
def test_mark_of_being_gone_comes_back(
    connection: Connection, crm: PaperCrm, admin_user: User, object_name: str
) -> None:
    source_id = {"contacts": "p7", "calls": "k7", "agreements": "d7"}[object_name]
    sync(connection)
    record = crm.records[object_name][source_id]
    crm.delete(object_name, source_id)
    go_on(connection, "full")
    before = hub()
    crm.records[object_name][source_id] = record
    run = go_on(connection, "full")
    assert hub() != before

    take_back(run, admin_user)

    assert hub() == before


@pytest.mark.requirement("I4")
def test_what_was_taken_back_stays_out_until_it_changes(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    sync(connection)
    upset(crm, [n for n in range(1, 13) if n != 4])
    take_back(go_on(connection, "full"), admin_user)
    before = hub()

    for kind in ("delta", "full", "full"):
        go_on(connection, kind)
    assert hub() == before
    assert RecordLink.objects.get(source_id="new8").reason_code == "undone"

    crm.edit("customers", "1", Name="Renamed again")
    crm.edit("customers", "new8", Name="Better")
    go_on(connection)
    assert Customer.objects.filter(name__in=["Renamed again", "Better"]).count() == 2


def test_churn_taken_back_is_not_done_again_until_it_left_anew(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    sync(connection)
    stage = Customer.objects.get(name="Company 4").stage
    crm.outside.add("4")
    churning = go_on(connection, "full")
    assert Customer.objects.get(name="Company 4").stage != stage
    take_back(churning, admin_user)

    for kind in ("delta", "full", "full"):
        go_on(connection, kind)
    assert Customer.objects.get(name="Company 4").stage == stage
    assert RecordLink.objects.get(object="customers", source_id="4").reason_code == "churn-undone"

    crm.outside.discard("4")
    go_on(connection, "full")
    crm.outside.add("4")
    go_on(connection, "full")
    assert Customer.objects.get(name="Company 4").stage != stage


def test_allowed_record_returns_with_the_next_run(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    sync(connection)
    crm.later()
    crm.company("99", "New one")
    take_back(sync(connection), admin_user)

    decisions.take_in([RecordLink.objects.get(source_id="99").pk], by="Inès")
    go_on(connection)

    assert Customer.objects.filter(name="New one").exists()


def test_first_run_taken_back_leaves_nothing(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    run = sync(connection)

    made = take_back(run, admin_user)

    assert skipped(made) == []
    assert not any(model.objects.exists() for model in (Customer, Contact, Agreement, Interaction, CustomKey))
    assert Block.objects.get(connection=connection, object="customers").cursor is None


def test_linked_row_of_another_system_hangs_where_it_hung(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    head = created("customers", {"name": "Holding"})
    row = created("customers", {"name": "Company 1", "domain": "c1.example", "parent": head})
    crm.edit("customers", "1", parent="4")
    before = hub()
    run = sync(connection)
    assert Customer.objects.get(pk=row).parent_id not in {head, None}

    take_back(run, admin_user)

    assert hub() == before
    assert RecordLink.objects.get(object="customers", source_id="1").hub_id is None


def test_rows_touched_since_are_skipped_and_listed(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    sync(connection)
    crm.later()
    crm.edit("customers", "1", Name="Renamed")
    crm.edit("customers", "2", Name="Renamed too")
    crm.edit("customers", "4", Name="Renamed as well")
    crm.company("99", "New one")
    run = sync(connection)
    door().edit("customers", {Customer.objects.get(name="Renamed").pk: {"pulse": 5}}, by="Inès")
    door().create("contacts", [{"customer": Customer.objects.get(name="New one").pk, "last_name": "Reis"}], by="Inès")
    crm.edit("customers", "4", Name="Renamed later")
    sync(connection)
    survey = undo.survey(run)
    assert (survey.total, sum(survey.touched.values()), sum(survey.hung.values())) == (1, 2, 1)
    left = [(row.source_id, vars(row)["why_left"]) for row in undo.left_alone(run).order_by("source_id")]

    made = take_back(run, admin_user)

    assert left == [(source_id, code) for source_id, _, code in skipped(made)]
    assert left == [("1", "touched-since"), ("4", "touched-since"), ("99", "hung-on-since")]
    names = set(Customer.objects.values_list("name", flat=True))
    assert names >= {"Renamed", "Company 2", "Renamed later", "New one"}


def test_edit_made_while_the_run_went_on_is_kept(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    sync(connection)
    crm.later()
    crm.edit("customers", "1", Name="Renamed")
    crm.edit("customers", "2", Name="Renamed too")
    run = sync(connection)
    first = Customer.objects.get(name="Renamed")
    door().edit("customers", {first.pk: {"pulse": 5}}, by="Inès")
    last = Change.objects.filter(run_id=run.pk).latest("pk")
    Change.objects.filter(pk=last.pk).update(id=Change.objects.latest("pk").pk + 1)

    made = take_back(run, admin_user)

    first.refresh_from_db()
    assert (first.name, first.pulse) == ("Renamed", 5)
    assert [source_id for source_id, _, _ in skipped(made)] == ["1"]


@pytest.mark.parametrize("hung", ["call", "tag"])
def test_new_row_stays_where_something_hangs_on_it(
    connection: Connection, crm: PaperCrm, admin_user: User, hung: str
) -> None:
    sync(connection)
    crm.later()
    crm.person("p99", "1", LastName="Neu")
    run = sync(connection)
    contact = Contact.objects.get(last_name="Neu")
    if hung == "call":
        created("calls", {"customer": contact.customer_id, "starts_at": START, "contacts": (str(contact.pk),)})
    else:
        contact.tags.add(Tag.objects.create(name="VIP"))
    foreseen = sum(undo.survey(run).hung.values())

    made = take_back(run, admin_user)

    assert foreseen == 1
    assert skipped(made) == [("p99", "restore", "hung-on-since")]
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_what_was_only_listed_is_known_as_before(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    crm.company("97", "", Name=None)
    sync(connection)
    known = RecordLink.objects.get(object="customers", source_id="97")
    crm.later()
    crm.edit("customers", "97", Website="not.clean.example")
    crm.company("98", "", Name=None)
    crm.edit("customers", "2", Name="Renamed")
    run = sync(connection)
    assert set(RecordLink.objects.filter(state="failing").values_list("source_id", flat=True)) == {"97", "98"}

    take_back(run, admin_user)

    found = RecordLink.objects.get(pk=known.pk)
    assert (found.state, found.reason_code) == ("failing", known.reason_code)
    assert not RecordLink.objects.filter(source_id="98").exists()
    go_on(connection)
    assert set(RecordLink.objects.filter(state="failing").values_list("source_id", flat=True)) == {"97", "98"}


@pytest.fixture
def two_way(connection: Connection) -> Connection:
    Block.objects.filter(connection=connection, object="customers").update(mode="two-way", key_field="Key")
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(direction="both")
    return connection


def pushed(connection: Connection) -> Run:
    """A run that sent a name which somebody typed."""
    sync(connection)
    row = Customer.objects.get(name="Company 1")
    door().edit("customers", {row.pk: {"name": "Typed"}}, by="Inès")
    run = go_on(connection)
    assert WORLDS[connection.pk].records["customers"]["1"].values["Name"] == "Typed"
    return run


@pytest.mark.requirement("R8")
def test_what_went_out_goes_back_as_a_new_write(two_way: Connection, crm: PaperCrm, admin_user: User) -> None:
    run = pushed(two_way)

    made = take_back(run, admin_user)

    assert crm.records["customers"]["1"].values["Name"] == "Company 1"
    written = Change.objects.get(run_id=made.pk, action="push")
    assert (written.before, written.after, written.outcome) == ({"name": "Typed"}, {"name": "Company 1"}, "done")
    assert (written.reason_code, written.actor) == ("taken-back", admin_user.label)
    assert not Outbox.objects.exists()
    for kind in ("delta", "full"):
        go_on(two_way, kind)
    assert crm.records["customers"]["1"].values["Name"] == "Company 1"
    assert Customer.objects.filter(name="Typed").exists()


@pytest.mark.requirement("R8", "I1")
def test_nothing_goes_back_by_a_line_that_only_reads_by_now(
    two_way: Connection, crm: PaperCrm, admin_user: User
) -> None:
    run = pushed(two_way)
    FieldMapping.objects.filter(block__connection=two_way, hub_field="name").update(direction="in")
    sends = len(crm.sends)

    made = take_back(run, admin_user)

    assert skipped(made) == [("1", "push", "lines-only-read")]
    assert (len(crm.sends), crm.records["customers"]["1"].values["Name"]) == (sends, "Typed")


def test_what_the_crm_changed_since_is_not_written_over(two_way: Connection, crm: PaperCrm, admin_user: User) -> None:
    run = pushed(two_way)
    crm.edit("customers", "1", Name="Typed there")
    sends = len(crm.sends)

    made = take_back(run, admin_user)

    assert skipped(made) == [("1", "push", "crm-touched-since")]
    assert (len(crm.sends), crm.records["customers"]["1"].values["Name"]) == (sends, "Typed there")


def test_colleagues_edit_that_reads_the_same_is_not_written_over(
    two_way: Connection, crm: PaperCrm, admin_user: User
) -> None:
    FieldMapping.objects.filter(block__connection=two_way, hub_field="domain").update(direction="both")
    crm.edit("customers", "1", Website="https://www.c1.example/about")
    sync(two_way)
    row = Customer.objects.get(ref_id="1")
    door().edit("customers", {row.pk: {"domain": "new.example"}}, by="Inès")
    run = go_on(two_way)
    crm.edit("customers", "1", Website="https://new.example/shop")
    go_on(two_way)

    made = take_back(run, admin_user)

    assert skipped(made) == [("1", "push", "crm-touched-since")]
    assert crm.records["customers"]["1"].values["Website"] == "https://new.example/shop"


def test_row_written_here_and_sent_is_listed_twice_where_it_was_touched(
    two_way: Connection, crm: PaperCrm, admin_user: User
) -> None:
    sync(two_way)
    row = Customer.objects.get(name="Company 1")
    door().edit("customers", {row.pk: {"name": "Typed"}}, by="Inès")
    crm.edit("customers", "1", Website="other.example")
    run = go_on(two_way)
    assert set(Change.objects.filter(run_id=run.pk, hub_id=row.pk).values_list("action", flat=True)) >= {
        "push",
        "update",
    }
    door().edit("customers", {row.pk: {"pulse": 4}}, by="Inès")

    made = take_back(run, admin_user)

    codes = [(action, code) for source_id, action, code in skipped(made) if source_id == "1"]
    assert sorted(codes) == [("push", "touched-since"), ("restore", "touched-since")]


@pytest.mark.parametrize("delete_out", [False, True])
def test_record_made_in_the_crm_goes_only_where_a_person_says_so(
    two_way: Connection, crm: PaperCrm, admin_user: User, delete_out: bool
) -> None:
    sync(two_way)
    row = created("customers", {"name": "Made here"})
    run = go_on(two_way)
    [source_id] = RecordLink.objects.filter(hub_id=row, object="customers").values_list("source_id", flat=True)

    made = take_back(run, admin_user, delete_out=delete_out)

    assert (source_id in crm.records["customers"]) is not delete_out
    assert Customer.objects.filter(pk=row).exists()
    told = Change.objects.get(run_id=made.pk, source_id=source_id)
    expected = ("delete-out", "done", "taken-back") if delete_out else ("create-out", "refused", "stays-in-crm")
    assert (told.action, told.outcome, told.reason_code) == expected
    go_on(two_way)
    assert len([one for one in crm.records["customers"].values() if one.name == "Made here"]) == (not delete_out)


def test_record_made_in_the_crm_stays_where_somebody_worked_on_it(
    two_way: Connection, crm: PaperCrm, admin_user: User
) -> None:
    sync(two_way)
    row = created("customers", {"name": "Made here"})
    run = go_on(two_way)
    [source_id] = RecordLink.objects.filter(hub_id=row, object="customers").values_list("source_id", flat=True)
    crm.edit("customers", source_id, Segment="big")

    made = take_back(run, admin_user, delete_out=True)

    assert skipped(made) == [(source_id, "create-out", "crm-touched-since")]
    assert source_id in crm.records["customers"]


def test_writes_that_still_wait_are_dropped_and_those_of_others_wait_on(
    two_way: Connection, crm: PaperCrm, admin_user: User
) -> None:
    run = pushed(two_way)
    Outbox.objects.create(
        connection=two_way, run_id=run.pk, object="customers", hub_id=1, source_id="2", kind="update", state="refused",
        reason_code="by-hand", planned_at=timezone.now(), due_at=timezone.now(), payload={"Name": "late"},
    )  # fmt: skip
    other = Outbox.objects.create(
        connection=two_way, run_id=None, object="customers", hub_id=2, source_id="3", kind="update",
        reason_code="by-hand", planned_at=timezone.now(), payload={"Name": "other"},
    )  # fmt: skip
    assert undo.survey(run).unsent == 1

    take_back(run, admin_user)

    assert list(Outbox.objects.all()) == [other]
    assert {crm.records["customers"][one].values["Name"] for one in "23"} == {"Company 2", "Company 3"}


def test_held_rows_of_the_run_are_dropped_with_it(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    sync(connection)
    Connection.objects.update(brake_floor=1, brake_percent=1)
    crm.later()
    crm.edit("customers", "11", Name="Renamed")
    crm.outside.update("12456")
    run = sync(connection, "full")
    assert run.state == "held"

    take_back(run, admin_user)

    run.refresh_from_db()
    assert (run.state, run.reason_code) == ("done", "dropped-by-undo")
    with pytest.raises(runs.RunRefused):
        runs.release_held(run, by="Inès")


@pytest.mark.requirement("F12", "F17")
def test_killed_and_delivered_twice_it_ends_all_the_same(
    connection: Connection, crm: PaperCrm, admin_user: User, settings: Any
) -> None:
    settings.SYNC_PAGE_SIZE = 3
    sync(connection)
    before = hub()
    upset(crm, range(1, 13))
    run = go_on(connection, "full")
    made = undo.request_undo(run, admin_user, "wrong")
    settings.SYNC_SLICE_SECONDS = 0.02

    for _ in range(60):
        run_slice(made.pk)
        # Its worker died without a word: the next one takes over.
        Run.objects.filter(pk=made.pk, state="running").update(lease_until=None, stuck=0)
    drive(made)

    made.refresh_from_db()
    assert (made.state, hub(), skipped(made)) == ("done", before, [])
    assert made.counts["applied"] == undo.taken_back.decided(run.pk).count()


def test_page_that_dies_half_way_leaves_nothing_of_itself(
    connection: Connection, crm: PaperCrm, admin_user: User, monkeypatch: Any
) -> None:
    sync(connection)
    upset(crm, range(1, 13))
    run = go_on(connection, "full")
    after = hub()
    made = undo.request_undo(run, admin_user, "wrong")

    def dies(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(store_undoing, "_remember", dies)
        with pytest.raises(SystemExit):
            run_slice(made.pk)
    assert (hub(), Change.objects.filter(run_id=made.pk).exists()) == (after, False)


def test_begun_and_stopped_it_is_taken_up_by_a_second_one(
    connection: Connection, crm: PaperCrm, admin_user: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(connection)
    before = hub()
    upset(crm, range(1, 13))
    run = go_on(connection, "full")
    settings.SYNC_PAGE_SIZE = 3
    first = undo.request_undo(run, admin_user, "wrong")
    pages = []

    def goes_back(*asked: Any) -> Any:
        pages.append(asked)
        if len(pages) == 3:
            runs.cancel(first, by="Inès")
        return store_undoing.undo_page(*asked)

    with monkeypatch.context() as patched:
        patched.setattr(runner_undoing, "undo_page", goes_back)
        drive(first)
    done = Change.objects.filter(run_id=first.pk).count()
    assert 0 < done < undo.taken_back.decided(run.pk).count()

    second = take_back(run, admin_user)

    assert (hub(), skipped(second)) == (before, [])
    assert second.counts["applied"] == undo.taken_back.decided(run.pk).count() - done


def test_it_is_refused_with_a_sentence(connection: Connection, crm: PaperCrm, admin_user: User, settings: Any) -> None:
    preview = runs.request_run(connection, "preview", by="Inès")
    drive(preview)
    run = sync(connection)
    quiet = go_on(connection)
    active = runs.request_run(connection, "delta", by="Inès")
    for asked, says in (
        (preview, "wrote something"), (quiet, "under way"), (active, "under way"), (run, "Another run"),
    ):  # fmt: skip
        refused(asked, admin_user, says)
    drive(active)
    refused(quiet, admin_user, "changed nothing")
    refused(run, admin_user, "Say why", note=" ")
    settings.JOURNAL_DAYS = 30
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(days=31))
    run.refresh_from_db()
    refused(run, admin_user, "older than the log")
    settings.JOURNAL_DAYS = 0

    made = take_back(run, admin_user)

    refused(run, admin_user, "taken back already")
    refused(made, admin_user, "not taken back itself")


def refused(run: Run, by: User, says: str, note: str = "wrong") -> None:
    run.refresh_from_db()
    with pytest.raises(runs.RunRefused, match=says):
        undo.request_undo(run, by, note)


def test_who_and_why_stand_in_the_audit(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    run = sync(connection)

    take_back(run, admin_user)

    entry = AuditEntry.objects.filter(verb="took back a run").get()
    assert "The mapping was wrong." in entry.note


def test_statements_do_not_grow_with_the_rows(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    few = statements(connection, sync(connection), admin_user)
    runs.resume(Connection.objects.get(), by="Inès")
    RecordLink.objects.all().delete()
    populate(crm, range(13, 100))
    many = statements(connection, go_on(connection), admin_user)

    # The one run in four steps of pages, the other in as many: of ten times the rows.
    assert many <= few + 4


def statements(connection: Connection, run: Run, by: User) -> int:
    made = undo.request_undo(run, by, "wrong")
    with CaptureQueriesContext(database) as caught:
        run_slice(made.pk)
    made.refresh_from_db()
    assert made.state == "done"
    return len(caught)


@pytest.mark.requirement("R8")
def test_row_that_was_linked_and_sent_is_unlinked_and_stays_so(
    two_way: Connection, crm: PaperCrm, admin_user: User
) -> None:
    FieldMapping.objects.filter(block__connection=two_way, hub_field="custom.notes").update(direction="out")
    crm.company("99", "Company 99", Website="c99.example", Owner__Email="o1@x.example")
    row = created("customers", {"name": "Company 99", "domain": "c99.example", "custom.notes": "Typed"})
    run = sync(two_way)
    told = set(Change.objects.filter(run_id=run.pk, source_id="99").values_list("action", flat=True))
    assert (told, crm.records["customers"]["99"].values["Notes"]) == ({"link", "push"}, "Typed")

    take_back(run, admin_user)

    assert crm.records["customers"]["99"].values["Notes"] is None
    for kind in ("delta", "full"):
        go_on(two_way, kind)
        link = RecordLink.objects.get(source_id="99", object="customers")
        assert (link.state, link.reason_code, link.hub_id) == ("excluded", "undone", None)
    assert Customer.objects.get(pk=row).csm is None

    assert not door().edit("customers", {row: {"name": "Edited"}}, by="Inès")
    go_on(two_way)
    assert {one.name for one in crm.records["customers"].values()} & {"Edited"} == set()


def test_end_that_another_writer_was_in_the_way_of_is_come_to_again(
    connection: Connection, crm: PaperCrm, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(connection)
    upset(crm, range(1, 3))
    run = go_on(connection)
    since = {name: block.cursor for name, block in ((one.object, one) for one in connection.blocks.all())}
    kept, failures = Lease.release, [OperationalError("deadlock detected")]

    def fail_once(lease: Lease, **columns: Any) -> None:
        if "finished_at" in columns and failures:
            raise failures.pop()
        kept(lease, **columns)

    monkeypatch.setattr(Lease, "release", fail_once)
    take_back(run, admin_user)

    assert not failures
    for block in connection.blocks.all():
        assert block.cursor is not None
        assert block.cursor < (since[block.object] or block.cursor)


@pytest.mark.requirement("C12")
@pytest.mark.parametrize("both_linked", [True, False], ids=["two rows", "one row"])
def test_record_that_took_a_row_over_gives_it_back(
    two_way: Connection, crm: PaperCrm, admin_user: User, both_linked: bool
) -> None:
    """Some CRMs make a third record of two: it was linked to the row of one of them."""
    FieldMapping.objects.filter(block__connection=two_way, hub_field="name").update(direction="both")
    if not both_linked:
        crm.outside.add("2")
    sync(two_way)
    rows, before, alive = Customer.objects.count(), hub(), len(crm.records["customers"])
    crm.later()
    crm.company("merged", "Company 1 and 2", Website="new.example")
    for one in ("1", "2"):
        crm.delete("customers", one, merged_into="merged")
    run = go_on(two_way)
    heir = RecordLink.objects.get(object="customers", source_id="merged")
    assert (heir.state, heir.hub_id is not None) == ("linked", True)
    taken = heir.hub_id

    made = take_back(run, admin_user)

    assert (skipped(made), hub()) == ([], before)
    for kind in ("delta", "full", "full"):
        go_on(two_way, kind)
    # Nobody works on the rest of what hung there: the rows themselves stand as they did, and nothing was made of them there.
    assert (Customer.objects.count(), len(crm.records["customers"])) == (rows, alive - 1)
    heir.refresh_from_db()
    assert (heir.state, heir.reason_code, heir.hub_id) == ("excluded", "undone", None)
    assert not door().edit("customers", {taken or 0: {"name": "Typed"}}, by="Inès")
    go_on(two_way)
    assert len(crm.records["customers"]) == alive - 1

    decisions.take_in([heir.pk], by="Inès")
    go_on(two_way)

    heir.refresh_from_db()
    assert (heir.state, heir.hub_id, Customer.objects.count()) == ("linked", taken, rows)


@pytest.mark.requirement("I2")
def test_what_the_run_never_sent_stays_as_it_stands_on_both_sides(connection: Connection, admin_user: User) -> None:
    """It waits for a lock there; taken back, it is not sent by a later reading of the record either."""
    blocks = Block.objects.filter(connection=connection, object="customers")
    blocks.update(mode="two-way")
    FieldMapping.objects.filter(block__in=blocks, hub_field__in=["name", "domain"]).update(direction="both")
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale", Website="old.example")
    sync(connection)
    row = Customer.objects.get()
    door().edit("customers", {row.pk: {"name": "Typed", "domain": "typed.example"}}, by="Inès")
    crm.refuses["1"] = Sent(Answer.BUSY, "1", "UNABLE_TO_LOCK_ROW", "Locked.", ())
    crm.later()
    crm.company("2", "Birch")
    run = sync(connection)
    assert Outbox.objects.get().state == "planned"

    take_back(run, admin_user)
    crm.refuses.clear()
    assert not Outbox.objects.exists()
    crm.edit("customers", "1", Segment="elsewhere")
    for kind in ("delta", "full"):
        go_on(connection, kind)

    row.refresh_from_db()
    assert not Outbox.objects.exists()
    assert (row.name, crm.records["customers"]["1"].values["Name"]) == ("Typed", "Aldervale")
    assert (row.domain, crm.records["customers"]["1"].values["Website"]) == ("typed.example", "old.example")
    door().edit("customers", {row.pk: {"name": "Typed again"}}, by="Inès")
    go_on(connection)
    assert crm.records["customers"]["1"].values["Name"] == "Typed again"
