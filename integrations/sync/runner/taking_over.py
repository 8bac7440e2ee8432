"""Records that others were merged into: some CRMs make a new record of two, and it takes over the hub row of one of them.

The link of the record that went hands on its row and what was settled with it. Where nothing is handed on, the new record
comes in by its own keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models.fields.json import KT

from integrations.engine.match import Match
from integrations.engine.plan import Action

from ..models import PlannedChange, RecordLink, Staged
from .context import Context


@dataclass(frozen=True, slots=True)
class _Former:
    """A record that was merged into `heir`, and its hub row."""

    source_id: str
    hub_id: int
    heir: str


def survivors(context: Context, object_name: str) -> Mapping[str, str]:
    """Record → the one that it lives on in, of those that this run heard were merged; read once a slice."""
    if object_name not in context.merged:
        heard = Staged.objects.filter(run_id=context.run.pk, object=object_name, evidence=Staged.Evidence.MERGED)
        context.merged[object_name] = followed(dict(heard.values_list("source_id", "evidence_detail")))
    return context.merged[object_name]


def followed(merged: Mapping[str, str]) -> dict[str, str]:
    """One merge after another, to the record that none was merged away; of a circle nobody lives on."""
    return {one: end for one in merged if (end := _end(merged, one))}


def _end(merged: Mapping[str, str], one: str) -> str:
    seen = {one}
    while (one := merged.get(one, "")) in merged:
        if one in seen:
            return ""
        seen.add(one)
    return one


def taken_over(context: Context, object_name: str, found: Mapping[str, Match]) -> dict[str, Match]:
    """Unknown record → the row that it takes over; `found`: what the keys say of each of the page.

    Of several rows the oldest: the others are proposed for a merge here, as after any merge there.
    """
    formers = _formers(context, object_name, found)
    if not formers:
        return {}
    linked = RecordLink.objects.filter(
        connection=context.connection, object=object_name, source_id__in={one.heir for one in formers},
        linked_at__isnull=False,
    )  # fmt: skip
    met = frozenset(linked.values_list("source_id", flat=True))
    heard = survivors(context, object_name)
    taken: dict[str, Match] = {}
    for one in sorted(formers, key=lambda former: -former.hub_id):
        # Who had a row of its own since then is known here by its keys, and takes over only what they leave or find.
        is_free = one.source_id in heard or one.heir not in met
        if is_free or (found[one.heir].collision is None and found[one.heir].hub_id in {None, one.hub_id}):
            taken[one.heir] = Match(one.hub_id, former=one.source_id)
    return taken


def _formers(context: Context, object_name: str, asked: Mapping[str, Match]) -> Sequence[_Former]:
    """Also of merges that an earlier run heard of, while the record was not in scope or could not be taken.

    Left out by hand, alive again or without a row any more, it hands nothing on.
    """
    heir_of = {one: end for one, end in survivors(context, object_name).items() if end in asked}
    into = {**heir_of, **{one: one for one in asked}}
    links = RecordLink.objects.filter(
        connection=context.connection, object=object_name, hub_id__isnull=False, excluded_by_hand=False
    ).values_list("source_id", "hub_id", "merged_into")
    # Two statements: a database may walk all links to answer either or.
    rows = [*links.filter(state=RecordLink.State.MERGED, merged_into__in=list(into))]
    rows += links.filter(source_id__in=list(heir_of)) if heir_of else []
    formers = {
        source_id: _Former(source_id, hub_id, heir_of.get(source_id) or into[merged_into])
        for source_id, hub_id, merged_into in rows
        if hub_id is not None
    }
    if not formers:
        return []
    alive = Staged.objects.filter(run_id=context.run.pk, object=object_name, source_id__in=list(formers), evidence="")
    back = frozenset(alive.values_list("source_id", flat=True))
    here = context.table(object_name).model._default_manager.filter(pk__in=[one.hub_id for one in formers.values()])
    standing = frozenset(here.values_list("pk", flat=True))
    return [one for one in formers.values() if one.hub_id in standing and one.source_id not in back]


def heads_to_be(context: Context) -> Mapping[str, str]:
    """Customer → the one that takes its row over in this run: what hangs on the row then hangs on that one."""
    if context.heads_to_be is None:
        taking = PlannedChange.objects.filter(
            run_id=context.run.pk, object="customers", action=Action.LINK.value, link__has_key="former"
        )
        has_any = bool(context.counts.get(f"customers.{Action.LINK}"))
        context.heads_to_be = dict(taking.values_list(KT("link__former"), "source_id")) if has_any else {}
    return context.heads_to_be
