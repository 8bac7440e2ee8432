"""Scores go out to fields of the account, beside its customer: a channel of its own, whatever mode customers have."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility

from .scope import ACCOUNTS

SCORES = ObjectAbility(
    object="scores",
    source_object=ACCOUNTS,
    source_label=_("Scores"),
    modes=(Mode.DISABLED, Mode.OUTPUT),
    deletes=_("Scores are only written, to the account of each linked customer; nothing of them is read or deleted."),
)
