"""What Pipedrive offers for interactions, each kind by a choice of its own."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility

from ..gone import RECENT
from ..writing import MOST_WRITTEN
from .sources import ACTIVITY, ORGANIZATION, SOURCES

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.OUTPUT, Mode.DISABLED)
OVERLAP = 120
REMEMBERED = _(
    "Deleted ones are asked for at every sync, among what changed lately; Pipedrive remembers them for 30 days."
)


def interaction(name: str, label: Promise) -> ObjectAbility:
    return ObjectAbility(
        object=name,
        source_object=SOURCES[name].entity,
        source_label=label,
        modes=MODES,
        deletes=REMEMBERED,
        default_keys=("ref_id",),
        overlap_seconds=OVERLAP,
        creates=True,
        deletes_out=True,
        write_batch=MOST_WRITTEN,
        customer_path=ORGANIZATION,
        counts=False,
        # One list holds all types of activity, and Pipedrive narrows it down by none.
        walk=ACTIVITY if SOURCES[name].entity == ACTIVITY else "",
        walk_of_deleted=RECENT,
    )


INTERACTIONS = (
    interaction("emails", _("E-mails")),
    interaction("meetings", _("Meetings")),
    interaction("calls", _("Calls")),
    interaction("notes", _("Notes")),
)
