"""Two sides, random edits, deletions, merges, faults, kills and double deliveries, through the real runner.

Whatever happened on the way: once both sides are left alone, they agree on every mapped field or a listed rule says why
not, nothing is doubled, no write went against a direction, and the next run plans nothing.

Two thousand histories in CI, fifty thousand by `make soak`, some at every run of the tests.
"""

import contextlib
import math
import os
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from integrations.engine.merge import same
from integrations.hub.door import Refusal, door
from integrations.hub.models import Customer
from integrations.sync import decisions, runs
from integrations.sync.connector import Answer, Sent
from integrations.sync.models import Block, Change, Conflict, Connection, FieldMapping, HubMark, Outbox, RecordLink, Run
from integrations.sync.runner.slice import run_slice
from integrations.wire.errors import AuthExpired, RateLimited, Transient

from .fakes import WORLDS, PaperCrm, connect

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("HISTORIES") or (2000 if os.environ.get("CI") else 80))
# Shrinking a history takes minutes: worth it by hand, not in CI, which prints the seed.
PHASES = (Phase.explicit, Phase.generate, *((Phase.reuse, Phase.shrink) if os.environ.get("SHRINK") else ()))
CONFIGURATIONS = [
    ("in", "crm", "keep"), ("out", "crm", "keep"), ("both", "crm", "keep"), ("both", "hub", "keep"),
    ("both", "latest", "keep"), ("both", "ask", "keep"), ("both", "crm", "erase"), ("both", "ask", "erase"),
    ("both", "hub", "erase"), ("both", "latest", "fill"), ("in", "crm", "erase"), ("out", "crm", "erase"),
]  # fmt: skip
"""Direction, conflict rule, blanks rule: a shard each, so that they spread over the processors."""
PATHS = {"name": "Name", "domain": "Website"}
NAMES = st.sampled_from(["Aldervale", "Birch", "Cedar", "Dune"])
DOMAINS = st.sampled_from(["", "alder.example", "birch.example", "cedar.example"])
MOST_SLICES = 60


class Killed(BaseException):
    """kill -9, as far as one process can play it: nothing below gets to say anything."""


FAULTS: dict[str, Callable[[], BaseException]] = {
    "429": lambda: RateLimited("TOO_MANY", "Slower.", after=0.0),
    "5xx": lambda: Transient("SERVER_UNAVAILABLE", "Down."),
    "truncated": lambda: Transient("BROKEN_ANSWER", "Half a body."),
    "expired": lambda: AuthExpired("INVALID_SESSION_ID", "Expired."),
    "kill": Killed,
}


class TwoSides(RuleBasedStateMachine):
    configuration: tuple[str, str, str] = ("both", "crm", "keep")

    records: Bundle[str] = Bundle("records")
    rows: Bundle[int] = Bundle("rows")

    connection: Connection
    world: PaperCrm
    """Three companies that were synced once: every history begins here, and is rolled back to here."""

    def __init__(self) -> None:
        super().__init__()
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self.block = Block.objects.get(connection=self.connection)
        self.crm = WORLDS[self.connection.pk] = deepcopy(self.world)
        self.crm.before_read = self._may_fail("read")
        self.crm.before_write = self._may_fail("write")
        self.crm.after_write = self._may_fail("answer")
        self.faults: list[tuple[str, str]] = []
        self.meanwhile: list[tuple[str, Callable[[], None]]] = []
        self.made = 0

    def teardown(self) -> None:
        try:
            self.quiet_down()
            self.check()
        finally:
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)

    # --- Both sides are worked on

    @initialize(target=records)
    def begin(self) -> Any:
        return multiple(*self.crm.records["customers"])

    @rule(target=records, name=NAMES, domain=DOMAINS)
    def create_there(self, name: str, domain: str) -> str:
        source_id = f"c{len(self.crm.records['customers'])}x{self.crm.clock.timestamp():.0f}"
        self.crm.company(source_id, name, Website=domain or None)
        return source_id

    @rule(target=rows, name=NAMES, domain=DOMAINS)
    def create_here(self, name: str, domain: str) -> Any:
        [made] = door().create("customers", [{"name": name, "domain": domain}], by="Inès")
        assert not isinstance(made, Refusal)
        self.made += 1
        return made

    @rule(source_id=records, name=NAMES, domain=DOMAINS, which=st.sampled_from(["name", "domain", "both"]))
    def edit_there(self, source_id: str, name: str, domain: str, which: str) -> None:
        if source_id in self.crm.records["customers"]:
            values: dict[str, Any] = {"Name": name} if which != "domain" else {}
            values |= {"Website": domain or None} if which != "name" else {}
            self.crm.edit("customers", source_id, **values)

    @rule(source_id=records, name=NAMES, domain=DOMAINS, which=st.sampled_from(["name", "domain", "both"]))
    def edit_here(self, source_id: str, name: str, domain: str, which: str) -> None:
        link = RecordLink.objects.filter(source_id=source_id, hub_id__isnull=False).first()
        if link and link.hub_id and Customer.objects.filter(pk=link.hub_id).exists():
            self._edit(link.hub_id, name, domain, which)

    @rule(row=rows, name=NAMES, domain=DOMAINS)
    def edit_made(self, row: int, name: str, domain: str) -> None:
        if Customer.objects.filter(pk=row).exists():
            self._edit(row, name, domain, "both")

    @rule(source_id=consumes(records))
    def delete_there(self, source_id: str) -> None:
        if source_id in self.crm.records["customers"]:
            self.crm.delete("customers", source_id)

    @rule(loser=consumes(records), winner=records)
    def merge_there(self, loser: str, winner: str) -> None:
        known = self.crm.records["customers"]
        if loser != winner and loser in known and winner in known:
            self.crm.delete("customers", loser, merged_into=winner)

    @rule(target=records, loser=consumes(records), other=consumes(records))
    def merge_into_a_new_one(self, loser: str, other: str) -> Any:
        known = self.crm.records["customers"]
        if loser == other or loser not in known or other not in known:
            return multiple(*{loser, other} & known.keys())
        return self.crm.merge("customers", f"m{self.crm.clock.timestamp():.0f}", loser, other)

    @rule(
        source_id=records, name=NAMES, domain=DOMAINS, which=st.sampled_from(["name", "domain", "both"]),
        where=st.sampled_from(["read", "write", "answer"]), side=st.sampled_from(["there", "here"]),
    )  # fmt: skip
    def edit_while_it_runs(self, source_id: str, name: str, domain: str, which: str, where: str, side: str) -> None:
        """Between a run's reading and its sending, or between what it sent and the answer."""
        edit = self.edit_there if side == "there" else self.edit_here
        self.meanwhile.append((where, lambda: edit(source_id, name, domain, which)))

    @rule(row=consumes(rows))
    def delete_here(self, row: int) -> None:
        if Customer.objects.filter(pk=row).exists():
            door().delete("customers", [row], by="Inès")

    @rule(source_id=records)
    def leave_or_enter_scope(self, source_id: str) -> None:
        self.crm.outside ^= {source_id}

    @rule(source_id=records)
    def refuse_once(self, source_id: str) -> None:
        self.crm.refuses[source_id] = Sent(Answer.REFUSED, source_id, "VALIDATION", "No.", ("Name",))

    @rule(source_id=records)
    def lock_once(self, source_id: str) -> None:
        self.crm.refuses[source_id] = Sent(Answer.BUSY, source_id, "UNABLE_TO_LOCK_ROW", "Locked.", ())

    @rule(name=NAMES)
    def refuse_new(self, name: str) -> None:
        self.crm.refuses[name] = Sent(Answer.REFUSED, "", "REQUIRED_FIELD_MISSING", "Industry.", ())

    @rule(source_id=records)
    def pause_or_resume(self, source_id: str) -> None:
        for link in RecordLink.objects.filter(source_id=source_id):
            (decisions.resume if link.paused_at else decisions.pause)([link.pk])

    @rule(source_id=records, side=st.sampled_from(["hub", "crm"]))
    def choose(self, source_id: str, side: str) -> None:
        from django.utils import timezone

        for conflict in Conflict.objects.filter(source_id=source_id):
            RecordLink.objects.filter(source_id=source_id).update(
                chosen={conflict.field: [side, "Inès"]}, wanted_at=timezone.now()
            )

    # --- Syncs, and what goes wrong in them

    @rule(fault=st.sampled_from(sorted(FAULTS)), where=st.sampled_from(["read", "write", "answer"]))
    def break_next(self, fault: str, where: str) -> None:
        self.faults.append((fault, where))

    @rule(kind=st.sampled_from(["delta", "delta", "full"]), twice=st.booleans())
    def sync(self, kind: str, twice: bool = False) -> None:
        self.crm.later()
        run = runs.request_run(self.connection, kind, by="Inès")
        for _ in range(MOST_SLICES):
            self._slice(run)
            if twice:
                self._slice(run)
            run.refresh_from_db()
            if not run.is_active:
                break
            # Time passes: leases run out, waits end.
            Run.objects.filter(pk=run.pk).update(due_at=None, lease_until=None)
        assert not run.is_active, (run.state, run.cursor)
        if run.state == Run.State.HELD:
            runs.release_held(run, "Inès")
            self._slice(run)

    @invariant()
    def nothing_is_doubled(self) -> None:
        linked = RecordLink.objects.filter(hub_id__isnull=False).exclude(state="merged")
        hub_ids = list(linked.values_list("hub_id", flat=True))
        assert len(hub_ids) == len(set(hub_ids))
        created = [record for record in self.crm.records["customers"] if record.startswith("new")]
        assert len(created) <= self.made

    @invariant()
    def no_write_went_against_its_direction(self) -> None:
        direction = self.configuration[0]
        sent = {path for batch in self.crm.sends for send in batch for path in send.values}
        assert sent <= (set() if direction == "in" else set(PATHS.values()))
        if direction == "out":
            taken = Change.objects.filter(
                Q(fields__contains=" name ") | Q(fields__contains=" domain "), run_id__isnull=False
            )
            assert not taken.filter(action="update").exists()

    def quiet_down(self) -> None:
        self.faults.clear()
        self.meanwhile.clear()
        self.crm.refuses.clear()
        if paused := list(RecordLink.objects.exclude(paused_at=None).values_list("pk", flat=True)):
            decisions.resume(paused)
        # Whatever was refused or locked has had its time.
        Outbox.objects.filter(state__in=["refused", "planned"]).update(state="planned", due_at=None)
        # What was created by the first is read whole by the second.
        self.sync("delta")
        self.sync("delta")

    def check(self) -> None:
        self.nothing_is_doubled()
        self.no_write_went_against_its_direction()
        before = Change.objects.count(), len(self.crm.sends)
        self.sync("full")
        assert (Change.objects.count(), len(self.crm.sends)) == before, list(
            Change.objects.order_by("-pk").values("action", "source_id", "before", "after", "reason_code")[:4]
        )
        assert not HubMark.objects.exists()
        for link in RecordLink.objects.filter(state="linked"):
            self._agree(link)

    def _agree(self, link: RecordLink) -> None:
        record = self.crm.records["customers"].get(link.source_id)
        row = Customer.objects.filter(pk=link.hub_id or 0).first()
        if record is None or row is None or link.source_id in self.crm.outside:
            return
        for name, path in PATHS.items():
            here, there = getattr(row, name), record.values[path]
            if same(here, there) or name in link.frozen:
                continue
            assert self._is_explained(link, name), (name, here, there, link.settled)

    def _is_explained(self, link: RecordLink, name: str) -> bool:
        """Settled as they stand by a rule of the line, or a person is asked."""
        direction = self.configuration[0]
        line = FieldMapping.objects.get(block=self.block, hub_field=name)
        if Conflict.objects.filter(source_id=link.source_id, field=name).exists():
            return True
        here, there, *_ = link.settled[name]
        stands = not same(here, there)
        by_direction = direction != "both"
        by_blanks = line.blanks == "fill" or (line.blanks == "keep" and (here in (None, "") or there in (None, "")))
        return stands and (by_direction or by_blanks)

    def _edit(self, hub_id: int, name: str, domain: str, which: str) -> None:
        values: dict[str, Any] = {"name": name} if which != "domain" else {}
        values |= {"domain": domain} if which != "name" else {}
        assert door().edit("customers", {hub_id: values}, by="Inès") == []

    def _slice(self, run: Run) -> None:
        with contextlib.suppress(Killed):
            run_slice(run.pk)

    def _may_fail(self, where: str) -> Callable[..., None]:
        def fail(*_: Any) -> None:
            due = [edit for at, edit in self.meanwhile if at == where]
            self.meanwhile = [(at, edit) for at, edit in self.meanwhile if at != where]
            for edit in due:
                edit()
            for place, (fault, at) in enumerate(self.faults):
                if at == where:
                    del self.faults[place]
                    error = FAULTS[fault]()
                    raise error

        return fail


@pytest.mark.requirement("I1", "I2", "I3", "I4", "I5", "I7", "F3", "F5", "F6", "F12", "F17", "F25", "F34", "F35")
@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids="-".join)
def test_two_sides_end_equal_whatever_happens(configuration: tuple[str, str, str]) -> None:
    connection, world = synced_once(*configuration)
    machine = type("Sides", (TwoSides,), {"configuration": configuration, "connection": connection, "world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=math.ceil(EXAMPLES / len(CONFIGURATIONS)), stateful_step_count=12, deadline=None,
            suppress_health_check=list(HealthCheck), phases=PHASES,
        ),
    )  # fmt: skip


def synced_once(direction: str, on_conflict: str, blanks: str) -> tuple[Connection, PaperCrm]:
    connection = connect(objects=("customers",))
    blocks = Block.objects.filter(connection=connection)
    blocks.update(mode="two-way", key_field="Key", merge_keys=["ref_id"])
    lines = FieldMapping.objects.filter(block__in=blocks)
    lines.exclude(hub_field__in=["ref_id", *PATHS]).delete()
    lines.filter(hub_field__in=PATHS).update(direction=direction, on_conflict=on_conflict, blanks=blanks)
    crm = WORLDS[connection.pk]
    for source_id, name in (("a", "Aldervale"), ("b", "Birch"), ("c", "Birch")):
        crm.company(source_id, name, Website=None if source_id == "c" else f"{name.lower()}.example")
    run = runs.request_run(connection, "delta", by="Inès")
    assert not run_slice(run.pk)
    return connection, crm
