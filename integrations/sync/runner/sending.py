"""The way out: what the outbox holds is sent in the CRM's own batches, and every answer is written down before the next goes.

Two pages for each batch: one marks it as sent, the next sends it and keeps the answers. A process that dies in between
leaves rows that are marked and unanswered: what became of them is asked before anything is sent again (`answering`).
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.engine.records import Record
from integrations.wire.errors import WireError

from ..connector import Answer, Sent
from ..models import Outbox, Run
from ..store.answers import Answered, Outcome, keep_answers
from ..store.batches import doubt, is_marked, mark_sent, marked, may_go_in_bulk, next_batch, own, withdraw
from ..store.journal import add_counts
from .answering import Unanswered, told_apart
from .applying import sendable
from .context import Context, Plan
from .outbound import may_go, read_by_id, send_of
from .preparing import plans_of_today
from .step import ASKS, Place, Step

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Fetched:
    rows: list[Outbox] = field(default_factory=list)
    answers: Sequence[Sent] | None = None
    """None: the bulk job still works, or has only just been handed over (`job`)."""
    job: str = ""
    stored: Mapping[str, Record] = field(default_factory=dict)
    """source id → the record as the CRM keeps it now that it was written."""
    again: Unanswered = field(default_factory=Unanswered)


class SendStep(Step):
    phase = Run.Phase.APPLY

    def __init__(self, object_name: str = "") -> None:
        super().__init__(object_name)
        self._mine: set[int] = set()
        """Rows that this very process marked, or looked for in vain: nobody has sent them yet."""

    def at_hand(self, context: Context, place: Mapping[str, Any]) -> Any:
        return ASKS if is_marked(context.connection.pk, context.plans, _only_of(context)) else _Fetched()

    def fetch(self, context: Context, place: Mapping[str, Any]) -> _Fetched:
        rows = marked(context.connection.pk, context.plans, _only_of(context))
        if not rows:
            return _Fetched()
        plan = context.plans[rows[0].object]
        if job := str(place.get("job", "")):
            return self._of_job(context, plan, rows, job)
        again = told_apart(context, plan, [row for row in rows if row.pk not in self._mine])
        if not again.is_all_to_send:
            arrived = [row for row in rows if row.pk in again.arrived]
            return _Fetched(arrived, [again.arrived[row.pk] for row in arrived], stored=again.stored, again=again)
        # A worker that slept through its lease must not write over what happened since.
        context.lease.hold()
        # From here on they may be there: where an answer cannot be kept, they are no new ones any more.
        self._mine.clear()
        sends = [send_of(row) for row in rows]
        ability = context.abilities.of(plan.object)
        if may_go_in_bulk(ability, plan.key_field, rows[0].kind) and len(rows) >= ability.bulk_from:
            job = context.connector.start_bulk(plan.object, sends, key_field=plan.key_field)
            return _Fetched(rows, job=job)
        answers = context.connector.write(plan.object, sends, key_field=plan.key_field)
        return _Fetched(rows, answers, stored=self._read_back(context, plan, rows, answers))

    @property
    def owes(self) -> bool:
        """Another process could not tell what was marked here and is not sent yet from what was sent."""
        return bool(self._mine)

    def work(self, context: Context, place: Mapping[str, Any], fetched: _Fetched) -> Place | None:
        self.must_commit = bool(fetched.rows)
        self._settle(context, fetched.again)
        if fetched.again.is_all_to_send:
            # Also what an earlier run marked and never sent is this one's by now.
            own(fetched.rows, context.run.pk)
        if fetched.job:
            return {"job": fetched.job}
        if fetched.rows and fetched.answers is None:
            return dict(place)
        if fetched.rows and fetched.answers is not None:
            self._keep(context, fetched.rows, fetched.answers, fetched.stored)
        if not fetched.again.is_all_to_send:
            return {}
        if fetched.rows and not context.has_time:
            return {}
        batch = self._next(context)
        if not batch:
            return {} if self._is_owed_more(context, fetched) else None
        mark_sent(batch, context.run.pk, context.plans[batch[0].object].key_field)
        self._mine = {row.pk for row in batch}
        return {}

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        """The first of the batch is left as never answered: a person looks, the others go on."""
        rows = marked(context.connection.pk, context.plans, _only_of(context))
        doubt(rows[:1])
        return {}

    def _settle(self, context: Context, again: Unanswered) -> None:
        doubt(again.doubtful)
        for row in again.doubtful:
            context.count(f"{row.object}.sent.doubtful")
        withdraw(context.connection.pk, again.overtaken)
        if not again.is_all_to_send:
            # The others of the batch were looked for and not found: they go now, and are not looked for once more.
            self._mine |= {row.pk for row in marked(context.connection.pk, context.plans, _only_of(context))}

    def _is_owed_more(self, context: Context, fetched: _Fetched) -> bool:
        """Whatever is marked after this batch was marked by this very step."""
        return False

    def _next(self, context: Context) -> list[Outbox]:
        # A run that takes another back goes by that one's lines; those of today have their say as well.
        today = plans_of_today(context.connection) if context.run.kind == Run.Kind.UNDO else context.plans

        def wanted(row: Outbox) -> bool:
            return row.object in today and all(may_go(plans[row.object], row) for plans in (context.plans, today))

        whose = (context.connection.pk, context.run.pk)
        return next_batch(*whose, context.plans, context.abilities, wanted, _only_of(context))

    def _of_job(self, context: Context, plan: Plan, rows: list[Outbox], job: str) -> _Fetched:
        answers = context.connector.bulk_answers(job, [send_of(row) for row in rows])
        if answers is None:
            return _Fetched(rows)
        return _Fetched(rows, answers, stored=self._read_back(context, plan, rows, answers))

    def _read_back(
        self, context: Context, plan: Plan, rows: Sequence[Outbox], answers: Sequence[Sent]
    ) -> dict[str, Record]:
        """What the CRM made of it: some cut, round or overrule a value without a word.

        The answers themselves are kept in any case: without them nobody knew what is there by now.
        """
        written = {
            answer.source_id or row.source_id: answer.stored
            for row, answer in zip(rows, answers, strict=True)
            if answer.answer is Answer.DONE and row.kind != Outbox.Kind.DELETE
        }
        told = {source_id: stored for source_id, stored in written.items() if stored is not None}
        try:
            return told | read_by_id(context, plan, [one for one in written if one not in told])
        except WireError:
            logger.info("Run %s: what was written could not be read back.", context.run.pk)
            return told

    def _keep(
        self, context: Context, rows: Sequence[Outbox], answers: Sequence[Sent], stored: Mapping[str, Record]
    ) -> None:
        plan = context.plans[rows[0].object]
        answered = [
            Answered(row, sent, stored.get(sent.source_id or row.source_id))
            for row, sent in zip(rows, answers, strict=True)
        ]
        ability = context.abilities.of(plan.object)
        outcome = Outcome(
            connection_id=context.connection.pk, run_id=context.run.pk, system=context.connection.system,
            label=context.system, object=plan.object, source_object=ability.source_object, rules=plan.rules,
            rules_hash=plan.rules_hash, crm_fields=frozenset(plan.crm_fields),
            may_send=sendable(plan), waiting_codes=context.abilities.waiting_codes,
        )  # fmt: skip
        earlier: dict[int, Counter[str]] = defaultdict(Counter)
        for change in keep_answers(outcome, answered):
            key = f"{change['object']}.sent.{change['outcome']}"
            if change["run_id"] == context.run.pk:
                context.count(key)
            else:
                earlier[change["run_id"]][key] += 1
        add_counts(earlier)


class AnswersStep(SendStep):
    """What an earlier run sent and never heard of is asked about and finished; nothing else goes out yet."""

    phase = Run.Phase.READ

    def _next(self, context: Context) -> list[Outbox]:
        return []

    def _is_owed_more(self, context: Context, fetched: _Fetched) -> bool:
        return bool(fetched.rows)


def _only_of(context: Context) -> int | None:
    """The connection rests while a run is taken back: what others wait to send, waits on."""
    return context.run.pk if context.run.kind == Run.Kind.UNDO else None
