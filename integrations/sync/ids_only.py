"""How a data type's mode is called where people look: one that is only linked, and of which no field flows, carries IDs only."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .connector import ObjectAbility
from .models import Block, Mode

REF = "ref_id"
IDS_ONLY = _("IDs only")


def is_ids_only(block: Block, ability: ObjectAbility) -> bool:
    """`block.lines` is best prefetched."""
    if ability.makes_rows or block.mode == Mode.DISABLED:
        return False
    return all(line.hub_field == REF for line in block.lines.all())


def said_mode(block: Block, ability: ObjectAbility) -> str | Promise:
    return IDS_ONLY if is_ids_only(block, ability) else block.get_mode_display()
