"""Bulk hard delete: everything of the chosen customers goes, nothing else, and comes back byte for byte."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, User
from integrations.hub.door import door
from integrations.hub.models import (
    Agreement,
    Contact,
    Customer,
    CustomField,
    CustomKey,
    Interaction,
    Lead,
    Opportunity,
    Stage,
    Tag,
)
from integrations.sync import paged_job, runs
from integrations.sync.hard_delete import backup, choosing, image, working
from integrations.sync.models import Block, Change, Connection, FieldMapping, HardDelete, HubMark, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.sweeper import sweep

from .fakes import START, WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R204", "R233")]
HUB: tuple[type[Model], ...] = (
    Customer, Contact, Agreement, Interaction, Opportunity, Lead, CustomKey, Customer.tags.through,
    Customer.team.through, Contact.tags.through, Interaction.contacts.through,
)  # fmt: skip
KNOWN = (*HUB, *image.KNOWN)


@pytest.fixture(autouse=True)
def small_pages(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BACKUP_DIR = tmp_path
    monkeypatch.setattr(choosing, "PAGE", 2)


@pytest.fixture
def connection() -> Connection:
    return connect(objects=("customers", "contacts", "agreements", "calls"))


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    """Nine companies and all that can hang on one, across the pages of a deletion."""
    crm = WORLDS[connection.pk]
    for n in range(1, 10):
        crm.company(str(n), f"Company {n}", Website=f"company{n}.example")
        crm.person(f"p{n}", str(n), Email=f"anna@company{n}.example")
        crm.deal(f"d{n}", str(n), Yearly=12_000, Currency="EUR", Start=START.date(), Months=12)
        crm.call(f"c{n}", str(n), Minutes=n)
    sync(connection)
    rows = list(Customer.objects.order_by("pk"))
    people = list(Contact.objects.order_by("pk"))
    field = CustomField.objects.create(entity="customers", name="Old ID", type="STRING", is_key=True)
    tag, of_people = (
        Tag.objects.create(name="Key", entity="customers"),
        Tag.objects.create(name="VIP", entity="contacts"),
    )
    for row in rows:
        CustomKey.objects.create(field=field, row_id=row.pk, value=f"old{row.pk}")
        row.tags.add(tag)
        Opportunity.objects.create(customer=row, name="More", amount="12.50", currency="EUR")
        Lead.objects.create(name="Once", converted_to=row)
    people[0].tags.add(of_people)
    # Ties in every direction between those that go first, those that go later and those that stay.
    for child, parent in ((0, 5), (7, 1), (8, 1)):
        Customer.objects.filter(pk=rows[child].pk).update(parent=rows[parent])
    for call, contact in ((0, 6), (6, 0), (8, 0), (0, 8)):
        Interaction.objects.order_by("pk")[call].contacts.add(people[contact])
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    return run


def dump(*models: type[Model]) -> dict[str, list[Any]]:
    """Every column of every row as the database has it."""
    with database.cursor() as cursor:
        found = {}
        for model in models or KNOWN:
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")
            found[model._meta.db_table] = cursor.fetchall()
        return found


def some(number: int = 7) -> str:
    return "\n".join(f"#{pk}" for pk in Customer.objects.order_by("pk").values_list("pk", flat=True)[:number])


def begin(by: User, text: str = "") -> HardDelete:
    job = choosing.draft(choosing.of_list(text or some()), by)
    working.confirm(job, by, typed=str(job.customers), why="A filter was too wide.")
    return job


def work(job: HardDelete) -> HardDelete:
    for _slice in range(200):
        if not working.work(job.pk):
            break
    job.refresh_from_db()
    return job


def deleted(by: User, text: str = "") -> HardDelete:
    job = work(begin(by, text))
    assert (job.state, job.trouble) == ("deleted", "")
    return job


def restored(job: HardDelete, by: User) -> HardDelete:
    working.restore(job, by)
    return work(job)


def test_what_is_restored_is_what_was_there_byte_for_byte(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    before, stay = dump(), list(Customer.objects.order_by("pk")[7:])
    job = deleted(admin_user)

    assert list(Customer.objects.order_by("pk")) == stay
    assert Contact.objects.count() == Agreement.objects.count() == Opportunity.objects.count() == 2
    assert CustomKey.objects.count() == 2
    assert (
        not RecordLink.objects.filter(hub_id__isnull=False)
        .exclude(object="customers", hub_id__in=[row.pk for row in stay])
        .filter(object="customers")
        .exists()
    )

    job = restored(job, admin_user)

    assert (job.state, job.left, job.in_the_way) == ("restored", {}, [])
    assert dump() == before


def test_next_sync_after_a_restore_does_nothing(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    restored(deleted(admin_user), admin_user)
    before, last = dump(*HUB), Change.objects.latest("pk").pk
    connection.refresh_from_db()
    runs.resume(connection, by="Inès")

    run = sync(connection, "full")

    assert (run.state, dump(*HUB)) == ("done", before)
    assert not Change.objects.filter(pk__gt=last).exists()


@pytest.mark.requirement("I5")
def test_nothing_is_deleted_in_the_crm(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    Block.objects.filter(connection=connection, object="customers").update(mode="two-way", on_hub_delete="delete")
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(direction="both")
    deleted(admin_user)

    assert not HubMark.objects.exists()
    connection.refresh_from_db()
    assert connection.state == "paused"
    runs.resume(connection, by="Inès")
    sync(connection)
    assert len(crm.records["customers"]) == 9
    assert Customer.objects.count() == 9


def test_deletion_stands_in_the_log_and_in_the_audit_trail(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    first = Customer.objects.order_by("pk")[0]
    job = deleted(admin_user)

    gone = Change.objects.get(object="customers", hub_id=first.pk, action="delete")
    assert (gone.reason_code, gone.before["name"]) == ("hard-deleted", first.name)
    restored(job, admin_user)
    assert Change.objects.filter(object="customers", hub_id=first.pk, action="restore").count() == 1
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert [verb for verb in verbs if "hard" in verb or "bulk" in verb] == [
        "began a bulk hard delete", "deleted in bulk for good", "began to restore a bulk hard delete",
        "restored a bulk hard delete",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "why", "told"), [("6", "x", "Type the number"), ("", "x", "Type"), ("7", " ", "Say why")]
)
def test_number_and_reason_are_asked_for(crm: PaperCrm, admin_user: User, typed: str, why: str, told: str) -> None:
    job = choosing.draft(choosing.of_list(some()), admin_user)
    with pytest.raises(working.Refused, match=told):
        working.confirm(job, admin_user, typed=typed, why=why)
    job.refresh_from_db()
    assert (job.state, Customer.objects.count()) == ("draft", 9)


def test_it_is_refused_while_a_sync_runs_and_no_sync_starts_meanwhile(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    job = choosing.draft(choosing.of_list(some()), admin_user)
    run = runs.request_run(connection, "delta", by="Inès")
    with pytest.raises(working.Refused, match=f"Run {run.pk}"):
        working.confirm(job, admin_user, typed="7", why="x")
    drive(run)
    other = connect("Other")

    working.confirm(job, admin_user, typed="7", why="x")

    with pytest.raises(runs.RunRefused, match="Bulk hard delete"):
        runs.request_run(other, "first", by="Inès")
    with pytest.raises(working.Refused, match="under way"):
        working.confirm(choosing.draft(choosing.of_list(some(1)), admin_user), admin_user, typed="1", why="x")
    work(job)
    assert runs.request_run(other, "first", by="Inès")


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("part", ["append", "drop_known", "put_back", "tie"])
@pytest.mark.requirement("I3", "F34")
def test_worker_that_dies_at_any_page_loses_nothing(
    connection: Connection, crm: PaperCrm, admin_user: User, monkeypatch: pytest.MonkeyPatch, part: str, at: int
) -> None:
    before, where = dump(), working if part == "append" else image
    real, calls = getattr(where, part), [0]

    def dies(*asked: Any) -> Any:
        done = real(*asked)
        calls[0] += 1
        if calls[0] == at:
            raise MemoryError
        return done

    monkeypatch.setattr(where, part, dies)
    job = restored(deleted(admin_user), admin_user)

    assert (job.state, calls[0] >= min(at, 4)) == ("restored", True)
    assert dump() == before


def test_two_workers_at_once_do_it_once(connection: Connection, crm: PaperCrm, admin_user: User, settings: Any) -> None:
    settings.SYNC_SLICE_SECONDS = 0
    before, job = dump(), begin(admin_user)
    HardDelete.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    assert not working.work(job.pk)
    HardDelete.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    work(job)
    job = restored(job, admin_user)

    assert (job.state, dump()) == ("restored", before)
    assert Change.objects.filter(action="delete", object="customers").count() == 7


def test_sweeper_rings_for_one_that_nobody_works_on(
    connection: Connection, crm: PaperCrm, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, rung = begin(admin_user), list[int]()
    monkeypatch.setattr(paged_job, "bell", lambda _label, job_id: rung.append(job_id))
    sweep()
    assert rung == [job.pk]


@pytest.mark.requirement("I2")
def test_edit_between_backup_and_deletion_comes_back_too(
    connection: Connection, crm: PaperCrm, admin_user: User, settings: Any
) -> None:
    settings.SYNC_SLICE_SECONDS = 0
    job = begin(admin_user)
    while job.state != "deleting":
        working.work(job.pk)
        job.refresh_from_db()
    one = Customer.objects.order_by("pk")[3]
    door().edit("customers", {one.pk: {"name": "Typed at the last moment"}}, by="Inès")
    before = dump(*HUB)

    job = restored(work(job), admin_user)

    assert (job.state, dump(*HUB)) == ("restored", before)
    assert Customer.objects.get(pk=one.pk).name == "Typed at the last moment"


def test_backup_that_was_changed_is_neither_trusted_nor_deleted_by(
    connection: Connection, crm: PaperCrm, admin_user: User, settings: Any
) -> None:
    job = deleted(admin_user)
    path = Path(settings.BACKUP_DIR) / job.file
    good = path.read_bytes()
    path.write_bytes(good[:40] + b"?" + good[41:])

    job = restored(job, admin_user)

    assert job.state == "checking"
    assert "not what was written" in job.trouble
    assert Customer.objects.count() == 2
    path.write_bytes(good)
    working.go_on(job, admin_user)
    assert work(job).state == "restored"


def test_full_disk_stops_it_before_anything_is_deleted(
    connection: Connection, crm: PaperCrm, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_asked: Any) -> None:
        raise OSError(28, "No space left on device")

    before = dump(*HUB)
    monkeypatch.setattr(working, "append", full)
    job = work(begin(admin_user))

    assert (job.state, "No space left" in job.trouble) == ("backing-up", True)
    assert dump(*HUB) == before
    working.stop(job, admin_user)
    assert work(job).state == "cancelled"


def test_stopped_half_way_it_can_be_restored(
    connection: Connection, crm: PaperCrm, admin_user: User, settings: Any
) -> None:
    settings.SYNC_SLICE_SECONDS = 0
    before, job = dump(), begin(admin_user)
    while Customer.objects.count() == 9:
        working.work(job.pk)
    working.stop(job, admin_user)
    job = work(job)

    assert (job.state, job.customers, Customer.objects.count()) == ("deleted", 2, 7)
    job = restored(job, admin_user)
    assert job.state == "restored", job.in_the_way
    assert dump() == before


@pytest.mark.requirement("I2")
def test_tie_made_between_backup_and_deletion_comes_back_too(
    connection: Connection, crm: PaperCrm, admin_user: User, settings: Any
) -> None:
    """Its other end stays: no row of those that go has changed."""
    settings.SYNC_SLICE_SECONDS = 0
    job = begin(admin_user)
    while job.state != "deleting":
        working.work(job.pk)
        job.refresh_from_db()
    rows, people = list(Customer.objects.order_by("pk")), list(Contact.objects.order_by("pk"))
    Customer.objects.filter(pk=rows[7].pk).update(parent=None)
    Customer.objects.filter(pk=rows[8].pk).update(parent=rows[3])
    Interaction.objects.get(customer=rows[8]).contacts.add(people[4])
    Lead.objects.create(name="Late", converted_to=rows[6])
    before = dump(*HUB)

    job = restored(work(job), admin_user)

    assert (job.state, dump(*HUB)) == ("restored", before)


def test_backup_outlives_the_columns_of_its_day(
    connection: Connection, crm: PaperCrm, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, today = dump(*HUB), image.columns_of

    def once(model: type[Model]) -> list[str]:
        """`pulse` and `waves` were not there yet, and two others stood the other way round."""
        names = [name for name in today(model) if (model, name) not in {(Customer, "pulse"), (RecordLink, "waves")}]
        return [names[1], names[0], *names[2:]] if model is Customer else names

    with monkeypatch.context() as then:
        then.setattr(image, "columns_of", once)
        job = deleted(admin_user)
    job = restored(job, admin_user)

    assert (job.state, dump(*HUB)) == ("restored", before)
    assert all(link.waves == {} for link in RecordLink.objects.all())


def test_draft_that_somebody_confirmed_meanwhile_is_no_draft(crm: PaperCrm, admin_user: User) -> None:
    job = choosing.draft(choosing.of_list(some()), admin_user)
    seen = HardDelete.objects.get(pk=job.pk)
    working.confirm(job, admin_user, typed="7", why="x")

    with pytest.raises(working.Refused):
        working.drop(seen, admin_user)

    assert work(job).state == "deleted"


def test_restore_that_cannot_read_its_backup_can_be_given_up(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    """Every sync would wait for it else, for ever."""
    job = deleted(admin_user)
    path = backup.path_of(job.file)
    path.rename(path.with_suffix(".lost"))
    assert restored(job, admin_user).trouble
    working.stop(job, admin_user)
    job = work(job)
    assert (job.state, job.trouble, job.is_restorable) == ("deleted", "", True)
    assert runs.request_run(connect("Other"), "first", by="Inès")


def test_worker_that_dies_without_a_word_is_not_asked_for_ever(crm: PaperCrm, admin_user: User) -> None:
    job = begin(admin_user)
    HardDelete.objects.update(stuck=paged_job.STARTS)
    job = work(job)
    assert (job.state, "without a word" in job.trouble) == ("backing-up", True)
    working.go_on(job, admin_user)
    assert work(job).state == "deleted"


def test_connection_that_met_them_after_they_were_counted_rests_too(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    job, other = choosing.draft(choosing.of_list(some()), admin_user), connect("Other")
    RecordLink.objects.create(
        connection=other, object="customers", source_object="Account", source_id="x", state="linked",
        hub_id=Customer.objects.order_by("pk")[2].pk,
    )  # fmt: skip
    working.confirm(job, admin_user, typed="7", why="x")
    job = work(job)

    other.refresh_from_db()
    assert (job.state, other.state, other.pk in job.connections) == ("deleted", "paused", True)


def test_file_of_another_machine_is_not_filled_up_with_nothing(
    crm: PaperCrm, admin_user: User, settings: Any, tmp_path: Path
) -> None:
    settings.SYNC_SLICE_SECONDS = 0
    job = begin(admin_user)
    working.work(job.pk)
    settings.BACKUP_DIR = tmp_path / "elsewhere"
    job = work(job)
    assert (job.state, "shorter" in job.trouble, Customer.objects.count()) == ("backing-up", True, 9)


def test_held_run_is_not_released_meanwhile(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    Run.objects.update(state="held", cursor={"steps": ["apply"]})
    begin(admin_user)
    connection.refresh_from_db()
    runs.resume(connection, by="Inès")
    run = Run.objects.get()
    with pytest.raises(runs.RunRefused, match="Bulk hard delete"):
        runs.release_held(run, by="Inès")


@pytest.mark.requirement("C8")
def test_what_came_in_again_is_named_and_nothing_is_doubled(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    before, job = dump(*HUB), deleted(admin_user)
    connection.refresh_from_db()
    runs.resume(connection, by="Inès")
    sync(connection)
    assert Customer.objects.count() == 9

    job = restored(job, admin_user)

    assert (job.state, Customer.objects.count()) == ("deleted", 9)
    assert "Company 1" in {name for _kind, name, _row in job.in_the_way}
    new = Customer.objects.order_by("-pk")[:7]
    deleted(admin_user, "\n".join(f"#{row.pk}" for row in new))
    job = restored(job, admin_user)
    assert job.state == "restored", job.in_the_way
    assert dump(Customer, Contact, Agreement) == {name: before[name] for name in dump(Customer, Contact, Agreement)}


def test_what_it_pointed_at_may_be_gone(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    first = Customer.objects.order_by("pk")[0]
    late = Stage.objects.create(name="late", label="Late", position=90)
    Customer.objects.filter(pk=first.pk).update(stage=late)
    job = deleted(admin_user)
    late.delete()
    Tag.objects.filter(name="Key").delete()

    job = restored(job, admin_user)

    assert (job.state, job.left) == ("restored", {"stage": 1, "tag": 7})
    first.refresh_from_db()
    assert first.stage.is_default


def test_statements_of_a_page_are_as_many_for_one_customer_as_for_six(
    crm: PaperCrm, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page is asked for, deleted and brought back as a whole."""
    monkeypatch.setattr(choosing, "PAGE", 100)
    counted = []
    for number in (1, 6):
        Connection.objects.update(state="on")
        with CaptureQueriesContext(database) as queries:
            restored(deleted(admin_user, some(number)), admin_user)
        counted.append(len(queries))
    assert counted[0] == counted[1]


# --- Choosing


def test_ways_of_choosing(connection: Connection, crm: PaperCrm) -> None:
    Customer.objects.filter(name="Company 9").update(name="Other", name_key="other")
    RecordLink.objects.filter(object="customers", source_id="9").delete()
    first = Run.objects.earliest("pk")

    assert choosing.of_connection("paper").customers.count() == 8
    assert choosing.of_run(str(first.pk)).customers.count() == 9
    assert choosing.of_filter("q=company+1").customers.count() == 1
    assert choosing.of_list("company 2\n 3 \nOTHER").customers.count() == 3


@pytest.mark.parametrize(
    ("way", "value", "field"),
    [
        (choosing.of_connection, "none", "connection"), (choosing.of_run, "99999999", "run"),
        (choosing.of_run, "x", "run"), (choosing.of_filter, "", "filter"), (choosing.of_filter, "stage=nowhere", "filter"),
        (choosing.of_list, " \n", "list"), (choosing.of_list, "Nobody", "list"), (choosing.of_list, "#0", "list"),
    ],
)  # fmt: skip
def test_what_chooses_nobody_says_so(
    crm: PaperCrm, way: Callable[[str], choosing.Choice], value: str, field: str
) -> None:
    with pytest.raises(choosing.NotChosen) as refusal:
        way(value)
    assert refusal.value.field == field


def test_name_that_two_bear_is_asked_back(crm: PaperCrm) -> None:
    Customer.objects.filter(name="Company 2").update(name="Company 1", name_key="company 1")
    with pytest.raises(choosing.NotChosen, match="Company 1"):
        choosing.of_list("Company 1\nCompany 3")


# --- Pages


def test_admin_goes_from_the_filter_to_the_deletion_and_back(
    connection: Connection, crm: PaperCrm, admin_client: Client
) -> None:
    offered = admin_client.get("/customers/?q=company+1").content.decode()
    assert "/hard-deletes/?filter=q%3Dcompany%2B1" in offered

    admin_client.get("/hard-deletes/?filter=q%3Dcompany%2B1")
    answer = admin_client.post("/hard-deletes/", {"by": "filter", "filter": "q=company+1"})
    job = HardDelete.objects.get()
    assert answer.headers["Location"] == f"/hard-deletes/{job.pk}/"
    page = admin_client.get(f"/hard-deletes/{job.pk}/").content.decode()
    assert "Company 1" in page
    assert "Type the number of customers" in page

    refused = admin_client.post(f"/hard-deletes/{job.pk}/confirm/", {"typed": "2", "why": "Too wide"})
    assert (refused.status_code, "Too wide" in refused.content.decode()) == (422, True)
    admin_client.post(f"/hard-deletes/{job.pk}/confirm/", {"typed": "1", "why": "Too wide"})
    assert "Writing the backup" in admin_client.get(f"/hard-deletes/{job.pk}/").content.decode()
    assert "HX-Refresh" not in admin_client.get(f"/hard-deletes/{job.pk}/live/").headers
    work(job)
    assert admin_client.get(f"/hard-deletes/{job.pk}/live/").headers["HX-Refresh"] == "true"
    page = admin_client.get(f"/hard-deletes/{job.pk}/").content.decode()
    assert "Restore 1 customer" in page
    assert "Correct their scope" in page
    backup = admin_client.get(f"/hard-deletes/{job.pk}/backup/")
    assert b"".join(backup.streaming_content)[:2] == b"\x1f\x8b"  # type: ignore[attr-defined]  # a file's answer
    admin_client.post(f"/hard-deletes/{job.pk}/restore/")
    assert work(job).state == "restored"
    assert "They can be resumed" in admin_client.get(f"/hard-deletes/{job.pk}/").content.decode()
    admin_client.post(f"/hard-deletes/{job.pk}/drop/")
    assert not list(Path(job.file).parent.glob("*.gz"))
    assert "There is none." in admin_client.get(f"/hard-deletes/{job.pk}/").content.decode()


def test_page_promises_to_pause_only_what_can_still_run(
    connection: Connection, crm: PaperCrm, admin_user: User, admin_client: Client
) -> None:
    address = f"/hard-deletes/{begin(admin_user).pk}/"
    promise, link = "These connections are paused", f">{connection.name}</a>"
    main = admin_client.get(address).content.decode().partition("<main")[2]
    assert promise in main
    assert link in main

    Connection.objects.update(state="archived")
    main = admin_client.get(address).content.decode().partition("<main")[2]
    assert promise not in main
    assert link not in main


def test_what_was_typed_stays_where_it_is_refused(crm: PaperCrm, admin_client: Client) -> None:
    answer = admin_client.post("/hard-deletes/", {"by": "list", "list": "Company 1\nNobody"})

    page = answer.content.decode()
    assert (answer.status_code, "Company 1\nNobody" in page, "“Nobody”" in page) == (422, True, True)
    assert not HardDelete.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_what_is_in_the_way_is_named_in_one_statement(
    crm: PaperCrm, admin_client: Client, admin_user: User, number: int
) -> None:
    job = choosing.draft(choosing.of_list(some()), admin_user)
    rows = Customer.objects.order_by("pk")[:number]
    HardDelete.objects.update(state="deleted", in_the_way=[["customers", row.name, row.pk] for row in rows])
    admin_client.get("/hard-deletes/")

    with CaptureQueriesContext(database) as queries:
        page = admin_client.get(f"/hard-deletes/{job.pk}/live/").content.decode()

    assert page.count("/customers/") == number
    assert len([one for one in queries if 'FROM "hub_customer"' in one["sql"]]) == 1


def test_draft_is_left_without_a_trace(crm: PaperCrm, admin_client: Client, admin_user: User) -> None:
    job = choosing.draft(choosing.of_list(some()), admin_user)
    admin_client.post(f"/hard-deletes/{job.pk}/drop/")
    assert not HardDelete.objects.exists()
    assert Customer.objects.count() == 9
