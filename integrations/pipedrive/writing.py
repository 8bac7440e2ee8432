"""Records out, one to a call: Pipedrive has no batches. A few calls go at one time, and no more than its window allows."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from integrations.sync.connector import Answer, Sent
from integrations.wire.errors import AuthExpired, Misconfigured, NotFound, Rejected, WireError

from .client import Params, PipedriveClient, Row
from .opening import Meter, Shared
from .replies import FORBIDDEN
from .rows import Operation, Written
from .schema import MADE

AT_ONE_TIME = 4
"""The smallest plan takes 20 calls in two seconds, from everybody who holds the token."""
MOST_WRITTEN = 40
"""Of one step: whoever dies in the middle asks again about so many at most."""
NEWEST = 500
Outcome = Sent | WireError


@dataclass(frozen=True, slots=True)
class Line:
    """What several calls at one time need beside the client."""

    client: PipedriveClient
    auth: Shared
    meter: Meter
    pause: Callable[[float], None] = time.sleep

    def send_all(self, rows: Sequence[Written | Sent]) -> list[Sent]:
        """In the order of the rows. Creates whose answer was lost end it: the runner looks them up by their keys."""
        answers = {place: row for place, row in enumerate(rows) if isinstance(row, Sent)}
        waiting = [(place, row) for place, row in enumerate(rows) if isinstance(row, Written)]
        for start in range(0, len(waiting), AT_ONE_TIME):
            wave = waiting[start : start + AT_ONE_TIME]
            outcomes = self._wave([row for _place, row in wave])
            if lost := next((one for one in outcomes if isinstance(one, WireError)), None):
                raise lost
            answers |= {place: one for (place, _), one in zip(wave, outcomes, strict=True) if isinstance(one, Sent)}
        return [answers[place] for place in range(len(rows))]

    def _wave(self, rows: Sequence[Written]) -> list[Outcome]:
        if len(rows) == 1 or self.client.session.read_only:
            return [self._one(row) for row in rows]
        self._make_room(len(rows))
        # Renewed here, ahead of its end: the threads only use what is there.
        self.auth.headers()
        with ThreadPoolExecutor(max_workers=AT_ONE_TIME) as pool:
            outcomes = list(pool.map(self._one_away, rows))
        # A call that the gateway refused did nothing: it may go again with a fresh access.
        return [
            self._one(row) if isinstance(outcome, AuthExpired) else outcome
            for row, outcome in zip(rows, outcomes, strict=True)
        ]

    def _make_room(self, calls: int) -> None:
        left, seconds = self.meter.room or (calls, 0.0)
        if left < calls:
            self.pause(seconds)

    def _one_away(self, row: Written) -> Outcome:
        with self.auth.away():
            return self._one(row)

    def _one(self, row: Written) -> Outcome:
        try:
            return Sent(Answer.DONE, self._call(row))
        except WireError as error:
            return judged(row, error)

    def _call(self, row: Written) -> str:
        match row.operation:
            case Operation.CREATE:
                return str(self.client.create(row.plural, row.body)["id"])
            case Operation.UPDATE:
                self.client.update(row.plural, row.id, row.body)
            case Operation.DELETE:
                self.client.delete(row.plural, row.id)
        return row.id


def judged(row: Written, error: WireError) -> Outcome:
    """The record's own fault is its answer; whatever would meet the next one too is raised."""
    if isinstance(error, NotFound) and row.id:
        # Gone is what a deleted record was meant to be: somebody was quicker, or this is the second attempt.
        gone = Answer.DONE if row.operation is Operation.DELETE else Answer.GONE
        return Sent(gone, row.id, error.code, error.message)
    is_own = isinstance(error, Rejected) or (isinstance(error, Misconfigured) and error.code == FORBIDDEN)
    return Sent(Answer.REFUSED, row.id, error.code, error.message, error.fields) if is_own else error


def find_by_key(
    client: PipedriveClient, plural: str, entity: str, key_field: str, keys: Sequence[str]
) -> Mapping[str, str]:
    """Our key → number. The newest records come from the table itself; the index of values, which is late, is asked only
    for what is not among them and so must be older."""
    asked: Params = {"sort_by": MADE, "sort_direction": "desc", "limit": NEWEST, "custom_fields": key_field}
    newest = client.page(plural, asked).rows
    found = {str(key): str(row["id"]) for row in reversed(newest) if (key := key_of(row, key_field))}
    wanted = {key: found[key] for key in keys if key in found}
    if len(newest) < NEWEST:
        return wanted
    for key in (one for one in keys if one not in wanted):
        older = [str(row["id"]) for row in client.holding(entity, key_field, key)]
        if older:
            wanted[key] = min(older, key=int)
    return wanted


def key_of(row: Row, key_field: str) -> str:
    return str((row.get("custom_fields") or {}).get(key_field) or "")
