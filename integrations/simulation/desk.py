"""What a colleague sees and does in a practice CRM itself: its objects, their fields and records. Pages are drawn from it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from .control import Control

Values = dict[str, Any]
MOST_BELOW = 50


class Kind(StrEnum):
    """What a form asks a value with."""

    TEXT = "text"
    LINES = "lines"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    kind: Kind = Kind.TEXT
    choices: tuple[tuple[str, str], ...] = ()
    """Value and label."""
    to: str = ""
    """The object of which it holds a record's id."""
    writable: bool = True
    needed: bool = False
    part: str = ""
    """Where the value is made of parts: the one that is typed. The others stay as they are."""

    def label_of(self, value: str) -> str:
        return next((label for one, label in self.choices if one == value), value)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All records of one object."""

    name: str
    one: str
    many: str
    columns: tuple[str, ...]
    """Names of the fields that a list shows and searches; the first is what a record is called."""
    mergeable: bool = True
    removable: bool = True
    makeable: bool = True
    is_prose: bool = False
    """A record has no name: it is called by the beginning of its text, which may be HTML."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as pages show it: values as texts, but for flags and several choices."""

    id: str
    title: str
    values: Values
    changed: str = ""
    gone: bool = False
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A saved list that a connection offers as its scope."""

    id: str
    object: str
    label: str
    condition: str
    count: str
    hidden: bool = False
    own_only: bool = False


class Views(ABC):
    """For a system whose saved lists a colleague can edit here."""

    @abstractmethod
    def all(self) -> Sequence[View]: ...

    @abstractmethod
    def change(self, view: View, verb: str, condition: str) -> None:
        """`hide`, `show`, `delete`, or `condition`."""


@dataclass
class Unfit(Exception):  # noqa: N818  a refusal of a form
    """What was typed cannot be kept: reasons by field; under "" what concerns the record as a whole."""

    reasons: dict[str, str] = field(default_factory=dict)


class Desk(ABC):
    views: Views | None = None
    field_example = ""
    """How the controls name a field."""

    def __init__(self, control: Control) -> None:
        self.control = control

    @property
    @abstractmethod
    def shelves(self) -> Sequence[Shelf]:
        """The most important first."""

    def shelf(self, name: str) -> Shelf | None:
        return next((one for one in self.shelves if one.name == name), None)

    @abstractmethod
    def fields(self, shelf: Shelf) -> Sequence[Field]: ...

    @abstractmethod
    def count(self, shelf: Shelf) -> int: ...

    @abstractmethod
    def find(
        self, shelf: Shelf, words: str, *, gone: bool, newest: bool, limit: int, offset: int
    ) -> tuple[list[Entry], int]:
        """One page, and how many there are in all."""

    @abstractmethod
    def get(self, shelf: Shelf, record_id: str) -> Entry | None: ...

    @abstractmethod
    def below(self, shelf: Shelf, record_id: str) -> list[tuple[str, str, str]]:
        """Object, id and title of the records that hang from this one."""

    def create(self, shelf: Shelf, values: Values) -> str:
        return self.control.change("create", {"object": shelf.name, "fields": self.kept(shelf, values, None)})

    def save(self, shelf: Shelf, record_id: str, values: Values) -> None:
        """`values`: only what was changed."""
        body = {"object": shelf.name, "id": record_id, "fields": self.kept(shelf, values, record_id)}
        self.control.change("edit", body)

    def kept(self, shelf: Shelf, values: Values, record_id: str | None) -> Values:
        """Values as the system's own people put them in."""
        return values


def fit(value: str, one: Field) -> Any:
    """What was typed, as a value of its kind; raises `ValueError` where it is none."""
    if value == "":
        return None
    match one.kind:
        case Kind.NUMBER:
            number = float(value.replace(",", "."))
            if number != number or number in (float("inf"), float("-inf")):
                raise ValueError(value)
            return int(number) if number.is_integer() and "e" not in value.lower() else number
        case Kind.DAY:
            return date.fromisoformat(value).isoformat()
        case Kind.MOMENT:
            datetime.fromisoformat(value)
        case Kind.CHOICE:
            if value not in dict(one.choices):
                raise ValueError(value)
    return value


def by_name(fields: Sequence[Field]) -> Mapping[str, Field]:
    return {one.name: one for one in fields}
