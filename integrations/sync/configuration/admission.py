"""What a whole configuration is asked before it takes the place of another one: a version, a file, or another connection's.

Values that it would empty are shown to a person first, and only what was shown is let in.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ..erasures import Erasure, erasures_in, seal
from ..models import Connection
from ..score_checks import newly_read_back
from .snapshot import snapshot


class WouldErase(Exception):  # noqa: N818 (a question, asked of a person)
    """Nothing was written: nobody has seen yet that these values would be emptied."""

    def __init__(self, erasures: list[Erasure]) -> None:
        super().__init__(_("Blanks would erase values here. Look at them first; nothing was changed."))
        self.erasures = erasures


class ReadsScores(Exception):  # noqa: N818 (an answer, said to a person)
    """Nothing was written: what is sent as a score would come back as data."""


def refusal_of(connection: Connection | None, data: Mapping[str, Any]) -> str:
    """Why it is not let in whatever anybody has seen; empty: it may come in. None: it makes a new connection."""
    before = snapshot(connection)["blocks"] if connection else {}
    return " ".join(str(one) for one in newly_read_back(before, data["blocks"]))


def admit(connection: Connection | None, data: Mapping[str, Any], read: str) -> None:
    """`read`: the seal of what the person was shown of the values that would be emptied.

    Raises ReadsScores or WouldErase; to be called where nobody else saves until it is written.
    """
    if refusal := refusal_of(connection, data):
        raise ReadsScores(refusal)
    erasures = erasures_in(connection, data)
    if erasures and read != seal(erasures):
        raise WouldErase(erasures)
