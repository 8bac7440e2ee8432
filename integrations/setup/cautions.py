"""What whoever connects a system has to know first, as the apps above know it: read, and said so by a tick."""

from collections.abc import Callable

cautions: list[Callable[[str], str]] = []
"""System → the warning, or nothing; each app adds its own from its AppConfig.ready()."""
UNDERSTOOD = "understood"


def cautions_of(system: str) -> list[str]:
    return [said for caution in cautions if (said := caution(system))]
