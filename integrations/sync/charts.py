"""Charts as plain geometry: the template draws them, no script and no style does. Every number stands in a table too."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise

from integrations.wire.quota import RESERVE_MET

from .models import ConnectionState, DailyTotal
from .models.journal import Action

DAYS = 28
LEFT, WIDTH = 66.0, 534.0
TOP, BASE = 10.0, 160.0
REFUSED_TOP, REFUSED_BASE = 168.0, 206.0
INTO_HUB = (Action.CREATE, Action.LINK, Action.UPDATE, Action.CHURN, Action.UNCHURN, Action.GONE, Action.DELETE)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    changed: int
    refused: int


@dataclass(frozen=True, slots=True)
class Bar:
    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    value: object


@dataclass(frozen=True, slots=True)
class DailyChart:
    days: Sequence[Day]
    bars: Sequence[Bar]
    scale: Sequence[Tick]
    dates: Sequence[Tick]
    most_refused: int
    least: int
    most: int

    @property
    def is_empty(self) -> bool:
        return not self.most and not self.most_refused


@dataclass(frozen=True, slots=True)
class Gauge:
    used: int
    limit: int
    """0: the CRM does not say how many it allows."""
    left: int
    fill: str
    mark: str
    """The reserve line: beyond it only people's own work may call."""
    is_spent: bool
    is_refused: bool = False
    """The CRM itself has answered “limit exceeded”, whatever it said of its own number before."""
    window: str | Promise = ""
    """What the calls are counted over; empty: a day."""


def days_until(today: date, number: int = DAYS) -> list[Day]:
    """One statement over the daily totals; days without a change are days too."""
    first = today - timedelta(days=number - 1)
    changed: dict[date, int] = defaultdict(int)
    refused: dict[date, int] = defaultdict(int)
    totals = DailyTotal.objects.filter(day__gte=first, day__lte=today)
    for day, action, outcome, n in totals.values_list("day", "action", "outcome", "number"):
        if action == Action.REFUSE or outcome == "refused":
            refused[day] += n
        elif action in INTO_HUB and outcome == "done":
            changed[day] += n
    all_days = [first + timedelta(days=n) for n in range(number)]
    return [Day(day, changed[day], refused[day]) for day in all_days]


def daily_chart(days: Sequence[Day]) -> DailyChart:
    most = max((day.changed for day in days), default=0)
    most_refused = max((day.refused for day in days), default=0)
    top = _round_up(most)
    return DailyChart(
        days,
        list(_bars(days, top, most_refused)),
        [Tick(_n(BASE - (BASE - TOP) * part / 3), top * part // 3) for part in (1, 2, 3)] if most else [],
        [Tick(_n(_middle(n, len(days))), day.day) for n, day in enumerate(days) if n % 6 == 1],
        most_refused,
        min((day.changed for day in days), default=0),
        most,
    )


def gauge_of(live: ConnectionState, reserve_percent: int, window: str | Promise = "") -> Gauge | None:
    usable = 1 - reserve_percent / 100
    is_refused = live.health == ConnectionState.Health.QUOTA and live.health_code != RESERVE_MET
    if not live.quota_limit or live.quota_used is None:
        full = Gauge(0, 0, 0, _n(150), _n(150 * usable), is_spent=True, is_refused=True, window=window)
        return full if is_refused else None
    share = min(live.quota_used / live.quota_limit, 1)
    left = max(0, live.quota_limit - live.quota_used)
    is_spent = is_refused or share >= usable
    return Gauge(
        live.quota_used, live.quota_limit, left, _n(150 * share), _n(150 * usable), is_spent, is_refused, window
    )  # fmt: skip


def _bars(days: Sequence[Day], top: int, most_refused: int) -> Iterable[Bar]:
    step = WIDTH / max(len(days), 1)
    width = _n(step * 0.7)
    for n, day in enumerate(days):
        x = _n(LEFT + n * step + step * 0.15)
        if day.changed:
            height = max((BASE - TOP) * day.changed / top, 1)
            yield Bar("c-in", x, _n(BASE - height), width, _n(height))
        if day.refused:
            # A small series has its own scale and says so: on the large one nobody would see it.
            height = max((REFUSED_BASE - REFUSED_TOP) * day.refused / most_refused, 1.5)
            yield Bar("c-bad", x, _n(REFUSED_BASE - height), width, _n(height))


def _middle(n: int, number: int) -> float:
    step = WIDTH / max(number, 1)
    return LEFT + n * step + step / 2


def _round_up(number: int) -> int:
    """The next number that three lines divide into round parts."""
    size = 1
    while size * 30 < number:
        size *= 10
    return next((size * part for part in (3, 6, 9, 12, 15, 18, 24, 30) if size * part >= number), size * 30)


def _n(number: float) -> str:
    # SVG wants a point, whatever the reader's language writes.
    return f"{number:.1f}"
