"""A parsed query as values. Positions point into the text, for the caret of an error."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Path:
    """Owner.Profile.Name as its parts."""

    parts: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """An aggregate, a date function or toLabel over a field; `argument` is None for COUNT()."""

    name: str
    argument: "Path | Call | None"
    at: int


@dataclass(frozen=True, slots=True)
class Selected:
    value: Path | Call
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM)."""

    which: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """`kind`: string, number, date, datetime, boolean, null, or a named date (name and count in `value`)."""

    kind: str
    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Compare:
    left: Path | Call
    operator: str
    right: "Literal | tuple[Literal, ...] | Query"
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    word: str
    parts: tuple["Condition", ...]


Condition = Compare | Not | Junction


@dataclass(frozen=True, slots=True)
class Order:
    by: Path | Call
    descending: bool = False
    nulls_last: bool | None = None


@dataclass(slots=True)
class Query:
    select: list["Selected | FieldsOf | Query"]
    sobject: str
    at: int
    alias: str | None = None
    scope: str = "everything"
    where: Condition | None = None
    group_by: list[Path | Call] = field(default_factory=list)
    having: Condition | None = None
    order_by: list[Order] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
