"""What chapter 4 does on a button."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from integrations.sync import decisions

from ..checks.stages import waiting_namesakes
from ..models import Move


def link_namesakes(move: Move, by: User, _said: Mapping[str, Any]) -> str:
    """Where two would get the same one, both still wait."""
    number = decisions.link_proposed(waiting_namesakes(move), by=by.label)
    said = ngettext("%(n)s contact was linked.", "%(n)s contacts were linked.", number) % {"n": f"{number:,}"}
    left = waiting_namesakes(move).count()
    more = _("%(n)s still wait: link them again, or look at those that are proposed the same person.")
    return f"{said} {more % {'n': f'{left:,}'}}" if left else said


def may_link(move: Move) -> bool:
    return waiting_namesakes(move).exists()
