"""How many calls the next sync and a preview will take, by what the last ones took, and how long the allowance lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import mean
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .allowance import left_of
from .durations import clock
from .models import Connection, ConnectionState, Run

LATEST = 5
WINDOW = timedelta(hours=24)
"""The allowance of most CRMs is counted over a day; a rate that lasts that long lasts for good."""
THROUGH = (Run.State.DONE, Run.State.HELD)
COMPLETE = (Run.Kind.FIRST, Run.Kind.FULL, Run.Kind.PREVIEW)


@dataclass(frozen=True, slots=True)
class Forecast:
    sync: int | None
    """Calls of the next sync; None before there was any."""
    preview: int | None
    left: int | None
    """Calls left before the reserve; None where the CRM has not said lately."""
    lasts_until: datetime | None
    """When syncs at their present rate meet the reserve; None where they do not within the window."""
    every_minutes: int

    def words(self, now: datetime) -> list[str]:
        """Sentences for the connection's page."""
        said = [_takes(self.sync, self.left, _("The next sync"))] if self.sync is not None else []
        if self.preview is not None:
            said.append(_takes(self.preview, self.left, _("A preview")))
        if not said:
            return [_("How many calls a sync takes is known after the first one.")]
        return [*said, *self._lasting(now), *self._too_many()]

    def _lasting(self, now: datetime) -> list[str]:
        if self.sync is None or not self.left:
            return []
        pace = ngettext("With a sync every minute", "With a sync every %(n)s minutes", self.every_minutes)
        pace %= {"n": intcomma(self.every_minutes)}
        if self.lasts_until is None:
            return [_("%(pace)s it is enough for the whole day.") % {"pace": pace}]
        return [_("%(pace)s it is enough until %(time)s.") % {"pace": pace, "time": clock(self.lasts_until, now)}]

    def _too_many(self) -> list[str]:
        if self.left is None or max(self.sync or 0, self.preview or 0) <= self.left:
            return []
        return [_("What does not fit waits until quota returns, and goes on by itself at the same place.")]


def forecast_of(connection: Connection, live: ConnectionState, now: datetime) -> Forecast:
    """Two statements, however many runs there were."""
    through = (
        Run.objects.filter(connection=connection, state__in=THROUGH).order_by("-pk").values_list("calls", flat=True)
    )
    deltas = list(through.filter(kind=Run.Kind.DELTA)[:LATEST])
    complete = list(through.filter(kind__in=COMPLETE)[:LATEST])
    sync, left = _about(deltas or complete), left_of(connection, live, now)
    return Forecast(
        sync=sync,
        preview=max(complete, default=None),
        left=left,
        lasts_until=_lasts_until(connection, sync, left, now),
        every_minutes=connection.every_minutes,
    )


def _about(calls: Sequence[int]) -> int | None:
    return ceil(mean(calls)) if calls else None


def _lasts_until(connection: Connection, sync: int | None, left: int | None, now: datetime) -> datetime | None:
    if not sync or left is None:
        return None
    lasts = timedelta(minutes=connection.every_minutes) * (left // sync)
    return now + lasts if lasts < WINDOW else None


def _takes(calls: int, left: int | None, what: str) -> str:
    said: dict[str, Any] = {"what": what, "n": intcomma(calls), "left": intcomma(left or 0)}
    if left is None:
        return ngettext("%(what)s takes about %(n)s call.", "%(what)s takes about %(n)s calls.", calls) % said
    text = ngettext(
        "%(what)s takes about %(n)s call of the %(left)s that syncs may still make.",
        "%(what)s takes about %(n)s calls of the %(left)s that syncs may still make.",
        calls,
    )
    return text % said
