"""The snapshot holds every value, survives kills at every page, and is a way back that the journal knows."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from integrations.engine.values import from_json
from integrations.hub.door import door
from integrations.hub.models import Agreement, Contact, Customer, CustomField, Interaction
from integrations.migration import checking, comparing, keeping, restoring, snapshot
from integrations.migration.models import Kept, KeptJob, Move, StepState
from integrations.migration.snapshot_step import SNAPSHOT
from integrations.migration.steps import ActRefused
from integrations.sync import paged_job, taking_back
from integrations.sync.models import Change, Run
from integrations.sync.sweeper import sweep
from tests.hub.factories import CustomerFactory
from tests.migration import late_worlds
from tests.migration.late_worlds import kept, moving, stage_a, work
from tests.signed_in import ClientAs

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R227")]


@pytest.fixture
def move() -> Move:
    return moving(5, arrived=False)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(snapshot, "PAGE", 2)
    monkeypatch.setattr(comparing, "SCANNED", 2)
    monkeypatch.setattr(restoring, "SCANNED", 2)
    settings.SYNC_SLICE_SECONDS = 0


def contents(move: Move) -> list[Any]:
    rows = Kept.objects.filter(move=move).order_by("object", "hub_id")
    return list(rows.values_list("object", "hub_id", "name", "values", "figures"))


def found(move: Move, **asked: Any) -> list[comparing.Difference]:
    return list(comparing.differing(comparing.kept_rows(move, **asked)).rows)


def test_every_value_and_figure_is_kept(move: Move, admin_user: User) -> None:
    field = CustomField.objects.create(entity="customers", name="Tier", type="STRING")
    row = Customer.objects.order_by("pk")[0]
    door().edit(
        "customers", {row.pk: {f"custom.{field.key}": "One", "pulse": 4, "csm": "tom@aldervale.example"}}, by="Tom"
    )

    job = kept(move, admin_user)

    assert (job.state, job.done, job.total, Kept.objects.count()) == ("done", 15, 15, 15)
    one = Kept.objects.get(object="customers", hub_id=row.pk)
    told = {"ref_id", "name", "domain", "stage", "pulse", f"custom.{field.key}"} & one.values.keys()
    assert len(told) == 6
    assert one.values[f"custom.{field.key}"] == "One"
    assert one.figures == {"mrr": {"EUR": "100.00"}, "contacts": 1, "interactions": 1}
    agreement = Kept.objects.filter(object="agreements").first()
    assert agreement is not None
    assert from_json(agreement.values["amount"]) == 100
    assert move.kept_at == job.asked_at
    assert checking.standing(move, SNAPSHOT).state == StepState.State.VERIFIED


@pytest.mark.parametrize("at", range(1, 10))
def test_killed_at_any_page_it_is_the_same(
    move: Move, admin_user: User, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(move, admin_user)
    whole = contents(move)
    real, calls = snapshot.page, [0]

    def dies(job: KeptJob) -> None:
        real(job)
        calls[0] += 1
        if calls[0] == at:
            raise MemoryError

    monkeypatch.setattr(snapshot, "page", dies)
    job = kept(move, admin_user)

    assert (job.state, calls[0] > at, contents(move) == whole) == ("done", True, True)


def test_two_workers_at_once_keep_each_row_once(move: Move, admin_user: User) -> None:
    job = snapshot.take(move, admin_user)
    KeptJob.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    assert not paged_job.work(KeptJob, job.pk, keeping.page)
    KeptJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert work(job).done == Kept.objects.count() == 15


def test_sweeper_rings_for_one_that_nobody_works_on(
    move: Move, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, rung = snapshot.take(move, admin_user), list[int]()
    monkeypatch.setattr(paged_job, "bell", lambda _label, job_id: rung.append(job_id))
    sweep()
    assert rung == [job.pk]


def test_none_beside_a_run_and_no_run_beside_it(move: Move, admin_user: User) -> None:
    run = Run.objects.create(connection=move.old, kind="delta", state="running")
    with pytest.raises(ActRefused, match=f"Run {run.pk}"):
        snapshot.take(move, admin_user)
    Run.objects.update(state="done")

    snapshot.take(move, admin_user)

    assert "under way" in paged_job.standstill_of(move.old)
    with pytest.raises(ActRefused, match="under way"):
        snapshot.take(move, admin_user)


def test_a_page_asks_the_same_for_one_row_and_for_many(move: Move, admin_user: User, monkeypatch: Any) -> None:
    numbers = []
    for size in (1, 5):
        monkeypatch.setattr(snapshot, "PAGE", size)
        job = snapshot.take(move, admin_user)
        with CaptureQueriesContext(
            database,
        ) as asked:
            paged_job.work(KeptJob, job.pk, keeping.page)
        numbers.append(len(asked))
        KeptJob.objects.update(state="done")
    assert numbers[0] == numbers[1]


@pytest.mark.requirement("R223")
def test_step_is_false_without_one_and_after_a_later_run(move: Move, admin_user: User) -> None:
    assert checking.check(move, SNAPSHOT).state == StepState.State.FAILED
    kept(move, admin_user)
    Run.objects.create(connection=move.old, kind="delta", state="done")

    found = checking.check(move, SNAPSHOT)

    assert found.state == StepState.State.FAILED
    assert "may have changed values" in found.said


def test_once_stage_a_has_run_it_stays(move: Move, admin_user: User) -> None:
    kept(move, admin_user)
    stage_a(move)

    assert checking.check(move, SNAPSHOT).state == StepState.State.VERIFIED
    assert not any(act.offered(move) for act in SNAPSHOT.acts)
    with pytest.raises(ActRefused, match="way back"):
        snapshot.take(move, admin_user)
    assert Kept.objects.count() == 15


# --- Compared, and brought back


@pytest.mark.requirement("R202", "C3")
def test_what_a_sync_emptied_is_found_and_brought_back(move: Move, admin_user: User) -> None:
    kept(move, admin_user)
    before = late_worlds.everything()
    rows = list(Customer.objects.order_by("pk"))
    door().edit("customers", {rows[1].pk: {"domain": "", "name": "Emptied"}}, by="HubSpot")
    contact = Contact.objects.order_by("pk")[2]
    door().edit("contacts", {contact.pk: {"email": ""}}, by="HubSpot")
    agreement = Agreement.objects.order_by("pk")[3]
    door().edit("agreements", {agreement.pk: {"amount": None}}, by="HubSpot")

    differences = {(one.kept.object, one.kept.hub_id): sorted(one.fields) for one in found(move)}
    assert differences == {
        ("customers", rows[1].pk): ["domain", "name"],
        ("contacts", contact.pk): ["email"],
        ("agreements", agreement.pk): ["amount"],
    }
    job = restoring.restore(move, admin_user, {})
    assert isinstance(job, KeptJob)
    job = work(job)

    assert (job.state, job.changed, found(move)) == ("done", 3, [])
    after = late_worlds.everything()
    for name, known in before.items():
        for then, now in zip(known, after[name], strict=True):
            assert {**then, "touched": 0, "updated_at": 0} == {**now, "touched": 0, "updated_at": 0}
    change = Change.objects.filter(object="customers", reason_code="back-to-snapshot").get()
    assert change.before["domain"] == ""


@pytest.mark.requirement("C25")
def test_going_back_is_taken_back_like_any_edit(move: Move, admin_user: User) -> None:
    kept(move, admin_user)
    row = Customer.objects.order_by("pk")[0]
    door().edit("customers", {row.pk: {"name": "Later"}}, by="Tom")
    one = Kept.objects.get(object="customers", hub_id=row.pk)
    assert restoring.restore(move, admin_user, {"ids": [one.pk]}) == (1, [])
    assert Customer.objects.get(pk=row.pk).name == "Customer 1"

    taking_back.take_back(Change.objects.get(reason_code="back-to-snapshot"), by="Tom")

    assert Customer.objects.get(pk=row.pk).name == "Later"


def test_one_field_goes_back_and_the_others_stay(move: Move, admin_user: User) -> None:
    kept(move, admin_user)
    for row in Customer.objects.all():
        door().edit("customers", {row.pk: {"name": "Later", "domain": "later.example"}}, by="Tom")

    job = restoring.restore(move, admin_user, {"field": "domain", "object": "customers"})

    assert isinstance(job, KeptJob)
    assert work(job).changed == 5
    assert set(Customer.objects.values_list("name", flat=True)) == {"Later"}
    assert not Customer.objects.filter(domain="later.example").exists()


@pytest.mark.requirement("R226")
def test_the_id_goes_back_only_where_it_is_asked_for(move: Move, admin_user: User) -> None:
    kept(move, admin_user)
    row = Customer.objects.order_by("pk")[0]
    late_worlds.arrive(move, row, "91")
    assert found(move) == []
    assert work(restoring.restore(move, admin_user, {})).changed == 0  # type: ignore[arg-type]
    assert Customer.objects.get(pk=row.pk).ref_id == "91"

    work(restoring.restore(move, admin_user, {"field": "ref_id"}))  # type: ignore[arg-type]

    assert Customer.objects.get(pk=row.pk).ref_id == "501"


def test_rows_that_are_gone_are_listed_and_stay_gone(move: Move, admin_user: User) -> None:
    kept(move, admin_user)
    row = Customer.objects.order_by("pk")[4]
    door().delete("customers", [row.pk], by="Tom")

    gone = [one for one in found(move) if one.is_gone]
    job = work(restoring.restore(move, admin_user, {}))  # type: ignore[arg-type]

    assert {one.kept.object for one in gone} == {"customers", "contacts", "agreements"}
    assert (job.changed, len(job.left), Customer.objects.count()) == (0, 3, 4)


def test_whoever_hung_on_a_lost_customer_goes_back_without_it(move: Move, admin_user: User) -> None:
    head, child = Customer.objects.order_by("pk")[:2]
    door().edit("customers", {child.pk: {"parent": str(head.pk)}}, by="Tom")
    kept(move, admin_user)
    door().edit("customers", {child.pk: {"parent": None, "name": "Later"}}, by="Tom")
    door().delete("customers", [head.pk], by="Tom")

    work(restoring.restore(move, admin_user, {"object": "customers"}))  # type: ignore[arg-type]

    child.refresh_from_db()
    assert (child.name, child.parent) == ("Customer 2", None)


def test_a_stopped_restore_keeps_what_it_did(move: Move, admin_user: User) -> None:
    kept(move, admin_user)
    for row in Customer.objects.all():
        door().edit("customers", {row.pk: {"name": "Later"}}, by="Tom")
    job = restoring.restore(move, admin_user, {})
    assert isinstance(job, KeptJob)
    KeptJob.objects.update(cancel_asked=True)

    assert (work(job).state, Customer.objects.filter(name="Later").count()) == ("stopped", 3)


@pytest.mark.requirement("C25")
@pytest.mark.parametrize("at", range(1, 10))
def test_killed_at_any_page_each_row_goes_back_once(
    move: Move, admin_user: User, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(move, admin_user)
    for row in Customer.objects.all():
        door().edit("customers", {row.pk: {"name": "Later"}}, by="Tom")
    real, calls = restoring.page, [0]

    def dies(job: KeptJob) -> None:
        real(job)
        calls[0] += 1
        if calls[0] == at:
            raise MemoryError

    monkeypatch.setattr(restoring, "page", dies)
    job = restoring.restore(move, admin_user, {})
    assert isinstance(job, KeptJob)
    job = work(job)

    assert (job.state, job.changed, found(move)) == ("done", 5, [])
    assert Change.objects.filter(reason_code="back-to-snapshot").count() == 5


def test_one_that_stopped_goes_on_or_is_given_up(move: Move, admin_user: User, client_as: ClientAs) -> None:
    kept(move, admin_user)
    job = restoring.restore(move, admin_user, {})
    assert isinstance(job, KeptJob)
    KeptJob.objects.filter(pk=job.pk).update(trouble="MemoryError")
    client = client_as(admin_user)
    page = client.get(reverse("migration:snapshot", args=[move.pk])).content.decode()
    assert "It stopped: MemoryError" in page
    client.post(reverse("migration:snapshot-restore-go-on", args=[move.pk]))
    assert KeptJob.objects.get(pk=job.pk).trouble == ""
    KeptJob.objects.filter(pk=job.pk).update(trouble="MemoryError")

    client.post(reverse("migration:snapshot-restore-stop", args=[move.pk]))

    assert KeptJob.objects.get(pk=job.pk).state == "stopped"
    assert paged_job.standstill_of(move.old) == ""


def test_a_snapshot_that_is_given_up_is_none(move: Move, admin_user: User) -> None:
    job = snapshot.take(move, admin_user)
    snapshot.give_up(move)
    assert (work(job).state, move.kept_at) == ("stopped", None)
    assert checking.check(move, SNAPSHOT).state == StepState.State.FAILED


# --- The page


def test_page_asks_the_same_for_one_row_and_for_three(
    move: Move, admin_user: User, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "SCANNED", 500)
    kept(move, admin_user)
    client, url = client_as(admin_user), reverse("migration:snapshot", args=[move.pk])
    client.get(url)
    numbers, rows = [], list(Customer.objects.order_by("pk"))
    for n in (1, 3):
        for row in rows[:n]:
            door().edit("customers", {row.pk: {"parent": str(rows[4].pk), "name": "Later"}}, by="Tom")
        with CaptureQueriesContext(database) as asked:
            page = client.get(url)
        assert page.content.decode().count("Later") == n
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]


def test_page_finds_filters_and_puts_back(move: Move, admin_user: User, client_as: ClientAs) -> None:
    kept(move, admin_user)
    client, url = client_as(admin_user), reverse("migration:snapshot", args=[move.pk])
    assert "Nothing differs" in client.get(url).content.decode()
    row = Customer.objects.order_by("pk")[0]
    door().edit("customers", {row.pk: {"stage": "churn", "name": "=Later"}}, by="Tom")

    assert "Churn" in client.get(url).content.decode()
    assert "Churn" not in client.get(url, {"field": "name", "object": "customers"}).content.decode()
    assert "Nothing differs" in client.get(url, {"q": "Customer 3"}).content.decode()
    file = b"".join(client.get(reverse("migration:snapshot-csv", args=[move.pk]))).decode()
    assert "Customer 1" in file
    assert "'=Later" in file

    one = Kept.objects.get(object="customers", hub_id=row.pk)
    back = reverse("migration:snapshot-restore", args=[move.pk])
    client.post(back, {"what": "rows", "row": one.pk, "object": "customers", "field": "name"})
    row.refresh_from_db()
    assert (row.name, row.stage.name) == ("Customer 1", "churn")
    client.post(back, {"what": "rows", "row": one.pk})
    row.refresh_from_db()
    assert row.stage.name != "churn"


@pytest.mark.parametrize(
    "asked", [{}, {"what": "rows"}, {"what": "field"}, {"what": "rows", "row": "x"}, {"what": "?"}]
)
def test_nothing_is_put_back_unasked(move: Move, client_as: ClientAs, admin_user: User, asked: dict[str, str]) -> None:
    kept(move, admin_user)
    client_as(admin_user).post(reverse("migration:snapshot-restore", args=[move.pk]), asked)
    assert not KeptJob.objects.filter(kind="restore").exists()


@pytest.mark.requirement("R205", "R206")
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT])
def test_only_admins_go_back(move: Move, client_as: ClientAs, role: Role) -> None:
    assert client_as(role).get(reverse("migration:snapshot", args=[move.pk])).status_code == 403
    assert client_as(role).post(reverse("migration:snapshot-restore", args=[move.pk])).status_code == 403


def test_memory_of_a_big_hub_stays_flat(move: Move, admin_user: User) -> None:
    """It never looks at more rows than it says, and goes on from there."""
    for _n in range(6):
        CustomerFactory.create()
    kept(move, admin_user)
    last = Customer.objects.order_by("pk").last()
    assert last is not None
    door().edit("customers", {last.pk: {"name": "Later"}}, by="Tom")

    rows = comparing.kept_rows(move)
    first = comparing.differing(rows, most=4)

    assert (list(first.rows), first.looked_at) == ([], 4)
    further = comparing.differing(rows, after=first.next)
    assert [one.kept.hub_id for one in further.rows] == [last.pk]
    assert Interaction.objects.count() == 5
