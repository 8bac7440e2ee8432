"""Which writes go out next: one data type and one kind at a time, customers before what hangs on them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.engine.merge import same
from integrations.engine.retry import PACES, class_of
from integrations.engine.values import from_json

from ..connector import Abilities, ObjectAbility
from ..models import Conflict, Outbox, RecordLink
from .bulk import update
from .hub_rows import FOREIGN, Loaded, table_of
from .marks import mark
from .outbox import DELETED_OUT, TAKEN_BACK

CUSTOMER = "@customer"
CUSTOMER_FIELD = "customer"
KINDS = (Outbox.Kind.CREATE, Outbox.Kind.UPDATE, Outbox.Kind.DELETE)
NOT_LINKED = "customer-not-linked"
"""Why a record is not sent whose customer the CRM does not have yet."""
BARRING = ("source_id", "state", "paused_at", "excluded_by_hand", "frozen")
"""The columns of a link that say whether its record may still be written."""
PLANNED, REFUSED = Outbox.State.PLANNED.value, Outbox.State.REFUSED.value


class HasKey(Protocol):
    """What is asked of a data type's plan here."""

    @property
    def key_field(self) -> str: ...


def may_go_in_bulk(ability: ObjectAbility, key_field: str, kind: str) -> bool:
    """A job answers row by row, in an order of its own: only a key tells which of the new records is whose."""
    return bool(ability.bulk_from) and is_found_again(key_field, kind)


def is_found_again(key_field: str, kind: str) -> bool:
    """Whether the CRM tells of what was sent without an answer, that it arrived."""
    return kind != Outbox.Kind.CREATE or bool(key_field)


def marked(connection_id: int, plans: Mapping[str, object], only_of: int | None = None) -> list[Outbox]:
    """One batch that is marked as sent: of the oldest row's data type and kind, in the order in which it was marked."""
    rows = _marked(connection_id, plans, only_of)
    first = rows.first()
    return list(rows.filter(object=first.object, kind=first.kind)) if first else []


def is_marked(connection_id: int, plans: Mapping[str, object], only_of: int | None = None) -> bool:
    return _marked(connection_id, plans, only_of).exists()


def _marked(connection_id: int, plans: Mapping[str, object], only_of: int | None) -> QuerySet[Outbox]:
    rows = Outbox.objects.filter(connection=connection_id, state=Outbox.State.SENT, object__in=plans).order_by("pk")
    return rows.filter(run_id=only_of) if only_of else rows


def next_batch(
    connection_id: int,
    run_id: int,
    plans: Mapping[str, HasKey],
    abilities: Abilities,
    wanted: Callable[[Outbox], bool],
    only_of: int | None = None,
) -> list[Outbox]:
    """`wanted`: by the mapping of today. `only_of`: a run that sends nothing but what it planned itself.

    A run tries a write once: what it saw refused is the next one's, even where it falls due or is retried meanwhile.
    """
    due = _due(connection_id).filter(object__in=plans).exclude(state=REFUSED, run_id=run_id)
    due = due.filter(run_id=only_of) if only_of else due
    numbers = {(name, kind): number for name, kind, number in due.values_list("object", "kind").annotate(Count("pk"))}
    for object_name in plans:
        ability = abilities.of(object_name)
        for kind in KINDS:
            rows = due.filter(object=object_name, kind=kind).order_by("pk")
            number = numbers.get((object_name, kind), 0)
            size = ability.write_batch * (
                ability.calls_read_back if is_found_again(plans[object_name].key_field, kind) else 1
            )
            if may_go_in_bulk(ability, plans[object_name].key_field, kind) and number >= ability.bulk_from:
                size = ability.bulk_batch
            while number and (page := list(rows[:size])):
                current = _as_it_stands(connection_id, object_name, page, wanted)
                if batch := _with_customers(connection_id, current):
                    return batch
    return []


def _as_it_stands(
    connection_id: int, object_name: str, rows: Sequence[Outbox], wanted: Callable[[Outbox], bool]
) -> list[Outbox]:
    """A write that waited while the hub or the mapping moved on says something that nobody wants any more: it is decided anew."""
    stale = stale_rows(connection_id, object_name, rows) | barred_rows(connection_id, object_name, rows)
    stale |= {row.hub_id for row in rows if not wanted(row)}
    withdraw(connection_id, [row for row in rows if row.hub_id in stale])
    return [row for row in rows if row.hub_id not in stale]


def withdraw(connection_id: int, rows: Sequence[Outbox]) -> None:
    """Writes of one data type that nobody wants any more as they are: their rows are decided anew."""
    if rows:
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).delete()
        decide_anew(connection_id, rows[0].object, {row.hub_id for row in rows})


def decide_anew(connection_id: int, object_name: str, hub_ids: Collection[int]) -> None:
    """A row that was deleted meanwhile has a mark that says so: it stays as it is, for the deletion goes out by it."""
    if hub_ids:
        here = table_of(object_name).model._default_manager.filter(pk__in=hub_ids).order_by("pk")
        mark(object_name, list(here.values_list("pk", flat=True)), timezone.now(), connections=[connection_id])


def barred_rows(connection_id: int, object_name: str, rows: Sequence[Outbox]) -> set[int]:
    """Hub ids whose link no longer lets the write go: it waited, and meanwhile a person or a run decided about the record."""
    ids = {row.hub_id for row in rows}
    mine = {"connection": connection_id, "object": object_name, "hub_id__in": ids}
    links = {link.hub_id: link for link in RecordLink.objects.filter(**mine).only("hub_id", *BARRING)}
    disputed: defaultdict[int | None, set[str]] = defaultdict(set)
    for hub_id, name in Conflict.objects.filter(**mine, side="").values_list("hub_id", "field"):
        disputed[hub_id].add(name)
    return {row.hub_id for row in rows if not _may_be_written(row, links.get(row.hub_id), disputed.get(row.hub_id, ()))}


def _may_be_written(row: Outbox, link: RecordLink | None, disputed: Collection[str]) -> bool:
    if row.kind == Outbox.Kind.CREATE:
        # A row that found its record meanwhile has it.
        return link is None
    if row.reason_code == TAKEN_BACK:
        # Whoever takes a run back has looked at what stands in the way.
        return True
    if link is None or link.source_id != row.source_id or link.paused_at is not None:
        return False
    if row.kind == Outbox.Kind.DELETE:
        return row.reason_code != DELETED_OUT or link.excluded_by_hand
    is_linked = link.state == RecordLink.State.LINKED and not link.excluded_by_hand
    return is_linked and not (set(row.after) & (set(disputed) | set(link.frozen)))


def stale_rows(connection_id: int, object_name: str, rows: Sequence[Outbox]) -> set[int]:
    """Hub ids whose row no longer holds what the outbox says of it."""
    written = [row for row in rows if row.kind != Outbox.Kind.DELETE]
    hub = table_of(object_name).load(connection_id, [row.hub_id for row in written]) if written else {}
    return {row.hub_id for row in written if row.hub_id not in hub or _has_moved(row, hub[row.hub_id])}


def _has_moved(row: Outbox, loaded: Loaded) -> bool:
    values = loaded.hub.values
    # Where a run is taken back, the CRM gets another value than the hub keeps: the pair says what the hub has.
    names = {name: row.pairs.get(name) or [after] for name, after in row.after.items() if not _is_awaited(name, after)}
    return any(not same(values.get(name), from_json(pair[0])) for name, pair in names.items())


def _is_awaited(name: str, value: object) -> bool:
    """A customer that the CRM does not have yet is named by the hub's own id, until it has it."""
    return name == CUSTOMER_FIELD and str(value).startswith(FOREIGN)


def _due(connection_id: int) -> QuerySet[Outbox]:
    is_due = Q(due_at=None, state=Outbox.State.PLANNED) | Q(
        due_at__lte=Now(), state__in=[Outbox.State.PLANNED, Outbox.State.REFUSED]
    )
    return Outbox.objects.filter(is_due, connection=connection_id)


def _with_customers(connection_id: int, rows: Sequence[Outbox]) -> list[Outbox]:
    """A record made here names its customer by the hub's id until the CRM has one."""
    heads = {row.pk: _head(row) for row in rows}
    asked = {head for head in heads.values() if head}
    if not asked:
        return list(rows)
    links = RecordLink.objects.filter(connection=connection_id, object="customers", hub_id__in=asked)
    known = dict(links.filter(state=RecordLink.State.LINKED).values_list("hub_id", "source_id"))
    ready, waiting = [], []
    for row in rows:
        head = heads[row.pk]
        if head and head not in known:
            waiting.append(row)
            continue
        if head:
            row.payload[CUSTOMER] = known[head]
        ready.append(row)
    _wait(waiting)
    awaited = [row.pk for row in ready if row.error_code == NOT_LINKED]
    if awaited:
        # Its customer is there now: what it waited for it does not count against the sending.
        Outbox.objects.filter(pk__in=awaited).update(attempts=0, error_code="")
    return ready


def _wait(rows: Sequence[Outbox]) -> None:
    now, pace = timezone.now(), PACES[class_of(NOT_LINKED)]
    waits = [(row.pk, row.attempts + 1, pace.wait(row.attempts + 1)) for row in rows]
    update(
        Outbox,
        ("state", "attempts", "due_at", "given_up_at", "error_code", "error_message"),
        [
            (PLANNED, tries, now + wait, None, NOT_LINKED, "", pk) if wait else (REFUSED, tries, None, now, NOT_LINKED, "", pk)
            for pk, tries, wait in waits
        ],
    )  # fmt: skip


def _head(row: Outbox) -> int:
    # As it was decided: what an earlier attempt put into the payload may have been linked anew since.
    value = str(row.after.get(CUSTOMER_FIELD) or row.payload.get(CUSTOMER) or "")
    return int(value.removeprefix(FOREIGN)) if value.startswith(FOREIGN) else 0


def mark_sent(rows: Sequence[Outbox], run_id: int, key_field: str) -> None:
    """Counted before it is sent: an attempt that kills its process was one."""
    named = [row for row in rows if CUSTOMER in row.payload]
    if named:
        Outbox.objects.bulk_update(named, ["payload"], batch_size=500)
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Outbox.State.SENT,
        run_id=run_id,
        sent_at=Now(),
        key_field=key_field,
        attempts=F("attempts") + 1,
        due_at=None,
        given_up_at=None,
    )


def own(rows: Sequence[Outbox], run_id: int) -> None:
    """The run that sends them, whichever has marked them."""
    for row in rows:
        row.run_id = run_id
    # Asked of the table: the rows may have been named so already by a try that went back.
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).exclude(run_id=run_id).update(run_id=run_id)


def doubt(rows: Sequence[Outbox]) -> None:
    """Sent, never answered, and no key to look it up by: a person looks, and links it or sends it again."""
    if rows:
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Outbox.State.DOUBTFUL, error_code="unanswered", error_message="", due_at=None, given_up_at=Now()
        )
