"""Decide, last: what changed here since the connection looked. Linked rows are merged from what was settled, new ones created.

A record that this run read was decided with the hub's values of today already; the others have not changed since they
were settled, so nothing needs to be read for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models.fields.json import KT, KeyTextTransform
from django.utils import timezone

from integrations.engine.compare import compared
from integrations.engine.duplicates import PROPOSALS
from integrations.engine.fieldwise import FieldChange
from integrations.engine.mapping import FieldRule
from integrations.engine.match import CONTESTED
from integrations.engine.merge import same
from integrations.engine.outward import with_way_back
from integrations.engine.placeholders import with_erased, with_placeholders
from integrations.engine.plan import Action, Decision, decide_made, decide_moved, is_news
from integrations.engine.reasons import Reason
from integrations.engine.records import UNMET, LinkState
from integrations.engine.values import from_json

from ..models import Conflict, HubMark, OnDelete, Outbox, PlannedChange, RecordLink, Run, Staged
from ..store.applying import KEPT_OUT
from ..store.hub_rows import FOREIGN, Loaded
from ..store.links import DELETED_HERE, Known, link_as_is, links_of_rows
from ..store.marks import OUTWARD
from ..store.outbox import DELETED_OUT
from ..store.planned import Planned, planned, write_planned
from ..tallies import ASKS_TOO, UNREAD, UNSAID
from .context import CUSTOMER_OUT, Context, Plan
from .freezing import stilled
from .planning import churn_stage, mode_for, used_choices
from .step import Place, Step

MARK = ("pk", "hub_id", "kind", "at")
PARTED = ("parted-by-hand", *KEPT_OUT)
"""Why a record is kept out that was linked to a row once."""


@dataclass(frozen=True, slots=True)
class _Facts:
    links: Mapping[int, Known]
    hub: Mapping[int, Loaded]
    decided: frozenset[str]
    """Source ids that this run has read, or decided about otherwise: it is gone, or it left."""
    stamps: Mapping[str, datetime | None]
    """Source id → when its record was last modified, of those that this run has read."""
    linked_anywhere: frozenset[int]
    awaited: frozenset[int]
    """Rows whose creation was sent and never answered, or that a record of the CRM is or may be: never made there on a guess."""
    disputed: Mapping[str, Sequence[Conflict]]
    """Source id → its fields that wait for a person."""
    customers_out: frozenset[int]
    """Customers (hub ids) that have no record yet but are being created."""
    churn_stage: str
    to_read: set[str] = field(default_factory=set)
    """Records of which a question goes because the hub is back at what was settled: what the CRM holds comes in."""


class Outgoing(Step):
    phase = Run.Phase.DECIDE

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        plan = context.plans[self.object]
        marks = self._page(context, place, context.limit) if plan.writes else []
        if not marks:
            return None
        facts, waiting = self._facts(context, marks), []
        rows: list[Planned] = []
        for mark in marks:
            one = self._decided(context, plan, mark, facts)
            if isinstance(one, Planned):
                rows.append(one)
                context.count(f"{self.object}.{one.action}")
                if one.asks_too:
                    context.count(f"{self.object}.{ASKS_TOO}")
                if one.action != Action.CREATE_OUT:
                    context.count(f"{self.object}.{UNREAD}")
            elif isinstance(one, Waits):
                waiting.append(mark["pk"])
                if one.counted:
                    context.count(f"{self.object}.{one.counted}")
        write_planned(context.run.pk, context.connection.pk, context.connection.system, rows, timezone.now())
        if facts.to_read:
            mine = RecordLink.objects.filter(connection=context.connection, object=self.object)
            mine.filter(source_id__in=facts.to_read).update(wanted_at=timezone.now())
        # The end of the run forgets only what was seen here: an edit that is committed meanwhile takes the sign off again.
        seen = {mark["pk"] for mark in marks}.difference(waiting)
        HubMark.objects.filter(pk__in=seen).update(seen_by=context.run.pk)
        HubMark.objects.filter(pk__in=waiting).update(at=timezone.now())
        return {"after": marks[-1]["pk"]} if len(marks) == context.limit else None

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        marks = self._page(context, place, 1)
        return {"after": marks[-1]["pk"]} if marks else None

    def _page(self, context: Context, place: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        marks = HubMark.objects.filter(
            connection=context.connection, object=self.object, pk__gt=place.get("after", 0), at__lte=context.marked_at
        )
        # Locked, so that who edits a row meanwhile marks it after this run has seen it, not before.
        return list(marks.select_for_update().order_by("pk").values(*MARK)[:limit])

    def _facts(self, context: Context, marks: Sequence[Mapping[str, Any]]) -> _Facts:
        ids, table = [mark["hub_id"] for mark in marks], context.table(self.object)
        links = links_of_rows(context.connection.pk, self.object, ids)
        read = Staged.objects.filter(
            run_id=context.run.pk, object=self.object, payload__isnull=False,
            source_id__in=[known.columns["source_id"] for known in links.values()],
        )  # fmt: skip
        stamps = dict(read.values_list("source_id", "modified_at"))
        hub = table.load(context.connection.pk, ids)
        heads = {_head(loaded, table.hangs_on) for loaded in hub.values()} - {0}
        anywhere = RecordLink.objects.filter(object=self.object, hub_id__in=ids).values_list("hub_id", flat=True)
        parted = RecordLink.objects.filter(
            connection=context.connection, object=self.object, state=RecordLink.State.EXCLUDED,
            reason_code__in=PARTED, reason_params__row__in=ids,
        ).values_list("reason_params__row", flat=True)  # fmt: skip
        creates = Outbox.objects.filter(connection=context.connection, kind=Outbox.Kind.CREATE)
        doubtful = creates.filter(
            object=self.object, hub_id__in=ids, state__in=[Outbox.State.SENT, Outbox.State.DOUBTFUL]
        ).values_list("hub_id", flat=True)
        marked = HubMark.objects.filter(connection=context.connection, object="customers", hub_id__in=heads)
        if not _are_created(context, "customers"):
            # They wait themselves, and whoever hangs on them waits with them.
            marked = marked.none()
        planned_heads = creates.filter(object="customers", hub_id__in=heads).values_list("hub_id", flat=True)
        disputed: dict[str, list[Conflict]] = {}
        for one in Conflict.objects.filter(connection=context.connection, object=self.object, hub_id__in=ids):
            disputed.setdefault(one.source_id, []).append(one)
        return _Facts(
            links=links,
            hub=hub,
            disputed=disputed,
            decided=frozenset(stamps) | _decided_otherwise(context, self.object, links),
            stamps=stamps,
            # A row that was parted from its record, by hand or with its run, is not created there a second time.
            linked_anywhere=frozenset(pk for pk in (*anywhere, *parted) if pk),
            awaited=frozenset().union(
                doubtful,
                _found(context, self.object, ids),
                _proposed(context, self.object, ids),
                _disputed(context, self.object, {pk: row for pk, row in hub.items() if pk not in links}),
            ),
            customers_out=frozenset({*marked.values_list("hub_id", flat=True), *planned_heads})
            if heads
            else frozenset(),
            churn_stage=churn_stage(),
        )

    def _decided(
        self, context: Context, plan: Plan, mark: Mapping[str, Any], facts: _Facts
    ) -> "Planned | Waits | None":
        known, loaded = facts.links.get(mark["hub_id"]), facts.hub.get(mark["hub_id"])
        if mark["kind"] == HubMark.Kind.DELETED:
            return self._deleted(context, plan, known, facts) if known else None
        if loaded is None:
            return None
        if known is None:
            return self._made(context, plan, loaded, facts)
        if known.link.state is not LinkState.LINKED or known.columns["source_id"] in facts.decided:
            return None
        return self._moved(context, plan, known, loaded, facts)

    def _moved(self, context: Context, plan: Plan, known: Known, loaded: Loaded, facts: _Facts) -> Planned | None:
        decision = decide_moved(
            known.columns["source_id"], plan.rules, link=known.link, hub=loaded.hub, mode=mode_for(context, self.object, loaded),
            crm_changed_at=known.columns["modified_at"], churn_stage=facts.churn_stage, system=context.system,
        )  # fmt: skip
        decision = with_way_back(decision, plan.rules, system=context.system)
        decision = with_erased(decision, plan.rules, context.abilities.of(self.object).placeholders)
        calmed = stilled(context, decision, known.columns)
        decision = calmed.decision
        asked = [_as_asked(one, loaded) for one in facts.disputed.get(known.columns["source_id"], ())]
        pairs = {**known.link.settled, **decision.settled}
        met = {name for name, pair in pairs.items() if pair.is_unread or pair.line != UNMET}
        unmet = [one for one in asked if one.field not in met and not same(one.before, one.after)]
        if any(_is_back(one, known) for one in asked):
            facts.to_read.add(known.columns["source_id"])
        if not is_news(decision, known.link) and dict(decision.settled) == dict(known.link.settled):
            if len(unmet) == len(asked):
                return None
            # What a person was asked about is as it was before: the question goes.
            decision = replace(decision, action=Action.SETTLE)
        decision = replace(decision, asks=(*decision.asks, *unmet))
        columns = {**link_as_is(known), **calmed.columns, "used": used_choices(known, decision)}
        return self._planned(context, decision, columns, known, plan.rules)

    def _made(self, context: Context, plan: Plan, loaded: Loaded, facts: _Facts) -> "Planned | Waits | None":
        hub_id, table = loaded.hub.hub_id, context.table(self.object)
        ability = context.abilities.of(self.object)
        may = ability.creates and plan.mode in OUTWARD and table.may_go_out(loaded)
        if hub_id in facts.linked_anywhere:
            # Never created, whatever waits: once it meets its record here, the two are compared as they are then.
            return None
        if hub_id in facts.awaited:
            return WAITS
        if not may:
            return None
        hangs = table.hangs_on == CUSTOMER_OUT.hub_field
        if hangs and not self._has_customer(loaded, facts):
            return WAITS
        rules = (*plan.rules, CUSTOMER_OUT) if hangs else plan.rules
        decision = decide_made(loaded.hub, rules, mode=plan.mode, system=context.system)
        decision = with_way_back(decision, rules, creating=True, system=context.system)
        if not _says_something(decision, rules):
            return KEPT_BACK
        decision = with_placeholders(
            decision, rules, loaded.hub, ability.placeholders, mode=plan.mode, system=context.system
        )
        return self._planned(context, decision, {"reason_code": "", "reason_params": {}}, None, rules)

    def _has_customer(self, loaded: Loaded, facts: _Facts) -> bool:
        head = str(loaded.hub.values["customer"] or "")
        return bool(head) and (not head.startswith(FOREIGN) or int(head.removeprefix(FOREIGN)) in facts.customers_out)

    def _deleted(self, context: Context, plan: Plan, known: Known, facts: _Facts) -> Planned | None:
        # A record that somebody keeps apart or lets rest is nobody's to delete there.
        is_theirs = known.columns["reason_code"] != DELETED_HERE or known.columns["paused_at"] is not None
        may = plan.mode in OUTWARD and plan.on_hub_delete == OnDelete.DELETE
        if is_theirs or not may or not context.abilities.of(self.object).deletes_out:
            return None
        reason = Reason(DELETED_OUT, {"system": context.system})
        decision = Decision(
            known.columns["source_id"], Action.DELETE_OUT, reason, known.link.state, known.link.hub_id,
            settled=known.link.settled,
        )  # fmt: skip
        # Where it is dropped, its record stays kept apart by what kept it apart.
        kept = {name: known.columns[name] for name in ("reason_code", "reason_params")}
        row = self._planned(context, decision, {**link_as_is(known), **kept}, known, ())
        # As a person who looks at it sees it: whoever works on the record afterwards stops the deletion.
        return replace(row, modified_at=facts.stamps.get(known.columns["source_id"]) or row.modified_at)

    def _planned(
        self,
        context: Context,
        decision: Decision,
        columns: dict[str, Any],
        known: Known | None,
        rules: Sequence[FieldRule],
    ) -> Planned:
        return planned(
            self.object, decision, columns, former=known.link.settled if known else {}, rules=rules,
            name=known.columns["name"] if known else "", source_hash=known.source_hash if known else "",
            modified_at=known.columns["modified_at"] if known else None,
        )  # fmt: skip


def _are_created(context: Context, object_name: str) -> bool:
    plan = context.plans.get(object_name)
    return plan is not None and plan.says_something


def _as_asked(conflict: Conflict, loaded: Loaded) -> FieldChange:
    """A field that the two never settled is compared when its record is read: until then the question stands."""
    reason = Reason(conflict.reason_code, conflict.reason_params)
    return FieldChange(conflict.field, loaded.hub.values.get(conflict.field), from_json(conflict.crm_value), reason)


def _is_back(asked: FieldChange, known: Known) -> bool:
    pair = known.link.settled.get(asked.field)
    return pair is not None and not pair.is_unmet and same(asked.before, pair.hub)


def _decided_otherwise(context: Context, object_name: str, links: Mapping[int, Known]) -> frozenset[str]:
    ids = [known.columns["source_id"] for known in links.values()]
    rows = PlannedChange.objects.filter(run_id=context.run.pk, object=object_name, source_id__in=ids)
    return frozenset(rows.values_list("source_id", flat=True))


def _found(context: Context, object_name: str, hub_ids: Sequence[int]) -> frozenset[int]:
    """Rows that a record found by its keys in this very run: it is about to be linked to one of them."""
    rows = Staged.objects.filter(run_id=context.run.pk, object=object_name, candidate_id__in=hub_ids)
    return frozenset(pk for pk in rows.values_list("candidate_id", flat=True) if pk)


def _proposed(context: Context, object_name: str, hub_ids: Sequence[int]) -> frozenset[int]:
    """Rows of which a person is asked whether a record is the same: this run asks, or an earlier one did."""
    if not context.table(object_name).proposes:
        return frozenset()
    asks = {"reason_code__in": PROPOSALS, "reason_params__row__in": list(hub_ids)}
    return frozenset(row for (row,) in _asked(context, object_name, asks, "reason_params__row"))


def _disputed(context: Context, object_name: str, rows: Mapping[int, Loaded]) -> frozenset[int]:
    """Rows whose key records of the CRM claim, so that a person is asked which is which: this run asks, or an earlier one did."""
    values: dict[str, set[int]] = {}
    for key in context.plans[object_name].keys:
        for hub_id, loaded in rows.items():
            if value := compared(key.compare, loaded.hub.values.get(key.hub_field)):
                values.setdefault(value, set()).add(hub_id)
    if not values:
        return frozenset()
    # By the value alone: the reason names the key as it was called on that day.
    asks = {"reason_code__in": CONTESTED, "reason_params__value__in": list(values)}
    # As text: SQLite would take a number in a text for a number.
    disputed = _asked(context, object_name, asks, KT("reason_params__value"))
    return frozenset(hub_id for (value,) in disputed for hub_id in values.get(value, ()))


def _asked(
    context: Context, object_name: str, asks: Mapping[str, Any], *names: str | KeyTextTransform
) -> set[tuple[Any, ...]]:
    """The named columns of the records that wait for a person's answer: this run asks, or an earlier one did."""
    now = PlannedChange.objects.filter(run_id=context.run.pk, object=object_name, action=Action.COLLISION, **asks)
    before = RecordLink.objects.filter(
        connection=context.connection, object=object_name, state=RecordLink.State.COLLISION, **asks
    )
    return {found for rows in (now, before) for found in rows.values_list(*names).distinct()}


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing can be decided yet; the row is asked about again by the next run."""

    counted: str = ""
    """How the run counts it, where people are to be told."""


WAITS = Waits()
KEPT_BACK = Waits(UNSAID)


def _says_something(decision: Decision, rules: Sequence[FieldRule]) -> bool:
    """A customer and scores alone make no record: without a field of its own there is nothing to create."""
    beside = {rule.hub_field for rule in rules if rule.is_free}
    return any(change.field not in beside for change in decision.outward)


def _head(loaded: Loaded, hangs_on: str) -> int:
    value = str(loaded.hub.values.get(hangs_on) or "")
    return int(value.removeprefix(FOREIGN)) if hangs_on == CUSTOMER_OUT.hub_field and value.startswith(FOREIGN) else 0
