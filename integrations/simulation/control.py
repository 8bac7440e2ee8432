"""The control plane of a practice system: faults, edits behind the API's back, the log of calls. Loopback hosts only."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .book import Book
from .faults import CONTROL, Faults
from .messages import Request, Response, Route, route
from .problems import Problem

Change = Callable[[str, Mapping[str, Any]], str]
"""A verb (create, edit, delete, undelete, merge) and its body: {"object", "id", "fields", "losers"}; answers the record's id."""


@dataclass
class UnknownControl(Problem):
    """A fault that does not exist is refused, so that a test never asks for one in vain."""

    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"There is no control named {self.name!r}; known: {', '.join(self.known)}"


@dataclass
class Control:
    book: Book
    faults: Faults
    change: Change
    actions: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)
    """What is done at once, by name, beside the faults that stand or count down."""
    state: Callable[[], dict[str, Any]] = dict
    """What else there is to show."""
    refill: Callable[[], None] | None = None
    """Fills the system anew; whoever made the world sets it."""

    def apply(self, wanted: Mapping[str, Any]) -> None:
        own, names = self._actions(), {f.name for f in fields(self.faults)}
        for name, value in wanted.items():
            if name in own:
                own[name](value)
            elif name in names:
                setattr(self.faults, name, value)
                # Every k-th counts from here, whatever came before.
                self.faults.seen = self.faults.written = 0
            else:
                raise UnknownControl(name, self.known())

    def known(self) -> tuple[str, ...]:
        return tuple(sorted({f.name for f in fields(self.faults)} | set(self._actions())))

    def calls(self) -> Counter[str]:
        return self.book.calls()

    def _actions(self) -> dict[str, Callable[[Any], object]]:
        return {
            "clear": self._clear,
            "reset_world": self._reset,
            "clock_offset": lambda seconds: self.book.set_state("clock_offset", seconds),
            **self.actions,
        }

    def _clear(self, wanted: bool) -> None:
        """Standing faults only: what was changed in the records or the schema stays."""
        if wanted:
            self.faults.clear()
            self.book.set_state("clock_offset", 0)

    def _reset(self, wanted: bool) -> None:
        if wanted and self.refill:
            self.faults.clear()
            self.refill()

    # --- Over HTTP -----------------------------------------------------------------------------------------------------
    @property
    def routes(self) -> tuple[Route, ...]:
        return (
            route("GET", "/_control", CONTROL, self._show),
            route("POST", "/_control", CONTROL, self._set),
            route("GET", "/_control/calls", CONTROL, self._show_calls),
            route("POST", "/_control/calls/reset", CONTROL, self._reset_calls),
            route("POST", "/_control/{verb}", CONTROL, self._change),
        )

    def _show(self, _place: Any, _request: Request) -> Response:
        return Response({"faults": asdict(self.faults), "known": self.known(), **self.state()})

    def _set(self, place: Any, request: Request) -> Response:
        self.apply(request.record)
        return self._show(place, request)

    def _show_calls(self, _place: Any, _request: Request) -> Response:
        names = ("at", "kind", "method", "path", "status", "ms")
        latest = self.book.execute(f"SELECT {', '.join(names)} FROM _call ORDER BY id DESC LIMIT 100").fetchall()  # noqa: S608
        return Response(
            {"counts": dict(self.calls()), "latest": [dict(zip(names, row, strict=True)) for row in latest]}
        )

    def _reset_calls(self, _place: Any, _request: Request) -> Response:
        self.book.forget_calls()
        return Response(None, 204)

    def _change(self, _place: Any, request: Request, verb: str) -> Response:
        return Response({"id": self.change(verb, request.record)})
