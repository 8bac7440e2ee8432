"""Whether the CRM's field can hold what a line sends where the hub has nothing, asked while it is typed: a new record that
is refused for it would be found out one by one."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.compare import fold, normal_email
from integrations.engine.mapping import FieldRule, Kind, Reading
from integrations.engine.reading import read
from integrations.engine.records import Record
from integrations.engine.writing import as_typed

from .connector import Choice, CrmField

ANY_TEXT = frozenset({Kind.ID, Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.DOMAIN, Kind.PHONE})
FORMS: dict[Kind, str | Promise] = {
    Kind.INTEGER: gettext_lazy("Type a whole number in digits, such as 10."),
    Kind.NUMBER: gettext_lazy("Type a number in digits with a point, such as 10.5."),
    Kind.MONEY: gettext_lazy("Type a number in digits with a point, such as 10.5."),
    Kind.DATE: gettext_lazy("Type a day as 2026-12-31."),
    Kind.DATETIME: gettext_lazy("Type a moment with its time zone, as 2026-12-31T09:30+01:00."),
    Kind.BOOL: gettext_lazy("Type yes or no."),
    Kind.EMAIL: gettext_lazy("Type an e-mail address."),
    Kind.PERSON: gettext_lazy("Type the e-mail address of a user."),
}
"""How a value of the kind is typed."""
PLAIN = frozenset({Kind.BOOL, Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.DATETIME})
"""What a CRM takes as a number, a yes or no or a moment, and not as the text that was typed."""
MOST_NAMED = 8


class UnfitError(ValueError):
    """Says which field, and what to type in its place."""


def options_of(found: CrmField | None) -> tuple[Choice, ...]:
    """What the field takes and nothing else; empty where it is no list."""
    is_list = found is not None and found.kind in {Kind.CHOICE, Kind.LIST}
    return tuple(choice for choice in found.choices if choice.is_active) if found and is_list else ()


def fitted(text: str, found: CrmField, name: str) -> str:
    """The value to send. `name` is what people call the CRM here."""
    if options := options_of(found):
        return ";".join(_chosen(part, options, found, name) for part in _parts(text, found))
    if found.kind in ANY_TEXT and found.length and len(text) > found.length:
        counted = {"field": found.label, "name": name, "limit": found.length, "length": len(text)}
        raise UnfitError(
            _("“%(field)s” of %(name)s takes %(limit)d characters, and this has %(length)d. Shorten it.") % counted
        )
    if found.kind in FORMS and not _holds(found, text):
        said = {"field": found.label, "name": name, "value": text}
        why = _("“%(field)s” of %(name)s cannot hold “%(value)s”.") % said
        raise UnfitError(f"{why} {FORMS[found.kind]}")
    return as_typed(_reading(found, text).value) if found.kind in PLAIN else text


def told(text: str, found: CrmField | None) -> str:
    """What is sent, by what people there see of it."""
    labels = {choice.value: choice.label for choice in found.choices} if found else {}
    return "; ".join(labels.get(part, part) for part in _parts(text, found)) if found and labels else text


def _parts(text: str, found: CrmField) -> list[str]:
    """Without the empty ones, which separators leave behind."""
    parts = text.split(";") if found.kind is Kind.LIST else [text]
    return [part.strip() for part in parts if part.strip()] or [text]


def _chosen(text: str, options: tuple[Choice, ...], found: CrmField, name: str) -> str:
    """By its value, or by what people there see of it."""
    ways: tuple[Callable[[Choice], str], ...] = (lambda one: one.value, lambda one: one.label)
    for way in ways:
        for choice in options:
            if fold(way(choice)) == fold(text):
                return choice.value
    listed = ", ".join(choice.label for choice in options[:MOST_NAMED])
    said = {"field": found.label, "name": name, "value": text, "options": listed}
    if len(options) > MOST_NAMED:
        raise UnfitError(
            _("The list “%(field)s” of %(name)s has no “%(value)s”. Choose one of it: %(options)s …") % said
        )
    raise UnfitError(_("The list “%(field)s” of %(name)s has no “%(value)s”. Choose one of it: %(options)s.") % said)


def _holds(found: CrmField, text: str) -> bool:
    """By the very reading that a run does."""
    if found.kind in {Kind.EMAIL, Kind.PERSON}:
        return bool(normal_email(text))
    reading = _reading(found, text)
    return not (reading.refused or reading.unmapped)


def _reading(found: CrmField, text: str) -> Reading:
    return read(FieldRule("", found.label, found.kind, crm_field=found.path), Record("", {found.path: text}))
