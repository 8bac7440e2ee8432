"""How a field is mapped: who writes, who wins, what a blank does, how values translate."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from .reasons import Reason
from .values import Value, digest, to_json


class Mode(StrEnum):
    """A block's ceiling; each field's direction refines it."""

    DISABLED = "disabled"
    INPUT = "input"
    TWO_WAY = "two-way"
    OUTPUT = "output"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    BOTH = "both"

    @property
    def writes_hub(self) -> bool:
        return self is not Direction.OUT

    @property
    def writes_crm(self) -> bool:
        return self is not Direction.IN


class OnConflict(StrEnum):
    CRM = "crm"
    HUB = "hub"
    LATEST = "latest"
    ASK = "ask"


class Blanks(StrEnum):
    KEEP = "keep"
    ERASE = "erase"
    FILL = "fill"


class Kind(StrEnum):
    """The type of a hub field."""

    ID = "id"
    TEXT = "text"
    LONG_TEXT = "long-text"
    EMAIL = "email"
    DOMAIN = "domain"
    PHONE = "phone"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOL = "bool"
    CHOICE = "choice"
    """One of the hub's own values: stage, health-score profile."""
    PERSON = "person"
    """A colleague, by e-mail."""
    LIST = "list"
    PARENT = "parent"
    """Another customer of the same connection, by source id."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One mapping line. A line has a CRM field or a constant, never both."""

    hub_field: str
    hub_label: str
    kind: Kind
    crm_field: str = ""
    crm_label: str = ""
    direction: Direction = Direction.IN
    on_conflict: OnConflict = OnConflict.CRM
    blanks: Blanks = Blanks.KEEP
    value_map: Mapping[str, str] = field(default_factory=dict)
    """CRM value → hub value; compared with case and spaces folded."""
    crm_labels: Mapping[str, str] = field(default_factory=dict)
    """CRM value → what the CRM shows for it, where that is another word: for sentences alone."""
    transform: str = ""
    argument: str = ""
    """The transform's parameter, e.g. the value that makes `equals` true."""
    constant: Value = None
    choices: Mapping[str, str] = field(default_factory=dict)
    """For Kind.CHOICE: folded name or label → the hub's name; a value outside is unmapped, never invented."""
    min_value: int | None = None
    max_value: int | None = None
    max_length: int | None = None
    decimals: int | None = None
    """Places after the decimal mark that the hub keeps, rounded half-even; None: all."""
    default_out: str = ""
    """Sent when a record is created in the CRM and the hub has nothing; it never comes back as data."""
    is_free: bool = False
    """A channel of its own (scores): the block's mode does not limit it."""
    line: str = ""
    """`identity` of the line as stored; a pair that another line settled counts as never settled."""
    narrower: frozenset[str] = frozenset()
    """`identity` of the same line with only one direction: what it settled stays true for edits made after `widened_at`."""
    widened_at: datetime | None = None
    """When the configuration that this run is the first to follow was saved; None: it is followed already."""
    yields_to: str = ""
    """The earlier connection that writes this field of this row: the CRM only fills it where the hub is empty."""


def identity(rule: FieldRule) -> str:
    """What decides which value flows and where: labels, limits and the conflict rule may change without settling anew."""
    return digest(
        [
            rule.hub_field,
            rule.crm_field,
            rule.direction.value,
            rule.blanks.value,
            dict(rule.value_map),
            rule.transform,
            rule.argument,
            to_json(rule.constant),
        ]
    )[:8]


def narrower(rule: FieldRule) -> frozenset[str]:
    """Only a line of both directions was ever widened by its direction alone."""
    if rule.direction is not Direction.BOTH:
        return frozenset()
    return frozenset(identity(replace(rule, direction=one)) for one in (Direction.IN, Direction.OUT))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line made of a record: a value, or why there is none to take."""

    value: Value = None
    refused: Reason | None = None
    """The record cannot be taken with this value (too long, not a date)."""
    unmapped: Reason | None = None
    """The field keeps what it has (a picklist value nobody mapped, an unknown colleague)."""
    note: Reason | None = None
    """Taken, with something said beside it (cleaned of control characters)."""


class Compare(StrEnum):
    ID = "id"
    TEXT = "text"
    EMAIL = "email"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class MergeKey:
    """A hub field that may recognise a hub row for an unlinked record."""

    hub_field: str
    hub_label: str
    compare: Compare

    @property
    def identifies(self) -> bool:
        """An id or an e-mail names one record; a domain or a name may be shared by several."""
        return self.compare in {Compare.ID, Compare.EMAIL}
