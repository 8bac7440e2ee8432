"""A re-key: rows get the IDs of another system, every link stays, the next syncs have nothing to say, and it can be taken back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer, CustomField
from integrations.sync import paged_job, runs
from integrations.sync.identity.rekey import carrying, choosing, file, looking, working
from integrations.sync.models import Block, Change, Connection, FieldMapping, PlannedChange, RecordLink, ReKey, Run
from integrations.sync.paged_job import Refused, standstill_of
from integrations.sync.runner.drive import drive
from integrations.sync.sweeper import sweep

from .fakes import WORLDS, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R130", "R226")]
MOST = 5
"""More than a page."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(looking, "PAGE", 2)
    monkeypatch.setattr(working, "PAGE", 2)
    yield
    WORLDS.clear()


@pytest.fixture
def old() -> Connection:
    return connect("Old", order=1)


@pytest.fixture
def new(old: Connection) -> Connection:
    return connect("New", order=2)


@pytest.fixture
def tool(new: Connection) -> Connection:
    """It is told our ID in a field of its own, and finds its rows by the website."""
    tool = connect("Tool", order=3)
    Block.objects.filter(connection=tool).update(mode="two-way", merge_keys=["domain"])
    Block.objects.filter(connection=tool, object="contacts").update(merge_keys=["email"])
    FieldMapping.objects.filter(block__connection=tool).exclude(hub_field__in=["ref_id", "name", "last_name"]).update(
        direction="in"
    )
    for name, field in (("customers", "Segment"), ("contacts", "Role")):
        ref = FieldMapping.objects.filter(block__connection=tool, block__object=name, hub_field="ref_id")
        ref.update(crm_field=field, crm_label=field, direction="out")
    return tool


@pytest.fixture
def fill(old: Connection, new: Connection) -> Callable[..., None]:
    def customers(number: int, *connections: Connection) -> None:
        for connection in connections or (old, new):
            crm, letter = WORLDS[connection.pk], connection.name[0]
            for n in range(1, number + 1):
                crm.company(f"{letter}{n}", f"Company {n}", Website=f"company{n}.example")
                crm.person(f"{letter}p{n}", f"{letter}{n}", Email=f"anna@company{n}.example")
            sync(connection)
            sync(connection)

    return customers


def sync(connection: Connection, kind: str = Run.Kind.DELTA) -> Run:
    connection.refresh_from_db()
    run = drive(runs.request_run(connection, kind, by="test"), 20)
    assert run.state == Run.State.DONE, vars(run)
    return run


def ids(model: type[Model] = Customer) -> list[tuple[str, int | None]]:
    return list(model._default_manager.order_by("pk").values_list("ref_id", "ref_writer"))


def pairs(connection: Connection, name: str = "customers") -> list[Any]:
    links = RecordLink.objects.filter(connection=connection, object=name).order_by("pk")
    return [settled["ref_id"][:2] for settled in links.values_list("settled", flat=True)]


def work(job: ReKey) -> ReKey:
    for _slice in range(100):
        if not working.work(job.pk):
            break
    job.refresh_from_db()
    assert not job.trouble
    return job


def looked(by: User, new: Connection, old: Connection | None, name: str = "customers", **more: Any) -> ReKey:
    source = more.pop("source", "links")
    job = work(choosing.prepare(name, source, by, connection=new, replaces=old, **more))
    assert job.state == "ready"
    return job


def rekeyed(by: User, new: Connection, old: Connection | None, name: str = "customers", **more: Any) -> ReKey:
    job = looked(by, new, old, name, **more)
    working.confirm(job, by, "The CRM changes")
    job = work(job)
    assert job.state == "done"
    return job


def taken_back(job: ReKey, by: User) -> ReKey:
    working.take_back(job, by)
    return work(job)


def fates(job: ReKey) -> dict[str, str]:
    return {row.name or row.old_id: row.fate for row in job.rows.order_by("pk")}


@pytest.mark.requirement("R130")
@pytest.mark.parametrize("number", [1, MOST])
@pytest.mark.parametrize("name", ["customers", "contacts"])
def test_next_sync_of_every_connection_has_nothing_to_say_after_it_and_after_taking_it_back(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User, number: int, name: str
) -> None:
    fill(number)
    model: type[Model] = {"customers": Customer, "contacts": Contact}[name]
    p = {"customers": "", "contacts": "p"}[name]
    formers, links = ids(model), list(RecordLink.objects.order_by("pk").values_list("source_id", "hub_id", "state"))
    assert formers == [(f"O{p}{n}", old.pk) for n in range(1, number + 1)]

    job = rekeyed(admin_user, new, old, name)
    given = ids(model)

    def nothing_happens(expected: list[Any]) -> None:
        last = Change.objects.latest("pk").pk
        for connection in (old, new):
            before = list(
                RecordLink.objects.filter(connection=connection).order_by("pk").values_list("settled", "synced_at")
            )
            preview = sync(connection, Run.Kind.PREVIEW)
            assert not PlannedChange.objects.filter(run_id=preview.pk).exists()
            for kind in (Run.Kind.DELTA, Run.Kind.FULL):
                sync(connection, kind)
            after = RecordLink.objects.filter(connection=connection).order_by("pk").values_list("settled", "synced_at")
            assert list(after) == before
        assert not Change.objects.filter(pk__gt=last).exists()
        assert ids(model) == expected

    assert given == [(f"N{p}{n}", new.pk) for n in range(1, number + 1)]
    nothing_happens(given)
    assert pairs(old, name) == [[f"N{p}{n}", f"O{p}{n}"] for n in range(1, number + 1)]

    assert taken_back(job, admin_user).state == "taken-back"

    assert ids(model) == formers
    nothing_happens(formers)
    assert list(RecordLink.objects.order_by("pk").values_list("source_id", "hub_id", "state")) == links


def test_changed_record_of_the_former_system_leaves_the_new_id_alone(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(2)
    rekeyed(admin_user, new, old)
    WORLDS[old.pk].later()
    WORLDS[old.pk].edit("customers", "O1", Name="Renamed there")

    sync(old)

    assert Customer.objects.get(ref_id="N1").name == "Renamed there"
    assert ids() == [("N1", new.pk), ("N2", new.pk)]


@pytest.mark.requirement("R226")
@pytest.mark.parametrize(("mover", "expected"), [("old", "N1"), ("new", "N9")])
def test_only_the_owner_of_an_id_carries_its_change_in(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User, mover: str, expected: str
) -> None:
    fill(1)
    rekeyed(admin_user, new, old)
    connection, source_id = {"old": (old, "O1"), "new": (new, "N1")}[mover]
    WORLDS[connection.pk].later()
    WORLDS[connection.pk].edit("customers", source_id, Id=f"{source_id[0]}9")

    sync(connection)

    assert ids() == [(expected, new.pk)]


@pytest.mark.requirement("R130", "R190", "R192")
def test_tool_that_is_told_the_id_gets_the_new_one_by_its_own_line_and_the_former_one_back(
    old: Connection, new: Connection, tool: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(3, old, new, tool)
    held = WORLDS[tool.pk].records["customers"]
    assert [one.values["Segment"] for one in held.values()] == ["O1", "O2", "O3"]
    job = looked(admin_user, new, old)
    before = {one.connection.name: tuple(one.counted) for one in carrying.carriers(job)}
    assert before == {"Old": (3, 3, 0), "New": (3, 0, 3), "Tool": (3, 3, 0)}

    working.confirm(job, admin_user, "The CRM changes")
    work(job)
    run = sync(tool)

    assert [one.values["Segment"] for one in held.values()] == ["N1", "N2", "N3"]
    assert Change.objects.filter(run_id=run.pk, action="push", outcome="done").count() == 3
    told = {one.connection.name: one for one in carrying.carriers(job)}
    assert (told["Tool"].before, told["Tool"].counted) == ((3, 3, 0), (3, 0, 3))
    assert "Segment" in str(told["Tool"].says)
    last = Change.objects.latest("pk").pk
    sync(tool, Run.Kind.FULL)
    assert not Change.objects.filter(pk__gt=last).exists()

    taken_back(job, admin_user)
    sync(tool)

    assert [one.values["Segment"] for one in held.values()] == ["O1", "O2", "O3"]
    assert RecordLink.objects.filter(connection=tool, object="customers", state="linked").count() == 3


def test_refusals_are_named_row_by_row(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(2)
    third = connect("Third", order=4)
    field = CustomField.objects.create(entity="customers", name="ERP", type="STRING")
    names = ("Keeps", "Foreign", "A", "B", "Long", "Holder", "Wants")
    made = [
        one for one in door().create("customers", [{"name": name} for name in names], by="x") if isinstance(one, int)
    ]
    kept, foreign, a, b, long, holder, wants = made
    key = f"custom.{field.key}"
    door().edit("customers", {kept: {"ref_id": "K"}}, by="x", owners={kept: new.pk})
    door().edit("customers", {foreign: {"ref_id": "T1"}}, by="x", owners={foreign: third.pk})
    door().edit("customers", {holder: {"ref_id": "H"}}, by="x", owners={holder: new.pk})
    wished = {kept: "K", foreign: "F", a: "D", b: "D", long: "x" * 121, wants: "H"}
    door().edit("customers", {pk: {key: value} for pk, value in wished.items()}, by="x")
    one = Customer.objects.get(name="Company 1")
    door().edit("customers", {one.pk: {key: " C1 "}}, by="x")

    job = looked(admin_user, new, old, source="field", field=key)

    assert fates(job) == {
        "Company 1": "new", "Company 2": "unknown", "Keeps": "keep", "Foreign": "owned", "A": "twice", "B": "twice",
        "Long": "unfit", "Holder": "unknown", "Wants": "taken",
    }  # fmt: skip
    assert job.rows.get(name="Foreign").other == third.pk
    assert job.rows.get(name="Wants").other == holder
    assert (job.counts["new"], job.counts["twice"], job.counts["rows"]) == (1, 2, 9)
    working.confirm(job, admin_user, "x")
    work(job)
    assert Customer.objects.filter(ref_id="C1", ref_writer=new.pk).count() == 1
    assert Customer.objects.get(pk=foreign).ref_id == "T1"


def test_file_names_old_and_new_ids(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(3)
    lines = file.read("\ufeffold id;new id\r\nO1;H1\r\nO2;H2\nO2;H2b\n\nXX;H9\n".encode())

    job = rekeyed(admin_user, new, old, source="file", lines=lines, file_name="ids.csv")

    assert fates(job) == {"XX": "nobody", "Company 1": "new", "Company 2": "twice", "Company 3": "unknown"}
    assert ids() == [("H1", new.pk), ("O2", old.pk), ("O3", old.pk)]
    assert job.rows.get(fate="nobody").line == 6


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "names no ID"),
        (b"old;new\n", "names no ID"),
        (b"a;b\nc;\n", "Line 2"),
        (b"\xff\xfe", "UTF-8"),
        (b'"a', "CSV"),
    ],
)
def test_file_that_cannot_be_read_says_so(raw: bytes, told: str) -> None:
    with pytest.raises(file.FileRefused, match=told):
        file.read(raw)


def test_id_that_stays_changes_its_owner(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(1)
    one = Customer.objects.get()
    door().edit("customers", {one.pk: {"ref_id": "N1"}}, by="Inès")
    assert ids() == [("N1", None)]

    job = rekeyed(admin_user, new, None)

    assert (fates(job), ids()) == ({"Company 1": "adopt"}, [("N1", new.pk)])
    taken_back(job, admin_user)
    assert ids() == [("N1", None)]


@pytest.mark.requirement("R226")
def test_ids_of_a_connection_give_way_only_where_somebody_says_so(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(1)
    job = looked(admin_user, new, None)

    assert fates(job) == {"Company 1": "owned"}
    with pytest.raises(Refused, match="No row would get another ID"):
        working.confirm(job, admin_user, "x")


def test_row_that_moved_since_it_was_looked_at_is_left_alone_and_listed(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(MOST)
    job = looked(admin_user, new, old)
    rows = list(Customer.objects.order_by("pk"))
    door().edit("customers", {rows[0].pk: {"ref_id": "typed"}}, by="Inès")
    RecordLink.objects.filter(connection=new, object="customers", source_id="N2").update(hub_id=None)
    Customer.objects.filter(pk=rows[3].pk).update(ref_id="N3", ref_writer=new.pk)
    door().delete("customers", [rows[4].pk], by="Inès")

    working.confirm(job, admin_user, "x")
    job = work(job)

    left = dict(job.rows.filter(step="left").values_list("name", "why"))
    assert left == {
        "Company 1": "id-moved", "Company 2": "id-no-longer-offered", "Company 3": "id-taken-since",
        "Company 4": "id-moved", "Company 5": "hub-row-gone",
    }  # fmt: skip
    assert job.counts["left"] == 5


def test_row_that_was_touched_since_keeps_its_id_when_it_is_taken_back(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(MOST)
    job = rekeyed(admin_user, new, old)
    rows = list(Customer.objects.order_by("pk"))
    door().edit("customers", {rows[1].pk: {"ref_id": "typed"}, rows[2].pk: {"name": "Renamed"}}, by="Inès")
    door().delete("customers", [rows[3].pk], by="Inès")
    door().create("customers", [{"name": "Late"}], by="Inès")
    Customer.objects.filter(name="Late").update(ref_id="O5", ref_writer=old.pk)

    job = taken_back(job, admin_user)

    assert dict(job.rows.filter(step="kept").values_list("name", "why")) == {
        "Company 2": "id-moved", "Company 4": "hub-row-gone", "Company 5": "id-taken-since",
    }  # fmt: skip
    assert Customer.objects.get(name="Renamed").ref_id == "O3"
    assert (job.state, job.counts["back"], job.counts["kept"]) == ("taken-back", 2, 3)


def test_contacts_that_shared_an_id_share_it_again(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(MOST)
    Contact.objects.update(ref_id="Op1")
    formers, job = ids(Contact), rekeyed(admin_user, new, old, "contacts")
    assert ids(Contact) == [(f"Np{n}", new.pk) for n in range(1, MOST + 1)]

    assert taken_back(job, admin_user).counts["back"] == MOST
    assert ids(Contact) == formers


@pytest.mark.requirement("R226")
def test_another_field_for_the_id_of_the_former_system_does_not_bring_its_ids_back(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(2)
    rekeyed(admin_user, new, old)
    Connection.objects.filter(pk=new.pk).update(state="on")
    FieldMapping.objects.filter(block__connection=old, block__object="customers", hub_field="ref_id").update(
        crm_field="Segment"
    )
    for n in (1, 2):
        WORLDS[old.pk].edit("customers", f"O{n}", Segment=f"S{n}")

    sync(old, Run.Kind.FULL)

    assert ids() == [("N1", new.pk), ("N2", new.pk)]


def test_it_stands_in_the_log_and_in_the_audit_trail(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(1)
    job = rekeyed(admin_user, new, old)
    taken_back(job, admin_user)

    told = Change.objects.filter(run_id=None, object="customers").order_by("pk")
    assert [(one.reason_code, one.actor, one.before, one.after) for one in told] == [
        ("re-keyed", admin_user.label, {"ref_id": "O1"}, {"ref_id": "N1"}),
        ("re-key-taken-back", admin_user.label, {"ref_id": "N1"}, {"ref_id": "O1"}),
    ]
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert [verb for verb in verbs if "re-key" in verb] == [
        "began a re-key", "re-keyed", "began to take back a re-key", "took back a re-key",
    ]  # fmt: skip


@pytest.mark.parametrize("act", ["confirm", "take-back"])
def test_it_is_refused_while_a_sync_runs_and_no_sync_starts_meanwhile(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User, act: str
) -> None:
    fill(1)
    others = connect("Deals", objects=("agreements",))
    job = looked(admin_user, new, old) if act == "confirm" else rekeyed(admin_user, new, old)
    begin = (
        (lambda: working.confirm(job, admin_user, "x"))
        if act == "confirm"
        else (lambda: working.take_back(job, admin_user))
    )
    run = runs.request_run(old, "delta", by="Inès")
    with pytest.raises(Refused, match=f"Run {run.pk}"):
        begin()
    drive(run)
    runs.request_run(others, "delta", by="Inès")

    begin()

    for connection in (old, new):
        with pytest.raises(runs.RunRefused, match="Re-key"):
            runs.request_run(connection, "delta", by="Inès")
    with pytest.raises(Refused):
        begin()
    work(job)
    assert runs.request_run(old, "delta", by="Inès")


def test_run_that_the_brake_holds_is_not_released_meanwhile(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(1)
    job = looked(admin_user, new, old)
    held = Run.objects.create(connection=old, kind="delta", state="held", cursor={"steps": ["apply"]})
    working.confirm(job, admin_user, "x")

    with pytest.raises(runs.RunRefused, match="Re-key"):
        runs.release_held(held, "Inès")
    work(job)
    runs.release_held(held, "Inès")


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.requirement("I3")
def test_worker_that_dies_at_any_page_loses_nothing(
    old: Connection,
    new: Connection,
    fill: Callable[..., None],
    admin_user: User,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    fill(MOST)
    formers, real, calls = ids(), working.settle_refs, [0]

    def dies(*asked: Any) -> None:
        real(*asked)
        calls[0] += 1
        if calls[0] in {at, at + 4}:
            raise MemoryError

    monkeypatch.setattr(working, "settle_refs", dies)
    job = rekeyed(admin_user, new, old)

    assert ids() == [(f"N{n}", new.pk) for n in range(1, MOST + 1)]
    taken_back(job, admin_user)
    assert ids() == formers
    assert Change.objects.filter(reason_code="re-keyed").count() == MOST
    assert Change.objects.filter(reason_code="re-key-taken-back").count() == MOST
    assert calls[0] == 8


def test_stopped_half_way_it_can_be_taken_back(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User, settings: Any
) -> None:
    fill(MOST)
    formers, job = ids(), looked(admin_user, new, old)
    settings.SYNC_SLICE_SECONDS = 0
    working.confirm(job, admin_user, "x")
    working.work(job.pk)
    working.stop(job, admin_user)

    job = work(job)

    assert (job.state, job.counts["done"]) == ("done", 2)
    assert taken_back(job, admin_user).state == "taken-back"
    assert ids() == formers


def test_what_was_decided_on_the_former_ids_is_not_applied_over_the_new_ones(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(2)
    WORLDS[old.pk].later()
    WORLDS[old.pk].edit("customers", "O1", Name="Renamed there")
    preview = sync(old, Run.Kind.PREVIEW)
    assert PlannedChange.objects.filter(run_id=preview.pk).exists()

    rekeyed(admin_user, new, old)

    assert not PlannedChange.objects.filter(run_id=preview.pk).exists()
    sync(old)
    assert pairs(old) == [["N1", "O1"], ["N2", "O2"]]


def test_sweeper_rings_for_one_that_nobody_works_on(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(1)
    job, rung = choosing.prepare("customers", "links", admin_user, connection=new), list[int]()
    monkeypatch.setattr(paged_job, "bell", lambda _label, job_id: rung.append(job_id))
    sweep()
    assert rung == [job.pk]


def test_draft_goes_without_a_trace_and_one_that_changed_rows_stays(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User
) -> None:
    fill(1)
    working.drop(looked(admin_user, new, old), admin_user)
    assert not ReKey.objects.exists()

    with pytest.raises(Refused, match="so that it can be taken back"):
        working.drop(rekeyed(admin_user, new, old), admin_user)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"object_name": "agreements", "source": "links"}, "object"), ({"object_name": "customers", "source": "x"}, "source"),
        ({"object_name": "customers", "source": "links"}, "connection"),
        ({"object_name": "customers", "source": "field", "field": "name"}, "field"),
        ({"object_name": "customers", "source": "file"}, "file"),
    ],
)  # fmt: skip
def test_what_names_no_new_id_says_so(admin_user: User, asked: dict[str, Any], field: str) -> None:
    with pytest.raises(choosing.NotChosen) as refusal:
        choosing.prepare(by=admin_user, **asked)
    assert refusal.value.field == field


def test_page_costs_the_same_for_one_row_and_for_five(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PAGE", 100)
    monkeypatch.setattr(working, "PAGE", 100)
    counted = []
    for number in (1, MOST):
        fill(number)
        with CaptureQueriesContext(database) as queries:
            job = rekeyed(admin_user, new, old)
            taken_back(job, admin_user)
        counted.append(len(queries))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("way", ["forth", "back"])
def test_one_in_trouble_can_be_stopped_so_that_the_syncs_start_again(
    old: Connection, new: Connection, fill: Callable[..., None], admin_user: User, settings: Any, way: str
) -> None:
    fill(MOST)
    formers, job = ids(), looked(admin_user, new, old)
    if way == "back":
        working.confirm(job, admin_user, "x")
        working.take_back(work(job), admin_user)
    else:
        working.confirm(job, admin_user, "x")
    settings.SYNC_SLICE_SECONDS = 0
    working.work(job.pk)
    ReKey.objects.filter(pk=job.pk).update(trouble="MemoryError", lease_until=None)

    working.stop(job, admin_user)

    job = work(job)
    assert job.state == "done"
    assert standstill_of(old) == ""
    assert taken_back(job, admin_user).state == "taken-back"
    assert ids() == formers
