"""What a person decides about one record: link it, part it from its row, exclude it, take it in, pause it, thaw a field.

A person's word outranks what a run has planned for the record: the plan's row is dropped, and the next run decides anew.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.engine.duplicates import PROPOSALS
from integrations.engine.plan import NEW_BY_HAND, Action
from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState

from .models import Change, Conflict, HubMark, Outbox, PlannedChange, RecordLink, Run
from .registry import system_of
from .runs import RunRefused, request_run
from .store.batches import decide_anew
from .store.hub_rows import table_of
from .store.journal import write_changes
from .store.links import UNTRIED
from .store.outbox import UNSENT
from .store.planned import said

PAGE = 500
AT_ONCE = 5_000
"""Links of one word of a person, who waits for it."""
KEPT_FOR_UNDO = (
    "state", "hub_id", "settled", "source_hash", "excluded_by_hand", "reason_code", "reason_params", "churned_from",
)  # fmt: skip


class DecisionRefused(Exception):  # noqa: N818 (an answer, not a fault)
    """The reason is a sentence for people. Nothing was changed."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))


def link_to_row(pk: int, hub_id: int, *, by: str, instead: bool = False) -> RecordLink:
    """`instead`: the record that has the row now is parted from it; else a taken row is refused."""
    with transaction.atomic():
        link = _locked(pk)
        if not table_of(link.object).model._default_manager.filter(pk=hub_id).exists():
            raise DecisionRefused(_("There is no such row here. Nothing was linked."))
        # What was churned with the record that had the row is un-churned with the one that has it now.
        churned_from = _free_row(link, hub_id, by, instead=instead)
        if not churned_from and link.hub_id == hub_id:
            churned_from = link.churned_from
        former = _former(link)
        reason = _by("linked-by-hand", link, by)
        columns = {"state": LinkState.LINKED.value, "hub_id": hub_id, "settled": {}, "churned_from": churned_from}
        _set(link, **columns, excluded_by_hand=False, reason=None)
        if link.linked_at is None:
            link.linked_at = timezone.now()
        link.save()
        _drop_disputes([link])
        # A creation that was never answered has its answer now.
        Outbox.objects.filter(
            connection=link.connection, object=link.object, hub_id=hub_id, kind=Outbox.Kind.CREATE
        ).delete()
        _journal([link], Action.LINK, reason, by, [former])
    return link


def link_proposed(links: QuerySet[RecordLink], *, by: str) -> int:
    """Each to the row that is proposed for it, a page at a time; where two are proposed the same row, both still wait.

    Of very many only the first ones: another word goes on with the rest.
    """
    number, after = 0, 0
    proposed = links.filter(state=LinkState.COLLISION.value, hub_id=None, reason_code__in=PROPOSALS).order_by("pk")
    while number < AT_ONCE and (pks := list(proposed.filter(pk__gt=after).values_list("pk", flat=True)[:PAGE])):
        after = pks[-1]
        with transaction.atomic():
            # Another person, or a run, may have spoken first.
            still = proposed.filter(pk__in=pks).select_for_update(of=("self",)).values_list("pk", flat=True)
            if waiting := list(still):
                number += _link_page(_all_locked(waiting), by)
    return number


def part(pk: int, *, by: str) -> RecordLink:
    """The row stays as it is; the record stays out until somebody links it or takes it in."""
    with transaction.atomic():
        link = _locked(pk)
        if link.hub_id is None:
            raise DecisionRefused(_("This record is linked to no row. Nothing was changed."))
        _part(link, by)
    return link


def exclude(pks: Sequence[int], *, by: str) -> int:
    """Linked ones keep their row and what was settled, for the day on which they are taken in again."""
    return _each(pks, "kept-out-by-hand", by, state=LinkState.EXCLUDED.value, excluded_by_hand=True)


def take_in(pks: Sequence[int], *, by: str) -> int:
    """Back to what the sync makes of it: also what an undone run had brought, and what was deleted here."""
    return _each(pks, "allowed-by-hand", by, excluded_by_hand=False)


def make_new(pks: Sequence[int], *, by: str) -> int:
    """The next run creates rows for these without asking any key; what is links only never has one made."""
    for system, name in RecordLink.objects.filter(pk__in=pks).values_list("connection__system", "object").distinct():
        abilities = system_of(system).abilities
        if not abilities.of(name).makes_rows:
            raise DecisionRefused(
                _("%(system)s adds to what is here and creates nothing. Link the record to its row.")
                % {"system": abilities.label}
            )
    return _each(pks, NEW_BY_HAND, by, state=LinkState.COLLISION.value, excluded_by_hand=False, unlinked_only=True)


def pause(pks: Sequence[int]) -> int:
    """Nothing is written on either side; what waited to be sent is decided anew when they go on."""
    with transaction.atomic():
        links = [link for link in _all_locked(pks) if link.paused_at is None]
        forget_plans(links)
        _drop_unsent(links)
        return RecordLink.objects.filter(pk__in=[link.pk for link in links]).update(paused_at=timezone.now())


def resume(pks: Sequence[int]) -> int:
    """What was typed here meanwhile is decided as well, also where nothing is read."""
    with transaction.atomic():
        links = [link for link in _all_locked(pks) if link.paused_at is not None]
        for (connection_id, data_type), hub_ids in _rows_by_type(links).items():
            decide_anew(connection_id, data_type, hub_ids)
        paused = RecordLink.objects.filter(pk__in=[link.pk for link in links])
        return paused.update(paused_at=None, wanted_at=timezone.now())


def thaw(pk: int, field: str) -> RecordLink:
    """The field is written again, and the count of its swings begins anew."""
    with transaction.atomic():
        link = _locked(pk)
        if field not in link.frozen:
            raise DecisionRefused(_("This field is not frozen. Nothing was changed."))
        link.frozen = {name: at for name, at in link.frozen.items() if name != field}
        link.waves = {name: swings for name, swings in link.waves.items() if name != field}
        link.wanted_at = timezone.now()
        link.save(update_fields=["frozen", "waves", "wanted_at"])
    return link


def restore(link: RecordLink, former: Mapping[str, Any], *, by: str) -> None:
    """The link as it stood before a person's word about it; inside the caller's transaction."""
    if former["hub_id"]:
        _free_row(link, int(former["hub_id"]), by, instead=False)
    now = _former(link)
    forget_plans([link])
    _drop_disputes([link])
    for name, value in former.items():
        setattr(link, name, value)
    link.source_hash, link.wanted_at = "", timezone.now()
    begin_anew(link)
    link.save()
    _journal([link], Action.RESTORE, Reason("taken-back-by-hand"), by, [now])


def start_sync(link: RecordLink, *, by: str) -> str:
    """Lets a run follow what was decided, and says in a sentence which one will."""
    try:
        run = request_run(link.connection, Run.Kind.DELTA, by=by)
    except RunRefused as refusal:
        if refusal.run is not None:
            return _("Run %(run)s is under way; the next one follows it.") % {"run": refusal.run.pk}
        return _("It waits for the next run. %(why)s") % {"why": refusal.reason}
    return _("Run %(run)s follows it now.") % {"run": run.pk}


def _each(pks: Sequence[int], code: str, by: str, *, unlinked_only: bool = False, **columns: Any) -> int:
    with transaction.atomic():
        links = [link for link in _all_locked(pks) if not (unlinked_only and link.hub_id)]
        former = [_former(link) for link in links]
        living = _living_rows(links)
        for link in links:
            _set(link, **columns, reason=_by(code, link, by))
            if link.hub_id and (link.object, link.hub_id) not in living:
                # What it was linked to is gone for good: it is met as a new record.
                link.hub_id, link.settled = None, {}
        fields = [*KEPT_FOR_UNDO, *UNTRIED, "wanted_at"]
        RecordLink.objects.bulk_update(links, fields, batch_size=500)
        _drop_disputes(links)
        action = Action.EXCLUDE if code == "kept-out-by-hand" else Action.RESTORE
        _journal(links, action, Reason(code), by, former)
    return len(links)


def _living_rows(links: Iterable[RecordLink]) -> set[tuple[str, int]]:
    asked: dict[str, list[int]] = {}
    for link in links:
        if link.hub_id:
            asked.setdefault(link.object, []).append(link.hub_id)
    return {
        (name, pk)
        for name, ids in asked.items()
        for pk in table_of(name).model._default_manager.filter(pk__in=ids).values_list("pk", flat=True)
    }


def _link_page(links: Sequence[RecordLink], by: str) -> int:
    free = _free_proposals(links)
    chosen = [
        link for link in links if link.reason_params.get("row") in free.get((link.connection_id, link.object), ())
    ]
    if not chosen:
        return 0
    former = [_former(link) for link in chosen]
    now = timezone.now()
    for link in chosen:
        columns = {"state": LinkState.LINKED.value, "hub_id": link.reason_params["row"], "settled": {}}
        _set(link, **columns, excluded_by_hand=False, reason=None)
        link.linked_at = link.linked_at or now
    RecordLink.objects.bulk_update(chosen, [*KEPT_FOR_UNDO, "wanted_at", "linked_at", *UNTRIED])
    _drop_disputes(chosen)
    for (connection_id, name), rows in _rows_by_type(chosen).items():
        # A creation that was never answered has its answer now.
        waiting = Outbox.objects.filter(connection=connection_id, object=name, hub_id__in=rows)
        waiting.filter(kind=Outbox.Kind.CREATE).delete()
    _journal(chosen, Action.LINK, Reason("linked-by-hand", {"by": by}), by, former)
    return len(chosen)


def _rows_by_type(links: Iterable[RecordLink]) -> dict[tuple[int, str], list[int]]:
    found: dict[tuple[int, str], list[int]] = {}
    for link in links:
        if link.hub_id is not None:
            found.setdefault((link.connection_id, link.object), []).append(link.hub_id)
    return found


def _free_proposals(links: Sequence[RecordLink]) -> dict[tuple[int, str], set[int]]:
    """Rows that are there, that no record of the connection has, and that one record alone is proposed."""
    wanted: dict[tuple[int, str], Counter[int]] = {}
    for link in links:
        wanted.setdefault((link.connection_id, link.object), Counter())[link.reason_params["row"]] += 1
    found: dict[tuple[int, str], set[int]] = {}
    for (connection_id, name), rows in wanted.items():
        others = RecordLink.objects.filter(connection=connection_id, object=name)
        taken = set(others.filter(hub_id__in=rows).values_list("hub_id", flat=True))
        claims = others.filter(
            state=LinkState.COLLISION.value, reason_code__in=PROPOSALS, reason_params__row__in=list(rows)
        )
        counted = Counter(claims.values_list("reason_params__row", flat=True))
        there = set(table_of(name).model._default_manager.filter(pk__in=rows).values_list("pk", flat=True))
        found[connection_id, name] = {row for row in there - taken if counted[row] == 1}
    return found


def _free_row(link: RecordLink, hub_id: int, by: str, *, instead: bool) -> str:
    """Returns the stage from which the row was churned, while another record had it."""
    churned_from = ""
    holders = RecordLink.objects.select_for_update().filter(
        connection=link.connection, object=link.object, hub_id=hub_id
    )
    for holder in holders.exclude(pk=link.pk):
        churned_from = churned_from or holder.churned_from
        if holder.state == RecordLink.State.MERGED:
            # The dead half of a CRM merge hands its row on.
            RecordLink.objects.filter(pk=holder.pk).update(hub_id=None)
        elif instead:
            _part(holder, by)
        else:
            raise DecisionRefused(
                _("%(other)s of %(name)s is linked to this row already, and a row has one record of a connection.")
                % {"other": holder.name or holder.source_id, "name": link.connection.name}
            )
    return churned_from


def _part(link: RecordLink, by: str) -> None:
    former, row = _former(link), link.hub_id or 0
    reason = _by("parted-by-hand", link, by)
    _drop_disputes([link])
    HubMark.objects.filter(connection=link.connection, object=link.object, hub_id=row).delete()
    _journal([link], Action.UNLINK, reason, by, [former])
    # The row is remembered: it has met this CRM, so no run creates it there a second time.
    reason = Reason(reason.code, {**reason.params, "row": row})
    columns: dict[str, Any] = {"state": LinkState.EXCLUDED.value, "hub_id": None, "settled": {}, "churned_from": ""}
    _set(link, **columns, excluded_by_hand=True, reason=reason)
    link.save()


def _set(link: RecordLink, *, reason: Reason | None, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(link, name, value)
    link.reason_code = reason.code if reason else ""
    link.reason_params = dict(reason.params) if reason else {}
    link.source_hash, link.wanted_at = "", timezone.now()
    begin_anew(link)


def begin_anew(link: RecordLink) -> None:
    """A person gave it a new chance: no earlier try counts."""
    for name, value in UNTRIED.items():
        setattr(link, name, value)


def _locked(pk: int) -> RecordLink:
    return _all_locked([pk])[0]


def _all_locked(pks: Sequence[int]) -> list[RecordLink]:
    links = RecordLink.objects.select_for_update(of=("self",)).select_related("connection").filter(pk__in=pks)
    found = list(links.order_by("pk"))
    if not found:
        raise DecisionRefused(_("This record is no longer known. Nothing was changed."))
    forget_plans(found)
    return found


def forget_plans(links: Sequence[RecordLink]) -> None:
    """What a run decided before the person did must not be applied over it."""
    for (connection, name), ids in _by_type(links).items():
        rows = PlannedChange.objects.filter(
            run_id__in=_runs_with_plans(connection), connection_id=connection, object=name, source_id__in=ids
        )
        rows._raw_delete(rows.db)


def _runs_with_plans(connection_id: int) -> list[int]:
    """Those under way or held, and previews: only these can still apply something. Their ids name the index."""
    runs = Run.objects.filter(connection=connection_id)
    live = runs.filter(state__in=[*Run.ACTIVE, Run.State.HELD]) | runs.filter(
        kind=Run.Kind.PREVIEW, state=Run.State.DONE, version=F("connection__version")
    )
    return list(live.values_list("pk", flat=True))


def _drop_disputes(links: Sequence[RecordLink]) -> None:
    for (connection, name), ids in _by_type(links).items():
        Conflict.objects.filter(connection=connection, object=name, source_id__in=ids).delete()
    _drop_unsent(links)


def _drop_unsent(links: Sequence[RecordLink]) -> None:
    for (connection, name), ids in _by_type(links).items():
        Outbox.objects.filter(connection=connection, object=name, source_id__in=ids, state__in=UNSENT).delete()


def _by_type(links: Iterable[RecordLink]) -> dict[tuple[int, str], list[str]]:
    found: dict[tuple[int, str], list[str]] = {}
    for link in links:
        found.setdefault((link.connection_id, link.object), []).append(link.source_id)
    return found


def _by(code: str, link: RecordLink, by: str) -> Reason:
    return Reason(code, {"by": by, "system": system_of(link.connection.system).abilities.label})


def _former(link: RecordLink) -> dict[str, Any]:
    return {name: getattr(link, name) for name in KEPT_FOR_UNDO}


def _journal(
    links: Sequence[RecordLink], action: Action, reason: Reason, by: str, former: Sequence[Mapping[str, Any]]
) -> None:
    now = timezone.now()
    write_changes(
        [
            _row(link, action, _by(reason.code, link, by), by, now, kept)
            for link, kept in zip(links, former, strict=True)
        ]
    )


def _row(
    link: RecordLink, action: Action, reason: Reason, by: str, now: datetime, former: Mapping[str, Any]
) -> dict[str, Any]:
    why = said(reason)
    return {
        "at": now, "run_id": None, "connection_id": link.connection_id, "system": link.connection.system,
        "object": link.object, "hub_id": link.hub_id, "source_id": link.source_id, "action": action.value,
        "outcome": Change.Outcome.DONE.value, "before": {}, "after": {}, "field_reasons": {}, "reason_code": why["code"],
        "reason_params": why["params"], "notes": [], "fields": "", "erases": False, "actor": by[:160],
        "undo": {"link": dict(former)},
    }  # fmt: skip
