"""Decide, third pass: from whom every customer hangs, now that it is known which ones will have a row in the hub.

Two walks: over the rows that this run planned, then over linked customers that it left alone but whose ancestors moved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.utils import timezone

from integrations.engine.fieldwise import FieldChange
from integrations.engine.hierarchy import Ancestry, top_of
from integrations.engine.merge import settle
from integrations.engine.plan import Action, Decision
from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState
from integrations.engine.values import from_json, is_blank

from ..models import PlannedChange, RecordLink, Run, Staged
from ..store.ancestry import Family, family_of
from ..store.bulk import fetch, update
from ..store.hub_rows import Loaded
from ..store.links import Known, known_links, link_as_is, pairs_from
from ..store.planned import CHILD, TOP, Planned, fields_column, planned, write_planned
from .context import PARENT_LINE, Context
from .planning import elders_of
from .step import Place, Step
from .taking_over import heads_to_be

FIELD = "parent"
PLANNED = (
    "pk", "source_id", "action", "hub_id", "before", "after", "field_reasons", "notes", "erases", "link", "settled", "rank",
    "reason_code", "reason_params",
)  # fmt: skip
REWRITTEN = (
    "reason_code", "reason_params", "action", "before", "after", "field_reasons", "notes", "fields", "erases", "link", "settled",
    "rank",
)  # fmt: skip


class Hang(Step):
    phase = Run.Phase.DECIDE

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        if place.get("walk", "planned") == "planned":
            last = self._planned(context, int(place.get("after", 0)))
            return {"walk": "planned", "after": last} if last else {"walk": "linked"}
        last = self._linked(context, int(place.get("after", 0)))
        return {"walk": "linked", "after": last} if last else None

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        """Hanging from nobody is always possible: the record goes on without its parent."""
        walk = place.get("walk", "planned")
        rows = self._planned_page if walk == "planned" else self._linked_page
        page = rows(context, int(place.get("after", 0)), 1)
        if page:
            return {"walk": walk, "after": page[-1]["pk"]}
        return {"walk": "linked"} if walk == "planned" else None

    def _planned(self, context: Context, after: int) -> int | None:
        rows = self._planned_page(context, after, context.limit)
        if rows:
            formers = {row["source_id"]: row["former"] for row in rows if row["former"]}
            hanging = _Hanging(context, [row["source_id"] for row in rows], [row["hub_id"] for row in rows], formers)
            # Most customers belong to no group: their rows are not even read.
            grouped = [row["pk"] for row in rows if hanging.concerns(row["source_id"])]
            whole = fetch(PlannedChange.objects.filter(pk__in=grouped).order_by("pk"), PLANNED, len(grouped))
            update(PlannedChange, REWRITTEN, [[*hanging.rewritten(row), row["pk"]] for row in whole])
            context.count("customers.update", hanging.promoted)
            context.count("customers.settle", -hanging.promoted)
        return rows[-1]["pk"] if len(rows) == context.limit else None

    def _linked(self, context: Context, after: int) -> int | None:
        rows = self._linked_page(context, after, context.limit)
        if rows:
            hanging = _Hanging(context, [row["source_id"] for row in rows], [row["hub_id"] for row in rows])
            moved = [one for row in rows if (one := hanging.moved(row)) is not None]
            for one in moved:
                context.count(f"customers.{one.action}")
                # Counted as unchanged when it was merely seen.
                context.count("customers.unchanged", -1)
            write_planned(context.run.pk, context.connection.pk, context.connection.system, moved, timezone.now())
        return rows[-1]["pk"] if len(rows) == context.limit else None

    def _planned_page(self, context: Context, after: int, limit: int) -> list[dict[str, Any]]:
        rows = PlannedChange.objects.filter(
            run_id=context.run.pk, object="customers", pk__gt=after, link__state=LinkState.LINKED.value
        )
        return [
            dict(row)
            for row in rows.order_by("pk").values("pk", "source_id", "hub_id", former=KT("link__former"))[:limit]
        ]

    def _linked_page(self, context: Context, after: int, limit: int) -> list[dict[str, Any]]:
        if not _may_have_moved(context):
            return []
        decided = PlannedChange.objects.filter(
            run_id=context.run.pk, object="customers", source_id=OuterRef("source_id")
        )
        absent = Staged.objects.filter(
            run_id=context.run.pk, object="customers", source_id=OuterRef("source_id")
        ).exclude(evidence="")
        rows = RecordLink.objects.filter(
            ~Q(parent_id="", top_id=""), ~Exists(decided), ~Exists(absent), connection=context.connection,
            object="customers", pk__gt=after, state=RecordLink.State.LINKED, churned_from="",
        )  # fmt: skip
        return [dict(row) for row in rows.order_by("pk").values("pk", "source_id", "hub_id")[:limit]]


def _may_have_moved(context: Context) -> bool:
    """An ancestor moves only when the run decides something about a customer, or when the option was switched."""
    decided = PlannedChange.objects.filter(run_id=context.run.pk, object="customers")
    if not context.config["hierarchy"]:
        return RecordLink.objects.filter(connection=context.connection, object="customers").exclude(top_id="").exists()
    return decided.exists() or not context.is_delta


class _Hanging:
    def __init__(
        self,
        context: Context,
        source_ids: Sequence[str],
        hub_ids: Iterable[int | None],
        formers: Mapping[str, str] | None = None,
    ) -> None:
        """`formers`: record → the one whose row it takes over."""
        self.context = context
        self.formers = formers or {}
        self.promoted = 0
        self.keeps = bool(context.config["hierarchy"])
        connection_id = context.connection.pk
        self.family = family_of(context.run.pk, connection_id, source_ids) if self.keeps else Family({}, ())
        known = [*source_ids, *self.formers.values()]
        self.links: Mapping[str, Known] = known_links(connection_id, "customers", known)
        ids = [pk for pk in hub_ids if pk]
        self.hub: Mapping[int, Loaded] = context.table("customers").load(connection_id, ids)
        self.moving = heads_to_be(context) if self.keeps else {}
        self.elders = elders_of(context.connection, "customers", ids) if self.keeps else {}

    def concerns(self, source_id: str) -> bool:
        known, ancestry = self.links.get(self.formers.get(source_id, source_id)), self._ancestry(source_id)
        return bool(ancestry.parent or ancestry.notes or (known and FIELD in known.link.settled))

    def rewritten(self, row: Mapping[str, Any]) -> list[Any]:
        """The planned row's columns with the parent in them."""
        one = Planned(
            "customers", row["source_id"], row["action"], row["hub_id"],
            Reason(row["reason_code"], row["reason_params"]), dict(row["link"]), dict(row["settled"]), dict(row["before"]), dict(row["after"]), dict(row["field_reasons"]), list(row["notes"]),
            erases=row["erases"], rank=row["rank"],
        )  # fmt: skip
        self._hang(one)
        self.promoted += one.action != row["action"]
        return [
            one.reason.code, dict(one.reason.params), one.action, one.before, one.after, one.field_reasons, one.notes, fields_column(one.after), one.erases, one.link,
            one.settled, one.rank,
        ]  # fmt: skip

    def moved(self, row: Mapping[str, Any]) -> Planned | None:
        """An update of its own for a customer whose record did not change, but whose place did."""
        known = self.links[row["source_id"]]
        reason = Reason("ancestor-moved", {"system": self.context.system})
        decision = Decision(
            row["source_id"], Action.SETTLE, reason, LinkState.LINKED, row["hub_id"], settled=known.link.settled
        )
        link = {**link_as_is(known), "parent_id": self._now(known.columns["parent_id"])}
        one = planned("customers", decision, link, name=known.columns["name"])
        one.source_hash, one.modified_at = known.source_hash, known.columns["modified_at"]
        self._hang(one)
        is_same = one.link["top_id"] == known.columns["top_id"] and one.action == Action.SETTLE
        return None if is_same else one

    def _hang(self, one: Planned) -> None:
        ancestry = self._ancestry(one.source_id)
        top = ancestry.parent or None
        for note in ancestry.notes:
            one.note(note)
        loaded, base = self.hub.get(one.hub_id or 0), pairs_from(one.settled).get(FIELD)
        ours = self._now(loaded.hub.values[FIELD]) if loaded else None
        one.link["top_id"] = top or ""
        if FIELD in self.elders.get(one.hub_id or 0, ()):
            # An earlier connection says from whom it hangs; that it hangs from nobody is its word too.
            return
        if base is None and top is None:
            # Never ours, and nothing to say: a parent that somebody gave it here stays.
            return
        outcome = settle(PARENT_LINE, base, ours, top, system=self.context.system)
        if outcome.pair is not None:
            one.settle(FIELD, outcome.pair)
        if outcome.to_hub:
            self._change(one, FieldChange(FIELD, ours, outcome.value, outcome.reason))

    def _change(self, one: Planned, change: FieldChange) -> None:
        one.add(change)
        # Losing a parent empties nothing that anybody typed: the brake does not count it.
        one.erases = one.erases and any(
            name != FIELD and is_blank(from_json(value)) for name, value in one.after.items()
        )
        one.rank = TOP if is_blank(change.after) else CHILD
        if one.action == Action.PUSH:
            one.action = Action.UPDATE.value
        if one.action == Action.SETTLE:
            one.action, one.reason = Action.UPDATE.value, change.reason

    def _ancestry(self, source_id: str) -> Ancestry:
        if not self.keeps:
            return Ancestry()
        found = top_of(source_id, self.family.parents, self.family.inside, system=self.context.system)
        return replace(found, parent=self._now(found.parent))

    def _now(self, customer: Any) -> Any:
        """The one that has its row when this run is applied."""
        return self.moving.get(str(customer or ""), customer)
