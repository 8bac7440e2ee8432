"""Chapter 5, measured: values of the hub that a sync of HubSpot emptied since the move began."""

from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.sync.models import Change

from ..facts import names_of
from ..models import Move
from ..steps import SHOWN, Finding, Row


def nothing_lost(move: Move) -> Finding:
    if move.new_id is None or not move.passages.exclude(run_id=None).exists():
        return Finding(None, _("No stage has run yet."))
    emptied = Change.objects.filter(
        connection_id=move.new_id, erases=True, outcome=Change.Outcome.DONE, at__gte=move.created_at
    )
    number = emptied.count()
    if not number:
        return Finding(True, _("No value was emptied."))
    found = list(emptied.order_by("-pk").values_list("object", "hub_id", "fields", "run_id")[:SHOWN])
    names = names_of(hub_id for name, hub_id, _fields, _run in found if name == "customers" and hub_id)
    rows = [
        Row(names.get(hub_id or 0, f"{name} {hub_id}"), fields.strip(), reverse("sync:run", args=[run]) if run else "")
        for name, hub_id, fields, run in found
    ]
    cure = _("Restore the values from the snapshot, or take the run back.")
    return Finding(False, _("%(n)s changes emptied a value.") % {"n": number}, rows, number, cure)
