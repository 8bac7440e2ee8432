"""Why a typed value was not taken, said to the person who typed it: the journal's sentences speak of records and CRMs."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.reasons import Reason

SAID = {
    "too-long": gettext_lazy("At most %(limit)s characters; these are %(length)s."),
    "not-a-number": gettext_lazy("A plain number, such as 1250.50."),
    "not-a-whole-number": gettext_lazy("A whole number."),
    "too-large": gettext_lazy("A smaller number: at most 15 digits before the decimal point."),
    "out-of-range": gettext_lazy("From %(low)s to %(high)s."),
    "not-a-date": gettext_lazy("A date, such as 2026-11-30."),
    "date-has-time": gettext_lazy("A date without a time."),
    "not-a-moment": gettext_lazy("A date and a time, such as 2026-11-30 14:30."),
    "not-yes-no": gettext_lazy("Yes or no."),
    "unmapped-value": gettext_lazy("One of the choices of this field."),
    "not-a-domain": gettext_lazy("A website, such as aldervale.example."),
    "not-a-person": gettext_lazy("The e-mail address of a colleague."),
    "no-name": gettext_lazy("A row needs a name, so that it can be told from others."),
    "ends-before-start": gettext_lazy("It would end on %(end)s, before it starts on %(start)s."),
    "hub-row-gone": gettext_lazy("This row was deleted meanwhile. Nothing was saved."),
}


def in_words(reason: Reason) -> str:
    known = SAID.get(reason.code)
    return str(known) % dict(reason.params) if known else _("Not taken: %(why)s") % {"why": reason}
