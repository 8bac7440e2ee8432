"""The read phase: pages of the source into the stage. Its steps differ in what they ask and what the answer proves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q

from integrations.engine.records import Record
from integrations.wire.errors import Transient

from ..connector import Gone, How, Page, Read, ReadingLost
from ..models import RecordLink, Run, Staged
from ..store.arrived import Waiting
from ..store.staging import Absent, Stage, stage_absent, stage_ids, stage_records
from .context import Context
from .step import ASKS, Place, Step
from .steps import led_by

IDS_OF_ONE_CALL = 2000
MOST_ASKED = 100
"""Records that are not to be found, of which a delta asks at once whether they were deleted."""
MOST_LOSSES = 5
FROM_THE_START = "\0"
OUTSIDE, ABSENT = Staged.Evidence.OUTSIDE.value, Staged.Evidence.ABSENT.value


class ReadStep(Step):
    phase = Run.Phase.READ

    def stage(self, context: Context) -> Stage:
        plan = context.plans[self.object]
        return Stage(
            run_id=context.run.pk,
            connection_id=context.connection.pk,
            object=self.object,
            crm_fields=frozenset(plan.crm_fields),
            rules_hash=plan.rules_hash,
            key_rules=plan.key_rules,
            system=context.system,
            may_reset_misses=not context.is_preview,
            rests_at=None if is_asked_for(context) else context.marked_at,
        )

    def fields(self, context: Context) -> tuple[str, ...]:
        return fields_of(context, self.object)

    def beside(self, context: Context, kind: str) -> list[str]:
        """The other data types for which this one walks."""
        steps = context.run.cursor.get("steps") or ()
        return led_by(self.object, kind, steps, context.walks, context.run.since or {})

    def since(self, context: Context) -> datetime | None:
        stored = context.run.since.get(self.object)
        overlap = timedelta(seconds=context.abilities.of(self.object).overlap_seconds)
        return datetime.fromisoformat(stored) - overlap if stored else None


class Walk(ReadStep):
    """Follows the source's own pages."""

    how: ClassVar[How]

    def fetch(self, context: Context, place: Mapping[str, Any]) -> Page | None:
        has_values = self.how in {How.ALL, How.CHANGED}
        names = self.beside(context, self.how)
        read = Read(
            self.object, self.how, self.fields(context) if has_values else (), self.since(context), context.run.until,
            beside={name: fields_of(context, name) if has_values else () for name in names},
            asks_who=has_values and asks_who(context, self.object),
        )  # fmt: skip
        try:
            return context.open().page(read, str(place.get("token", "")), goes_on=context.has_time)
        except ReadingLost as lost:
            require_patience(place, lost)
            return None

    def work(self, context: Context, place: Mapping[str, Any], fetched: Page | None) -> Place | None:
        if fetched is None:
            # The page token died: from the start; what is staged already stays as it is.
            return {"lost": losses(place) + 1}
        for name, page in {self.object: fetched, **fetched.beside}.items():
            type(self)(name).take(context, page)
        return {**place, "token": fetched.next} if fetched.next else None

    def take(self, context: Context, page: Page) -> None:
        raise NotImplementedError

    def note_total(self, context: Context, page: Page) -> None:
        """Where nobody counted before, the listing itself says how many it holds."""
        if page.total is not None:
            context.totals.setdefault(self.object, page.total)


class All(Walk):
    how = How.ALL
    fills_stage = True

    def take(self, context: Context, page: Page) -> None:
        context.count(f"{self.object}.read", len(page.records))
        self.note_total(context, page)
        if page.counted_too:
            context.totals[self.object] = context.totals.get(self.object, 0) - page.counted_too
        stage_records(self.stage(context), page.records)


class Changed(Walk):
    how = How.CHANGED
    fills_stage = True

    def take(self, context: Context, page: Page) -> None:
        context.count(f"{self.object}.read", len(page.records))
        # Customers count as outside until the list of ids shows them, if there is one; everything else follows its customer.
        evidence = OUTSIDE if self.object == "customers" and is_listed(context, self.object) else ""
        stage_records(self.stage(context), page.records, evidence)


class Ids(Walk):
    how = How.IDS
    fills_stage = True

    def take(self, context: Context, page: Page) -> None:
        context.count(f"{self.object}.ids", len(page.ids))
        self.note_total(context, page)
        stage_ids(self.stage(context), page.ids)


class Deleted(Walk):
    how = How.DELETED

    def take(self, context: Context, page: Page) -> None:
        stage_absent(self.stage(context), [_absent(gone) for gone in page.gone])


class Chosen(ReadStep):
    """Asks for records by id, a chunk of our own rows at a time."""

    def chunk(self, context: Context, after: int) -> list[tuple[int, str]]:
        """Row id and source id of the next records to ask for."""
        raise NotImplementedError

    def at_hand(self, context: Context, place: Mapping[str, Any]) -> Any:
        return ASKS if self.chunk(context, int(place.get("after", 0))) else ([], [])

    def fetch(self, context: Context, place: Mapping[str, Any]) -> tuple[list[tuple[int, str]], list[Page]]:
        chunk = self.chunk(context, int(place.get("after", 0)))
        if not chunk:
            return [], []
        read = Read(
            self.object, How.BY_ID, self.fields(context), ids=tuple(source_id for _, source_id in chunk),
            asks_who=asks_who(context, self.object),
        )  # fmt: skip
        pages = [context.open().page(read, "")]
        while pages[-1].next:
            pages.append(context.open().page(read, pages[-1].next))
        return chunk, pages

    def work(
        self, context: Context, place: Mapping[str, Any], fetched: tuple[list[tuple[int, str]], list[Page]]
    ) -> Place | None:
        chunk, pages = fetched
        if not chunk:
            return None
        self.take(context, [source_id for _, source_id in chunk], pages)
        return {"after": chunk[-1][0]}

    def take(self, context: Context, asked: Sequence[str], pages: Sequence[Page]) -> None:
        raise NotImplementedError

    def with_deletions(self, context: Context, missing: Sequence[tuple[int, str]], pages: Sequence[Page]) -> list[Page]:
        """Of the records that are not to be found, the CRM's word on whether they were deleted or merged."""
        if not missing:
            return list(pages)
        asked = Read(self.object, How.DELETED, ids=tuple(source_id for _, source_id in missing))
        told = [context.open().page(asked, "")]
        while told[-1].next:
            told.append(context.open().page(asked, told[-1].next))
        return [*pages, *told]

    def missing(self, chunk: Sequence[tuple[int, str]], pages: Sequence[Page]) -> list[tuple[int, str]]:
        found = {record.source_id for page in pages for record in page.records}
        return [one for one in chunk if one[1] not in found]


class Entered(Chosen):
    """Listed in scope, but not settled and not changed lately: their values are needed now."""

    def chunk(self, context: Context, after: int) -> list[tuple[int, str]]:
        rows = Staged.objects.filter(
            run_id=context.run.pk, object=self.object, pk__gt=after, payload__isnull=True, source_hash="", evidence=""
        )
        return list(rows.order_by("pk").values_list("pk", "source_id")[:IDS_OF_ONE_CALL])

    def take(self, context: Context, asked: Sequence[str], pages: Sequence[Page]) -> None:
        for page in pages:
            context.count(f"{self.object}.read", len(page.records))
            stage_records(self.stage(context), page.records)


class Wanted(Chosen):
    """Asked for by a person, by a retry that is due, by a choice, or by the row that they waited for: whatever their
    cursor says."""

    def chunk(self, context: Context, after: int) -> list[tuple[int, str]]:
        staged = Staged.objects.filter(
            run_id=context.run.pk, object=self.object, source_id=OuterRef("source_id"), payload__isnull=False
        )
        is_due = Q(next_try_at__lte=context.marked_at, paused_at__isnull=True)
        rows = RecordLink.objects.filter(
            ~Exists(staged), Q(wanted_at__isnull=False) | is_due | Q(pk__in=self._arrived(context, after)),
            connection=context.connection, object=self.object, pk__gt=after,
        )  # fmt: skip
        return list(rows.order_by("pk").values_list("pk", "source_id")[:IDS_OF_ONE_CALL])

    def fetch(self, context: Context, place: Mapping[str, Any]) -> tuple[list[tuple[int, str]], list[Page]]:
        chunk, pages = super().fetch(context, place)
        # A deletion that the brake held was read once, and no cursor comes back to it. Some systems take a call for each.
        if len(missing := self.missing(chunk, pages)) > MOST_ASKED:
            missing = missing[:MOST_ASKED]
            chunk = [one for one in chunk if one[0] <= missing[-1][0]]
            pages = [replace(page, records=_of(page.records, chunk)) for page in pages]
        return chunk, self.with_deletions(context, missing, pages)

    def take(self, context: Context, asked: Sequence[str], pages: Sequence[Page]) -> None:
        """Whether a customer is in scope was said by the list of ids, if there was one; what merely is not there says nothing."""
        is_told = self.object == "customers" and is_listed(context, self.object)
        evidence = self._outside(context, asked) if is_told else set()
        for page in pages:
            context.count(f"{self.object}.read", len(page.records))
            inside = [record for record in page.records if record.source_id not in evidence]
            stage_records(replace(self.stage(context), reads_anew=True), inside)
        told = {record.source_id for page in pages for record in page.records}
        gone = [_absent(one) for page in pages for one in page.gone]
        told.update(one.source_id for one in gone)
        stage_absent(
            self.stage(context), [*gone, *self._missed_again(context, [one for one in asked if one not in told])]
        )

    def _missed_again(self, context: Context, asked: Sequence[str]) -> list[Absent]:
        """What complete readings missed, and is not found by its id either: what the brake holds of it stays a question."""
        links = RecordLink.objects.filter(
            connection=context.connection, object=self.object, source_id__in=asked, misses__gt=0
        )
        return [Absent(one, ABSENT) for one in links.values_list("source_id", flat=True)] if asked else []

    def _arrived(self, context: Context, after: int) -> list[int]:
        """A complete reading asks all of them anew by itself."""
        waiting = waiting_of(context, self.object)
        return waiting.whose_row_came(after, IDS_OF_ONE_CALL) if waiting and context.is_delta else []

    def _outside(self, context: Context, asked: Sequence[str]) -> set[str]:
        seen = Staged.objects.filter(
            run_id=context.run.pk, object=self.object, source_id__in=asked, evidence=""
        ).values_list("source_id", flat=True)
        return set(asked) - set(seen)


class Evidence(Chosen):
    """Linked, or waiting for a person, but not in a complete listing: still there, outside, or not to be found at all?"""

    KNOWN = (RecordLink.State.LINKED, RecordLink.State.COLLISION, RecordLink.State.FAILING)

    def chunk(self, context: Context, after: int) -> list[tuple[int, str]]:
        if not listing_size(context, self.object):
            # An emptied list proves nothing about anybody, so nobody is asked about.
            return []
        staged = Staged.objects.filter(run_id=context.run.pk, object=self.object, source_id=OuterRef("source_id"))
        rows = RecordLink.objects.filter(
            ~Exists(staged), connection=context.connection, object=self.object, pk__gt=after,
            state__in=self.KNOWN, churned_from="",
        )  # fmt: skip
        return list(rows.order_by("pk").values_list("pk", "source_id")[:IDS_OF_ONE_CALL])

    def fetch(self, context: Context, place: Mapping[str, Any]) -> tuple[list[tuple[int, str]], list[Page]]:
        chunk, pages = super().fetch(context, place)
        # The list of deletions may lag behind: these are asked about by name.
        return chunk, self.with_deletions(context, self.missing(chunk, pages), pages)

    def take(self, context: Context, asked: Sequence[str], pages: Sequence[Page]) -> None:
        found = {record.source_id: record for page in pages for record in page.records}
        gone = {one.source_id: _absent(one) for page in pages for one in page.gone}
        absent = [
            Absent(one, OUTSIDE, name=found[one].name, modified_at=found[one].modified_at)
            if one in found
            else gone.get(one, Absent(one, ABSENT))
            for one in asked
        ]
        stage_absent(self.stage(context), absent)


class Dependents(ReadStep):
    """What hangs on customers that enter the scope, whatever the cursor says."""

    def at_hand(self, context: Context, place: Mapping[str, Any]) -> Any:
        last, ids = self._entering(context, int(place.get("after", 0)))
        return ASKS if ids else (last, None)

    def fetch(self, context: Context, place: Mapping[str, Any]) -> tuple[int, Page | None]:
        last, ids = self._entering(context, int(place.get("after", 0)))
        if not ids:
            return last, None
        names = self.beside(context, How.DEPENDENTS)
        read = Read(
            self.object, How.DEPENDENTS, self.fields(context), ids=ids,
            beside={name: fields_of(context, name) for name in names}, asks_who=asks_who(context, self.object),
        )  # fmt: skip
        try:
            return last, context.open().page(read, str(place.get("token", "")), goes_on=context.has_time)
        except ReadingLost as lost:
            require_patience(place, lost)
            return last, Page(next=FROM_THE_START)

    def _entering(self, context: Context, after: int) -> tuple[int, tuple[str, ...]]:
        """The next customers that are new or back; where they are links only, those that wait on are nobody whose things
        come in."""
        # What hangs on one that was away was left out for its sake, or changed unseen meanwhile.
        away = RecordLink.objects.filter(
            ~Q(state=RecordLink.State.LINKED) | ~Q(churned_from=""), connection=context.connection, object="customers",
            source_id=OuterRef("source_id"), excluded_by_hand=False, paused_at=None,
        )  # fmt: skip
        rows = Staged.objects.filter(
            Q(is_linked=False) | Exists(away),
            run_id=context.run.pk,
            object="customers",
            payload__isnull=False,
            evidence="",
        )
        waiting = waiting_of(context, "customers")
        while chunk := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", "source_id")[:IDS_OF_ONE_CALL]):
            after, ids = chunk[-1][0], [source_id for _, source_id in chunk]
            ids = waiting.with_row(context.run.pk, ids) if waiting else ids
            if ids:
                return after, tuple(ids)
        return after, ()

    def work(self, context: Context, place: Mapping[str, Any], fetched: tuple[int, Page | None]) -> Place | None:
        last, page = fetched
        if page is None:
            return None
        if page.next == FROM_THE_START:
            return {"after": place.get("after", 0), "lost": losses(place) + 1}
        for name, part in {self.object: page, **page.beside}.items():
            context.count(f"{name}.read", len(part.records))
            stage_records(Dependents(name).stage(context), part.records)
        return {**place, "token": page.next} if page.next else {"after": last}


def fields_of(context: Context, object_name: str) -> tuple[str, ...]:
    needed = context.connector.fields_needed(object_name)
    return tuple(dict.fromkeys((*needed, *context.plans[object_name].crm_fields)))


def asks_who(context: Context, object_name: str) -> bool:
    """A colleague's name is read only where a person may be shown it."""
    return context.abilities.of(object_name).tells_who and context.plans[object_name].may_ask


def waiting_of(context: Context, object_name: str) -> Waiting | None:
    """None: its records make rows, and wait for none."""
    plan = context.plans.get(object_name)
    if plan is None or context.abilities.of(object_name).makes_rows:
        return None
    return Waiting(context.connection.pk, object_name, plan.keys, plan.ref_is_common)


def is_asked_for(context: Context) -> bool:
    """A complete reading that a person asked for tries everything, also what was given up."""
    return not context.is_delta and bool(context.run.requested_by)


def losses(place: Mapping[str, Any]) -> int:
    return int(place.get("lost", 0))


def require_patience(place: Mapping[str, Any], lost: ReadingLost) -> None:
    if losses(place) >= MOST_LOSSES:
        raise Transient(
            "READING_LOST", "The source forgets its page tokens faster than they can be followed."
        ) from lost


def is_listed(context: Context, object_name: str) -> bool:
    """Whether this run read all ids that are in scope: a delta does so of customers alone, and not always."""
    return not context.is_delta or f"{object_name}.ids" in context.run.cursor["steps"]


def listing_size(context: Context, object_name: str) -> int | None:
    """How many ids the complete listing of this run held; None where it read none."""
    if not is_listed(context, object_name):
        return None
    seen = Staged.objects.filter(run_id=context.run.pk, object=object_name, evidence="")
    return seen.count()


def _of(records: Sequence[Record], chunk: Sequence[tuple[int, str]]) -> list[Record]:
    ids = {source_id for _, source_id in chunk}
    return [record for record in records if record.source_id in ids]


def _absent(gone: Gone) -> Absent:
    if gone.merged_into:
        return Absent(gone.source_id, Staged.Evidence.MERGED.value, gone.merged_into)
    detail = gone.deleted_at.isoformat() if gone.deleted_at else ""
    return Absent(gone.source_id, Staged.Evidence.DELETED.value, detail)
