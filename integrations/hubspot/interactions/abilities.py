"""What HubSpot offers for the four kinds of interaction."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility

from ..client import BATCH
from .placeholders import PLACEHOLDERS
from .sources import ACTIVITIES

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.OUTPUT, Mode.DISABLED)
REMEMBERED = _("Deleted ones are asked for at every sync; HubSpot keeps them for 90 days.")


def interaction(name: str, label: Promise) -> ObjectAbility:
    return ObjectAbility(
        object=name,
        source_object=ACTIVITIES[name].object,
        source_label=label,
        modes=MODES,
        deletes=REMEMBERED,
        default_keys=("ref_id",),
        creates=True,
        placeholders=PLACEHOLDERS[name],
        deletes_out=True,
        write_batch=BATCH,
        # How many hang on the companies in scope, only their ties tell: a second reading.
        counts=False,
        has_key_field=True,
    )


INTERACTIONS = (
    interaction("emails", _("E-mails")),
    interaction("meetings", _("Meetings")),
    interaction("calls", _("Calls")),
    interaction("notes", _("Notes")),
)
