"""Why meetings are the one kind to think about first: a CRM forgets by which ID a calendar knows them."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from integrations.hub.models import CaptureSettings, Interaction
from integrations.sync.models import DataType, RecordLink

from .guide import Guide


@dataclass(frozen=True, slots=True)
class Risk:
    text: str
    is_certain: bool
    """A calendar fills the hub: switching meetings on takes a word of consent."""


def risk_of_meetings(guide: Guide) -> Risk:
    if calendar_fills_the_hub():
        return Risk(
            guide.say(
                _(
                    "Meetings from a calendar are here already, or will be. %(system)s does not keep the meeting IDs of Google and "
                    "Microsoft, so its copies of the same meetings would stand beside them."
                )
            ),
            is_certain=True,
        )
    return Risk(
        guide.say(
            _(
                "%(system)s does not keep the meeting IDs of Google and Microsoft. If a calendar is connected to this hub, or will "
                "be, leave meetings disabled: each would stand here twice."
            )
        ),
        is_certain=False,
    )


def calendar_fills_the_hub() -> bool:
    """Said by an admin, or seen: captured meetings that no CRM accounts for came from a calendar."""
    if CaptureSettings.current().calendar_connected:
        return True
    from_a_crm = RecordLink.objects.filter(object=DataType.MEETINGS, hub_id=OuterRef("pk"))
    captured = Interaction.objects.filter(type=Interaction.Type.MEETING, origin=Interaction.Origin.CAPTURED)
    return captured.filter(~Exists(from_a_crm)).exists()
