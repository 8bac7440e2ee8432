"""Hub rows as pages show them: a value per field, a light per source, and who put it there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind

from . import panels
from .fields import CHOICES, HubField, fields_here
from .models import Agreement, Contact, Customer
from .sources import Source, sources_of

Row = Customer | Contact | Agreement

LIGHTS: dict[str, tuple[str, str | Promise]] = {
    "linked": ("ok", _("In sync")),
    "excluded": ("out", _("Excluded")),
    "failing": ("bad", _("Failing")),
    "collision": ("collision", _("Collision")),
    "gone": ("out", _("Gone from the CRM")),
    "merged": ("out", _("Merged in the CRM")),
}
ARCHIVED: tuple[str, str | Promise] = ("out", _("Archived"))
PAUSED: tuple[str, str | Promise] = ("pause", _("Paused"))
DISPUTED: tuple[str, str | Promise] = ("conflict", _("Conflict"))
DIFFERS: tuple[str, str | Promise] = ("pause", _("Differs there"))
UNSENT: dict[str, tuple[str, str | Promise]] = {
    "changed": ("updated_out", _("Changed since the last sync")),
    "planned": ("updated_out", _("Not sent yet")),
    "sent": ("updated_out", _("Sent, answer awaited")),
    "doubtful": ("bad", _("Sent, never answered")),
    "refused": ("refused", _("Refused by the CRM")),
}


@dataclass(frozen=True, slots=True)
class SourceLine:
    source: Source
    light: str
    word: str | Promise
    arrival: panels.Arrival | None = None
    part: Sequence[str] = ()
    """What its connection is to the customer, in sentences."""


@dataclass(frozen=True, slots=True)
class ListedRow:
    row: Row
    sources: Sequence[SourceLine]
    number: int = 0
    """Contacts of a customer."""


@dataclass(frozen=True, slots=True)
class FieldLine:
    field: HubField
    value: Any
    writer: panels.Writer | None
    steps: Sequence[tuple[panels.Event, panels.FieldStep]]
    dispute_url: str = ""
    """Where a person decides, while both sides differ."""

    @property
    def is_code(self) -> bool:
        return self.field.kind is Kind.ID

    @property
    def is_figure(self) -> bool:
        return isinstance(self.value, Decimal)

    @property
    def since(self) -> datetime | None:
        return self.steps[0][0].at if self.steps else None


def source_lines(
    sources: Iterable[Source],
    arrivals: Mapping[tuple[str, str], panels.Arrival] | None = None,
    bonds: Mapping[str, Sequence[str]] | None = None,
) -> list[SourceLine]:
    met, parts = arrivals or {}, bonds or {}
    return [
        SourceLine(
            s,
            *_light(s),
            arrival=met.get((s.label, s.source_id)),
            part=parts.get(s.label, ()),
        )
        for s in sources
    ]


def _light(source: Source) -> tuple[str, str | Promise]:
    if source.is_archived:
        return ARCHIVED
    if source.is_paused:
        return PAUSED
    if source.state != "linked":
        return LIGHTS[source.state]
    if source.is_disputed:
        return DISPUTED
    if source.unsent:
        return UNSENT[source.unsent]
    return DIFFERS if source.differs else LIGHTS[source.state]


def listed(entity: str, rows: Sequence[Row], numbers: Mapping[int, int] | None = None) -> list[ListedRow]:
    found = sources_of(entity, [row.pk for row in rows])
    counted = numbers or {}
    return [ListedRow(row, source_lines(found.get(row.pk, ())), counted.get(row.pk, 0)) for row in rows]


def lines_of(entity: str, row: Row, story: panels.Story) -> list[FieldLine]:
    """Mapped fields first, each with the steps that brought its value; empty ones that nobody writes are left out."""
    lines = [
        FieldLine(
            field,
            _in_words(field, value_of(row, field)),
            story.writers.get(name),
            _steps(story, name),
            story.disputes.get(name, ""),
        )
        for name, field in fields_here(entity).items()
    ]
    return sorted(
        (line for line in lines if line.writer or line.value not in (None, "")), key=lambda line: not line.writer
    )


def _in_words(field: HubField, value: Any) -> Any:
    return dict(CHOICES.get(field.name, ())).get(value, value) if field.kind is Kind.CHOICE else value


def _steps(story: panels.Story, name: str) -> list[tuple[panels.Event, panels.FieldStep]]:
    return [(event, step) for event in story.events for step in event.steps if step.field == name]


def value_of(row: Row, field: HubField) -> Any:
    """Stages and colleagues by the name that people know them by."""
    if field.name.startswith("custom."):
        return _typed(field.kind, row.custom.get(field.name.removeprefix("custom.")))
    return getattr(row, field.name)


def _typed(kind: Kind, kept: Any) -> Any:
    # Custom values are kept as JSON says them; a value of another shape is shown as it stands, never hidden.
    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.DATE: date.fromisoformat,
        Kind.DATETIME: datetime.fromisoformat,
        Kind.NUMBER: Decimal,
        Kind.MONEY: Decimal,
    }
    text = next(iter(kept.values()), None) if isinstance(kept, dict) else kept
    if kind not in readers or text in (None, ""):
        return text
    try:
        return readers[kind](str(text))
    except (ValueError, InvalidOperation):
        return text
