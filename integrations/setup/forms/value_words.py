"""What it means for the records that some values of a field have no counterpart here."""

from collections.abc import Sequence

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.hub.models import Stage

from ..guide import Guide
from .value_map import ValueRow


def said_of(guide: Guide, hub_field: str, rows: Sequence[ValueRow]) -> str:
    """The records first: a value that nobody holds harms nobody."""
    if not rows:
        return _("Every value has its counterpart here.")
    held = holders_of(rows)
    if held is None:
        return _open(rows)
    if held == 0:
        return f"{_open(rows)} {guide.say(_('No %(account)s holds one now.'))}"
    return f"{_consequence(guide, hub_field, held)} {_open(rows)}"


def holders_of(rows: Sequence[ValueRow]) -> int | None:
    """None where the CRM cannot count them."""
    numbers = [row.number for row in rows if row.number is not None]
    return sum(numbers) if numbers else None


def _open(rows: Sequence[ValueRow]) -> str:
    text = ngettext("%(n)s value has no counterpart here yet.", "%(n)s values have no counterpart here yet.", len(rows))
    return text % {"n": len(rows)}


def _consequence(guide: Guide, hub_field: str, held: int) -> str:
    said = {"n": intcomma(held), **guide.words}
    if hub_field == "stage":
        text = ngettext(
            "%(n)s %(account)s would stand at %(stage)s.", "%(n)s %(accounts)s would stand at %(stage)s.", held
        )
        return text % (said | {"stage": first_stage()})
    text = ngettext(
        "%(n)s %(account)s would come in without a profile.",
        "%(n)s %(accounts)s would come in without a profile.",
        held,
    )
    return text % said


def first_stage() -> str:
    """Where a new customer stands whose stage nobody said."""
    default = Stage.objects.filter(is_default=True).values_list("label", flat=True).first()
    return default or _("no stage")
