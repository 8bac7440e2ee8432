"""Decide, last pass: linked records that this run did not find, by what is known about their absence."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from integrations.engine.churn import Evidence, absent
from integrations.engine.plan import Action, Decision
from integrations.engine.precedence import keeper_of_stage
from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState
from integrations.engine.values import all_to_json, is_blank

from ..deletions import comes_in
from ..models import Block, Change, Connection, OnDelete, Run, Staged
from ..registry import system_of
from ..store.holders import connections_with, held_by_others, holders_of
from ..store.hub_rows import Loaded
from ..store.links import Known, known_links
from ..store.planned import Planned, planned, said, write_planned
from .context import Context
from .planning import churn_stage
from .reading import listing_size
from .step import Place, Step
from .taking_over import survivors

MADE_OUTSIDE = "made-outside"
EVIDENCE = {
    Staged.Evidence.DELETED.value: Evidence.DELETED,
    Staged.Evidence.OUTSIDE.value: Evidence.OUTSIDE,
    Staged.Evidence.MERGED.value: Evidence.MERGED,
    Staged.Evidence.ABSENT.value: Evidence.NONE,
}


class AbsentStep(Step):
    phase = Run.Phase.DECIDE

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        rows = self._page(context, place, context.limit)
        if rows:
            links = known_links(context.connection.pk, self.object, [row["source_id"] for row in rows])
            hub_ids = [known.link.hub_id for known in links.values() if known.link.hub_id]
            hub = context.table(self.object).load(context.connection.pk, hub_ids) if self._churns(context) else {}
            kept = kept_by_others(context.connection, self.object, hub)
            size, churn = listing_size(context, self.object), churn_stage()
            if size is None and any(row["evidence"] == Staged.Evidence.ABSENT for row in rows):
                size = _last_listing(context, self.object)
            made = made_here(context, self.object, links.values())
            decided = [
                one
                for row in rows
                if (known := links.get(row["source_id"]))
                and (
                    one := self._decided(context, row, known, hub.get(known.link.hub_id or 0), size, churn, kept, made)
                )
            ]
            if self._deletes(context):
                decided = self._with_deletions(context, rows, links, decided)
            for one in decided:
                # Those that left are not in what the source counts now, so they may not explain any of it.
                context.count(f"{self.object}.{'left' if one.action == Action.EXCLUDE.value else one.action}")
            write_planned(context.run.pk, context.connection.pk, context.connection.system, decided, timezone.now())
        return {"after": rows[-1]["pk"]} if len(rows) == context.limit else None

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        """Nothing is concluded about the record; the next run asks again."""
        rows = self._page(context, place, 1)
        return {"after": rows[-1]["pk"]} if rows else None

    def _page(self, context: Context, place: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        rows = Staged.objects.filter(run_id=context.run.pk, object=self.object, pk__gt=place.get("after", 0)).exclude(
            evidence=""
        )
        columns = ("pk", "source_id", "name", "evidence", "evidence_detail", "modified_at")
        return list(rows.order_by("pk").values(*columns)[:limit])

    def _churns(self, context: Context) -> bool:
        return self.object == "customers" and bool(context.config["churn"])

    def _deletes(self, context: Context) -> bool:
        plan = context.plans[self.object]
        return plan.on_crm_delete == OnDelete.DELETE and comes_in(plan.mode, self.object)

    def _with_deletions(
        self,
        context: Context,
        rows: Sequence[Mapping[str, Any]],
        links: Mapping[str, Known],
        decided: Sequence[Planned],
    ) -> list[Planned]:
        """What the CRM names as deleted takes its row along; what merely is not there, left or was merged never does."""
        named = {row["source_id"] for row in rows if row["evidence"] == Staged.Evidence.DELETED.value}
        going = {
            one.hub_id
            for one in decided
            if one.action == Action.GONE.value and one.source_id in named and not links[one.source_id].link.is_paused
        }
        hub = context.table(self.object).load(context.connection.pk, {pk for pk in going if pk})
        others = held_by_others(context.connection.pk, self.object, hub)
        return [
            deleted_with(one, hub[one.hub_id], context.system, others.get(one.hub_id, ""))
            if one.hub_id is not None and one.hub_id in hub
            else one
            for one in decided
        ]

    def _decided(
        self,
        context: Context,
        row: Mapping[str, Any],
        known: Known,
        loaded: Loaded | None,
        size: int | None,
        churn: str,
        kept: Mapping[int, str],
        made: Collection[str],
    ) -> Planned | None:
        was_never_inside = row["source_id"] in made
        keeper = kept.get(known.link.hub_id or 0, "")
        merged = row["evidence"] == Staged.Evidence.MERGED.value
        gone = merged or row["evidence"] == Staged.Evidence.DELETED.value
        survivor = survivors(context, self.object).get(row["source_id"], row["evidence_detail"]) if merged else ""
        decision = absent(
            known.link,
            source_id=row["source_id"],
            evidence=EVIDENCE[row["evidence"]],
            # The CRM names the record that it lives on in: a listing that is too short does not speak against that.
            complete=merged or is_complete(context, self.object, size),
            listing_size=size,
            churn_on=self._churns(context) and not keeper and not was_never_inside,
            stage=str(loaded.hub.values["stage"]) if loaded else "",
            churn_stage=churn,
            system=context.system,
            survivor=survivor,
            reason=Reason(MADE_OUTSIDE, {"system": context.system}) if was_never_inside and not gone else None,
        )
        if decision.action is Action.UNCHANGED:
            return None
        if keeper and decision.action is not Action.MISS and not merged:
            decision = replace(decision, notes=(Reason("stage-kept", {"system": context.system, "other": keeper}),))
        return planned(
            self.object,
            replace(decision, settled=known.link.settled),
            _link_columns(survivor, known, decision),
            name=known.columns["name"],
            source_hash=known.source_hash,
            modified_at=row["modified_at"],
        )


def deleted_with(one: Planned, loaded: Loaded, system: str, other: str) -> Planned:
    """`other`: a connection that still has the row, so that it stays."""
    if other:
        one.note(Reason("kept-for-other", {"system": system, "other": other}))
        return one
    why = Reason("deleted-with-record", {"system": system})
    values = {name: value for name, value in loaded.hub.values.items() if not is_blank(value)}
    return replace(
        one, action=Action.DELETE.value, reason=why, before=all_to_json(values), after=dict.fromkeys(values),
        field_reasons=dict.fromkeys(values, said(why)),
        link={**one.link, "reason_code": why.code, "reason_params": dict(why.params)},
    )  # fmt: skip


def made_here(context: Context, object_name: str, links: Iterable[Known]) -> frozenset[str]:
    """Source ids of records that were made there from a row of the hub, and that no reading has shown in scope since.

    They never were customers of the CRM's view, so they cannot leave it.
    """
    unread = [known.columns["source_id"] for known in links if not known.source_hash]
    if not unread:
        return frozenset()
    # Of a connection that moved to another owner, the one before it tells: the organisation and its ids are the same.
    child, home = context.child, system_of(context.connection.system).home
    same_home = type(child)._default_manager.filter(**{home: getattr(child, home)}, system=child.system)
    made = Change.objects.filter(
        connection_id__in=same_home.values("pk"), object=object_name, source_id__in=unread,
        action=Action.CREATE_OUT.value, outcome=Change.Outcome.DONE,
    )  # fmt: skip
    return frozenset(made.values_list("source_id", flat=True))


def kept_by_others(connection: Connection, object_name: str, hub_ids: Collection[int]) -> dict[int, str]:
    """hub id → the other connection that has the customer and writes its stage: this one may not churn it.

    This one is among the holders even where it has lost the customer for long: it may still have written the stage.
    """
    if not hub_ids:
        return {}
    mine = connections_with(object_name, [connection.pk])[connection.pk]
    found = {}
    for hub_id, holders in holders_of(object_name, hub_ids).items():
        others = [one for one in holders if one.connection_id != connection.pk]
        keeper = keeper_of_stage([*others, mine])
        if others and keeper is not None and keeper is not mine:
            found[hub_id] = keeper.name
    return found


def _last_listing(context: Context, object_name: str) -> int | None:
    """A delta concludes absence only of what the last complete listing missed and nobody finds by its id: that one speaks."""
    return Block.objects.values_list("counted", flat=True).get(connection=context.connection, object=object_name)


def is_complete(context: Context, object_name: str, size: int | None) -> bool:
    """The reading came to its end (else this step would not run) and held all that the source had counted."""
    counted = context.totals.get(object_name)
    return size is None or counted is None or size >= counted


def _link_columns(survivor: str, known: Known, decision: Decision) -> dict[str, Any]:
    is_miss = decision.action is Action.MISS
    churned_from = next((str(change.before or "") for change in decision.changes), known.link.churned_from)
    return {
        "rules_hash": known.rules_hash,
        "parent_id": known.columns["parent_id"],
        "top_id": known.columns["top_id"],
        "customer_id": known.columns["customer_id"],
        "reason_code": "" if is_miss else decision.reason.code,
        "reason_params": {} if is_miss else dict(decision.reason.params),
        "misses": known.link.misses + 1 if is_miss else 0,
        "churned_from": churned_from,
        "merged_into": survivor if decision.link_state is LinkState.MERGED else "",
        "gone": decision.link_state is LinkState.GONE,
    }
