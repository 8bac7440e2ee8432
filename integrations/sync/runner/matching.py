"""Decide, first pass: which hub row an unlinked record finds by the merge keys, over the whole stage."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Count, QuerySet

from integrations.engine.match import Index, Match, find
from integrations.engine.plan import Action
from integrations.engine.reasons import Reason

from ..models import RecordLink, Run, Staged, StagedKey
from ..open_values import added, translates
from ..store.bulk import update
from ..store.links import was_read
from ..store.planned import said
from .context import Context, Plan
from .likeness import proposed
from .step import Place, Step
from .taking_over import taken_over

CRASHED = {"crashed": True}


class Discard(Step):
    """Drops what was read but never belonged (changed records outside the scope); counts what needs no decision."""

    phase = Run.Phase.DECIDE

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        rows = Staged.objects.filter(
            run_id=context.run.pk, object=self.object, evidence=Staged.Evidence.OUTSIDE, is_linked=False
        )
        keys = StagedKey.objects.filter(
            run_id=context.run.pk, object=self.object, source_id__in=rows.values("source_id")
        )
        keys._raw_delete(keys.db)
        context.count(f"{self.object}.outside", rows._raw_delete(rows.db))
        quiet = Staged.objects.filter(run_id=context.run.pk, object=self.object, evidence="", payload__isnull=True)
        resting = self._resting(context, quiet)
        context.count(f"{self.object}.unchanged", quiet.count() - sum(resting.values()))
        for code, number in resting.items():
            context.count(f"{self.object}.{Action.REFUSE}", number)
            context.count(f"{self.object}.{Action.REFUSE}.{code}", number)
        if context.is_preview:
            context.run.cursor = added(context.run.cursor, self.object, self._open(context, quiet))
        return None

    def _open(self, context: Context, quiet: QuerySet[Staged]) -> dict[tuple[str, str], int]:
        """Unchanged, and settled without a field that translates: its value was not mapped, and is not read again."""
        translated = [rule.hub_field for rule in context.plans[self.object].rules if translates(rule)]
        links = RecordLink.objects.filter(
            connection=context.connection, object=self.object, state=RecordLink.State.LINKED,
            source_id__in=quiet.values("source_id"),
        )  # fmt: skip
        wanted = {f"n{n}": Count("pk", filter=~was_read(name)) for n, name in enumerate(translated)}
        numbers = links.aggregate(**wanted) if wanted else {}
        return {(name, ""): numbers[f"n{n}"] for n, name in enumerate(translated) if numbers[f"n{n}"]}

    def _resting(self, context: Context, quiet: QuerySet[Staged]) -> dict[str, int]:
        """Seen, failing, and not their turn to be tried: by reason, for they are no less refused than before."""
        links = RecordLink.objects.filter(
            connection=context.connection, object=self.object, state=RecordLink.State.FAILING,
            source_id__in=quiet.values("source_id"),
        )  # fmt: skip
        return dict(links.order_by().values_list("reason_code").annotate(Count("pk")))


class MatchStep(Step):
    phase = Run.Phase.DECIDE

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        plan = context.plans[self.object]
        rows = self._page(context, place, context.limit)
        if rows:
            matches = self._matches(context, plan, [source_id for _, source_id in rows])
            update(
                Staged, ["candidate_id", "match"],
                [(matches[source_id].hub_id, to_json(matches[source_id]), pk) for pk, source_id in rows],
            )  # fmt: skip
        return {"after": rows[-1][0]} if len(rows) == context.limit else None

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        rows = self._page(context, place, 1)
        Staged.objects.filter(pk__in=[pk for pk, _ in rows]).update(match=CRASHED)
        return {"after": rows[-1][0]} if rows else None

    def _page(self, context: Context, place: Mapping[str, Any], limit: int) -> list[tuple[int, str]]:
        rows = Staged.objects.filter(
            run_id=context.run.pk, object=self.object, pk__gt=place.get("after", 0), payload__isnull=False, evidence="",
            is_linked=False,
        )  # fmt: skip
        return list(rows.order_by("pk").values_list("pk", "source_id")[:limit])

    def _matches(self, context: Context, plan: Plan, source_ids: list[str]) -> dict[str, Match]:
        values = _key_values(context.run.pk, plan.object, source_ids)
        index = _index(context, plan, values)
        told: dict[str, Any] = {"system": context.system, "makes_rows": context.abilities.of(plan.object).makes_rows}
        found = {one: find(one, values.get(one, {}), plan.keys, index, **told) for one in source_ids}
        # A link outranks every key, also where none is asked.
        found |= taken_over(context, plan.object, found)
        alike = proposed(context, plan, _unfound(found))
        return found | {one: replace(found[one], reason=None, collision=reason) for one, reason in alike.items()}


def _unfound(found: Mapping[str, Match]) -> list[str]:
    return [one for one, match in found.items() if match.hub_id is None and match.collision is None]


def to_json(match: Match) -> dict[str, Any]:
    return {
        "hub_id": match.hub_id,
        "key": match.key,
        "collision": said(match.collision) if match.collision else None,
        "notes": [said(note) for note in match.notes],
        "reason": said(match.reason) if match.reason else None,
        "former": match.former,
    }


def from_json(stored: Mapping[str, Any] | None) -> Match:
    if not stored:
        return Match()
    notes = tuple(_reason(note) for note in stored["notes"])
    collision = _reason(stored["collision"]) if stored["collision"] else None
    reason = _reason(stored["reason"]) if stored["reason"] else None
    return Match(stored["hub_id"], stored["key"], collision, notes, reason, stored.get("former", ""))


def _reason(stored: Mapping[str, Any]) -> Reason:
    return Reason(stored["code"], stored["params"])


def _key_values(run_id: int, object_name: str, source_ids: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    keys = StagedKey.objects.filter(run_id=run_id, object=object_name, source_id__in=source_ids)
    for source_id, field, value in keys.values_list("source_id", "field", "value"):
        found.setdefault(source_id, {})[field] = value
    return found


def _index(context: Context, plan: Plan, values: Mapping[str, Mapping[str, str]]) -> Index:
    asked: dict[str, set[str]] = {}
    for of_record in values.values():
        for name, value in of_record.items():
            asked.setdefault(name, set()).add(value)
    table = context.table(plan.object)
    hub_rows = {
        key.hub_field: table.find(
            key, sorted(asked.get(key.hub_field, ())), context.connection.pk, is_common=plan.ref_is_common
        )
        for key in plan.keys
    }
    found = {pk for by_value in hub_rows.values() for pks in by_value.values() for pk in pks}
    return Index(hub_rows, _claimants(context, plan.object, asked), _linked_to(context, plan.object, found))


def _claimants(context: Context, object_name: str, asked: Mapping[str, set[str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    everything = set().union(*asked.values()) if asked else set()
    keys = StagedKey.objects.filter(run_id=context.run.pk, object=object_name, value__in=everything)
    for name, value, number in keys.values("field", "value").annotate(n=Count("pk")).values_list("field", "value", "n"):
        found.setdefault(name, {})[value] = number
    return found


def _linked_to(context: Context, object_name: str, hub_ids: set[int]) -> dict[int, str]:
    links = RecordLink.objects.filter(connection=context.connection, object=object_name, hub_id__in=hub_ids)
    living = links.exclude(state=RecordLink.State.MERGED).values_list("hub_id", "source_id")
    return {hub_id: source_id for hub_id, source_id in living if hub_id is not None}
