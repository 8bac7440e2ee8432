"""The parts that pages are made of: lights, diffs, counts, times, pagers. Their markup stands here and nowhere else."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Page
from django.forms import BoundField
from django.template import Context
from django.template.defaulttags import querystring
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts import devices, toasts
from accounts import reference as reference_module
from accounts.paging import KeysetPage
from accounts.permissions import Permission
from accounts.vocabulary import STATES

register = template.Library()
SHORT = 16
"""What fits into every column needs no place to break."""
DAY = timedelta(days=1).total_seconds()
BREAKS = re.compile(r"([.@/]+)(?=\w)")


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """`{% icon "ok" %}`; a second argument adds classes, as in `{% icon "run" "spin" %}`."""
    return _drawn(name, css)


# A page of a list draws hundreds, of a few kinds.
@cache
def _drawn(name: str, css: str) -> SafeString:
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', f"i {css}".strip(), static("icons.svg"), name
    )


@register.simple_tag
def lamp(state: str, lag: Any = "", *, word: Any = "", boxed: bool = False, two: bool = False) -> SafeString:
    """A light is never bare: `state` is a key of STATES, `lag` says since when or how far behind."""
    known = STATES[state]
    css = " ".join(["lamp", known.css, *(["boxed"] if boxed else []), *(["two"] if two else [])])
    mark = icon(known.icon, "spin" if state == "run" else "")
    said = word or known.word
    seconds = format_html(' <span class="lag">{}</span>', lag) if lag else ""
    body = format_html("<span>{}{}</span>", said, seconds) if two else format_html("{}{}", said, seconds)
    return format_html('<span class="{}">{}{}</span>', css, mark, body)


@register.simple_tag
def sys(letters: str) -> SafeString:
    """The two letters of a system; SK is the hub."""
    css = "sys hub" if letters == "SK" else "sys"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, letters)


@register.simple_tag
def stat(label: Any, figure: Any, note: Any = "", state: str = "", icon_name: str = "") -> SafeString:
    """One cell of `<dl class="stats sheet">`."""
    known = STATES.get(state)
    mark = icon(icon_name or known.icon) if known else ""
    second = format_html("<dd>{}</dd>", note) if note else ""
    return format_html(
        '<div class="{}"><dt>{}{}</dt><dd>{}</dd>{}</div>', known.css if known else "", mark, label, figure, second
    )


@register.simple_tag
def diff(before: Any, after: Any) -> SafeString:
    """Before → after; a value that gives way to nothing is an erasure and keeps its old value in sight."""
    if _is_blank(before):
        return format_html(
            '<span class="diff"><ins><span class="visually-hidden">{} </span>{}</ins></span>',
            _("set to:"),
            breakable(after),
        )
    erases = _is_blank(after)
    return format_html(
        '<span class="{}"><del><span class="visually-hidden">{} </span>{}</del>{}'
        '<ins><span class="visually-hidden">{} </span>{}</ins></span>',
        "diff erase" if erases else "diff",
        _("erases:") if erases else _("before:"),
        breakable(before),
        icon("in"),
        _("after:"),
        _("empty") if erases else breakable(after),
    )


@register.filter("said")
def breakable(value: Any) -> SafeString:
    """A value as people read it; an address or a domain breaks after its dots and slashes, never within a word."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return SafeString(formats.number_format(value, use_l10n=True, force_grouping=True))
    text = escape(said(value))
    is_text = isinstance(value, str | list | tuple) and len(text) > SHORT
    return mark_safe(BREAKS.sub(r"\1<wbr>", text) if is_text else text)  # noqa: S308 (escaped above)


def said(value: Any) -> str:
    """Dates, numbers, yes and no, lists: as plain text."""
    if value is None or value == "":
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(_local(value), "j M Y, H:i")
    if isinstance(value, date):
        return formats.date_format(value, "j M Y")
    if isinstance(value, int | float | Decimal):
        return formats.localize(value, use_l10n=True)
    if isinstance(value, list | tuple | set):
        return ", ".join(said(part) for part in value) or _("empty")
    return str(value)


@register.filter
def count(value: int | None) -> str:
    return intcomma(value or 0)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """Relative up to a day, then a date; the exact time stays in the tooltip."""
    # A template hands on an empty text where a part of the way to the moment is missing.
    if not moment:
        return _("never")
    local = _local(moment)
    minute = f"{_day(local.date(), get_language())}, {local:%H:%M}"
    told = _since(moment) or minute
    return format_html('<time datetime="{}" title="{}:{}">{}</time>', local.isoformat(), minute, f"{local:%S}", told)


@register.filter
def exactly(moment: datetime) -> SafeString:
    """The day, the minute and the time zone: the console's, until a script puts the reader's own in its place."""
    local, since = _local(moment), _since(moment)
    shown = formats.date_format(local, "j M Y, H:i T")
    told = f", {since}" if since else ""
    return format_html('<time datetime="{}" data-local>{}</time>{}', local.isoformat(), shown, told)


@register.filter
def filled(fields: Iterable[BoundField]) -> int:
    """How many fields of a form hold something: said while they are folded."""
    return sum(not _is_blank(field.value()) for field in fields)


@register.filter
def mono(text: Any) -> SafeString:
    """What another system said, letter by letter."""
    return format_html('<div class="said">{}</div>', text)


@register.simple_tag(takes_context=True)
def sort_link(context: Context, column: str, label: Any, param: str = "sort") -> SafeString:
    """A link for a column's head; it turns the order around and keeps every other part of the address."""
    order = _order_of(context, column, param)
    target = f"-{column}" if order == "ascending" else column
    parts: dict[str, Any] = {param: target, "page": None, "before": None, "after": None}
    address = querystring(context, **parts)
    spoken = {"ascending": _("sorted upwards"), "descending": _("sorted downwards"), "": _("sort by this")}[order]
    arrow = {"ascending": "↑", "descending": "↓", "": ""}[order]
    return format_html(
        '<a href="{}">{}<span aria-hidden="true"> {}</span><span class="visually-hidden">, {}</span></a>',
        address,
        label,
        arrow,
        spoken,
    )


@register.simple_tag(takes_context=True)
def sort_header(context: Context, column: str, label: Any, css: str = "", param: str = "sort") -> SafeString:
    """The whole `<th>` around a sort link, with `aria-sort` where it belongs."""
    order = _order_of(context, column, param)
    spoken = format_html(' aria-sort="{}"', order) if order else ""
    return format_html('<th scope="col" class="{}"{}>{}</th>', css, spoken, sort_link(context, column, label, param))


@register.inclusion_tag("parts/pager.html", takes_context=True)
def pager(context: Context, page: KeysetPage | Page[Any], said_before: Any = "") -> dict[str, Any]:
    """For both kinds of page: numbered ones (Django's) and those by key."""
    shown: dict[str, Any] = {"request": context["request"], "page": page, "numbered": False, "text": said_before}
    if isinstance(page, Page):
        shown["numbers"] = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        shown["numbered"] = True
    return shown


@register.filter
def undo_url(message: Any) -> str:
    """Where a toast's act is taken back; empty where it cannot be."""
    tag = str(message.extra_tags or "")
    return tag.removeprefix(toasts.UNDO) if tag.startswith(toasts.UNDO) else ""


@register.simple_tag
def organisation() -> str:
    return str(settings.ORGANISATION)


@register.filter
def device(user_agent: str) -> str:
    return devices.device(user_agent)


@register.simple_tag
def reference() -> str:
    """The id of this request, as the log has it."""
    return reference_module.current()


@register.filter
def may(user: Any, permission: str) -> bool:
    """`{% if request.user|may:"run_sync" %}`: templates cannot call `user.may(...)` themselves."""
    return bool(user.is_authenticated and user.may(Permission(permission)))


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or value == []


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


# A page of a list tells fifty times, of a few days; to spell a day takes as long as the rest of telling one.
@lru_cache(maxsize=500)
def _day(day: date, language: str | None) -> str:  # noqa: ARG001 (it spells the month, so each has its own)
    return formats.date_format(day, "j M Y")


def _since(moment: datetime) -> str:
    """Empty for what is a day old, or to come."""
    now = timezone.now()
    seconds = (now - moment).total_seconds()
    if seconds < 0 or seconds >= DAY:
        return ""
    if seconds < 60:
        return ngettext("%(n)s s ago", "%(n)s s ago", int(seconds)) % {"n": int(seconds)}
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


def _order_of(context: Context, column: str, param: str) -> str:
    current: str = context["request"].GET.get(param) or context.get("default_sort") or ""
    return {column: "ascending", f"-{column}": "descending"}.get(current, "")
