"""The team says that its customers are as they were: one signature, and everybody else beside it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from .models import Move
from .steps import Step
from .words import words_on

KEY = "team"


def _more(move: Move) -> Mapping[str, Any]:
    return {"words": list(words_on(move, KEY))}


TEAM = Step(
    key=KEY,
    title=_("The team confirms"),
    why=_("Who works with the customers every day opens some of them and looks. Several may sign."),
    sign=_("I looked at my customers, and they are right"),
    template="migration/team.html",
    more=_more,
)
