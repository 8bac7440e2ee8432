"""Whether a value may stand in a property, and how it is kept: every value is a text."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, time
from decimal import Decimal
from typing import Any

from .moments import parse, told
from .properties import Property

Flaw = dict[str, Any]
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s.,;<>()]{2,}")
LONGEST = 65_536


class Wrong(Exception):  # noqa: N818  becomes one flaw of a refusal
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A number is taken too, and kept as it is written.
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)


def kept(one: Property, value: str, options: Sequence[str]) -> str:
    """As it is stored; "" clears. Raises `Wrong`."""
    if value == "":
        return ""
    return _BY_TYPE[one.type](one, value, options)


def flaw(one: Property, value: str, wrong: Wrong, portal_id: int) -> Flaw:
    return {
        "message": wrong.message, "error": wrong.code, "name": one.name, "localizedErrorMessage": wrong.message,
        "propertyValue": value, "portalId": portal_id,
    }  # fmt: skip


def unknown(name: str) -> Flaw:
    return {"message": f'Property "{name}" does not exist', "error": "PROPERTY_DOESNT_EXIST", "name": name}


def read_only(one: Property) -> Flaw:
    said = "calculated" if one.calculated else "read only"
    return {
        "message": f'"{one.name}" is a {said} property; its value cannot be set.',
        "error": "READ_ONLY_VALUE",
        "name": one.name,
    }


def _text(one: Property, value: str, _options: Sequence[str]) -> str:
    if len(value) > LONGEST:
        raise Wrong("INVALID_STRING_LENGTH", f"{one.name} is longer than {LONGEST} characters.")
    if one.name != "email":
        return value
    if not _EMAIL.fullmatch(value.strip()):
        raise Wrong("INVALID_EMAIL", f"Email address {value} is invalid")
    return value.strip().lower()


def _number(_one: Property, value: str, _options: Sequence[str]) -> str:
    # Neither an exponent nor a blank: seen in public logs (1.42e-14) and announced for 2025-04.
    if not _NUMBER.fullmatch(value):
        raise Wrong("INVALID_INTEGER", f"{value} was not a valid number.")
    return value


def _bool(_one: Property, value: str, _options: Sequence[str]) -> str:
    return _option(value.lower(), ("true", "false"), value)


def _option(value: str, allowed: Sequence[str], given: str) -> str:
    if value not in allowed:
        raise Wrong("INVALID_OPTION", f"{given} was not one of the allowed options: [{', '.join(allowed)}]")
    return value


def _enumeration(one: Property, value: str, options: Sequence[str]) -> str:
    if one.multiple:
        for part in value.split(";"):
            _option(part, ("", *options) if value.startswith(";") else options, part)
        return value
    return _option(value, options, value)


def _day(_one: Property, value: str, _options: Sequence[str]) -> str:
    moment = parse(value)
    if moment is None:
        raise Wrong("INVALID_LONG", f"{value} was not a valid long.")
    moment = moment.astimezone(UTC)
    clock = moment.time()
    if clock != time():
        at = f"{clock.hour}:{clock.minute}:{clock.second}.{clock.microsecond // 1000}"
        raise Wrong("INVALID_DATE", f"{value} is at {at} UTC, not midnight!")
    return moment.date().isoformat()


def _moment(_one: Property, value: str, _options: Sequence[str]) -> str:
    moment = parse(value)
    if moment is None:
        raise Wrong("INVALID_LONG", f"{value} was not a valid long.")
    return told(moment)


_BY_TYPE: Mapping[str, Callable[[Property, str, Sequence[str]], str]] = {
    "string": _text, "number": _number, "bool": _bool, "enumeration": _enumeration, "date": _day, "datetime": _moment,
}  # fmt: skip


def appended(before: str, value: str) -> str:
    """`;C` puts an option beside those that are there."""
    parts = [part for part in f"{before}{value}".split(";") if part]
    return ";".join(dict.fromkeys(parts))
