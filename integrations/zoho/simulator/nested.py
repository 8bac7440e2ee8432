"""What lies deep in a body, where at every step may be something else than was expected."""

from typing import Any


def inner(value: Any, *names: str) -> Any:
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text_in(value: Any, *names: str) -> str:
    """A text, or an empty one where there is none."""
    found = inner(value, *names)
    return found if isinstance(found, str) else ""
