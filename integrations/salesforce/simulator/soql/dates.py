"""Named dates (TODAY, LAST_N_DAYS:7, THIS_QUARTER...) as a half-open range of days."""

import re
from datetime import date, timedelta

_NAMED = re.compile(r"(?:(?P<when>LAST|THIS|NEXT)_(?P<unit>WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR))")
_COUNTED = re.compile(r"(?P<when>LAST|NEXT)_N_(?P<unit>DAY|WEEK|MONTH|QUARTER|YEAR)S:(?P<n>\d+)")
_AGO = re.compile(r"N_(?P<unit>DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO:(?P<n>\d+)")
_DAYS = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def named_range(name: str, today: date) -> tuple[date, date] | None:
    """First day and the day after the last, or None for a name that is no date."""
    if name in _DAYS:
        return _span("DAY", today, _DAYS[name], 1)
    if name in {"LAST_90_DAYS", "NEXT_90_DAYS"}:
        name = name[:4] + "_N_DAYS:90"
    if match := _NAMED.fullmatch(name):
        return _span(match["unit"].removeprefix("FISCAL_"), today, {"LAST": -1, "THIS": 0, "NEXT": 1}[match["when"]], 1)
    if match := _AGO.fullmatch(name):
        return _span(match["unit"], today, -int(match["n"]), 1)
    if match := _COUNTED.fullmatch(name):
        return _counted(match["unit"], match["when"], int(match["n"]), today)
    return None


def _counted(unit: str, when: str, count: int, today: date) -> tuple[date, date]:
    if when == "NEXT":
        return _span(unit, today, 1, count)
    start, end = _span(unit, today, -count, count)
    # LAST_N_DAYS takes today in; LAST_N_WEEKS and the longer ones end before the current one.
    return (start, end + timedelta(days=1)) if unit == "DAY" else (start, end)


def _span(unit: str, today: date, offset: int, count: int) -> tuple[date, date]:
    if unit in {"DAY", "WEEK"}:
        # A week starts on Sunday in the org's default locale.
        first = today if unit == "DAY" else today - timedelta(days=(today.weekday() + 1) % 7)
        length = timedelta(days=1 if unit == "DAY" else 7)
        return first + offset * length, first + (offset + count) * length
    months = _MONTHS[unit]
    first_month = (today.year * 12 + today.month - 1) // months * months
    return _month(first_month + offset * months), _month(first_month + (offset + count) * months)


def _month(index: int) -> date:
    year, month = divmod(index, 12)
    return date(year, month + 1, 1)
