"""COQL's grammar: a select of fields or aggregates from one module, a bracketed condition, groups, an order and a limit."""

# Source: the V7 page "Get Records through a COQL Query" and the "Query API - Limitations" page of v8.

import re
from dataclasses import dataclass

from .conditions import Condition, Criterion, Group
from .errors import ZohoError

MOST_COLUMNS, MOST_CRITERIA, MOST_VALUES, MOST_ROWS, FURTHEST = 50, 25, 100, 2000, 100_000
MOST_AGGREGATES, MOST_GROUPS = 5, 4
AGGREGATES = frozenset({"SUM", "MIN", "MAX", "AVG", "COUNT"})
"""The only words whose case matters."""
DEFAULT_ROWS = 200
_DEEPEST = 100
"""Brackets within brackets."""
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[(),]|>=|<=|!=|<>|=|>|<|[^\s(),=<>!'\"]+)")
_COMPARISONS = {
    "=": "equals", "!=": "not_equal", ">": "greater_than", ">=": "greater_equal", "<": "less_than", "<=": "less_equal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    columns: tuple[str, ...]
    module: str
    condition: Condition
    order: tuple[tuple[str, bool], ...]
    """Fields, and whether each descends."""
    limit: int
    offset: int
    aggregates: tuple[tuple[str, str], ...] = ()
    """Function and field."""
    groups: tuple[str, ...] = ()


def syntax_error(near: str) -> ZohoError:
    return ZohoError("SYNTAX_ERROR", "error occured while parsing the query", details={"near": near})


def exceeded(clause: str, limit: int) -> ZohoError:
    return ZohoError("LIMIT_EXCEEDED", "max limit exceeded", details={"clause": clause, "limit": limit})


def parse(text: str) -> Query:
    return _Parser(text).query()


def _tokens(text: str) -> list[str]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise syntax_error(text[at:].strip()[:20])
        found.append(match[1])
        at = match.end()
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = self._criteria = self._depth = 0

    # --- Words -------------------------------------------------------------------------------------------------------
    @property
    def _word(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _is(self, *words: str) -> bool:
        return self._word.lower() in words

    def _take(self) -> str:
        if not self._word:
            raise syntax_error(self._tokens[-1] if self._tokens else "")
        self._at += 1
        return str(self._tokens[self._at - 1])

    def _expect(self, word: str) -> None:
        if not self._is(word):
            raise syntax_error(self._word or word)
        self._at += 1

    def _clause(self, word: str) -> None:
        if not self._is(word):
            raise ZohoError("SYNTAX_ERROR", "missing clause", details={"clause": word})
        self._at += 1

    # --- The query ---------------------------------------------------------------------------------------------------
    def query(self) -> Query:
        self._clause("select")
        columns, aggregates = self._columns()
        self._clause("from")
        module = self._take().lstrip("!")
        self._clause("where")
        condition = self._condition()
        groups = self._groups()
        order = self._order()
        offset, limit = self._limit()
        if self._word:
            raise syntax_error(self._word)
        if self._criteria > MOST_CRITERIA:
            raise exceeded("where", MOST_CRITERIA)
        if (aggregates or groups) and set(columns) != set(groups):
            raise ZohoError("INVALID_QUERY", "Invalid query formed", details={"clause": "group by"})
        return Query(columns, module, condition, order, limit, offset, aggregates, groups)

    def _columns(self) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        columns: list[str] = []
        aggregates: list[tuple[str, str]] = []
        while True:
            name = self._take()
            if name in AGGREGATES and self._is("("):
                self._take()
                aggregates.append((name, self._take()))
                self._expect(")")
            else:
                columns.append(name)
            if not self._is(","):
                break
            self._take()
        if len(columns) > MOST_COLUMNS:
            raise exceeded("select", MOST_COLUMNS)
        if len(aggregates) > MOST_AGGREGATES:
            raise exceeded("select", MOST_AGGREGATES)
        doubled = next((c for c in columns if columns.count(c) > 1), None)
        if doubled:
            raise ZohoError("DUPLICATE_DATA", "duplicate select column", details={"column_name": doubled})
        twice = next((one for one in aggregates if aggregates.count(one) > 1), None)
        if twice:
            details = {"column_name": twice[1], "aggregate": twice[0]}
            raise ZohoError("DUPLICATE_DATA", "duplicate aggregate column", details=details)
        return tuple(columns), tuple(aggregates)

    def _groups(self) -> tuple[str, ...]:
        if not self._is("group"):
            return ()
        self._take()
        self._expect("by")
        groups = [self._take()]
        while self._is(","):
            self._take()
            groups.append(self._take())
        if len(groups) > MOST_GROUPS:
            raise exceeded("group by", MOST_GROUPS)
        return tuple(groups)

    def _condition(self) -> Condition:
        """Two sides at most between a pair of brackets: `a and b and c` has to be `(a and b) and c`."""
        left = self._side()
        if not self._is("and", "or"):
            return left
        operator = self._take().lower()
        condition = Group(operator, (left, self._side()))
        if self._is("and", "or"):
            raise syntax_error(self._word)
        return condition

    def _side(self) -> Condition:
        if self._is("("):
            self._take()
            self._depth += 1
            if self._depth > _DEEPEST:
                raise ZohoError("SYNTAX_ERROR", "the query is too complex", details={"near": "("})
            inner = self._condition()
            self._expect(")")
            self._depth -= 1
            return inner
        return self._criterion()

    def _criterion(self) -> Criterion:
        self._criteria += 1
        name, word = self._take(), self._take().lower()
        if word in _COMPARISONS:
            return Criterion(name, _COMPARISONS[word], self._value())
        negated = word == "not"
        if negated:
            word = self._take().lower()
        if word == "is":
            empty = not self._is("not")
            if not empty:
                self._take()
            self._expect("null")
            return Criterion(name, "is_null" if empty else "not_null")
        prefix = "not_" if negated else ""
        if word == "like":
            return Criterion(name, f"{prefix}like", self._value())
        if word == "between":
            low = self._value()
            self._expect("and")
            return Criterion(name, f"{prefix}between", [low, self._value()])
        if word == "in":
            return Criterion(name, f"{prefix}in", self._values())
        raise syntax_error(word)

    def _values(self) -> list[str]:
        self._expect("(")
        values = [self._value()]
        while self._is(","):
            self._take()
            values.append(self._value())
        self._expect(")")
        if len(values) > MOST_VALUES:
            raise exceeded("in", MOST_VALUES)
        return values

    def _value(self) -> str:
        token = self._take()
        if token[0] in "'\"":
            return token[1:-1].replace(token[0] * 2, token[0])
        return token

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self._is("order"):
            return ()
        self._take()
        self._expect("by")
        found = []
        while True:
            name, descends = self._take(), False
            if self._is("asc", "desc"):
                descends = self._take().lower() == "desc"
            found.append((name, descends))
            if not self._is(","):
                return tuple(found)
            self._take()

    def _limit(self) -> tuple[int, int]:
        """`limit 200`, `limit 400, 200` or `limit 200 offset 400`."""
        if not self._is("limit"):
            return 0, DEFAULT_ROWS
        self._take()
        offset, limit = 0, self._number()
        if self._is(","):
            self._take()
            offset, limit = limit, self._number()
        elif self._is("offset"):
            self._take()
            offset = self._number()
        if limit < 1:
            raise ZohoError("INVALID_DATA", "limit should be greater than 0")
        if limit > MOST_ROWS:
            raise exceeded("limit", MOST_ROWS)
        if offset + limit > FURTHEST:
            raise exceeded("offset", FURTHEST)
        return offset, limit

    def _number(self) -> int:
        token = self._take()
        if not token.isdecimal():
            raise syntax_error(token)
        return int(token)
