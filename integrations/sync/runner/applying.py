"""The apply phase: planned rows, a page at a time, parents before children, contacts after, churn last."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.engine.merge import within
from integrations.engine.reasons import Reason

from ..models import Change, PlannedChange, RecordLink, Run
from ..store.applying import Target, apply_page
from ..store.bulk import fetch
from ..store.journal import add_totals, drop_planned, write_changes
from .context import CUSTOMER_OUT, Context, Plan
from .step import Place, Step

COLUMNS = (
    "pk", "at", "rank", "system", "object", "hub_id", "source_id", "action", "before", "after", "field_reasons", "reason_code",
    "reason_params", "notes", "fields", "erases", "name", "link", "settled", "source_hash", "modified_at",
    "outward", "asks",
)  # fmt: skip

UNREAD = ("before", "field_reasons", "reason_params", "notes", "settled")
"""Most rows carry these from the plan into the journal or the link as they are."""


class Apply(Step):
    phase = Run.Phase.APPLY

    def __init__(self, object_name: str = "") -> None:
        super().__init__(object_name)
        self._target: Target | None = None

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        page = self._page(context, context.limit)
        self.must_commit = bool(page)
        if not page:
            return None
        # One rank and object at a time: heads are there before those that hang from them.
        rows = [row for row in page if (row["rank"], row["object"]) == (page[0]["rank"], page[0]["object"])]
        for one in apply_page(self._target_of(context), str(page[0]["object"]), rows):
            context.count(f"{one['object']}.applied.{one['outcome']}")
        context.count("applied", len(rows))
        return {}

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        for row in self._page(context, 1):
            set_aside(context, row)
        return {}

    def _page(self, context: Context, limit: int) -> Sequence[dict[str, Any]]:
        # Rows leave as they are applied, so the next page is always the first one.
        return fetch(due_rows(context).order_by("rank", "object", "pk"), COLUMNS, limit, unread=UNREAD)

    def _target_of(self, context: Context) -> Target:
        if self._target is None:
            self._target = target_of(context)
        return self._target


def target_of(context: Context) -> Target:
    return Target(
        connection_id=context.connection.pk,
        run_id=context.run.pk,
        system=context.system,
        source_objects={ability.object: ability.source_object for ability in context.abilities.objects},
        is_dropping=bool(context.run.cursor.get("dropped_by")),
        may_send={name: sendable(plan) for name, plan in context.plans.items()},
        keys={name: plan.keys for name, plan in context.plans.items()},
        common=frozenset(name for name, plan in context.plans.items() if plan.ref_is_common),
        actor=str(context.run.cursor.get("dropped_by") or context.run.cursor.get("released_by") or ""),
    )


def sendable(plan: Plan) -> frozenset[str]:
    """The hub fields whose lines may write the CRM, as far as the block's mode lets them."""
    free = {rule.hub_field for rule in plan.rules if rule.is_free}
    by_mode = {
        rule.hub_field
        for rule in plan.rules
        if (direction := within(plan.mode, rule.direction)) is not None and direction.writes_crm
    }
    return frozenset(free | by_mode | {CUSTOMER_OUT.hub_field})


def due_rows(context: Context) -> QuerySet[PlannedChange]:
    return PlannedChange.objects.filter(run_id=context.run.pk, is_held=False)


def set_aside(context: Context, row: Mapping[str, Any]) -> None:
    """A row that the database refuses, or that kills its worker: listed as failing, and out of the way."""
    reason = Reason("crashed-record", {"system": context.system})
    said = {"reason_code": reason.code, "reason_params": dict(reason.params)}
    links = RecordLink.objects.filter(connection=context.connection, object=row["object"], source_id=row["source_id"])
    # Its hash stays with it: as long as it is the same, no run touches it again by itself.
    failing = {
        "state": RecordLink.State.FAILING, "source_hash": row["source_hash"], "run_id": context.run.pk, **said,
        "rules_hash": context.plans[str(row["object"])].rules_hash, "tries": 1, "next_try_at": None, "given_up_at": Now(),
    }  # fmt: skip
    if not links.update(**failing):
        ability = context.abilities.of(str(row["object"]))
        links.create(
            connection=context.connection, object=row["object"], source_id=row["source_id"], name=row["name"],
            source_object=ability.source_object, **failing,
        )  # fmt: skip
    now, whose = timezone.now(), {"run_id": context.run.pk, "connection_id": context.connection.pk}
    journal = {**row, **said, **whose, "at": now, "outcome": Change.Outcome.REFUSED.value, "actor": ""}
    write_changes([journal])
    add_totals(context.connection.pk, [journal], now)
    context.count(f"{row['object']}.applied.refused")
    drop_planned([row["pk"]])
