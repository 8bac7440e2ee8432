"""Scores go out to fields of the account, beside its customer: a channel of its own, whatever mode customers have."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind, Mode
from integrations.sync.connector import CrmField, ObjectAbility

from .scope import ACCOUNTS

SCORES = ObjectAbility(
    object="scores",
    source_object=ACCOUNTS.object,
    source_label=_("Scores"),
    modes=(Mode.DISABLED, Mode.OUTPUT),
    deletes=_("Scores are only written, to the account of each linked customer; nothing of them is read or deleted."),
)
NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY})
TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT})


def takes_a_number(field: CrmField) -> bool:
    return field.is_updateable and field.kind in NUMBERS


def takes_a_pulse(field: CrmField) -> bool:
    """A list too: each pulse is then one of its values."""
    return field.is_updateable and not field.is_id and field.kind in NUMBERS | TEXTS | {Kind.CHOICE}
