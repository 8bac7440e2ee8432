"""What Intercom offers for the kinds of interaction: they are read, in one walk over all conversations."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility

from .sources import CALLS, EMAILS, NOTES

WALK = "conversations"


def interaction(name: str, label: Promise) -> ObjectAbility:
    return ObjectAbility(
        object=name,
        source_object="Conversation",
        source_label=label,
        modes=(Mode.INPUT, Mode.DISABLED),
        deletes=_("A deleted conversation shows at the next complete reading."),
        default_keys=("ref_id",),
        overlap_seconds=120,
        counts=False,
        walk=WALK,
    )


INTERACTIONS = (
    interaction(EMAILS, _("E-mail conversations")),
    interaction(CALLS, _("Calls")),
    interaction(NOTES, _("Chats and messages")),
)
