"""What a written body or a filter may hold, and what is said about it where it does not fit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import MISSING, UNEXPECTED, invalid
from .times import is_day, moment_of

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
# Web addresses are taken with and without a scheme (recorded: `www.x.fr`).
_URL = re.compile(r"(https?://)?[^\s/.]+(\.[^\s/.]+)+([/?#]\S*)?", re.IGNORECASE)
CHOICE = "Cette valeur doit être l'un des choix proposés"
_TYPE = "Cette valeur doit être de type {}"
_PLAIN: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "string"),
    "integer": ((int,), "int"),
    "number": ((int, float), "numeric"),
    "flag": ((bool,), "bool"),
    "list": ((list,), "array"),
    "shape": ((dict,), "array"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    sort: str
    required: bool = False
    nullable: bool = False
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    item: "Rule | None" = None
    fields: Mapping[str, "Rule"] = field(default_factory=dict)
    either: tuple["Rule", ...] = ()
    read_only: bool = False
    """Taken and dropped: the vendor's document lists it in the body and says that it cannot be written."""

    @property
    def must(self) -> "Rule":
        return replace(self, required=True)

    @property
    def or_null(self) -> "Rule":
        return replace(self, nullable=True)


def text(most: int | None = None, least: int | None = None) -> Rule:
    return Rule("text", most=most, least=least)


def integer(least: int | None = None, most: int | None = None) -> Rule:
    return Rule("integer", least=least, most=most)


def number(least: int | None = None, most: int | None = None) -> Rule:
    return Rule("number", least=least, most=most)


def one_of(*choices: str) -> Rule:
    return Rule("choice", choices=choices)


def items(item: Rule, most: int | None = None) -> Rule:
    return Rule("list", item=item, most=most)


def shape(**fields: Rule) -> Rule:
    return Rule("shape", fields=fields)


def either(*rules: Rule) -> Rule:
    return Rule("either", either=rules)


FLAG, MOMENT, DAY, EMAIL, URL, ANY = (Rule(sort) for sort in ("flag", "moment", "day", "email", "url", "any"))
IGNORED = Rule("any", read_only=True)
Fields = Mapping[str, Rule]
PERIOD = shape(start=MOMENT, end=MOMENT)
DAYS = shape(start=DAY, end=DAY)


def verified(fields: Fields, body: Any) -> dict[str, Any]:
    """The body without what cannot be written; all that is wrong with it at once."""
    problems: dict[str, str] = {}
    if not isinstance(body, dict):
        raise invalid({"body": _TYPE.format("array")})
    _check_fields(fields, body, "", problems)
    if problems:
        raise invalid(problems)
    return {name: value for name, value in body.items() if not fields[name].read_only}


def _check_fields(fields: Fields, body: Mapping[str, Any], path: str, problems: dict[str, str]) -> None:
    for name, rule in fields.items():
        if rule.required and name not in body:
            problems[path + name] = MISSING
    for name, value in body.items():
        found = fields.get(name)
        if found is None:
            problems[path + name] = UNEXPECTED
        elif not found.read_only:
            _check(found, value, path + name, problems)


def _check(rule: Rule, value: Any, path: str, problems: dict[str, str]) -> None:
    if value is None:
        if not rule.nullable:
            problems[path] = "Cette valeur ne doit pas être nulle"
        return
    if said := complaint(rule, value):
        problems[path] = said
    elif rule.sort == "list" and rule.item:
        for place, one in enumerate(value):
            _check(rule.item, one, f"{path}[{place}]", problems)
    elif rule.sort == "shape":
        _check_fields(rule.fields, value, path + ".", problems)


def complaint(rule: Rule, value: Any) -> str | None:
    if rule.sort in _PLAIN:
        kinds, name = _PLAIN[rule.sort]
        # In Python a boolean is a number; in JSON it is not.
        if not isinstance(value, kinds) or (isinstance(value, bool) and rule.sort != "flag"):
            return _TYPE.format(name)
        return _size(rule, value)
    if rule.sort == "choice":
        return None if value in rule.choices else CHOICE
    if rule.sort == "either":
        return None if any(_fits(one, value) for one in rule.either) else CHOICE
    return _format(rule.sort, value)


def _fits(rule: Rule, value: Any) -> bool:
    problems: dict[str, str] = {}
    _check(rule, value, "", problems)
    return not problems


def _size(rule: Rule, value: Any) -> str | None:
    if rule.least is None and rule.most is None:
        return None
    size = value if rule.sort in {"integer", "number"} else len(value)
    if rule.most is not None and size > rule.most:
        if rule.sort == "text":
            return f"Cette chaîne est trop longue. Elle doit avoir au maximum {rule.most} caractères"
        return f"Cette valeur doit être inférieure ou égale à {rule.most}"
    if rule.least is not None and size < rule.least:
        if rule.sort == "text":
            return f"Cette chaîne est trop courte. Elle doit avoir au minimum {rule.least} caractères"
        return f"Cette valeur doit être supérieure ou égale à {rule.least}"
    return None


def _format(sort: str, value: Any) -> str | None:
    match sort:
        case "moment":
            return None if moment_of(value) else "Cette valeur n'est pas une date valide"
        case "day":
            return None if is_day(value) else "Cette valeur n'est pas une date valide"
        case "email":
            fits = isinstance(value, str) and _EMAIL.fullmatch(value)
            return None if fits else "Cette valeur n'est pas une adresse email valide"
        case "url":
            fits = isinstance(value, str) and _URL.fullmatch(value)
            return None if fits else "Cette valeur n'est pas une URL valide"
    return None
