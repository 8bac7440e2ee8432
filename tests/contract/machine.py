"""Two sides, random edits, deletions, merges, faults, kills and double deliveries, through the real runner.

Whatever happened on the way: once both sides are left alone, they agree on every mapped field or a listed rule says why
not, nothing is doubled, no write went against a direction, and the next run plans nothing.
"""

import contextlib
import os
import random
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from integrations.engine.mapping import Mode
from integrations.engine.merge import same
from integrations.hub.door import Refusal, door
from integrations.hub.models import Customer
from integrations.sync import decisions, runs
from integrations.sync.models import Block, Change, Conflict, FieldMapping, HubMark, Outbox, RecordLink, Run
from integrations.sync.runner.slice import run_slice

from .side import FAULTS, Killed, Side
from .typed import Typed, Word, stands
from .ways_back import WaysBack

# Shrinking a history takes minutes: worth it by hand, not in CI, which prints the seed.
PHASES = (Phase.explicit, Phase.generate, *((Phase.reuse, Phase.shrink) if os.environ.get("SHRINK") else ()))
Rules = tuple[str, str, str]
"""Direction, conflict rule, blanks rule."""
CONFIGURATIONS: list[Rules] = [
    ("in", "crm", "keep"), ("out", "crm", "keep"), ("both", "crm", "keep"), ("both", "hub", "keep"),
    ("both", "latest", "keep"), ("both", "ask", "keep"), ("both", "crm", "erase"), ("both", "ask", "erase"),
    ("both", "hub", "erase"), ("both", "latest", "fill"), ("in", "crm", "erase"), ("out", "crm", "erase"),
]  # fmt: skip
FIELDS = ("name", "domain")
NAMES = st.sampled_from(["Aldervale", "Birch", "Cedar", "Dune"])
DOMAINS = st.sampled_from(["", "alder.example", "birch.example", "cedar.example"])
WHICH = st.sampled_from(["name", "domain", "both"])
WHERE = st.sampled_from(["read", "write", "answer"])
SIDE = st.sampled_from(["there", "here"])
FAULT = st.sampled_from(["kill", *FAULTS])
COMPANIES = (("Aldervale", "aldervale.example"), ("Birch", "birch.example"), ("Birch", ""))
"""What was synced once: every history begins here, and is rolled back to here."""
MOST_SLICES = 60


class TwoSides(WaysBack):
    rules_of_lines: Rules = ("both", "crm", "keep")
    side: Side

    records: Bundle[str] = Bundle("records")
    rows: Bundle[int] = Bundle("rows")

    def __init__(self) -> None:
        super().__init__()
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self.connection = self.side.connection
        self.block = Block.objects.get(connection=self.connection)
        self.side.fresh()
        self.side.at = self._reached
        self.faults: list[tuple[str, str]] = []
        self.meanwhile: list[tuple[str, Callable[[], None]]] = []
        self.made: set[int] = set()
        self.typed = Typed()
        self.is_in_a_run = False

    def teardown(self) -> None:
        try:
            self.quiet_down()
            self.check()
        finally:
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)

    # --- Both sides are worked on

    @initialize(target=records, on_delete=st.sampled_from(["keep", "delete"]))
    def begin(self, on_delete: str) -> Any:
        Block.objects.filter(pk=self.block.pk).update(on_hub_delete=on_delete)
        known = self.side.values()
        for link in RecordLink.objects.filter(source_id__in=known, hub_id__isnull=False):
            for name in FIELDS:
                word = Word(0, known[link.source_id][name])
                self.typed.there[link.source_id, name] = self.typed.here[str(link.hub_id), name] = word
        return multiple(*known)

    @rule(target=records, name=NAMES, domain=DOMAINS)
    def create_there(self, name: str, domain: str) -> str:
        values = self._new(name, domain, "both")
        source_id = self.side.create(values["name"], values["domain"])
        self.side.theirs.add(source_id)
        self._said_there(source_id, {}, values)
        return source_id

    @rule(target=rows, name=NAMES, domain=DOMAINS)
    def create_here(self, name: str, domain: str) -> Any:
        values = self._new(name, domain, "both")
        [made] = door().create("customers", [values], by="Inès")
        assert not isinstance(made, Refusal)
        self.made.add(made)
        self._said_here(made, {}, values)
        return made

    @rule(source_id=records, name=NAMES, domain=DOMAINS, which=WHICH)
    def edit_there(self, source_id: str, name: str, domain: str, which: str) -> None:
        before = self.side.values().get(source_id)
        if before is not None:
            values = self._new(name, domain, which)
            self.side.edit(source_id, {field: value or None for field, value in values.items()})
            self._said_there(source_id, before, values)

    @rule(source_id=records, name=NAMES, domain=DOMAINS, which=WHICH)
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
        if source_id in self.side.values():
            self.side.delete(source_id)

    @rule(target=records, loser=consumes(records), winner=records)
    def merge_there(self, loser: str, winner: str) -> Any:
        """Some systems keep one of the two, others make a third."""
        known = self.side.values()
        if loser == winner or loser not in known or winner not in known:
            return multiple()
        survivor = self.side.merge(winner, loser)
        self.side.theirs.add(survivor)
        self.typed.merged |= {loser, winner, survivor}
        return multiple(*({survivor} - {winner, loser}))

    @rule(source_id=records, name=NAMES, domain=DOMAINS, which=WHICH, where=WHERE, side=SIDE)
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
        if source_id in self.side.values():
            self.side.move(source_id)

    @rule(source_id=records)
    def refuse_once(self, source_id: str) -> None:
        self.side.refuse(source_id=source_id)

    @rule(source_id=records)
    def lock_once(self, source_id: str) -> None:
        self.side.lock(source_id)

    @rule(name=NAMES)
    def refuse_new(self, name: str) -> None:
        self.side.refuse(name=name)

    @rule(source_id=records)
    def pause_or_resume(self, source_id: str) -> None:
        for link in RecordLink.objects.filter(source_id=source_id):
            (decisions.resume if link.paused_at else decisions.pause)([link.pk])

    @rule(source_id=records, side=st.sampled_from(["hub", "crm"]))
    def choose(self, source_id: str, side: str) -> None:
        self.typed.chosen.add(source_id)
        for conflict in Conflict.objects.filter(source_id=source_id):
            RecordLink.objects.filter(source_id=source_id).update(
                chosen={conflict.field: [side, "Inès"]}, wanted_at=timezone.now()
            )

    # --- Syncs, and what goes wrong in them

    @rule(source_id=records, name=NAMES, domain=DOMAINS, side=SIDE, fault=FAULT, where=WHERE, twice=st.booleans())
    def edit_and_sync(
        self, source_id: str, name: str, domain: str, side: str, fault: str, where: str, twice: bool
    ) -> None:
        """What chance alone seldom brings about: something to carry over, and a fault in the way of just that."""
        (self.edit_there if side == "there" else self.edit_here)(source_id, name, domain, "both")
        self.break_next(fault, where)
        self.sync("delta", twice)

    @rule(target=rows, name=NAMES, domain=DOMAINS, fault=FAULT, where=WHERE, twice=st.booleans())
    def create_and_sync(self, name: str, domain: str, fault: str, where: str, twice: bool) -> Any:
        made = self.create_here(name, domain)
        self.break_next(fault, where)
        self.sync("delta", twice)
        return made

    @rule(fault=FAULT, where=WHERE)
    def break_next(self, fault: str, where: str) -> None:
        self.faults.append((fault, where))

    @rule(kind=st.sampled_from(["delta", "delta", "full"]), twice=st.booleans())
    def sync(self, kind: str, twice: bool = False) -> None:
        self.side.later()
        run = runs.request_run(self.connection, kind, by="Inès")
        self.drive(run, twice)
        if run.state == Run.State.HELD:
            runs.release_held(run, "Inès")
            self.drive(run)

    def drive(self, run: Run, twice: bool = False) -> None:
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
        self.nothing_is_doubled()
        self.no_write_went_against_its_direction()

    def nothing_is_doubled(self) -> None:
        linked = RecordLink.objects.filter(hub_id__isnull=False).exclude(state="merged")
        hub_ids = list(linked.values_list("hub_id", flat=True))
        assert len(hub_ids) == len(set(hub_ids))
        assert len(self.side.made_by_us()) <= len(self.made)
        strays = Customer.objects.exclude(pk__in={*hub_ids, *self.made})
        kept = RecordLink.objects.filter(hub_id__isnull=False).values("hub_id")
        assert not strays.exclude(pk__in=kept).exists(), "a row that belongs to no record, and nobody typed it"

    def no_write_went_against_its_direction(self) -> None:
        direction = self.rules_of_lines[0]
        sent = {path for batch in self.side.sends for send in batch for path in send.values}
        assert sent <= (set() if direction == "in" else set(self.side.paths.values()))
        if direction == "out":
            taken = Change.objects.filter(
                Q(fields__contains=" name ") | Q(fields__contains=" domain "), run_id__isnull=False
            )
            assert not taken.filter(action="update").exists()

    def quiet_down(self) -> None:
        self.faults.clear()
        self.meanwhile.clear()
        self.side.mend()
        if paused := list(RecordLink.objects.exclude(paused_at=None).values_list("pk", flat=True)):
            decisions.resume(paused)
        # Whatever was refused or locked has had its time.
        Outbox.objects.filter(state__in=["refused", "planned"]).update(state="planned", due_at=None)
        # What was created by the first is read whole by the second.
        self.sync("delta")
        self.sync("delta" if self.side.tells_deletions else "full")

    def _done(self) -> tuple[int, int]:
        return Change.objects.count(), len(self.side.sends)

    def check(self) -> None:
        before = self._done()
        self.sync("full")
        assert self._done() == before, list(
            Change.objects.order_by("-pk").values("action", "source_id", "before", "after", "reason_code")[:4]
        )
        # A row of which no field goes out waits until one does.
        waiting = self.made if self.rules_of_lines[0] == "in" else ()
        assert not HubMark.objects.exclude(hub_id__in=waiting).exists()
        assert not Outbox.objects.exclude(state="doubtful").exists(), list(Outbox.objects.values())
        there = {one: values for one, values in self.side.values().items() if not self.side.is_outside(one)}
        links = {link.source_id: link for link in RecordLink.objects.filter(source_id__in=there)}
        for source_id, values in there.items():
            # What was made from here is a record of ours before the next run reads it.
            link = links[source_id]
            assert link.state in {"linked", "collision"} or link.reason_code, (link.state, link.reason_code)
            if link.state == "linked":
                self._agree(link, values)
                self._is_kept(link, values)

    def _agree(self, link: RecordLink, values: Any) -> None:
        row = Customer.objects.filter(pk=link.hub_id or 0).first()
        if row is None:
            return
        for name in FIELDS:
            here, there = getattr(row, name), values[name]
            if same(here, there) or name in link.frozen:
                continue
            assert self._is_explained(link, name, there), (name, here, there, link.settled)

    def _is_kept(self, link: RecordLink, values: Any) -> None:
        """What stands is what somebody typed last, wherever the rule of the line says whose word that is."""
        direction, on_conflict, blanks = self.rules_of_lines
        row = Customer.objects.filter(pk=link.hub_id or 0).first()
        decided = self.typed.merged | self.typed.chosen
        if row is None or blanks == "fill" or not decided.isdisjoint({link.source_id, str(link.hub_id)}):
            return
        for name in set(FIELDS) - set(link.frozen):
            there = self.typed.there.get((link.source_id, name))
            here = self.typed.here.get((str(link.hub_id), name))
            if Conflict.objects.filter(source_id=link.source_id, field=name).exists():
                continue
            if (there is None and here is None) or self._is_left(link, name, getattr(row, name), values[name]):
                continue
            if blanks != "erase" and any(one is not None and not one.value for one in (there, here)):
                continue
            among = self.typed.may_stand(direction, on_conflict, there or Word(0, None), here or Word(0, None))
            said = (name, direction, on_conflict, there, here, getattr(row, name), values[name])
            if direction != "out":
                assert stands(getattr(row, name), among), said
            if direction != "in":
                assert stands(values[name], among), said
            if direction == "in" and there:
                assert same(values[name], there.value), said
            if direction == "out" and here:
                assert same(getattr(row, name), here.value), said

    def _is_left(self, link: RecordLink, name: str, here: Any, there: Any) -> bool:
        """As they stood when the run was taken back, or were typed so again: neither side has moved."""
        if self.typed.undone.isdisjoint({link.source_id, str(link.hub_id)}) or name not in link.settled:
            return False
        return same(link.settled[name][0], here) and same(link.settled[name][1], there)

    def _is_explained(self, link: RecordLink, name: str, now_there: Any) -> bool:
        """Settled as they stand by a rule of the line, or a person is asked."""
        direction = self.rules_of_lines[0]
        line = FieldMapping.objects.get(block=self.block, hub_field=name)
        if Conflict.objects.filter(source_id=link.source_id, field=name).exists():
            return True
        here, there, *_ = link.settled[name]
        if self._is_left(link, name, here, now_there):
            return True
        if self.block.mode == Mode.INPUT and same(there, now_there):
            # Nothing is asked of the hub's side where nothing goes out: an edit here stands until the CRM's value moves.
            return True
        stands = not same(here, there)
        by_direction = direction != "both"
        by_blanks = line.blanks == "fill" or (line.blanks == "keep" and (here in (None, "") or there in (None, "")))
        return stands and (by_direction or by_blanks)

    def _edit(self, hub_id: int, name: str, domain: str, which: str) -> None:
        values = self._new(name, domain, which)
        before = Customer.objects.values(*FIELDS).get(pk=hub_id)
        assert door().edit("customers", {hub_id: values}, by="Inès") == []
        self._said_here(hub_id, before, values)

    def _new(self, name: str, domain: str, which: str) -> dict[str, str]:
        asked = {"name": name, "domain": domain} if which == "both" else {which: name if which == "name" else domain}
        return {field: self.typed.new(field, value) for field, value in asked.items()}

    def _said_there(self, source_id: str, before: Any, values: dict[str, str]) -> None:
        for name, value in values.items():
            if name not in before or not same(before[name], value):
                self.typed.there[source_id, name] = self.typed.word(value, in_a_run=self.is_in_a_run)

    def _said_here(self, hub_id: int, before: Any, values: dict[str, str]) -> None:
        for name, value in values.items():
            if name not in before or not same(before[name], value):
                self.typed.here[str(hub_id), name] = self.typed.word(value)

    def _slice(self, run: Run) -> None:
        with contextlib.suppress(Killed):
            run_slice(run.pk)

    def _reached(self, where: str) -> None:
        due = [edit for at, edit in self.meanwhile if at == where]
        self.meanwhile = [(at, edit) for at, edit in self.meanwhile if at != where]
        self.is_in_a_run = True
        for edit in due:
            edit()
        self.is_in_a_run = False
        for place, (fault, at) in enumerate(self.faults):
            if at == where:
                del self.faults[place]
                if fault == "kill":
                    raise Killed
                self.side.break_now(fault)
                return


def play(side: Side, rules_of_lines: Rules, examples: int) -> None:
    machine = type("Sides", (TwoSides,), {"rules_of_lines": rules_of_lines, "side": side})
    # Each way of deciding plays histories of its own: under one seed all of them would play the same.
    seed(f"{random.getrandbits(32)} {' '.join(rules_of_lines)}")(machine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )  # fmt: skip
