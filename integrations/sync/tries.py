"""How a record stands in the loop of automatic tries, in words."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .durations import clock


def tries_in_words(tries: int, next_at: datetime | None, given_up_at: datetime | None, now: datetime) -> str:
    """Empty for what was never tried: it is well, or a person has just given it a new chance."""
    if given_up_at is not None:
        said = ngettext("Given up after %(n)s try, %(at)s.", "Given up after %(n)s tries, %(at)s.", tries)
        told = said % {"n": tries, "at": clock(given_up_at, now)}
        return f"{told} {_('A retry or a change of the record brings it back.')}"
    if not tries or next_at is None:
        return ""
    said = ngettext("Tried %(n)s time.", "Tried %(n)s times.", tries) % {"n": tries}
    if next_at <= now:
        return f"{said} {_('Tried again with the next run.')}"
    return f"{said} {_('Next try: %(at)s.') % {'at': clock(next_at, now)}}"
