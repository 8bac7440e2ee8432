"""What every page of the rehearsal needs: the practice CRM it is about, a template, and a sentence about what was just done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from integrations.simulation.app import Refusal, Simulator
from integrations.simulation.desk import Desk, Shelf
from integrations.simulation.messages import HTML, Request, Response

from .others import Listening

MAIN = 3
"""So many objects stand in the head of a page; the others are on the first page of their CRM."""


class NotDone(Exception):  # noqa: N818  an answer, not a fault
    """What cannot be shown or done, in words."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice CRM as its pages see it."""

    listening: Listening
    shelves: tuple[Shelf, ...] = field(default=())
    """Read once for each page: an organisation may make objects of its own."""

    @classmethod
    def of(cls, listening: Listening) -> "Practice":
        return cls(listening, tuple(listening.app.desk.shelves))

    @property
    def app(self) -> Simulator:
        return self.listening.app

    @property
    def desk(self) -> Desk:
        return self.app.desk

    @property
    def root(self) -> str:
        return f"/{self.listening.name}"

    def shelf(self, name: str) -> Shelf:
        found = next((one for one in self.shelves if one.name == name), None)
        if found is None:
            raise NotDone(_("There is no such list of records."), 404)
        return found

    @property
    def sections(self) -> list[tuple[str, str]]:
        return [
            (self.root, self.listening.label),
            *((f"{self.root}/{one.name}", one.many) for one in self.shelves[:MAIN]),
            *([(f"{self.root}/views", _("List views"))] if self.desk.views else []),
            (f"{self.root}/faults", _("Faults on demand")),
            (f"{self.root}/calls", _("Calls")),
        ]

    def page(self, template: str, request: Request, status: int = 200, **context: Any) -> Response:
        path = request.path.rstrip("/")
        section = max((url for url, _label in self.sections if f"{path}/".startswith(f"{url}/")), key=len)
        return render(template, status, practice=self, section=section, said=request.query.get("said", ""), **context)

    def go(self, path: str, said: str) -> Response:
        return Response(None, 303, {"Location": f"{self.root}{path}?said={quote(str(said))}"})


def render(template: str, status: int = 200, **context: Any) -> Response:
    return Response(render_to_string(f"rehearsal/{template}", context), status, content_type=HTML)


def refused(systems: Sequence[Listening], problem: Exception) -> Response:
    status = problem.status if isinstance(problem, NotDone) else 404
    if isinstance(problem, Refusal):
        status = 400
    return render("refused.html", status, message=str(problem), systems=systems)
