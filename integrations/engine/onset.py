"""Whether errors began, or clearly rose, with a version of the configuration: by its first runs and the last ones before it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

CLEARLY = 2
"""So many times as many refused records as before are a rise, once they are also more by FEW."""
FEW = 5


@dataclass(frozen=True, slots=True)
class Went:
    """How one run went."""

    version: int
    is_complete: bool
    """It read everything: a reading of changes alone meets old failures by chance only."""
    has_failed: bool = False
    refused: int = 0
    """Records that it could not take, or that the CRM did not take."""

    @property
    def is_troubled(self) -> bool:
        return self.has_failed or self.refused > 0


@dataclass(frozen=True, slots=True)
class Onset:
    version: int
    runs: int
    """The version's first runs, as far as they were looked at."""
    troubled: int
    failed: int
    refused: int
    """The most of one run: a record that stands refused is counted by each."""
    before: int = 0
    """The most of one run before, of the same sort; 0: there were no errors at all."""

    @property
    def is_new(self) -> bool:
        return not self.before


def onset(before: Sequence[Went], since: Sequence[Went]) -> Onset | None:
    """Only runs of a sort that was seen before can show a change; a run that failed shows it in any case."""
    sorts = {one.is_complete for one in before}
    since = [one for one in since if one.is_complete in sorts or (sorts and one.has_failed)]
    troubled = [one for one in since if one.is_troubled]
    if not troubled:
        return None
    found = Onset(
        version=since[0].version,
        runs=len(since),
        troubled=len(troubled),
        failed=sum(one.has_failed for one in since),
        refused=max(one.refused for one in since),
    )
    if not any(one.is_troubled for one in before):
        return found
    return _risen(before, since, found)


def _risen(before: Sequence[Went], since: Sequence[Went], found: Onset) -> Onset | None:
    for sort in (True, False):
        was, now = _most(before, sort), _most(since, sort)
        if was and now >= was * CLEARLY and now >= was + FEW:
            return replace(found, refused=now, before=was)
    return None


def _most(runs: Sequence[Went], is_complete: bool) -> int:
    return max((one.refused for one in runs if one.is_complete is is_complete), default=0)
