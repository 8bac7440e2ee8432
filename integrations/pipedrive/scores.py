"""Scores go out to fields of the organization, beside its customer: a channel of its own, whatever mode customers have."""

from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility

SCORES = ObjectAbility(
    object="scores",
    source_object="organization",
    source_label=_("Scores"),
    modes=(Mode.DISABLED, Mode.OUTPUT),
    deletes=_(
        "Scores are only written, to the organization of each linked customer; nothing of them is read or deleted."
    ),
)
