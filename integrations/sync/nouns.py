"""How many of what, in words: every count on a page carries its unit."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import ngettext, ngettext_lazy

THINGS = {
    "customers": ngettext_lazy("%(n)s customer", "%(n)s customers", "number"),
    "contacts": ngettext_lazy("%(n)s contact", "%(n)s contacts", "number"),
    "agreements": ngettext_lazy("%(n)s agreement", "%(n)s agreements", "number"),
    "interactions": ngettext_lazy("%(n)s interaction", "%(n)s interactions", "number"),
    "emails": ngettext_lazy("%(n)s e-mail", "%(n)s e-mails", "number"),
    "meetings": ngettext_lazy("%(n)s meeting", "%(n)s meetings", "number"),
    "calls": ngettext_lazy("%(n)s call", "%(n)s calls", "number"),
    "notes": ngettext_lazy("%(n)s note", "%(n)s notes", "number"),
    "leads": ngettext_lazy("%(n)s lead", "%(n)s leads", "number"),
    "opportunities": ngettext_lazy("%(n)s opportunity", "%(n)s opportunities", "number"),
}


def counted(object_name: str, number: int) -> str:
    """`3 customers`, `1 contact`."""
    return str(THINGS[object_name] % {"n": intcomma(number), "number": number})


def rows(number: int) -> str:
    return ngettext("%(n)s row", "%(n)s rows", number) % {"n": intcomma(number)}


def records(number: int) -> str:
    return ngettext("%(n)s record", "%(n)s records", number) % {"n": intcomma(number)}


def writes(number: int) -> str:
    return ngettext("%(n)s write", "%(n)s writes", number) % {"n": intcomma(number)}


def causes(number: int) -> str:
    return ngettext("%(n)s cause", "%(n)s causes", number) % {"n": intcomma(number)}


def reasons(number: int) -> str:
    return ngettext("%(n)s reason", "%(n)s reasons", number) % {"n": intcomma(number)}
