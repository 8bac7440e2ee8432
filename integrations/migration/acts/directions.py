"""A person's word on values that a run emptied: they are right so."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

from .. import words
from ..checks.directions import Emptied
from ..models import Move
from ..steps import Act
from .validation import WhyForm, has_failed


def accept(step: str, look: Callable[[Move], Emptied]) -> Act:
    """For exactly what is empty now."""

    def do(move: Move, by: User, cleaned: Mapping[str, Any]) -> str:
        found = look(move)
        words.say(move, step, by, cleaned["why"], found.mark)
        return _("%(n)s empty values are accepted as they stand now.") % {"n": intcomma(found.number)}

    return Act(
        "accept", gettext_lazy("They are rightly empty"), do, form=lambda _move, data: WhyForm(step, data),
        offered=lambda move: has_failed(move, step) and bool(look(move).number),
    )  # fmt: skip
