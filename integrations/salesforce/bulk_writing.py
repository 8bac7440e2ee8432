"""Records out, by bulk jobs: handed over once, looked at again by whoever comes next, joined to the records at the end."""

import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import orjson
from django.utils.translation import gettext as _

from integrations.sync.connector import Answer, Sent
from integrations.wire.errors import Misconfigured, NotFound, Rejected

from .columns import cells
from .pages import BulkJob
from .rows import Operation, Row
from .verdicts import done, verdict_of_job
from .writing import made_sure
from .writing_client import WritingClient

LARGEST_UPLOAD = 32 * 1024 * 1024
"""Bytes of one job. Its results quote what was sent, and no answer beyond 64 MB is taken."""
PAUSES = (0.5, 1.0, 2.0, 2.0)
"""Seconds between looks at an unfinished job; then the runner gets its turn and comes back."""
ID = "Id"
STATE_WRONG = "INVALIDJOBSTATE"
NOT_PROCESSED = "NOT_PROCESSED"
BROKEN_INPUT = ("InvalidBatch", "InvalidJob", "ClientInputError")
Results = dict[str, tuple[str, str]]
"""Id or key → (id, error) as the job tells them."""


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    column: str
    """By which its results are joined to the records."""


@dataclass(frozen=True, slots=True)
class Token:
    """All that another process needs to fetch the answers."""

    data_type: str
    key_field: str
    jobs: tuple[Job, ...]

    def __str__(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def read(cls, text: str) -> "Token":
        told = orjson.loads(text)
        return cls(told["data_type"], told["key_field"], tuple(Job(**job) for job in told["jobs"]))


def start(client: WritingClient, rows: Sequence[Row | Sent]) -> tuple[Job, ...]:
    return tuple(hand_over(client, part) for part in parts([row for row in rows if isinstance(row, Row)]))


def results(
    client: WritingClient, jobs: Sequence[Job], *, pause: Callable[[float], None] = time.sleep
) -> Results | None:
    """None while a job still works."""
    found: Results = {}
    for job in jobs:
        try:
            state = finished(client, job, pause)
            if state is None:
                return None
            found |= results_of(client, job, state)
        except NotFound:
            # Somebody removed the job. To write the same again changes nothing: all its records have an id or a key.
            continue
    return found


def answers(
    client: WritingClient,
    rows: Sequence[Row | Sent],
    told: Results,
    find: Callable[[Sequence[str]], Mapping[str, str]],
) -> list[Sent]:
    """In the order of the rows. `find` looks up by the key what an earlier attempt had made, and this one only changed."""
    found = find([row.key for row in rows if isinstance(row, Row) and not row.id and row.key not in told])
    return made_sure(client, rows, [answer(row, told, found) for row in rows])


def parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """One job each: of one object and one operation, and not too large."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row.operation is Operation.CREATE:
            raise Misconfigured("BULK_NEEDS_KEY", "Records without a key cannot be told apart in a bulk job's answer.")
        groups.setdefault((row.object, row.operation, row.key_field if not row.id else ""), []).append(row)
    for group in groups.values():
        group.sort(key=lambda row: (row.parent, row.id))
        yield from small_enough(group)


def small_enough(rows: list[Row]) -> Iterator[list[Row]]:
    size, first = 0, 0
    for place, row in enumerate(rows):
        # Text is counted by characters and sent in bytes; three of them hold nearly every one.
        length = sum(3 * len(str(value)) + 4 for value in row.named.values())
        if size and size + length > LARGEST_UPLOAD:
            yield rows[first:place]
            size, first = 0, place
        size += length
    yield rows[first:]


def hand_over(client: WritingClient, rows: Sequence[Row]) -> Job:
    head = rows[0]
    key_field = head.key_field if head.operation is Operation.UPSERT else ""
    job = Job(client.open_ingest(head.object, head.operation.value, key_field), key_field or ID)
    once(lambda: client.upload(job.id, in_csv(rows)))
    once(lambda: client.close_ingest(job.id))
    return job


def once(call: Callable[[], None]) -> None:
    """Refused because of the job's state: an earlier attempt, whose answer got lost, had worked."""
    try:
        call()
    except Rejected as refused:
        if refused.code != STATE_WRONG:
            raise


def in_csv(rows: Sequence[Row]) -> bytes:
    header = tuple(dict.fromkeys(name for row in rows for name in row.named))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(header)
    writer.writerows(cells(row.named, header) for row in rows)
    return text.getvalue().encode()


def finished(client: WritingClient, job: Job, pause: Callable[[float], None]) -> BulkJob | None:
    for seconds in (*PAUSES, 0.0):
        state = client.ingest_state(job.id)
        if state.is_done or state.has_failed:
            return state
        if seconds:
            pause(seconds)
    return None


def results_of(client: WritingClient, job: Job, state: BulkJob) -> Results:
    """What neither list names was not processed."""
    if state.has_failed and state.message.startswith(BROKEN_INPUT):
        # A column that Salesforce does not know spoils the whole file; it would do so every time.
        raise Misconfigured("INVALID_FIELD", state.message)
    # A list that was cut short would leave records without their word; only a finished job says how long it is.
    worked = state.records - state.failed if state.is_done else None
    good = client.ingest_results(job.id, "successfulResults", worked)
    bad = client.ingest_results(job.id, "failedResults", state.failed if state.is_done else None)
    return {row[job.column]: (row["sf__Id"], row.get("sf__Error", "")) for row in [*good, *bad]}


def answer(row: Row | Sent, told: Results, found: Mapping[str, str]) -> Sent:
    if isinstance(row, Sent):
        return row
    result = told.get(row.id or row.key) or told.get(found.get(row.key, ""))
    if result is None:
        return Sent(
            Answer.BUSY, row.id, NOT_PROCESSED, _("Salesforce ended the bulk job before it came to this record.")
        )
    record_id, error = result
    return verdict_of_job(row, error) if error else done(row, record_id)
