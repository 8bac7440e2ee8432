"""Workers that are killed in a stage, the old CRM's sync that comes back meanwhile, and a tool beside them.

Each history is compared with the one in which nothing happened: the hub, the links, HubSpot and the journal are the same.
"""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from integrations.hub.models import Agreement, Contact, Customer, CustomField, Stage
from integrations.hubspot.connector import HubSpotConnector
from integrations.migration import gates
from integrations.migration.models import Passage
from integrations.migration.stages import drafts, saving
from integrations.sync import registry
from integrations.sync.models import (
    Change,
    Connection,
    FieldMapping,
    Outbox,
    PlannedChange,
    RecordLink,
    Run,
)
from integrations.sync.registry import Registered
from integrations.sync.runner import slice as slices
from integrations.sync.runner.drive import drive
from integrations.sync.runner.slice import run_slice
from integrations.sync.runner.step import Step
from integrations.sync.runs import request_run
from tests.contract.side import Killed
from tests.sync.fakes import WORLDS, connect
from tests.sync.test_links_only import TOOL, Tool

from .moving import Moving, begin

pytestmark = pytest.mark.django_db
PLACES = ("inside", "boundary", "answer")
"""Before a page's transaction is committed, after it, and between HubSpot's answer to a write and keeping it."""
MOST_SLICES = 80
NOTE = "onboarding_notes"


@dataclass
class Killer:
    """Counts what is reached, and kills the worker there: at one place alone, or at each of them once."""

    at: tuple[str, int] | None = None
    everywhere: bool = False
    """In the runs: a preview is proved by itself."""
    kind: str = ""
    """Of the run that is worked on."""
    meanwhile: Callable[[], None] = lambda: None
    """What others do after each page."""
    reached: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    spared: set[str] = field(default_factory=set)

    def pass_by(self, place: str) -> None:
        if place == "boundary":
            self.meanwhile()
        self.reached[place] += 1
        if self.at == (place, self.reached[place]) or (self.everywhere and self._is_turn_of(place)):
            self.killed += 1
            raise Killed

    def _is_turn_of(self, place: str) -> bool:
        """A page that was killed goes through at the next try: nothing could be carried over otherwise."""
        if self.kind != Run.Kind.APPLY:
            return False
        if place in self.spared:
            self.spared.discard(place)
            return False
        if place != "boundary":
            self.spared.add(place)
        return True


@pytest.fixture(autouse=True)
def killer(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Killer:
    """Pages are of two rows; each page is delivered a second time while it is worked on."""
    settings.SYNC_PAGE_SIZE = 2
    # A place to be killed at is known by its number: how many steps share a transaction must not hang on the clock.
    monkeypatch.setattr(slices, "BRIEF_SECONDS", 0)
    found = Killer()
    page, remember, write = slices._page, slices._remember, HubSpotConnector.write

    def paging(context: Any, step: Step) -> Step:
        if context.connection.system != "hubspot":
            return page(context, step)
        found.kind = context.run.kind
        assert run_slice(context.run.pk) is False, "a second delivery finds the lease taken"
        last = page(context, step)
        found.pass_by("boundary")
        return last

    def remembering(context: Any) -> None:
        remember(context)
        if context.connection.system == "hubspot":
            found.pass_by("inside")

    def writing(*args: Any, **more: Any) -> Any:
        answers = write(*args, **more)
        found.pass_by("answer")
        return answers

    monkeypatch.setattr(slices, "_page", paging)
    monkeypatch.setattr(slices, "_remember", remembering)
    monkeypatch.setattr(HubSpotConnector, "write", writing)
    # The gates are proved in test_gates.py; here it is what runs behind them.
    monkeypatch.setattr(gates, "require", lambda _move, _key, only=(): None)
    return found


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, db: None) -> Connection:
    """Only linked, as Stripe is: it knows customers by their domain, and brings agreements."""
    monkeypatch.setitem(registry._systems, "tool", Registered(TOOL, Tool))
    made = connect("Tool", objects=("customers", "agreements"))
    made.system = "tool"
    made.save()
    FieldMapping.objects.filter(block__connection=made, block__object="customers").exclude(
        hub_field__in=["ref_id", "domain"]
    ).delete()
    return made


@pytest.fixture
def moving(tmp_path: Path, settings: Settings, tool: Connection) -> Iterator[Moving]:
    made = begin(tmp_path, settings)
    yield furnished(made, tool)
    made.crm.__exit__(None, None, None)
    WORLDS.clear()


def furnished(made: Moving, tool: Connection) -> Moving:
    """Each customer has a stage and a note that HubSpot lacks, and an agreement out of the tool."""
    growth = Stage.objects.create(name="growth", label="Growth", position=9)
    note = CustomField.objects.create(entity="customers", name="Note", type="STRING")
    for place, one in enumerate(made.customers):
        domain = f"c{place}.example"
        Customer.objects.filter(pk=one.pk).update(
            domain=domain, domain_key=domain, stage=growth, custom={**one.custom, note.key: f"Note {place}"}
        )
        WORLDS[tool.pk].company(f"cus_{place}", f"Payer {place}", Website=domain)
        WORLDS[tool.pk].deal(f"sub_{place}", f"cus_{place}", Yearly=100 + place)
    assert drive(request_run(tool, "full", by="test"), 20).state == Run.State.DONE
    assert Agreement.objects.count() == len(made.customers)
    return made


def save(moving: Moving, stage: str, *, is_shown: bool = True) -> Passage:
    move = moving.again()
    assert move.new is not None
    note = CustomField.objects.get(name="Note")
    data = {
        "a": lambda: drafts.stage_a(move, ("domain",)),
        "b": lambda: drafts.stage_b(move, {"stage": "customer_stage", f"custom.{note.key}": NOTE}),
        "c": lambda: drafts.stage_c(move, {"stage": "ask", f"custom.{note.key}": "hub"}),
    }[stage]()
    passage = saving.save(move, stage, data, moving.admin, expected=move.new.version)
    if is_shown:
        carry(passage.preview_id)
    return passage


def go_through(moving: Moving, *stages: str) -> Passage:
    for stage in stages:
        passage = save(moving, stage)
        saving.begin_run(passage, moving.admin)
        carry(passage.run_id)
    return passage


def carry(run_id: int | None) -> Run:
    """Every task is delivered twice; a lease that nobody holds any more runs out."""
    for _ in range(MOST_SLICES):
        for _delivery in range(2):
            with contextlib.suppress(Killed):
                run_slice(run_id or 0)
        run = Run.objects.get(pk=run_id or 0)
        if not run.is_active:
            break
        Run.objects.filter(pk=run.pk).update(due_at=None, lease_until=None)
    assert run.state == Run.State.DONE, (run.state, run.reason_code, run.cursor)
    return run


def work_on_both_sides(moving: Moving) -> None:
    """What stage C carries: an edit there, another one here."""
    moving.crm.edit("companies", moving.companies[0], customer_stage="Onboarding")
    key = CustomField.objects.get(name="Note").key
    one = Customer.objects.get(pk=moving.customers[1].pk)
    Customer.objects.filter(pk=one.pk).update(custom={**one.custom, key: "Another note"})


def prepare(moving: Moving, stage: str) -> None:
    go_through(moving, *"abc"[: "abc".index(stage)]) if stage != "a" else None
    if stage == "c":
        work_on_both_sides(moving)


def picture(moving: Moving) -> dict[str, Any]:
    """All that must be the same; rows that were made are told by their IDs, for numbers differ."""
    hub = {
        "customers": list(
            Customer.objects.order_by("pk").values_list(
                "pk", "name", "ref_id", "ref_writer", "domain", "stage__name", "csm", "custom"
            )
        ),
        "contacts": sorted(
            Contact.objects.values_list("customer_id", "email", "first_name", "last_name", "ref_id", "ref_writer"),
            key=str,
        ),
        "agreements": sorted(Agreement.objects.values_list("customer_id", "plan", "amount", "ref_id"), key=str),
    }
    emails = dict(Contact.objects.values_list("pk", "email"))
    links = RecordLink.objects.values_list("connection_id", "object", "source_id", "state", "hub_id")
    told = sorted((*one[:4], emails.get(one[4] or 0) if one[1] == "contacts" else one[4]) for one in links)
    journal = Counter(
        str(one)
        for one in Change.objects.values_list(
            "connection_id", "object", "source_id", "action", "outcome", "before", "after", "erases"
        )
    )
    unsent = list(Outbox.objects.values_list("object", "source_id"))
    return {**hub, "links": told, "journal": journal, "there": there(moving), "unsent": unsent}


def there(moving: Moving) -> list[Any]:
    """Every company and contact of HubSpot, but for when they changed."""
    with moving.crm.store.transaction():
        rows = moving.crm.store.execute(
            "SELECT kind, id FROM _record WHERE kind IN ('companies', 'contacts')"
        ).fetchall()
    found = []
    for kind, record_id in sorted(map(tuple, rows)):
        body = moving.crm.record(kind, record_id) or {}
        found.append((kind, record_id, {k: v for k, v in body.items() if "date" not in k}))
    return found


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[Any]:
    """Only what differs: the whole of it is long."""
    found: list[Any] = []
    for name, value in one.items():
        if name == "journal":
            found += [*(value - other[name]).items(), *(other[name] - value).items()]
        elif value != other[name]:
            found += [(name, *pair) for pair in zip(value, other[name], strict=False) if pair[0] != pair[1]]
            found.append((name, len(value), len(other[name])))
    return found


def promise(moving: Moving, tool: Connection) -> None:
    """What no kill may break, whatever the other history says."""
    customers = list(Customer.objects.order_by("pk"))
    assert [one.pk for one in customers] == [one.pk for one in moving.customers], "none was made twice"
    assert [one.ref_id for one in customers] == moving.companies
    assert {one.ref_writer for one in customers} == {moving.move.new_id}
    assert [one.name for one in customers] == [one.name for one in moving.customers]
    living = RecordLink.objects.filter(connection=tool, state="linked")
    assert dict(living.filter(object="customers").values_list("source_id", "hub_id")) == {
        f"cus_{place}": one.pk for place, one in enumerate(customers)
    }
    WORLDS[tool.pk].later(60)
    run = drive(request_run(tool, "full", by="test"), 20)
    assert run.state == Run.State.DONE
    assert not Change.objects.filter(run_id=run.pk).exists(), "the tool goes on as if nothing had been"


class Histories:
    """Each begins where the first one began, on both sides."""

    def __init__(self, moving: Moving) -> None:
        self.moving = moving
        self.kept = sqlite3.connect(":memory:", check_same_thread=False)
        moving.crm.store.copy_to(self.kept)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        try:
            with transaction.atomic():
                yield
                transaction.set_rollback(True)
        finally:
            self.moving.crm.store.copy_from(self.kept)
            self.moving.again()


@pytest.mark.parametrize("stage", ["a", "b", "c"])
@pytest.mark.requirement("R131", "R133", "R134", "R226", "F12", "F13", "F14")
def test_one_kill_at_any_page_changes_nothing(stage: str, moving: Moving, tool: Connection, killer: Killer) -> None:
    prepare(moving, stage)
    passage = save(moving, stage)
    saving.begin_run(passage, moving.admin)

    places = each_place(moving, killer, lambda: carry(passage.run_id), lambda: picture(moving))

    reached = {place for place, _number in places}
    assert ("answer" in reached) == (stage != "a"), "stage A writes nothing to HubSpot"
    carry(passage.run_id)
    promise(moving, tool)


@pytest.mark.requirement("R231", "F12", "F13", "F14")
def test_a_preview_says_the_same_wherever_it_is_killed(moving: Moving, killer: Killer) -> None:
    """Of stage C, whose lines go both ways."""
    prepare(moving, "c")
    passage = save(moving, "c", is_shown=False)

    for place in each_place(moving, killer, lambda: carry(passage.preview_id), planned, ["boundary", "answer"]):
        assert place[0] != "answer", "it writes nothing to HubSpot"


def each_place(
    moving: Moving,
    killer: Killer,
    work: Callable[[], Any],
    seen: Callable[[], dict[str, Any]],
    places: Sequence[str] = PLACES,
) -> Iterator[tuple[str, int]]:
    """Kills once at each place that the work comes by, and compares what is seen afterwards."""
    histories = Histories(moving)
    killer.at = None
    with histories.one():
        killer.reached.clear()
        work()
        undisturbed, reached = seen(), dict(killer.reached)
    assert reached["boundary"] > 5
    for at in [(place, n) for place in places for n in range(1, reached.get(place, 0) + 1)]:
        with histories.one():
            killer.reached.clear()
            killer.at, killer.killed = at, 0
            work()
            killer.at = None

            assert killer.killed == 1, at
            assert not differences(seen(), undisturbed), at
        yield at


def planned() -> dict[str, Any]:
    """What a preview found out."""
    rows = PlannedChange.objects.values_list(
        "object", "source_id", "hub_id", "action", "before", "after", "outward", "reason_code"
    )
    return {"planned": sorted(map(str, rows)), "counts": [Run.objects.latest("pk").counts]}


@pytest.mark.requirement("R131", "R133", "R134", "F12", "F13", "F14")
def test_kills_everywhere_and_a_tool_that_syncs_meanwhile(
    moving: Moving, tool: Connection, killer: Killer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All three stages, each page killed once within and once behind its transaction, each answer lost once."""
    # Here steps share a transaction wherever they may.
    monkeypatch.setattr(slices, "BRIEF_SECONDS", 60)
    histories = Histories(moving)
    with histories.one():
        prepare(moving, "c")
        go_through(moving, "c")
        undisturbed = picture(moving)

    killer.everywhere = True
    killer.meanwhile = lambda: tool_syncs(tool)
    prepare(moving, "c")
    go_through(moving, "c")

    assert killer.killed > 50
    assert not differences(picture(moving), undisturbed)
    killer.everywhere = False
    promise(moving, tool)


def tool_syncs(tool: Connection) -> None:
    """By its own worker: nobody kills that one."""
    running = Run.objects.filter(state=Run.State.RUNNING, kind=Run.Kind.APPLY).first()
    if running is not None and running.attempt % 8 == 1:
        WORLDS[tool.pk].later(60)
        drive(request_run(tool, "full", by="test"), 20)
