"""Decide, second pass: what happens to every record of the stage, all rivals, links and hub rows at hand."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count
from django.utils import timezone

from integrations.engine.compare import compared
from integrations.engine.mapping import Compare, FieldRule, Mode
from integrations.engine.match import Match, contested
from integrations.engine.merge import same
from integrations.engine.outward import with_way_back
from integrations.engine.placeholders import with_erased
from integrations.engine.plan import NEW_BY_HAND, REF, Action, Decision, Scope, decide, is_news
from integrations.engine.precedence import Holder, with_owner, written_before, yielding
from integrations.engine.reasons import Reason
from integrations.engine.records import Link, LinkState, Record
from integrations.engine.values import all_from_json
from integrations.hub.models import Customer

from ..models import Connection, RecordLink, Run, Staged
from ..open_values import added, met
from ..store.ancestry import customers_inside
from ..store.applying import KEPT_OUT
from ..store.bulk import fetch
from ..store.holders import holders_of
from ..store.hub_rows import Loaded
from ..store.links import Known, known_links
from ..store.planned import Planned, planned, write_planned
from ..tallies import ASKS_TOO
from .context import CUSTOMER_LINE, Context
from .freezing import stilled
from .matching import CRASHED, from_json
from .step import Place, Step
from .taking_over import heads_to_be

ROW = (
    "pk", "source_id", "payload", "name", "source_hash", "modified_at", "parent_id", "customer_ids", "match",
    "candidate_id", "changed_by",
)  # fmt: skip
INSIDE = Scope()
SAME_NAME = "same-name"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about a page's records that the engine asks for, loaded in a constant number of statements."""

    links: Mapping[str, Known]
    rivals: Mapping[int, int]
    hub: Mapping[int, Loaded]
    holders: Mapping[int, Sequence[Holder]]
    """hub id → the connections that have it: of what an earlier live one writes, this one only fills the blanks."""
    customers: frozenset[str]
    """Source ids of the customers in scope; asked for what hangs on them."""
    known_customers: frozenset[str]
    rules: tuple[FieldRule, ...]
    churn_stage: str
    open_values: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Of a preview: what its records hold and nothing is mapped to, unchanged ones too."""


STANDING = {
    LinkState.COLLISION.value: Action.COLLISION.value,
    LinkState.EXCLUDED.value: Action.EXCLUDE.value,
    LinkState.FAILING.value: Action.REFUSE.value,
}


class PlanStep(Step):
    phase = Run.Phase.DECIDE

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        rows = self._page(context, place, context.limit)
        if rows:
            facts = self._facts(context, rows)
            decided = [one for row in rows if (one := self._decide(context, row, facts)) is not None]
            if self.object == "customers":
                _note_namesakes(decided)
            self._write(context, decided)
            context.run.cursor = added(context.run.cursor, self.object, facts.open_values)
        return {"after": rows[-1]["pk"]} if len(rows) == context.limit else None

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        rows = self._page(context, place, 1)
        links = known_links(context.connection.pk, self.object, [row["source_id"] for row in rows])
        self._write(context, [crashed(context, self.object, row, links.get(row["source_id"])) for row in rows])
        return {"after": rows[-1]["pk"]} if rows else None

    def _page(self, context: Context, place: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        rows = Staged.objects.filter(
            run_id=context.run.pk, object=self.object, pk__gt=place.get("after", 0), payload__isnull=False, evidence=""
        )
        return fetch(rows.order_by("pk"), ROW, limit)

    def _write(self, context: Context, rows: Sequence[Planned]) -> None:
        for row in rows:
            self._count(context, row.action, row.link["state"], row.reason.code)
            if row.asks_too:
                context.count(f"{self.object}.{ASKS_TOO}")
        write_planned(context.run.pk, context.connection.pk, context.connection.system, rows, timezone.now())

    def _count(self, context: Context, action: str, state: str, code: str) -> None:
        """A collision, exclusion or refusal that stands is one in every run's count, though the journal says it once."""
        standing = STANDING.get(state)
        context.count(f"{self.object}.{standing or action}")
        if standing:
            context.count(f"{self.object}.{standing}.{code}")

    def _facts(self, context: Context, rows: Sequence[Mapping[str, Any]]) -> Facts:
        source_ids = [row["source_id"] for row in rows]
        formers = {_former_id(row) for row in rows} - {""}
        links = known_links(context.connection.pk, self.object, [*source_ids, *formers])
        candidates = {row["candidate_id"] for row in rows} - {None}
        hub_ids = candidates | {known.link.hub_id for known in links.values() if known.link.hub_id}
        plan, hangs = context.plans[self.object], self._hangs(context)
        asked = {one for row in rows for one in row["customer_ids"]} if hangs else set()
        rules = (*plan.rules, CUSTOMER_LINE) if hangs else plan.rules
        return Facts(
            links=links,
            rivals=_rivals(context.run.pk, self.object, candidates),
            hub=self._hub(context, hub_ids),
            holders=holders_of(self.object, hub_ids),
            customers=frozenset(customers_inside(context.run.pk, context.connection.pk, asked) if asked else ()),
            known_customers=_known_customers(context, asked) if asked else frozenset(),
            rules=rules,
            churn_stage=churn_stage(),
        )

    def _hub(self, context: Context, hub_ids: Iterable[int]) -> Mapping[int, Loaded]:
        """As the rows will hang when this page is applied: customers come first, and one may take over another's row."""
        hub, hangs_on = context.table(self.object).load(context.connection.pk, hub_ids), CUSTOMER_LINE.hub_field
        if not self._hangs(context) or not (moving := heads_to_be(context)):
            return hub
        return {pk: with_head(loaded, hangs_on, moving) for pk, loaded in hub.items()}

    def _decide(self, context: Context, row: Mapping[str, Any], facts: Facts) -> Planned | None:
        known = facts.links.get(row["source_id"])
        if row["match"] == CRASHED:
            return crashed(context, self.object, row, known)
        customer, scope = self._scope(context, row, facts)
        if (
            known is None
            and not scope.inside
            and context.is_delta
            and not facts.known_customers & set(row["customer_ids"])
        ):
            # A changed contact of a company that is nobody's customer here: never ours, so nothing to say.
            context.count(f"{self.object}.outside")
            return None
        decision = self._decided(context, row, known, customer, scope, facts)
        if context.is_preview:
            facts.open_values.update(met(decision, facts.rules))
        decision = with_way_back(decision, facts.rules, system=context.system)
        decision = with_erased(decision, facts.rules, context.abilities.of(self.object).placeholders)
        return self._planned(context, row, known, customer, self._named(decision, facts, context), facts)

    def _decided(
        self, context: Context, row: Mapping[str, Any], known: Known | None, customer: str, scope: Scope, facts: Facts
    ) -> Decision:
        link = known.link if known else None
        match = None if link and link.decides else _match(row, facts, context.system, link)
        former = facts.links.get(match.former) if match else None
        hub = facts.hub.get((link.hub_id if link and link.decides else match.hub_id if match else None) or 0)
        written = self._written(context, link, hub, facts) if hub is not None else None
        return decide(
            record_of(row, customer),
            yielding(facts.rules, written) if written else facts.rules,
            scope=scope,
            link=link,
            match=match,
            hub=hub.hub if hub else None,
            mode=mode_for(context, self.object, hub),
            churn_stage=facts.churn_stage,
            system=context.system,
            former=former.link if former else None,
            makes_rows=context.abilities.of(self.object).makes_rows,
        )

    def _written(self, context: Context, link: Link | None, hub: Loaded, facts: Facts) -> Mapping[str, str]:
        """Field → the connection that this one yields to."""
        holders, mine = facts.holders.get(hub.hub.hub_id, ()), context.connection
        written = written_before(mine.pk, mine.order, holders)
        # At first contact nobody has spoken yet: the order decides.
        has_met = link is not None and REF in link.settled
        return with_owner(written, hub.columns.get("ref_writer"), mine.pk, holders) if has_met else written

    def _scope(self, context: Context, row: Mapping[str, Any], facts: Facts) -> tuple[str, Scope]:
        """The customer it hangs on: the primary one if in scope, else the lowest id in scope."""
        known = facts.links.get(row["source_id"])
        if known and _is_kept_out(known, row):
            return known.columns["customer_id"], Scope(inside=False, reason=known.link.reason)
        if not self._hangs(context):
            return "", INSIDE
        ids = row["customer_ids"]
        if not ids:
            return "", Scope(inside=False, reason=Reason("no-customer", {"system": context.system}))
        inside = [one for one in ids if one in facts.customers]
        if not inside:
            return "", Scope(inside=False, reason=Reason("customer-out-of-scope", {"system": context.system}))
        return ids[0] if ids[0] in inside else min(inside), INSIDE

    def _hangs(self, context: Context) -> bool:
        """What is only linked has its customer here already, whatever the tool says."""
        makes_rows = context.abilities.of(self.object).makes_rows
        return makes_rows and context.table(self.object).hangs_on == CUSTOMER_LINE.hub_field

    def _named(self, decision: Decision, facts: Facts, context: Context) -> Decision:
        """A row without any name could not be read on a page, dates may contradict, and the database refuses both."""
        if decision.action not in {Action.CREATE, Action.UPDATE, Action.LINK, Action.UNCHURN}:
            return decision
        loaded = facts.hub.get(decision.hub_id or 0)
        values: dict[str, Any] = dict(loaded.hub.values) if loaded else {}
        values |= {change.field: change.after for change in decision.changes}
        written = {change.field for change in decision.changes}
        stated = context.table(self.object).stated(facts.rules, decision.settled)
        reason = context.table(self.object).refusal(values, written, context.system, stated)
        if reason is None:
            return decision
        refused = replace(decision, action=Action.REFUSE, reason=reason, link_state=LinkState.FAILING, changes=())
        if decision.action is not Action.LINK:
            return refused
        # It is not linked after all: the row may still be another record's.
        return replace(refused, hub_id=None, settled={}, outward=(), asks=())

    def _planned(
        self,
        context: Context,
        row: Mapping[str, Any],
        known: Known | None,
        customer: str,
        decision: Decision,
        facts: Facts,
    ) -> Planned | None:
        former = facts.links.get(_former_id(row)) if decision.action is Action.LINK else None
        base = former or known
        calmed = stilled(context, decision, base.columns if base else None)
        decision = calmed.decision
        news = is_news(decision, known.link if known else None) or (
            known is not None and _is_told_anew(decision, known)
        )
        rules_hash = context.plans[self.object].rules_hash
        is_same = known and (known.source_hash, known.rules_hash) == (row["source_hash"], rules_hash)
        action = decision.action
        if not news and action is not Action.SETTLE:
            if is_same and not _was_tried(decision, known):
                self._count(context, "unchanged", decision.link_state.value, decision.reason.code)
                return None
            # Nothing a person needs to hear of, but the next run need not look again.
            action = Action.SETTLE
        elif is_same and not news and known and _says_the_same(decision, known.link):
            self._count(context, "unchanged", decision.link_state.value, decision.reason.code)
            return None
        settled = {**(base.link.settled if base else {}), **decision.settled}
        used = {"used": used_choices(base, decision)} if base and base.link.chosen else {}
        handed = {"former": _former_id(row), "paused": former.link.is_paused} if former else {}
        # Kept with the row: whoever applies it later may know other lines.
        stated = context.table(self.object).stated(facts.rules, settled) if decision.changes else ()
        named: dict[str, Any] = {"stated": sorted(stated)} if stated else {}
        if decision.asks and row["changed_by"]:
            # A person will be asked, and nobody else: the name goes no further.
            named |= {"changed_by": row["changed_by"]}
        return planned(
            self.object,
            replace(decision, action=action, settled=settled),
            {**link_columns(row, decision, customer, rules_hash, base), **calmed.columns, **used, **handed, **named},
            rules=facts.rules,
            former=base.link.settled if base else {},
            name=row["name"],
            source_hash=row["source_hash"],
            modified_at=row["modified_at"],
        )


def _note_namesakes(rows: Sequence[Planned]) -> None:
    """No row is taken for another by its name alone, unless the keys say so; but nobody should be surprised by a twin."""
    new = [(compared(Compare.TEXT, row.name), row) for row in rows if row.action == Action.CREATE.value]
    if not new:
        return
    keys = {key for key, _row in new if key}
    here = set(Customer.objects.filter(name_key__in=keys).values_list("name_key", flat=True))
    for key, row in new:
        if key in here:
            row.note(Reason(SAME_NAME, {"value": row.name}))


def _is_told_anew(decision: Decision, known: Known) -> bool:
    """Whoever retried a record finds this result beside the old one, even if it is the same."""
    return known.is_asked_for and decision.link_state is LinkState.FAILING and decision.action is Action.REFUSE


def _was_tried(decision: Decision, known: Known | None) -> bool:
    """It failed as before: the journal has said so, but its link counts the try."""
    return decision.link_state is LinkState.FAILING and known is not None and not known.link.is_paused


def _says_the_same(decision: Decision, link: Link) -> bool:
    """A record that is back where it was has nothing to settle, and yet its link has to say so."""
    return decision.link_state is link.state and dict(decision.settled) == dict(link.settled)


def mode_for(context: Context, object_name: str, hub: Loaded | None) -> Mode:
    """What was captured is never sent, whatever is changed about it here: it has its place in the CRM or elsewhere."""
    mode = context.plans[object_name].mode
    return Mode.INPUT if hub is not None and not context.table(object_name).may_go_out(hub) else mode


def used_choices(known: Known, decision: Decision) -> list[str]:
    """The persons' choices that this decision followed, or of which nothing is left to decide: kept, they would overrule
    a later edit."""
    waiting = {change.field for change in decision.asks} | known.link.frozen
    pairs = {name: decision.settled.get(name) for name in known.link.chosen if name not in waiting}
    return [name for name, pair in pairs.items() if pair and (pair.is_unread or same(pair.hub, pair.crm))]


def _is_kept_out(known: Known, row: Mapping[str, Any]) -> bool:
    """Taken back with its run, or dropped at the brake: out as long as the CRM shows the same record, unless allowed."""
    reason = known.link.reason
    is_out = known.link.state is LinkState.EXCLUDED and reason is not None and reason.code in KEPT_OUT
    return is_out and known.source_hash == row["source_hash"]


def link_columns(
    row: Mapping[str, Any], decision: Decision, customer: str, rules_hash: str, known: Known | None
) -> dict[str, Any]:
    is_listed = decision.link_state is not LinkState.LINKED
    is_left = is_listed or (known is not None and known.link.is_paused)
    return {
        "rules_hash": rules_hash,
        "parent_id": row["parent_id"],
        "customer_id": customer or (row["customer_ids"][0] if row["customer_ids"] else ""),
        "reason_code": decision.reason.code if is_listed else "",
        "reason_params": dict(decision.reason.params) if is_listed else {},
        "misses": 0,
        # A record that cannot be taken now is no less churned by us than it was.
        "churned_from": known.link.churned_from if known and is_left else "",
        "merged_into": "",
        "gone": False,
    }


def record_of(row: Mapping[str, Any], customer: str) -> Record:
    values = all_from_json(row["payload"])
    if customer:
        values[CUSTOMER_LINE.crm_field] = customer
    return Record(
        row["source_id"], values, row["modified_at"], row["name"], row["parent_id"], tuple(row["customer_ids"])
    )


def crashed(context: Context, object_name: str, row: Mapping[str, Any], known: Known | None) -> Planned:
    reason = Reason("crashed-record", {"system": context.system})
    hub_id = known.link.hub_id if known else None
    settled = known.link.settled if known else {}
    decision = Decision(row["source_id"], Action.REFUSE, reason, LinkState.FAILING, hub_id, settled=settled)
    columns = link_columns(row, decision, "", context.plans[object_name].rules_hash, known)
    return planned(object_name, decision, columns, name=row["name"], source_hash=row["source_hash"])


def churn_stage() -> str:
    from integrations.hub.models import Stage

    return Stage.objects.filter(is_churn=True).values_list("name", flat=True).first() or ""


def _match(row: Mapping[str, Any], facts: Facts, system: str, link: Link | None) -> Match:
    if link and link.reason and link.reason.code == NEW_BY_HAND:
        # Somebody looked at who else has its keys: none of them is asked.
        return Match(reason=link.reason)
    match = from_json(row["match"])
    return contested(match, facts.rivals.get(match.hub_id or 0, 1) - 1, system=system)


def _former_id(row: Mapping[str, Any]) -> str:
    """The record that hands its row on to this one."""
    return str((row["match"] or {}).get("former", ""))


def with_head(loaded: Loaded, hangs_on: str, moving: Mapping[str, str]) -> Loaded:
    head = str(loaded.hub.values[hangs_on] or "")
    if head not in moving:
        return loaded
    return replace(loaded, hub=replace(loaded.hub, values={**loaded.hub.values, hangs_on: moving[head]}))


def _rivals(run_id: int, object_name: str, candidates: set[int]) -> dict[int, int]:
    rows = Staged.objects.filter(run_id=run_id, object=object_name, candidate_id__in=candidates)
    numbers = rows.values("candidate_id").annotate(n=Count("pk")).values_list("candidate_id", "n")
    return {candidate: number for candidate, number in numbers if candidate is not None}


def elders_of(connection: Connection, object_name: str, hub_ids: Iterable[int]) -> dict[int, Mapping[str, str]]:
    held = holders_of(object_name, hub_ids)
    found = {pk: written_before(connection.pk, connection.order, holders) for pk, holders in held.items()}
    return {pk: written for pk, written in found.items() if written}


def _known_customers(context: Context, source_ids: set[str]) -> frozenset[str]:
    links = RecordLink.objects.filter(connection=context.connection, object="customers", source_id__in=source_ids)
    staged = Staged.objects.filter(run_id=context.run.pk, object="customers", source_id__in=source_ids)
    return frozenset(links.values_list("source_id", flat=True)) | frozenset(staged.values_list("source_id", flat=True))
