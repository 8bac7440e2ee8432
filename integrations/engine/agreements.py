"""What an agreement's mapped values mean: MRR, end, notice, status, tacit renewal; and whether its mapping is complete.

Duration, Date and Manual are ways to fill mapping lines, not modes: a duration is `engagement` with its interval, a date
is `end_date`, and Manual is a line with a constant. The same three ways serve the notice.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from .mapping import FieldRule
from .reasons import Reason, say
from .records import Pair
from .values import Value, is_blank

CENT = Decimal("0.01")
MONTHS = 12
PERIODS = ("DAY", "WEEK", "MONTH", "YEAR")
BY_HAND = frozenset({"PENDING", "PAUSED", "CANCELLED"})
"""Set by people alone, so time does not move them on."""
COUNTED = "ACTIVE"
WAYS = {"end_date": "engagement", "notice_date": "notice"}
"""Hub field of a date → of the number from which it is counted otherwise."""
_END = frozenset({"end_date", "start_date", "engagement", "engagement_period"})
_NOTICE = frozenset({"notice_date", "notice", "notice_period", "end_date"})
"""What has to be written for the end, or the notice, to be counted anew."""
_NO_ARGUMENT_NEEDED = frozenset({"", "none", "is-filled"})
_CLOSING = re.compile(r"(?:clos(?:e|ed|ing)|(?<![a-z])won)[\s_-]*(?:on|at|date|time)", re.IGNORECASE)


class Renewal(StrEnum):
    """The one of three ways in which a mapping answers whether an agreement renews by itself."""

    NOTICE = "notice"
    """Where the CRM holds a notice date or period."""
    VALUE = "value"
    """Where a field of the CRM holds a value."""
    ALWAYS = "always"
    """The same answer for every agreement."""


def mrr(amount: Decimal | None, amount_format: str) -> Decimal | None:
    """A missing amount is unknown, not nothing. Half-even, so that many roundings do not drift one way."""
    if amount is None:
        return None
    monthly = amount / MONTHS if amount_format == "ARR" else amount
    return monthly.quantize(CENT, ROUND_HALF_EVEN)


def arr(monthly: Decimal | None) -> Decimal | None:
    return None if monthly is None else monthly * MONTHS


def last_day(start: date | None, number: int | None, period: str) -> date | None:
    """Start + duration − 1 day; a month that is too short ends the agreement on its own last day."""
    if start is None or not number or period not in PERIODS:
        return None
    try:
        end = _moved(start, number, period)
        # 31 January + 1 month has no 31 February to take a day from: it ends with February.
        is_clamped = period in {"MONTH", "YEAR"} and end.day != start.day
        return end if is_clamped else end - timedelta(days=1)
    except (OverflowError, ValueError):  # beyond the last day of the calendar
        return None


def notice_day(end: date | None, number: int | None, period: str) -> date | None:
    """The last day to give notice: as long before the day after the end, less a day, so that whole months stay whole."""
    if end is None or number is None or period not in PERIODS:
        return None
    try:
        return _moved(end + timedelta(days=1), -number, period) - timedelta(days=1)
    except (OverflowError, ValueError):
        return None


def stated(lines: Iterable[FieldRule], settled: Mapping[str, Pair]) -> frozenset[str]:
    """The dates that the CRM answers for: no count replaces them, whatever number is left over from another way.

    Where both ways are mapped, the number answers as long as the CRM's date is blank. `settled`: the row's pairs.
    """
    mapped = {rule.hub_field for rule in lines if rule.direction.writes_hub and _answers(rule)}
    return frozenset(
        day
        for day, number in WAYS.items()
        if day in mapped and (number not in mapped or (day in settled and not is_blank(settled[day].crm)))
    )


def end_of(values: Mapping[str, Value], written: Collection[str], stated: Collection[str] = ()) -> date | None:
    """The end as it will stand: a date that is written now or that the CRM states, else what start and duration say, else
    what stands there.
    """
    given = values.get("end_date")
    given = given if isinstance(given, date) else None
    if "end_date" in stated or ("end_date" in written and given is not None):
        return given
    return (_by_duration(values) if _END & set(written) else None) or given


def notice_of(
    values: Mapping[str, Value], written: Collection[str], end: date | None, stated: Collection[str] = ()
) -> date | None:
    """`end`: as it will stand; `values` hold the one before it was counted."""
    given = values.get("notice_date")
    given = given if isinstance(given, date) else None
    if "notice_date" in stated or ("notice_date" in written and given is not None):
        return given
    # What tells of another amount says nothing about the day that was agreed upon.
    if not _NOTICE & set(written) and end == values.get("end_date"):
        return given
    number = values.get("notice")
    counted = notice_day(end, number if isinstance(number, int) else None, str(values.get("notice_period") or ""))
    return counted or given


def status_on(today: date, start: date | None, end: date | None, current: str = "") -> str:
    if current in BY_HAND:
        return current
    if start is not None and today < start:
        return "VALIDATED"
    return "FINISHED" if end is not None and today > end else COUNTED


def refusal(values: Mapping[str, Value], written: Collection[str], stated: Collection[str] = ()) -> Reason | None:
    """Why an agreement cannot stand as it would be written."""
    start, end = values.get("start_date"), end_of(values, written, stated)
    if isinstance(start, date) and end is not None and end < start:
        return Reason("ends-before-start", {"start": start.isoformat(), "end": end.isoformat()})
    return None


def renewal_way(rule: FieldRule | None) -> Renewal | None:
    """None: not answered."""
    if rule is None:
        return None
    if not is_blank(rule.constant):
        return Renewal.ALWAYS
    if not rule.crm_field:
        return None
    if rule.transform == "is-filled":
        return Renewal.NOTICE
    return Renewal.VALUE if rule.transform in _NO_ARGUMENT_NEEDED or rule.argument.strip() else None


def complete(lines: Iterable[FieldRule]) -> list[str]:
    """What still has to be answered before agreements can be read, in words for the refusal; empty: nothing."""
    rules = {rule.hub_field: rule for rule in lines}
    has = {name for name, rule in rules.items() if _answers(rule)}
    checks = (
        ("amount_format" in has, say("Recurring revenue format")),
        ("amount" in has, say("Revenue field")),
        ("start_date" in has, say("Start date")),
        ("engagement_period" in has or "engagement" not in has, say("Interval of the duration")),
        ("engagement" in has or "engagement_period" not in has, say("Duration")),
        ("notice_period" in has or "notice" not in has, say("Interval of the notice")),
        ("notice" in has or "notice_period" not in has, say("Notice")),
        (renewal_way(rules.get("auto_renew")) is not None, say("Tacit renewal")),
    )
    return [label for is_answered, label in checks if not is_answered]


def warnings(lines: Iterable[FieldRule]) -> list[Reason]:
    """What is allowed, but seldom meant."""
    rules = {rule.hub_field: rule for rule in lines}
    found = []
    start = rules.get("start_date")
    if start is not None and (_CLOSING.search(start.crm_field) or _CLOSING.search(start.crm_label)):
        found.append(Reason("start-is-closing-date", {"field": start.crm_label or start.crm_field}))
    if "currency" not in rules:
        found.append(Reason("no-currency-line"))
    if "end_date" in rules and "engagement" in rules:
        found.append(Reason("two-ends"))
    if "notice_date" in rules and "notice" in rules:
        found.append(Reason("two-notices"))
    return found


def _answers(rule: FieldRule) -> bool:
    return bool(rule.crm_field) or not is_blank(rule.constant)


def _by_duration(values: Mapping[str, Value]) -> date | None:
    start, number = values.get("start_date"), values.get("engagement")
    return last_day(
        start if isinstance(start, date) else None,
        number if isinstance(number, int) else None,
        str(values.get("engagement_period") or ""),
    )


def _moved(day: date, number: int, period: str) -> date:
    if period in {"DAY", "WEEK"}:
        return day + timedelta(days=number * (7 if period == "WEEK" else 1))
    months = day.year * MONTHS + day.month - 1 + number * (MONTHS if period == "YEAR" else 1)
    year, month = divmod(months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
