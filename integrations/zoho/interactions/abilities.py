"""What Zoho offers for interactions. E-mails are no module: they are listed record by record only, so they only go out."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Mode
from integrations.sync.connector import ObjectAbility

from ..client import MOST_WRITTEN
from .placeholders import PLACEHOLDERS
from .sources import SOURCES

MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.OUTPUT, Mode.DISABLED)
REMEMBERED = _("Deleted ones are asked for at every sync; Zoho remembers them for 60 days.")
OVERLAP = 120


def interaction(name: str, label: Promise, customer: str) -> ObjectAbility:
    return ObjectAbility(
        object=name,
        source_object=SOURCES[name].module,
        source_label=label,
        modes=MODES,
        deletes=REMEMBERED,
        default_keys=("ref_id",),
        overlap_seconds=OVERLAP,
        creates=True,
        placeholders=PLACEHOLDERS[name],
        deletes_out=True,
        write_batch=MOST_WRITTEN,
        customer_path=customer,
        # Which of them hang on an account that belongs, only their rows tell: to count them is to read them.
        counts=False,
        # Notes take no fields of anybody's own.
        has_key_field=name != "notes",
    )


INTERACTIONS = (
    ObjectAbility(
        object="emails",
        source_object="Emails",
        source_label=_("E-mails"),
        modes=(Mode.OUTPUT, Mode.DISABLED),
        deletes=_("What was logged in Zoho is neither read, changed nor deleted from here."),
        creates=True,
        write_batch=MOST_WRITTEN,
    ),
    interaction("meetings", _("Meetings"), "What_Id"),
    interaction("calls", _("Calls"), "What_Id"),
    interaction("notes", _("Notes"), "Parent_Id"),
)
