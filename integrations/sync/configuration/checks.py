"""Says, with the path, what in a file is not understood: nothing unknown is skipped, nothing wrong is guessed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MISSING: Any = object()
Problems = list[tuple[str, str]]


class Shape(ABC):
    @abstractmethod
    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """The value as it is kept; a problem is noted under its path, and the reading goes on."""


@dataclass(frozen=True, slots=True)
class Column(Shape):
    """What the column of the table takes, by the column's own validators and choices."""

    field: Any

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        wanted = self.field.get_default()
        if isinstance(wanted, bool) and not isinstance(value, bool):
            problems.append((path, _("must be true or false")))
            return wanted
        if isinstance(value, bool) != isinstance(wanted, bool) or isinstance(value, list | dict):
            problems.append((path, _("must be a single value, and not true or false")))
            return wanted
        try:
            return self.field.clean(value, None)
        except ValidationError as refusal:
            allowed = [str(choice) for choice, _label in self.field.flatchoices]
            problems.extend((path, text) for text in ([one_of(allowed)] if allowed else refusal.messages))
            return wanted


@dataclass(frozen=True, slots=True)
class Text(Shape):
    longest: int = 255

    def read(self, value: Any, path: str, problems: Problems) -> str:
        if isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= self.longest:
            return str(value)
        problems.append((path, _("must be a text of at most %(longest)d characters") % {"longest": self.longest}))
        return ""


@dataclass(frozen=True, slots=True)
class Flag(Shape):
    def read(self, value: Any, path: str, problems: Problems) -> bool:
        if not isinstance(value, bool):
            problems.append((path, _("must be true or false")))
        return value is True


@dataclass(frozen=True, slots=True)
class Scalar(Shape):
    """A fixed value: text, number, yes or no, day or moment; kept as the mapping reads it."""

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        if isinstance(value, date | datetime):
            return value.isoformat()
        if isinstance(value, str | bool | int):
            return value
        if isinstance(value, float):
            return str(value)
        problems.append((path, _("must be a single value")))
        return None


@dataclass(frozen=True, slots=True)
class Checked(Shape):
    """A single value about which somebody else knows what is wrong with it."""

    problem: Callable[[Any], str]

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        if said := self.problem(value):
            problems.append((path, said))
        return value


@dataclass(frozen=True, slots=True)
class OneOf(Shape):
    values: tuple[str, ...]

    def read(self, value: Any, path: str, problems: Problems) -> str:
        if isinstance(value, str | int) and str(value) in self.values:
            return str(value)
        problems.append((path, one_of(self.values)))
        return ""


@dataclass(frozen=True, slots=True)
class Variable(Shape):
    """Where a secret is found: never the secret itself, which is why what stands there is not repeated."""

    def read(self, value: Any, path: str, problems: Problems) -> str:
        if isinstance(value, dict) and set(value) == {"env"} and isinstance(value["env"], str) and value["env"]:
            return value["env"]
        problems.append(
            (path, _("must name an environment variable of the server, as in {env: SF_SECRET}; no secret is read here"))
        )
        return ""


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    item: Shape

    def read(self, value: Any, path: str, problems: Problems) -> list[Any]:
        if not isinstance(value, list):
            problems.append((path, _("must be a list")))
            return []
        return [self.item.read(item, f"{path}[{number}]", problems) for number, item in enumerate(value, 1)]


@dataclass(frozen=True, slots=True)
class MapOf(Shape):
    item: Shape

    def read(self, value: Any, path: str, problems: Problems) -> dict[str, Any]:
        if not isinstance(value, dict):
            problems.append((path, _("must be a table of names and values")))
            return {}
        return {str(name): self.item.read(item, f"{path}.{name}", problems) for name, item in value.items()}


@dataclass(frozen=True, slots=True)
class Record(Shape):
    """Named parts; `also` looks at the whole once its parts are read."""

    parts: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    also: Callable[[dict[str, Any]], list[str]] | None = None

    def read(self, value: Any, path: str, problems: Problems) -> dict[str, Any]:
        if not isinstance(value, dict):
            problems.append((path, _("must be a table of names and values")))
            return {}
        problems.extend((_at(path, name), unknown(name, self.parts)) for name in value if name not in self.parts)
        problems.extend((_at(path, name), _("is missing")) for name in self.required if name not in value)
        found = {
            name: shape.read(value[name], _at(path, name), problems)
            for name, shape in self.parts.items()
            if name in value
        }
        problems.extend((path, text) for text in (self.also(found) if self.also else ()))
        return found


def one_of(values: Iterable[str]) -> str:
    return _("must be one of: %(values)s") % {"values": ", ".join(value for value in values if value)}


def unknown(name: Any, known: Iterable[str]) -> str:
    return _("is not known here; %(cure)s") % {"cure": meant(str(name), known)}


def meant(name: str, known: Iterable[str]) -> str:
    """The nearest of the names that are known, else all of them."""
    names = list(known)
    if near := get_close_matches(name, names, 1):
        return _("did you mean “%(name)s”?") % {"name": near[0]}
    return _("known are: %(names)s") % {"names": ", ".join(names)}


def _at(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else str(name)
