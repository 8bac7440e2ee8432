"""What Sellsy offers for the four kinds of interaction: they are read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility


def interaction(name: str, obj: str, label: Promise) -> ObjectAbility:
    return ObjectAbility(
        object=name,
        source_object=obj,
        source_label=label,
        modes=(Mode.INPUT, Mode.DISABLED),
        deletes=_("Every sync lists what there is and asks by name about those it misses."),
        default_keys=("ref_id",),
        overlap_seconds=120,
    )


INTERACTIONS = (
    interaction("emails", "Email", _("E-mails")),
    interaction("meetings", "CalendarEvent", _("Events")),
    interaction("calls", "PhoneCall", _("Phone calls")),
    interaction("notes", "Comment", _("Comments")),
)
