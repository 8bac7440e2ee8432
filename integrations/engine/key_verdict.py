"""How far a merge key can be trusted, by what its values are like: how many rows have one, and how many share theirs."""

from dataclasses import dataclass
from enum import StrEnum

MOSTLY = 0.95
"""Share of rows with a value from which a key recognises nearly everybody."""
HALF = 0.5
FEW = 0.02
"""Share of filled rows that may share their value before the key is more trouble than help."""


class Strength(StrEnum):
    STRONG = "strong"
    USABLE = "usable"
    WEAK = "weak"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Measured:
    rows: int
    filled: int
    """Rows with a value that is compared."""
    sharing: int
    """Rows whose value another row has too."""

    @property
    def coverage(self) -> float:
        return self.filled / self.rows if self.rows else 0.0

    @property
    def unique(self) -> float:
        """Share of the filled rows that their value tells apart."""
        return (self.filled - self.sharing) / self.filled if self.filled else 0.0


def strength(key: Measured) -> Strength:
    if not key.rows:
        return Strength.UNKNOWN
    if key.coverage < HALF or key.sharing > key.filled * FEW:
        return Strength.WEAK
    return Strength.STRONG if key.coverage >= MOSTLY and not key.sharing else Strength.USABLE


def why(key: Measured) -> tuple[str, ...]:
    """Codes of what keeps it from being strong, the worst first; none: nothing does."""
    if not key.rows:
        return ("no-rows",)
    if not key.filled:
        return ("empty",)
    found = []
    if key.sharing:
        found.append("shared-by-many" if key.sharing > key.filled * FEW else "shared-by-few")
    if key.coverage < MOSTLY:
        found.append("seldom-filled" if key.coverage < HALF else "partly-filled")
    return tuple(found)
