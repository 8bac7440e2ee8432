"""The steps of a run that takes another back: its journal walked from the newest row, then what goes back to the CRM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from django.utils.dateparse import parse_datetime

from integrations.engine.plan import Action
from integrations.engine.records import Record

from ..models import Block, Run
from ..store.bulk import fetch
from ..store.outbox import let_go, unsent_of
from ..store.taken_back import decided
from ..store.undoing import Undo, leave_page, undo_page
from .applying import sendable, target_of
from .context import CUSTOMER_OUT, Context, Plan
from .outbound import read_by_id
from .preparing import plans_of_today
from .step import Place, Step

STEPS = ("let-go", "take-back", "send", "rewind")
CHANGE = (
    "pk", "run_id", "system", "object", "hub_id", "source_id", "action", "before", "after", "reason_code",
    "reason_params", "undo",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Page:
    changes: Sequence[dict[str, Any]]
    below: int
    """The journal was looked through down to here."""
    in_crm: Mapping[str, Record]


class LetGo(Step):
    """What the run decided and never sent was decided on what is about to go back."""

    phase = Run.Phase.APPLY

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        assert context.run.undoes is not None
        rows = list(unsent_of(context.run.undoes).order_by("pk")[: context.limit])
        let_go(rows)
        return {} if len(rows) == context.limit else None


class TakeBack(Step):
    phase = Run.Phase.APPLY

    def fetch(self, context: Context, place: Mapping[str, Any]) -> _Page:
        changes, below = self._page(context, place, context.limit)
        return _Page(changes, below, self._in_crm(context, changes))

    def work(self, context: Context, place: Mapping[str, Any], fetched: _Page) -> Place | None:
        if fetched.changes:
            name = str(fetched.changes[0]["object"])
            self._count(context, undo_page(self._undo(context), name, fetched.changes, fetched.in_crm))
            context.count("applied", len(fetched.changes))
        return self._next(context, fetched.below)

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        """The one row whose taking back keeps failing stays as it is, and is listed."""
        changes, below = self._page(context, place, 1)
        if changes:
            self._count(context, leave_page(self._undo(context), changes))
            context.count("applied", len(changes))
        return self._next(context, below)

    def _page(self, context: Context, place: Mapping[str, Any], limit: int) -> tuple[list[dict[str, Any]], int]:
        """A stretch of the journal, one data type at a time: no page has to sort what the run wrote.

        Contacts come before the customers they hang on, for they were made after them.
        """
        cursor = context.run.cursor
        above = int(place.get("below", cursor["last_change"] + 1))
        lower = max(above - limit, int(cursor["first_change"]))
        rows = decided(int(context.run.undoes_id or 0), cursor["earlier"]).filter(pk__gte=lower, pk__lt=above)
        found = fetch(rows.order_by("-pk"), CHANGE, limit)
        page = list(takewhile(lambda row: row["object"] == found[0]["object"], found))
        return page, page[-1]["pk"] if len(page) < len(found) else lower

    def _next(self, context: Context, below: int) -> Place | None:
        return {"below": below} if below > int(context.run.cursor["first_change"]) else None

    def _in_crm(self, context: Context, changes: Sequence[Mapping[str, Any]]) -> Mapping[str, Record]:
        """What was written there is sent back only where the CRM still has it as it was left."""
        asked = {Action.PUSH.value, *([Action.CREATE_OUT.value] if self._deletes_out(context) else [])}
        ids = [str(change["source_id"]) for change in changes if change["action"] in asked]
        plan = context.plans.get(str(changes[0]["object"])) if ids else None
        return read_by_id(context, plan, ids) if plan else {}

    def _count(self, context: Context, journal: Sequence[Mapping[str, Any]]) -> None:
        for change in journal:
            context.count(f"{change['object']}.restored.{change['outcome']}")

    def _deletes_out(self, context: Context) -> bool:
        return bool(context.run.cursor.get("delete_out"))

    def _undo(self, context: Context) -> Undo:
        return Undo(
            target=replace(target_of(context), may_send=self._may_send(context)),
            undone_run=int(context.run.undoes_id or 0),
            by=context.run.requested_by,
            earlier=context.run.cursor["earlier"],
            rules={name: plan.rules for name, plan in context.plans.items()},
            delete_out=self._deletes_out(context),
        )

    def _may_send(self, context: Context) -> dict[str, frozenset[str]]:
        """What the lines of the undone run wrote, as far as the lines of today may write it too."""
        today = plans_of_today(context.connection)
        return {
            name: sendable(plan) & sendable(today[name]) & _same_place(plan, today[name])
            for name, plan in context.plans.items()
            if name in today
        }


def _same_place(then: Plan, now: Plan) -> frozenset[str]:
    there = {rule.hub_field: rule.crm_field for rule in (*now.rules, CUSTOMER_OUT)}
    return frozenset(
        rule.hub_field for rule in (*then.rules, CUSTOMER_OUT) if there.get(rule.hub_field) == rule.crm_field
    )


class Rewind(Step):
    """The connection stands where it stood before the undone run: what that read is read again, and compared."""

    phase = Run.Phase.APPLY

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        undone = context.run.undoes
        assert undone is not None
        for name, since in undone.since.items():
            Block.objects.filter(connection=context.connection, object=name).update(
                cursor=parse_datetime(since) if since else None
            )
        context.outcome = {"state": Run.State.DONE, "reason_code": "", "reason_params": {}}
        return None
