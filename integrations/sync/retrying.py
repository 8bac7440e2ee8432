"""Retried by a person: one record, several, all of one reason, one data type, or all that failed in one run.

Whatever is chosen begins anew: read again from the CRM by id, decided anew where nothing is read, or sent again, with the
next run, which starts now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.plan import MADE_HERE

from .models import Change, Connection, Outbox, RecordLink, Run
from .models.journal import Action
from .nouns import records, writes
from .runs import RunRefused, request_run
from .store.batches import decide_anew
from .store.links import UNTRIED
from .store.marks import only_sent

State = RecordLink.State
RETRYABLE = (State.FAILING, State.COLLISION, State.EXCLUDED)
WELL = (State.LINKED, State.MERGED)


@dataclass(frozen=True, slots=True)
class Chosen:
    links: QuerySet[RecordLink] = field(default_factory=RecordLink.objects.none)
    writes: QuerySet[Outbox] = field(default_factory=Outbox.objects.none)


@dataclass(frozen=True, slots=True)
class Retried:
    records: int
    writes: int
    run: Run
    is_new: bool
    """False: this run is under way, and the next one takes what was retried."""
    unread: int = 0
    """Records of data types that are only sent."""

    @property
    def said(self) -> str:
        told = []
        if self.records:
            told.append(_("To be read again and decided anew: %(records)s.") % {"records": records(self.records)})
        if self.unread:
            told.append(_("To be decided anew: %(records)s.") % {"records": records(self.unread)})
        if self.writes:
            told.append(_("To be sent again: %(writes)s.") % {"writes": writes(self.writes)})
        who = _("Run %(run)s does it now.") if self.is_new else _("Run %(run)s is under way; the next one does it.")
        return " ".join([*told, who % {"run": self.run.pk}])


def some(connection: Connection, object_name: str, source_ids: Sequence[str]) -> Chosen:
    """A row that was made here and has no record yet goes by `hub:` and its id."""
    rows = [int(one.removeprefix(MADE_HERE)) for one in source_ids if _is_row(one)]
    # Whoever names one that was never answered has looked: it is not there.
    looked_for = Outbox.objects.filter(connection=connection, state=Outbox.State.DOUBTFUL)
    refused = (_refused(connection) | looked_for).filter(object=object_name)
    return Chosen(
        _links(connection).filter(object=object_name, source_id__in=source_ids),
        refused.filter(Q(source_id__in=[one for one in source_ids if one]) | Q(hub_id__in=rows, source_id="")),
    )


def of_reason(connection: Connection, object_name: str, code: str) -> Chosen:
    return Chosen(_links(connection).filter(object=object_name, reason_code=code))


def of_refusal(connection: Connection, object_name: str, code: str) -> Chosen:
    """What the CRM did not take, by its own code."""
    return Chosen(writes=_refused(connection).filter(object=object_name, error_code=code))


def of_data_type(connection: Connection, object_name: str) -> Chosen:
    """Everything of it that fails, on its way in or out."""
    links = _links(connection).filter(object=object_name, state=State.FAILING)
    return Chosen(links, _refused(connection).filter(object=object_name))


def of_run(run: Run, object_name: str = "", code: str = "") -> Chosen:
    """What did not go through in it and has not gone through since; by one cause, where it is named."""
    failed = refusals(run)
    failed = failed.filter(object=object_name) if object_name else failed
    failed = failed.filter(reason_code=code) if code else failed
    links, sent = _links(run.connection), _refused(run.connection)
    is_link, is_write = Q(pk__in=[]), Q(pk__in=[])
    for name in failed.order_by().values_list("object", flat=True).distinct():
        mine = failed.filter(object=name)
        is_link |= Q(object=name, source_id__in=mine.values("source_id"))
        is_write |= Q(object=name, hub_id__in=mine.filter(hub_id__isnull=False).values("hub_id"))
    # One that is linked and well may still wait for what a run refused to write.
    is_open = ~Q(state__in=WELL) | Q(source_hash="") | Q(next_try_at__isnull=False)
    return Chosen(links.filter(is_link).filter(is_open), sent.filter(is_write))


def refusals(run: Run) -> QuerySet[Change]:
    is_refused = Q(action__in=[Action.REFUSE, Action.COLLISION]) | Q(outcome=Change.Outcome.REFUSED)
    return Change.objects.filter(is_refused, run_id=run.pk)


def retry(connection: Connection, chosen: Chosen, *, by: str) -> Retried:
    """A few statements for any number. Refused as a whole where no run may start."""
    with transaction.atomic():
        unread = sum(_decide_anew(connection, name, chosen.links) for name in only_sent(connection.pk))
        number = chosen.links.exclude(object__in=only_sent(connection.pk)).update(
            source_hash="", wanted_at=timezone.now(), **UNTRIED
        )
        again = chosen.writes.filter(state=Outbox.State.DOUBTFUL)
        again.update(state=Outbox.State.PLANNED, due_at=Now(), attempts=0, given_up_at=None)
        sent = chosen.writes.update(due_at=Now(), attempts=0, given_up_at=None)
        if not number and not unread and not sent:
            raise RunRefused(_("Nothing of this fails any more. Nothing was started."))
        try:
            with transaction.atomic():
                run, is_new = request_run(connection, Run.Kind.DELTA, by=by), True
        except RunRefused as refusal:
            if refusal.run is None:
                raise
            run, is_new = refusal.run, False
    return Retried(number, sent, run, is_new, unread)


def _decide_anew(connection: Connection, object_name: str, links: QuerySet[RecordLink]) -> int:
    """No reading could end its failing: what is linked to a row is sent from here on like any other, until that fails too."""
    rows = dict(links.filter(object=object_name, hub_id__isnull=False).values_list("pk", "hub_id"))
    again = RecordLink.objects.filter(pk__in=rows)
    again.update(**UNTRIED)
    again.filter(state=State.FAILING).update(state=State.LINKED, reason_code="", reason_params={})
    decide_anew(connection.pk, object_name, [hub_id for hub_id in rows.values() if hub_id])
    return len(rows)


def _links(connection: Connection) -> QuerySet[RecordLink]:
    """A paused record stays as it is until somebody resumes it."""
    return RecordLink.objects.filter(connection=connection, paused_at__isnull=True)


def _refused(connection: Connection) -> QuerySet[Outbox]:
    """Not those whose creation was never answered: only a person can tell whether they are there."""
    waiting = Q(state=Outbox.State.PLANNED, due_at__isnull=False)
    return Outbox.objects.filter(waiting | Q(state=Outbox.State.REFUSED), connection=connection)


def _is_row(source_id: str) -> bool:
    number = source_id.removeprefix(MADE_HERE)
    return source_id.startswith(MADE_HERE) and number.isascii() and number.isdigit() and len(number) < 18
