"""The closed list of what a mapping line may do to a value before it is taken: named, pure, without side effects."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .compare import fold, normal_domain, written
from .mapping import Kind
from .reasons import say
from .values import Value, is_blank

_TEXTS = (Kind.ID, Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.DOMAIN, Kind.PHONE, Kind.CHOICE, Kind.PERSON)
_NUMBERS = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY)
# Plain digits, or groups of three behind one and the same separator; anything else is refused rather than guessed.
_NUMBER_WITH = {
    ",": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:([ \u00a0\u202f.'’])\d{3})(?:\1\d{3})*)(?:,\d+)?", re.ASCII),
    ".": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:([ \u00a0\u202f,'’])\d{3})(?:\1\d{3})*)(?:\.\d+)?", re.ASCII),
}
_NOT_OF_A_NUMBER = {mark: re.compile(rf"[^\d+\-{re.escape(mark)}]") for mark in _NUMBER_WITH}
_DATE_ORDERS = {
    "YYYY-MM-DD": re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", re.ASCII),
    "DD/MM/YYYY": re.compile(r"(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{4})", re.ASCII),
    "MM/DD/YYYY": re.compile(r"(?P<m>\d{1,2})[/.\-](?P<d>\d{1,2})[/.\-](?P<y>\d{4})", re.ASCII),
}
_WORD = re.compile(r"\w[\w'’]*")


class CannotTransformError(ValueError):
    """`code` names the sentence that tells a person why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Transform:
    name: str
    label: str
    fn: Callable[[Value, str], Value]
    takes_argument: bool = False
    kinds: tuple[Kind, ...] = _TEXTS
    """The hub fields that its result fits."""
    arguments: tuple[str, ...] = ()
    """The arguments to choose from; empty: free text."""
    reads_blanks: bool = False
    """A blank is an answer too ("is filled": no); for the others a blank stays a blank."""


def _on_text(change: Callable[[str], str]) -> Callable[[Value, str], Value]:
    def apply(value: Value, _argument: str) -> Value:
        return tuple(change(item) for item in value) if isinstance(value, tuple) else change(written(value))

    return apply


def _title(text: str) -> str:
    return _WORD.sub(lambda word: word[0][0].upper() + word[0][1:].lower(), text)


def _first_word(text: str) -> str:
    return next(iter(text.split()), "")


def _digits(text: str) -> str:
    return "".join(str(int(char)) for char in text if char.isdecimal())


def _equals(value: Value, argument: str) -> bool:
    """Any of the asked values, separated by `;`, against any that the record holds; case and spaces do not count."""
    asked = {fold(item) for item in argument.split(";")} - {""}
    held = value if isinstance(value, tuple) else (written(value),)
    return any(fold(item) in asked for item in held)


def _split(value: Value, _argument: str) -> Value:
    items = value if isinstance(value, tuple) else written(value).split(";")
    return tuple(stripped for item in items if (stripped := item.strip()))


def _date_as_written(value: Value, _argument: str) -> Value:
    """The calendar day that the CRM wrote, in the offset it wrote it in: no zone is ever applied, no day shifts."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(written(value)).date()
    except ValueError:
        raise CannotTransformError("not-a-moment") from None


def _number_from_text(value: Value, mark: str) -> Value:
    if isinstance(value, int | Decimal):
        return value
    if mark not in _NUMBER_WITH:
        raise CannotTransformError("bad-argument")
    text = written(value).strip()
    if not _NUMBER_WITH[mark].fullmatch(text):
        raise CannotTransformError("not-a-number")
    return Decimal(_NOT_OF_A_NUMBER[mark].sub("", text).replace(mark, "."))


def _date_from_text(value: Value, order: str) -> Value:
    if isinstance(value, date):
        return value
    if order not in _DATE_ORDERS:
        raise CannotTransformError("bad-argument")
    found = _DATE_ORDERS[order].fullmatch(written(value).strip())
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"])) if found else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> date:
    raise CannotTransformError("not-a-date")


_ALL = (
    Transform("none", say("As it is"), lambda value, _argument: value, kinds=tuple(Kind)),
    Transform("trim", say("Without spaces around it"), _on_text(str.strip)),
    Transform("lower", say("In lower case"), _on_text(str.lower)),
    Transform("upper", say("In capitals"), _on_text(str.upper)),
    Transform("title", say("Each Word With a Capital"), _on_text(_title)),
    Transform("first-word", say("Only the first word"), _on_text(_first_word)),
    Transform("digits-only", say("Only the digits"), _on_text(_digits)),
    Transform("domain-of", say("The domain of a website or e-mail address"), _on_text(normal_domain)),
    Transform("equals", say("Yes where it is one of"), _equals, True, (Kind.BOOL,), reads_blanks=True),
    Transform(
        "not-equals",
        say("Yes where it is none of"),
        lambda value, argument: not _equals(value, argument),
        True,
        (Kind.BOOL,),
        reads_blanks=True,
    ),
    Transform(
        "is-filled",
        say("Yes where it is filled"),
        lambda value, _argument: not is_blank(value) and bool(written(value).strip()),
        kinds=(Kind.BOOL,),
        reads_blanks=True,
    ),
    Transform("split", say("A list, separated by ;"), _split, kinds=(Kind.LIST,)),
    Transform("date-of-datetime", say("The day of a date and time, as written"), _date_as_written, kinds=(Kind.DATE,)),
    Transform(
        "number-from-text",
        say("A number written with the decimal mark"),
        _number_from_text,
        True,
        _NUMBERS,
        tuple(_NUMBER_WITH),
    ),
    Transform("date-from-text", say("A date written as"), _date_from_text, True, (Kind.DATE,), tuple(_DATE_ORDERS)),
)
TRANSFORMS: dict[str, Transform] = {transform.name: transform for transform in _ALL}


def transformed(name: str, argument: str, value: Value) -> Value:
    transform = TRANSFORMS.get(name or "none")
    if transform is None:
        raise CannotTransformError("unknown-transform")
    if is_blank(value) and not transform.reads_blanks:
        return None
    return transform.fn(value, argument)
