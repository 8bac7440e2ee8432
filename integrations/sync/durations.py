"""Spans of time as people say them: the two largest units that matter, never a bare number of seconds."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def spoken(span: timedelta) -> str:
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return _("%(s)s s") % {"s": seconds}
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return _("%(m)s min %(s)s s") % {"m": minutes, "s": seconds} if seconds else _("%(m)s min") % {"m": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes} if minutes else _("%(h)s h") % {"h": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}


def behind(span: timedelta) -> str:
    """The lag of a light, in minutes and more: seconds would flicker."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes == 0:
        return _("less than 1 min behind")
    return _("%(time)s behind") % {"time": spoken(timedelta(minutes=minutes))}


def since(moment: datetime, now: datetime) -> str:
    """A time of today, else a date."""
    local = localtime(moment)
    is_today = local.date() == localtime(now).date()
    return _("since %(when)s") % {"when": date_format(local, "H:i" if is_today else "j M")}


def clock(moment: datetime, now: datetime) -> str:
    local = localtime(moment)
    return date_format(local, "H:i" if local.date() == localtime(now).date() else "j M, H:i")
