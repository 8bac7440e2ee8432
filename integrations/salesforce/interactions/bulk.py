"""The first reading of many thousand activities, as a bulk job: a page of rows, or nothing while Salesforce still works."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.sync.connector import ReadingLost
from integrations.wire.errors import NotFound

from ..client import SalesforceClient
from ..reading import BULK_PAUSES, BULK_ROWS
from .spot import Spot

NUMBERS = frozenset({"DurationInMinutes", "CallDurationInSeconds"})
YES_NO = {"true": True, "false": False}
FLAGS = frozenset({"IsClosed", "IsAllDayEvent", "IsPrivate", "Incoming"})
Rows = list[dict[str, Any]]


class JobFailed(Exception):  # noqa: N818  what happened, not somebody's error
    """Salesforce gave the job up; the same question as a query may still be answered."""


@dataclass(frozen=True, slots=True)
class Jobs:
    client: SalesforceClient
    pause: Callable[[float], None] = time.sleep

    def page(self, spot: Spot) -> tuple[Rows, Spot | None]:
        try:
            if not spot.locator and not self._is_done(spot.job):
                return [], spot.moved(job=spot.job, polls=spot.polls + 1)
            results = self.client.bulk_results(spot.job, spot.locator, BULK_ROWS)
        except NotFound as gone:
            raise ReadingLost("The bulk job is gone.") from gone
        following = spot.moved(job=spot.job, locator=results.next_locator) if results.next_locator else None
        return [as_queried(row) for row in results.rows], following

    def _is_done(self, job: str) -> bool:
        for seconds in (*BULK_PAUSES, 0.0):
            state = self.client.bulk_state(job)
            if state.has_failed:
                raise JobFailed(state.message)
            if state.is_done:
                return True
            if seconds:
                self.pause(seconds)
        return False


def as_queried(row: Mapping[str, str]) -> dict[str, Any]:
    """A row of text as a query would have answered it, as far as this folder looks at it; an empty cell is null."""
    return {name: typed(name, text) for name, text in row.items()}


def typed(name: str, text: str) -> Any:
    if not text:
        return None
    if name in FLAGS:
        return YES_NO.get(text.lower())
    return int(float(text)) if name in NUMBERS else text
