"""The outbox: what is to be written to a CRM, put there by the page that decided it, taken out with the CRM's word."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from integrations.engine.merge import WriteGateError, same
from integrations.engine.plan import MADE_HERE, Action
from integrations.engine.records import Pair
from integrations.engine.values import digest, from_json

from ..models import Outbox, RecordLink, Run
from .bulk import update, upsert
from .links import pairs_to

IDENTITY = ("connection", "object", "hub_id")
COLUMNS = (
    "run_id", "source_id", "kind", "state", "name", "before", "raw", "after", "payload", "pairs", "field_reasons", "reason_code",
    "reason_params", "actor", "key", "attempts", "planned_at", "sent_at", "due_at", "error_code", "error_message",
    "error_fields", "given_up_at",
)  # fmt: skip
KINDS = {Action.CREATE_OUT.value: Outbox.Kind.CREATE.value, Action.DELETE_OUT.value: Outbox.Kind.DELETE.value}
OUTWARD_ONLY = frozenset({Action.PUSH.value, Action.CREATE_OUT.value, Action.DELETE_OUT.value})
DELETED_OUT = "deleted-out"
"""Why a record is deleted there: its row was deleted here."""
TAKEN_BACK = "taken-back"
"""Why a record gets back what it held, or is deleted there: the run that wrote it was taken back."""
UNSENT = (Outbox.State.PLANNED, Outbox.State.REFUSED)
STUCK = (Outbox.State.REFUSED, Outbox.State.DOUBTFUL)
"""What the CRM has not taken, or never answered: nothing that simply goes out with the next run."""
Planned = Mapping[str, Any]


def goes_out(planned: Planned) -> bool:
    return bool(planned["outward"]) or planned["action"] == Action.DELETE_OUT.value


def moved_here(planned: Planned, values: Mapping[str, Any]) -> bool:
    """Whether the hub left what was to be sent: another run, or a hand, was quicker."""
    return any(not same(values.get(name), from_json(sent[1])) for name, sent in planned["outward"].items())


def post(
    connection_id: int,
    run_id: int,
    object_name: str,
    rows: Sequence[tuple[Planned, str]],
    now: datetime,
    *,
    may_send: frozenset[str],
    actor: str = "",
) -> None:
    """Each planned row and its key. A write that waits for the same record is rewritten: the newer decision knows more."""
    values: list[tuple[Any, ...]] = []
    for planned, key in rows:
        outward = planned["outward"]
        if not may_send.issuperset(outward):
            raise WriteGateError(f"{sorted(set(outward) - may_send)} of {object_name} must not be sent")
        source_id = planned["source_id"]
        values.append((
            connection_id, object_name, planned["hub_id"], run_id, "" if source_id.startswith(MADE_HERE) else source_id,
            KINDS.get(planned["action"], Outbox.Kind.UPDATE.value), Outbox.State.PLANNED.value, planned["name"],
            {name: sent[0] for name, sent in outward.items()},
            {name: sent[6] for name, sent in outward.items() if sent[6:]},
            {name: sent[1] for name, sent in outward.items()},
            {sent[4]: sent[5] for sent in outward.values()},
            _pairs(planned),
            {name: sent[2] for name, sent in outward.items()}, planned["reason_code"], planned["reason_params"], actor, key,
            0, now, None, None, "", "", [], None,
        ))  # fmt: skip
    upsert(Outbox, [*IDENTITY, *COLUMNS], values, conflict=IDENTITY, update=COLUMNS)


def _pairs(planned: Planned) -> dict[str, Any]:
    """What holds once the CRM has confirmed. A new record has no link yet that could keep what else is settled with it."""
    is_new = planned["action"] == Action.CREATE_OUT.value
    beside = planned["settled"].read() if is_new else {}
    return {**beside, **{name: sent[3] for name, sent in planned["outward"].items() if sent[3]}}


def forget_unsent(connection_id: int, object_name: str, source_ids: Sequence[str]) -> None:
    """What waits for records that are no more; their rows are decided anew with another record."""
    if source_ids:
        waiting = Outbox.objects.filter(connection=connection_id, object=object_name, source_id__in=source_ids)
        waiting.filter(state__in=UNSENT).delete()


def key_of(object_name: str, hub_id: int, made_at: datetime) -> str:
    """The same at every attempt, and after a restored backup; another row that came by the same id has another one."""
    return f"skalin-{object_name[:12]}-{digest([object_name, hub_id, made_at.isoformat()])}"


def unsent_of(run: Run) -> QuerySet[Outbox]:
    """What it decided itself: a write that it merely tried again was another run's word, and waits on."""
    mine = Outbox.objects.filter(connection=run.connection_id, run_id=run.pk, state__in=UNSENT)
    return mine.filter(planned_at__gte=run.created_at)


def let_go(rows: Sequence[Outbox]) -> None:
    """Writes that are not to go out any more: both sides stay as they are, and only another edit moves them again."""
    links = RecordLink.objects.filter(
        connection__in={row.connection_id for row in rows},
        source_id__in={row.source_id for row in rows if row.source_id},
    )
    by_record = {(row.connection_id, row.object, row.source_id): row for row in rows}
    kept = [
        ({**link.settled, **_as_they_stand(row)}, link.pk)
        for link in links.only("connection_id", "object", "source_id", "settled")
        if (row := by_record.get((link.connection_id, link.object, link.source_id)))
    ]
    update(RecordLink, ["settled"], kept)
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _as_they_stand(row: Outbox) -> dict[str, Any]:
    """What the hub says and what the CRM holds, letter by letter where the line reads less of it."""
    pairs = {
        name: Pair(from_json(pair[0]), from_json(row.before[name]), str(pair[2]), from_json(row.raw.get(name)))
        for name, pair in row.pairs.items()
        if name in row.after
    }
    return pairs_to(pairs)
