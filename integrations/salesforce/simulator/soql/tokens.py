"""Cuts a query into tokens, and words a syntax error as Salesforce does: an excerpt, a caret, row and column."""

import re
from dataclasses import dataclass

from ..errors import ApiError

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<sign><=|>=|!=|<>|[=<>(),:])""",
    re.VERBOSE | re.DOTALL,
)
_EXCERPT = 40


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    at: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind == "word" else self.text


def marked(text: str, at: int, message: str) -> str:
    """The caret excerpt; a long query shows only the surroundings of the place."""
    row, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1)
    line = text.split("\n")[row - 1]
    start = 0 if len(line) <= 2 * _EXCERPT else max(0, column - _EXCERPT)
    excerpt = line[start : start + 2 * _EXCERPT]
    return f"\n{excerpt}\n{' ' * (column - start)}^\nERROR at Row:{row}:Column:{column + 1}\n{message}"


def malformed(text: str, at: int, message: str) -> ApiError:
    return ApiError("MALFORMED_QUERY", marked(text, at, message))


def tokens(text: str) -> list[Token]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at] == "'":
                raise ApiError("MALFORMED_QUERY", f"line 1:{len(text)} mismatched character '<EOF>' expecting '''")
            raise ApiError("MALFORMED_QUERY", f"line 1:{at} no viable alternative at character '{text[at]}'")
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match.group(), at))
        at = match.end()
    return [*found, Token("end", "<EOF>", len(text))]
