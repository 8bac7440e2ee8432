"""What people take back or put together in the hub, in the course of a history: a run undone, two rows merged, a merge undone."""

import contextlib
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from accounts.models import User
from accounts.permissions import Role
from integrations.engine.plan import Action
from integrations.hub.models import Customer
from integrations.sync import merging, runs, undo
from integrations.sync.decisions import DecisionRefused
from integrations.sync.models import Change, Connection, RecordLink, Run
from integrations.sync.store.outbox import unsent_of

from .side import Side
from .typed import Typed

PLACE = st.integers(0, 5)
TAKEN = st.sampled_from([[], ["name"], ["domain"], ["name", "domain"]])
UNTOLD = {"updated_at"}
"""When a row was last written is said anew by its taking back."""


class WaysBack(RuleBasedStateMachine):
    connection: Connection
    side: Side
    typed: Typed
    meanwhile: list[Any]

    def break_next(self, fault: str, where: str) -> None: ...

    def sync(self, kind: str, twice: bool = False) -> None: ...

    def drive(self, run: Run, twice: bool = False) -> None: ...

    def nothing_is_doubled(self) -> None: ...

    @rule(keep=PLACE, lose=PLACE, taken=TAKEN)
    def merge_here(self, keep: int, lose: int, taken: list[str]) -> None:
        ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
        if len(ids) < 2:
            return
        kept = ids.pop(keep % len(ids))
        lost = ids[lose % len(ids)]
        both = [kept, lost]
        links = RecordLink.objects.filter(hub_id__in=both)
        self.typed.merged |= {*links.values_list("source_id", flat=True), *map(str, both)}
        with contextlib.suppress(DecisionRefused):
            merging.merge("customers", kept, lost, taken, by="Inès")
        self.nothing_is_doubled()

    @rule()
    def part_again(self) -> None:
        """Merges are taken back from the last to the first."""
        change = Change.objects.filter(action=Action.MERGE.value).order_by("-pk").first()
        if change is not None:
            with contextlib.suppress(DecisionRefused):
                merging.undo(change, by="Inès")
            self.nothing_is_doubled()

    @rule(twice=st.booleans(), delete_out=st.booleans())
    def take_back(self, twice: bool, delete_out: bool) -> None:
        run = Run.objects.filter(state=Run.State.DONE, kind__in=[Run.Kind.DELTA, Run.Kind.FULL]).order_by("-pk").first()
        if run is None or undo.why_not_undone(run):
            return
        decided, until = Change.objects.filter(run_id=run.pk), self.typed.turn
        pairs = [*decided.values_list("source_id", "hub_id"), *unsent_of(run).values_list("source_id", "hub_id")]
        undone = {str(one) for pair in pairs for one in pair if one}
        back = undo.request_undo(run, self._somebody(), "The mapping was wrong.", delete_out=delete_out)
        self.drive(back, twice)
        self.connection.refresh_from_db()
        runs.resume(self.connection, by="Inès")
        self.typed.forget(undone, until)

    @rule(kind=st.sampled_from(["delta", "full"]), twice=st.booleans(), delete_out=st.booleans())
    def sync_and_take_back(self, kind: str, twice: bool, delete_out: bool) -> None:
        """Nobody touched anything since: the hub is as it was, to the last column."""
        before, is_touched = self._hub(), bool(self.meanwhile)
        known = Run.objects.count()
        self.sync(kind, twice)
        [run] = Run.objects.order_by("pk")[known:]
        self.take_back(twice, delete_out)
        if not is_touched and run.undone_by.exists():
            assert self._hub() == before

    def _hub(self) -> dict[int, dict[str, Any]]:
        return {
            row["id"]: {name: value for name, value in row.items() if name not in UNTOLD}
            for row in Customer.objects.values()
        }

    def _somebody(self) -> User:
        made, _new = User.objects.get_or_create(email="ines@example.org", defaults={"role": Role.ADMIN})
        return made
