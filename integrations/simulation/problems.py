"""What is wrong with a request before any system looks at it; each system words it in its own way."""

from dataclasses import dataclass


class Problem(Exception):  # noqa: N818  a refusal in the making
    """Never leaves a simulator: the application turns it into an answer."""


@dataclass
class NoRoute(Problem):
    """Nothing is there; or, with methods, something that does not take this one."""

    method: str
    allowed: tuple[str, ...] = ()


@dataclass
class NotJson(Problem):
    content_type: str


@dataclass
class NotWellFormed(Problem):
    message: str
    line: int
    column: int


class NotAnObject(Problem):
    """JSON, but an array or a bare value where one object is expected."""


@dataclass
class NotANumber(Problem):
    name: str
    text: str
