"""A row of the journal or of a plan in the cells of a table: a page has fifty, and a template of its own for each costs twice this."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags import console

from ..lines import FieldLine, Line
from ..models.journal import Action

register = template.Library()


@register.simple_tag
def record(line: Line) -> SafeString:
    """Who, and under it what and which record it is, after the letters of its system."""
    source_id = line.row.source_id
    which = format_html(', <span class="mono">{}</span>', source_id) if source_id else ""
    return format_html(
        '<span class="who">{}<span>{}<small>{}{}</small></span></span>',
        console.sys(line.short), _name(line), line.what, which,
    )  # fmt: skip


@register.simple_tag
def record_heading(line: Line) -> SafeString:
    """The same for the header of a row."""
    source_id = line.row.source_id
    which = format_html('<small class="mono">{}</small>', source_id) if source_id else ""
    return format_html("{}<small>{}</small>{}", _name(line), line.what, which)


@register.simple_tag
def changes(line: Line) -> SafeString:
    """Each field before and after: of a new record a few, of a change up to eight; the rest folds away."""
    if not line.fields:
        return format_html('<span class="dim">{}</span>', _("Nothing is written."))
    is_flat = line.row.action == Action.CREATE and not line.is_refused
    shown = _list("chgs flat" if is_flat else "chgs", line.shown, is_refused=line.is_refused)
    folded = line.folded
    return format_html("{}{}", shown, _folded(folded)) if folded else shown


def _name(line: Line) -> SafeString:
    subject = line.subject
    if subject.hub_url:
        return format_html('<a href="{}">{}</a>', subject.hub_url, subject.name)
    return format_html('<span class="strong">{}</span>', subject.name)


def _folded(fields: Sequence[FieldLine]) -> SafeString:
    number = len(fields)
    more = ngettext("and %(n)s more field", "and %(n)s more fields", number) % {"n": number}
    return format_html('<details class="fold"><summary>{}</summary>{}</details>', more, _list("chgs", fields))


def _list(css: str, fields: Sequence[FieldLine], *, is_refused: bool = False) -> SafeString:
    lines = (
        (field.label, _refused(field) if is_refused else console.diff(field.before, field.after)) for field in fields
    )
    return format_html('<ul class="{}">{}</ul>', css, format_html_join("", "<li><span>{}</span>{}</li>", lines))


def _refused(field: FieldLine) -> SafeString:
    return format_html('<span class="diff"><del>{}</del></span>', console.breakable(field.after))
