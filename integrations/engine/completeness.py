"""Whether every record that the source counted is accounted for: "no errors" and "complete" are two lights."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tally:
    counted: int
    """What the source itself says it holds."""
    linked: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    """By reason code."""
    failing: int = 0
    collisions: int = 0

    @property
    def explained(self) -> int:
        return self.linked + sum(self.excluded.values()) + self.failing + self.collisions

    @property
    def missing(self) -> int:
        """Counted and not accounted for; negative where more was accounted for than the source had counted."""
        return self.counted - self.explained

    @property
    def is_complete(self) -> bool:
        return self.missing == 0

    @property
    def has_errors(self) -> bool:
        return bool(self.failing or self.collisions)
