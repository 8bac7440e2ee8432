"""The steps of a run that takes another back: its journal walked from the newest row, then what goes back to the CRM."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from django.utils.dateparse import parse_datetime

from ..models import Block, Change, Run
from ..store.bulk import fetch
from ..store.undoing import TAKEN_BACK, Undo, leave_page, undo_page
from .applying import target_of
from .context import Context
from .step import Place, Step

CHANGE = (
    "pk", "system", "object", "hub_id", "source_id", "action", "before", "after", "reason_code", "reason_params", "undo",
)  # fmt: skip


class TakeBack(Step):
    phase = Run.Phase.APPLY

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        page = self._page(context, place, context.limit)
        if not page:
            return None
        self._count(context, undo_page(self._undo(context), str(page[0]["object"]), page))
        return {"below": page[-1]["pk"]}

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        """The one row whose taking back keeps failing stays as it is, and is listed."""
        page = self._page(context, place, 1)
        if not page:
            return None
        self._count(context, leave_page(self._undo(context), page))
        return {"below": page[-1]["pk"]}

    def _page(self, context: Context, place: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """One data type at a time; contacts come before the customers they hang on, for they were made after them."""
        rows = Change.objects.filter(
            run_id=context.run.undoes_id, outcome=Change.Outcome.DONE, action__in=TAKEN_BACK
        ).order_by("-pk")  # fmt: skip
        if "below" in place:
            rows = rows.filter(pk__lt=place["below"])
        found = fetch(rows, CHANGE, limit)
        return list(takewhile(lambda row: row["object"] == found[0]["object"], found))

    def _count(self, context: Context, changes: Sequence[Mapping[str, Any]]) -> None:
        for change in changes:
            context.count(f"{change['object']}.restored.{change['outcome']}")
        context.count("applied", len(changes))

    def _undo(self, context: Context) -> Undo:
        return Undo(
            target=target_of(context),
            undone_run=int(context.run.undoes_id or 0),
            last_change=int(context.run.cursor["last_change"]),
            by=context.run.requested_by,
            rules={name: plan.rules for name, plan in context.plans.items()},
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
