"""What Salesforce offers for the four kinds of interaction."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility

from .placeholders import PLACEHOLDERS
from .writing import NOTES_AT_ONCE

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.OUTPUT, Mode.DISABLED)
COLLECTION = 200
"""Records of one write call."""
REMEMBERED = _("Deleted ones are asked for at every sync; Salesforce remembers them for 15 days.")


def interaction(name: str, objects: str, label: Promise, customer: str, batch: int = COLLECTION) -> ObjectAbility:
    return ObjectAbility(
        object=name,
        source_object=objects,
        source_label=label,
        modes=MODES,
        deletes=REMEMBERED,
        default_keys=("ref_id",),
        creates=True,
        placeholders=PLACEHOLDERS[name],
        deletes_out=True,
        write_batch=batch,
        customer_path=customer,
        # A field for our key can be put on activities only; it makes no difference to a message or a note.
        has_key_field=name in {"calls", "meetings"},
    )


INTERACTIONS = (
    interaction("emails", "EmailMessage", _("E-mails"), "RelatedToId"),
    interaction("meetings", "Event", _("Events"), "WhatId"),
    interaction("calls", "Task", _("Calls"), "WhatId"),
    interaction("notes", "ContentNote", _("Notes"), "LinkedEntityId", NOTES_AT_ONCE),
)
