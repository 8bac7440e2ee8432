"""The way out: what the outbox holds is sent in the CRM's own batches, and every answer is written down before the next goes.

Two pages for each batch: one marks it as sent, the next sends it and keeps the answers. A process that dies in between
leaves rows that are marked and unanswered: updates are repeated, for that changes nothing; creates are looked up by our
key first, and without a key a person is asked.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.engine.mapping import Mode
from integrations.engine.records import Record
from integrations.engine.values import all_from_json
from integrations.wire.errors import WireError

from ..connector import Answer, How, Read, Send, Sent
from ..models import OnDelete, Outbox, Run
from ..store.answers import Answered, Outcome, keep_answers
from ..store.batches import doubt, mark_sent, marked, may_go_in_bulk, next_batch
from ..store.outbox import DELETED_OUT
from .applying import sendable
from .context import CUSTOMER_OUT, Context, Plan
from .step import Place, Step

logger = logging.getLogger(__name__)

IDS_OF_ONE_CALL = 2000


@dataclass(slots=True)
class _Fetched:
    rows: list[Outbox] = field(default_factory=list)
    answers: Sequence[Sent] | None = None
    """None: the bulk job still works, or has only just been handed over (`job`)."""
    job: str = ""
    stored: Mapping[str, Record] = field(default_factory=dict)
    """source id → the record as the CRM keeps it now that it was written."""
    doubtful: list[Outbox] = field(default_factory=list)


class SendStep(Step):
    phase = Run.Phase.APPLY

    def __init__(self, object_name: str = "") -> None:
        super().__init__(object_name)
        self._mine: set[int] = set()
        """Rows that this very process marked: nobody can have sent them yet."""

    def fetch(self, context: Context, place: Mapping[str, Any]) -> _Fetched:
        rows = marked(context.connection.pk, context.plans, _only_of(context))
        if not rows:
            return _Fetched()
        plan = context.plans[rows[0].object]
        if job := str(place.get("job", "")):
            return self._of_job(context, plan, rows, job)
        found, doubtful = self._known_by_now(context, plan, rows)
        # From here on they may be there: where an answer cannot be kept, they are no new ones any more.
        self._mine.clear()
        rows = [row for row in rows if row not in doubtful]
        sends = [send_of(row, found.get(row.key, "")) for row in rows]
        if not rows:
            return _Fetched(doubtful=doubtful)
        ability = context.abilities.of(plan.object)
        if may_go_in_bulk(ability, plan.key_field, rows[0].kind) and len(rows) >= ability.bulk_from:
            job = context.connector.start_bulk(plan.object, sends, key_field=plan.key_field)
            return _Fetched(rows, job=job, doubtful=doubtful)
        answers = context.connector.write(plan.object, sends, key_field=plan.key_field)
        return _Fetched(rows, answers, stored=self._read_back(context, plan, rows, answers), doubtful=doubtful)

    def work(self, context: Context, place: Mapping[str, Any], fetched: _Fetched) -> Place | None:
        doubt(fetched.doubtful)
        for row in fetched.doubtful:
            context.count(f"{row.object}.sent.doubtful")
        if fetched.job:
            return {"job": fetched.job}
        if fetched.rows and fetched.answers is None:
            return dict(place)
        if fetched.rows and fetched.answers is not None:
            self._keep(context, fetched.rows, fetched.answers, fetched.stored)
        batch = self._next(context)
        if not batch:
            return {} if fetched.doubtful or self._is_owed_more(context, fetched) else None
        mark_sent(batch, context.run.pk)
        self._mine = {row.pk for row in batch}
        return {}

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        """The first of the batch is left as never answered: a person looks, the others go on."""
        rows = marked(context.connection.pk, context.plans, _only_of(context))
        doubt(rows[:1])
        return {}

    def _is_owed_more(self, context: Context, fetched: _Fetched) -> bool:
        """Whatever is marked after this batch was marked by this very step."""
        return False

    def _next(self, context: Context) -> list[Outbox]:
        def wanted(row: Outbox) -> bool:
            return may_go(context.plans[row.object], row)

        return next_batch(context.connection.pk, context.plans, context.abilities, wanted, _only_of(context))

    def _of_job(self, context: Context, plan: Plan, rows: list[Outbox], job: str) -> _Fetched:
        answers = context.connector.bulk_answers(job, [send_of(row) for row in rows])
        if answers is None:
            return _Fetched(rows)
        return _Fetched(rows, answers, stored=self._read_back(context, plan, rows, answers))

    def _known_by_now(
        self, context: Context, plan: Plan, rows: Sequence[Outbox]
    ) -> tuple[Mapping[str, str], list[Outbox]]:
        """Creates that somebody marked before: by our key, which of them the CRM has; without a key, which are in doubt."""
        asked = [row for row in rows if row.kind == Outbox.Kind.CREATE and row.pk not in self._mine]
        if not asked:
            return {}, []
        if not plan.key_field:
            return {}, asked
        return context.connector.find_by_key(plan.object, plan.key_field, [row.key for row in asked]), []

    def _read_back(
        self, context: Context, plan: Plan, rows: Sequence[Outbox], answers: Sequence[Sent]
    ) -> dict[str, Record]:
        """What the CRM made of it: some cut, round or overrule a value without a word.

        The answers themselves are kept in any case: without them nobody knew what is there by now.
        """
        ids = [
            answer.source_id or row.source_id
            for row, answer in zip(rows, answers, strict=True)
            if answer.answer is Answer.DONE and row.kind != Outbox.Kind.DELETE
        ]
        try:
            return read_by_id(context, plan, ids)
        except WireError:
            logger.info("Run %s: what was written could not be read back.", context.run.pk)
            return {}

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
            waiting_codes=context.abilities.waiting_codes,
        )  # fmt: skip
        for change in keep_answers(outcome, answered):
            context.count(f"{change['object']}.sent.{change['outcome']}")


class AnswersStep(SendStep):
    """What an earlier run sent and never heard of is asked about and finished; nothing else goes out yet."""

    phase = Run.Phase.READ

    def _next(self, context: Context) -> list[Outbox]:
        return []

    def _is_owed_more(self, context: Context, fetched: _Fetched) -> bool:
        return bool(fetched.rows)


def read_by_id(context: Context, plan: Plan, ids: Sequence[str]) -> dict[str, Record]:
    """source id → the record with all mapped fields, as the CRM keeps it now."""
    fields = tuple(dict.fromkeys((*context.connector.fields_needed(plan.object), *plan.crm_fields)))
    stored: dict[str, Record] = {}
    for start in range(0, len(ids), IDS_OF_ONE_CALL):
        read = Read(plan.object, How.BY_ID, fields, ids=tuple(ids[start : start + IDS_OF_ONE_CALL]))
        token, is_first = "", True
        while token or is_first:
            page = context.open().page(read, token)
            stored |= {record.source_id: record for record in page.records}
            token, is_first = page.next, False
    return stored


def may_go(plan: Plan, row: Outbox) -> bool:
    """Whether the lines of this run still say what the write says: it may have waited while somebody changed them."""
    if row.kind == Outbox.Kind.DELETE:
        return row.reason_code != DELETED_OUT or (plan.writes and plan.on_hub_delete == OnDelete.DELETE)
    if row.kind == Outbox.Kind.CREATE and plan.mode not in {Mode.TWO_WAY, Mode.OUTPUT}:
        return False
    there = {rule.hub_field: rule.crm_field for rule in (*plan.rules, CUSTOMER_OUT)}
    return sendable(plan).issuperset(row.after) and all(there.get(name) in row.payload for name in row.after)


def _only_of(context: Context) -> int | None:
    """The connection rests while a run is taken back: what others wait to send, waits on."""
    return context.run.pk if context.run.kind == Run.Kind.UNDO else None


def send_of(row: Outbox, source_id: str = "") -> Send:
    """`source_id`: found by the key: an earlier attempt created it, so this one only updates it."""
    known = row.source_id or source_id
    return Send(
        source_id=known,
        key="" if known else row.key,
        values=all_from_json(row.payload),
        delete=row.kind == Outbox.Kind.DELETE,
    )
