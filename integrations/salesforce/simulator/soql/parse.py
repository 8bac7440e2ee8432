"""A recursive-descent parser of SOQL: the text in, a Query out."""

import re
from collections.abc import Callable
from typing import TypeVar

from ..errors import ApiError
from .tokens import Token, malformed, tokens
from .tree import Call, Compare, Condition, FieldsOf, Junction, Literal, Not, Order, Path, Query, Selected

T = TypeVar("T")

MAX_LENGTH = 100_000
MAX_OFFSET = 2000
AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MAX", "MIN", "SUM", "AVG"})
_DATE_PARTS = frozenset(
    {"CALENDAR_YEAR", "CALENDAR_QUARTER", "CALENDAR_MONTH", "DAY_ONLY", "DAY_IN_MONTH", "HOUR_IN_DAY"}
)
_FUNCTIONS = AGGREGATES | _DATE_PARTS | {"TOLABEL"}
_CLAUSES = frozenset({"WHERE", "USING", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "WITH", "ALL"})
_SIGNS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_COUNTED_DATE = re.compile(r"(?:LAST|NEXT)_N_\w+|N_\w+_AGO")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def parse(text: str) -> Query:
    if len(text) > MAX_LENGTH:
        raise ApiError("QUERY_TOO_COMPLICATED", f"SOQL statements cannot be longer than {MAX_LENGTH} characters.")
    parser = _Parser(text)
    try:
        query = parser.query()
    except RecursionError:
        raise ApiError("QUERY_TOO_COMPLICATED", "The query is nested too deeply.") from None
    parser.expect_end()
    return query


def unescaped(raw: str, *, keep_wildcards: bool = False) -> str:
    """Inside LIKE a backslash before % or _ must survive until the pattern is built."""

    def plain(match: re.Match[str]) -> str:
        letter = match[1]
        return match[0] if keep_wildcards and letter in "%_\\" else _ESCAPED.get(letter, letter)

    return _ESCAPE.sub(plain, raw[1:-1])


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.index = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[max(0, min(self.index + ahead, len(self.tokens) - 1))]

    def take(self) -> Token:
        token = self.here
        self.index += 1
        return token

    def accept(self, *words: str) -> bool:
        """Takes a run of keywords or signs, or nothing."""
        for offset, word in enumerate(words):
            if self.peek(offset).upper != word:
                return False
        self.index += len(words)
        return True

    def expect(self, word: str) -> Token:
        if self.here.upper != word:
            raise self.unexpected()
        return self.take()

    def unexpected(self) -> ApiError:
        shown = self.here.text if self.here.kind == "end" else f"'{self.here.text}'"
        return malformed(self.text, self.here.at, f"unexpected token: {shown}")

    def expect_end(self) -> None:
        if self.here.kind != "end":
            raise self.unexpected()

    # --- Clauses -----------------------------------------------------------------------------------------------------
    def query(self) -> Query:
        start = self.expect("SELECT").at
        select = [self.selected()]
        while self.accept(","):
            select.append(self.selected())
        self.expect("FROM")
        query = Query(select, self.name(), start)
        query.at = self.peek(-1).at
        self.alias(query)
        self.clauses(query)
        return query

    def alias(self, query: Query) -> None:
        self.accept("AS")
        if self.here.kind == "word" and self.here.upper not in _CLAUSES:
            query.alias = self.name()

    def clauses(self, query: Query) -> None:
        if self.accept("USING"):
            self.expect("SCOPE")
            query.scope = self.name().lower()
        if self.accept("WHERE"):
            query.where = self.condition()
        if self.accept("WITH"):
            self.take()
        if self.accept("GROUP", "BY"):
            query.group_by = self.listed(self.operand)
        if self.accept("HAVING"):
            query.having = self.condition()
        if self.accept("ORDER", "BY"):
            query.order_by = self.listed(self.order)
        self.bounds(query)
        while self.accept("FOR"):
            self.take()
        self.accept("ALL", "ROWS")

    def bounds(self, query: Query) -> None:
        if self.accept("LIMIT"):
            query.limit = self.whole_number()
        if self.accept("OFFSET"):
            query.offset = self.whole_number()
            if query.offset > MAX_OFFSET:
                raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")

    def listed(self, one: Callable[[], T]) -> list[T]:
        found = [one()]
        while self.accept(","):
            found.append(one())
        return found

    def whole_number(self) -> int:
        if self.here.kind != "number" or not self.here.text.isdigit():
            raise self.unexpected()
        return int(self.take().text)

    def name(self) -> str:
        if self.here.kind != "word":
            raise self.unexpected()
        return self.take().text

    # --- SELECT and ORDER BY -----------------------------------------------------------------------------------------
    def selected(self) -> Selected | FieldsOf | Query:
        if self.here.text == "(":
            self.take()
            inner = self.query()
            self.expect(")")
            return inner
        if self.here.upper == "FIELDS" and self.peek().text == "(":
            return self.fields_of()
        value = self.operand()
        ends = {",", "FROM"}
        return Selected(value, self.name() if self.here.kind == "word" and self.here.upper not in ends else None)

    def fields_of(self) -> FieldsOf:
        at = self.take().at
        self.expect("(")
        which = self.name().upper()
        if which not in {"ALL", "STANDARD", "CUSTOM"}:
            raise malformed(self.text, at, "FIELDS function must have ALL, STANDARD or CUSTOM as its argument")
        self.expect(")")
        return FieldsOf(which, at)

    def operand(self) -> Path | Call:
        if self.peek().text != "(":
            return self.path()
        token = self.here
        if token.upper not in _FUNCTIONS:
            raise self.unexpected()
        self.index += 2
        argument = None if self.here.text == ")" and token.upper == "COUNT" else self.operand()
        self.expect(")")
        return Call(token.upper, argument, token.at)

    def path(self) -> Path:
        at = self.here.at
        return Path(tuple(self.name().split(".")), at)

    def order(self) -> Order:
        by = self.operand()
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        if not self.accept("NULLS"):
            return Order(by, descending)
        nulls_last = self.accept("LAST")
        if not nulls_last:
            self.expect("FIRST")
        return Order(by, descending, nulls_last)

    # --- Conditions --------------------------------------------------------------------------------------------------
    def condition(self) -> Condition:
        first = self.term()
        word = self.here.upper
        if word not in {"AND", "OR"}:
            return first
        parts = [first]
        while self.accept(word):
            parts.append(self.term())
        if self.here.upper in {"AND", "OR"}:
            # Salesforce gives AND and OR no precedence: mixing them needs parentheses.
            raise self.unexpected()
        return Junction(word, tuple(parts))

    def term(self) -> Condition:
        if self.accept("NOT"):
            return Not(self.term())
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        return self.comparison()

    def comparison(self) -> Compare:
        at = self.here.at
        left = self.operand()
        if self.accept("NOT", "IN"):
            return Compare(left, "NOT IN", self.members(), at)
        word = self.take().upper
        if word in _SIGNS:
            return Compare(left, _SIGNS[word], self.literal(), at)
        if word == "LIKE":
            return Compare(left, "LIKE", self.literal(keep_wildcards=True), at)
        if word in {"IN", "INCLUDES", "EXCLUDES"}:
            return Compare(left, word, self.members(), at)
        self.index -= 1
        raise self.unexpected()

    def members(self) -> tuple[Literal, ...] | Query:
        self.expect("(")
        inner = self.query() if self.here.upper == "SELECT" else tuple(self.listed(self.literal))
        self.expect(")")
        return inner

    def literal(self, *, keep_wildcards: bool = False) -> Literal:
        token = self.take()
        if token.kind == "string":
            return Literal("string", unescaped(token.text, keep_wildcards=keep_wildcards), token.at)
        if token.kind in {"number", "date", "datetime"}:
            return Literal(token.kind, token.text, token.at)
        if token.kind == "word":
            return self.word_literal(token)
        self.index -= 1
        raise self.unexpected()

    def word_literal(self, token: Token) -> Literal:
        if token.upper == "NULL":
            return Literal("null", "", token.at)
        if token.upper in {"TRUE", "FALSE"}:
            return Literal("boolean", token.upper, token.at)
        if _COUNTED_DATE.fullmatch(token.upper):
            self.expect(":")
            return Literal("named", f"{token.upper}:{self.whole_number()}", token.at)
        return Literal("named", token.upper, token.at)
