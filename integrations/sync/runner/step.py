"""One kind of work inside a run, done a page at a time: fetched outside, written inside one short transaction."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ..models import Run
from .context import Context

Place = dict[str, Any]
"""Where a step stands; JSON, kept in the run's cursor. None in its stead: the step is through."""


class Asks:
    """In the place of what was fetched: it takes the network to have it."""


ASKS = Asks()


class Step:
    phase: ClassVar[Run.Phase]
    fills_stage: ClassVar[bool] = False
    """May leave so many rows that the database has to count anew before it plans the next statement."""
    name: str = ""
    """As the run's cursor calls it."""
    must_commit: bool = False
    """Its last page tells of what was done elsewhere, or holds rows for which others wait: nothing goes with it."""

    def __init__(self, object_name: str = "") -> None:
        self.object = object_name

    def fetch(self, context: Context, place: Mapping[str, Any]) -> Any:
        """Everything that needs the network; no transaction is open."""
        return None

    def at_hand(self, context: Context, place: Mapping[str, Any]) -> Any:
        """What `fetch` would bring where nobody need be asked for it; ASKS otherwise. Within a transaction."""
        return None if type(self).fetch is Step.fetch else ASKS

    @property
    def owes(self) -> bool:
        """What its last page began has to be finished before the slice ends."""
        return False

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        """Writes one page inside the slice's transaction and says where to go on."""
        raise NotImplementedError

    def set_aside(self, context: Context, place: Mapping[str, Any]) -> Place | None:
        """Leaves out the one record that keeps crashing. Only steps that walk over records can."""
        raise CannotSetAsideError


class CannotSetAsideError(Exception):
    """The step has no single record to blame: the run fails and says where."""
