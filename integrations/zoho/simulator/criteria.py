"""The `criteria` of a search: `((Account_Type:equals:Customer)and(To_Sync:equals:true))`, escaped with backslashes."""

# Source: the V7 page "Search Records".

from collections.abc import Iterator

from .conditions import ID, BadCriterion, Condition, Criterion, Group
from .errors import ZohoError
from .field import Field

MOST_CRITERIA, MOST_VALUES = 10, 100
_DEEPEST = 100
_EQUAL = frozenset({"equals", "not_equal"})
_RANGE = _EQUAL | {"greater_equal", "greater_than", "less_equal", "less_than", "between", "in"}
_LISTED = _EQUAL | {"in"}
OPERATORS = {
    "date": _RANGE, "datetime": _RANGE, "integer": _RANGE, "currency": _RANGE, "double": _RANGE, "percent": _RANGE,
    "formula": _RANGE,
    "bigint": _RANGE, "boolean": _EQUAL, "textarea": _EQUAL | {"starts_with"}, "lookup": _LISTED,
    "ownerlookup": _LISTED,
    "userlookup": _LISTED, "picklist": _LISTED, "autonumber": _LISTED, "multiselectpicklist": _LISTED | {"starts_with"},
}  # fmt: skip
_TEXT = _LISTED | {"starts_with"}


def allowed(field: Field, operator: str) -> bool:
    return operator in (_RANGE if field is ID else OPERATORS.get(field.type, _TEXT))


def refused(bad: BadCriterion) -> ZohoError:
    details = {"reason": bad.reason, "api_name": bad.path}
    if bad.reason.startswith("invalid operator"):
        details = {"reason": bad.reason, "api_name": bad.path, "operator": bad.operator}
    elif bad.expected:
        details = {"reason": "invalid value found", "api_name": bad.path, "expected_data_type": bad.expected}
    elif bad.reason.startswith("column"):
        details = {"reason": "the field is not available for search", "api_name": bad.path}
    return ZohoError("INVALID_QUERY", "Invalid query formed", details=details)


def parse(text: str) -> Condition:
    tokens = list(_tokens(text))
    reader = _Reader(tokens)
    condition = reader.condition()
    if reader.more:
        raise _malformed()
    if reader.count > MOST_CRITERIA:
        said = f"no of criterium that can be given exceed the limit {MOST_CRITERIA}"
        raise ZohoError("CRITERIA_LIMIT_EXCEEDED", said, details={"limit": MOST_CRITERIA})
    return condition


def _malformed() -> ZohoError:
    return ZohoError(
        "INVALID_QUERY", "Invalid query formed", details={"reason": "invalid criteria", "param_name": "criteria"}
    )


def _tokens(text: str) -> Iterator[str]:
    """Brackets, `and`, `or`, and what stands between; a backslash keeps the next sign from meaning anything."""
    word = ""
    signs = iter(text)
    for sign in signs:
        if sign == "\\":
            word += sign + next(signs, "")
        elif sign in "()":
            if word.strip():
                yield word.strip()
            yield sign
            word = ""
        else:
            word += sign
    if word.strip():
        yield word.strip()


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at, self._depth, self.count = tokens, 0, 0, 0

    @property
    def more(self) -> bool:
        return self._at < len(self._tokens)

    def condition(self) -> Condition:
        parts, operators = [self._part()], []
        while self.more and self._tokens[self._at].lower() in {"and", "or"}:
            operators.append(self._next().lower())
            parts.append(self._part())
        condition = parts[0]
        for operator, part in zip(operators, parts[1:], strict=True):
            condition = Group(operator, (condition, part))
        return condition

    def _part(self) -> Condition:
        word = self._next()
        if word == "(":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise _malformed()
            inner = self.condition()
            if self._next() != ")":
                raise _malformed()
            self._depth -= 1
            return inner
        return self._criterion(word)

    def _next(self) -> str:
        if not self.more:
            raise _malformed()
        self._at += 1
        return self._tokens[self._at - 1]

    def _criterion(self, text: str) -> Criterion:
        name, operator, value = (*text.split(":", 2), "", "")[:3]
        if not name or not operator or text.count(":") < 2:
            raise _malformed()
        self.count += 1
        if operator in {"in", "between"}:
            values = [_plain(one) for one in _split(value)]
            if len(values) > MOST_VALUES:
                said = f'Only {MOST_VALUES} values are allowed in "IN" criteria'
                raise ZohoError("INVALID_QUERY", said, details={"api_name": name, "param_name": "criteria"})
            if operator == "between" and len(values) != 2:
                raise _malformed()
            return Criterion(name, operator, values)
        return Criterion(name, operator, _plain(value))


def _split(text: str) -> list[str]:
    found, word, signs = [], "", iter(text)
    for sign in signs:
        if sign == "\\":
            word += sign + next(signs, "")
        elif sign == ",":
            found.append(word)
            word = ""
        else:
            word += sign
    return [*found, word]


def _plain(text: str) -> str:
    plain, signs = "", iter(text)
    for sign in signs:
        plain += next(signs, "") if sign == "\\" else sign
    return plain
