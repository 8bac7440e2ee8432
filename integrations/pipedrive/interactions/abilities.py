"""What Pipedrive offers for interactions: they come in, each kind by a choice of its own."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility

from .sources import SOURCES

OVERLAP = 120
REMEMBERED = _(
    "Deleted ones are asked for at every sync, among what changed lately; Pipedrive remembers them for 30 days."
)


def interaction(name: str, label: Promise) -> ObjectAbility:
    return ObjectAbility(
        object=name,
        source_object=SOURCES[name].entity,
        source_label=label,
        modes=(Mode.INPUT, Mode.DISABLED),
        deletes=REMEMBERED,
        default_keys=("ref_id",),
        overlap_seconds=OVERLAP,
        counts=False,
    )


INTERACTIONS = (
    interaction("emails", _("E-mails")),
    interaction("meetings", _("Meetings")),
    interaction("calls", _("Calls")),
    interaction("notes", _("Notes")),
)
