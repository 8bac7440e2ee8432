"""A row of the journal or of a plan as a page shows it: about whom, what came of it, each field before and after, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.reasons import as_shown
from integrations.engine.values import from_json

from .kinds import kind_of
from .models import Change, PlannedChange
from .models.journal import Action, JournalRow
from .search.names import POINTS_TO_RECORD, Labels, Names, Subject, names_of
from .words import cure, sentence

DONE: dict[str, tuple[str, str | Promise]] = {
    Action.CREATE: ("created", _("Created")),
    Action.LINK: ("updated", _("Linked")),
    Action.UPDATE: ("updated", _("Updated")),
    Action.SETTLE: ("unchanged", _("Settled")),
    Action.CHURN: ("churn", _("Churned")),
    Action.UNCHURN: ("updated", _("Un-churned")),
    Action.EXCLUDE: ("out", _("Excluded")),
    Action.COLLISION: ("collision", _("Collision")),
    Action.REFUSE: ("refused", _("Refused")),
    Action.ASK: ("conflict", _("Needs a decision")),
    Action.GONE: ("out", _("Gone from the CRM")),
    Action.MISS: ("out", _("Missing once")),
    Action.PUSH: ("updated_out", _("Updated in the CRM")),
    Action.CREATE_OUT: ("updated_out", _("Created in the CRM")),
    Action.DELETE_OUT: ("updated_out", _("Deleted in the CRM")),
    Action.RESTORE: ("updated", _("Taken back")),
    Action.MERGE: ("updated", _("Merged here")),
    Action.DELETE: ("out", _("Deleted here")),
    Action.UNLINK: ("out", _("Unlinked")),
}
PLANNED: dict[str, str | Promise] = {
    Action.CREATE: _("Create"),
    Action.LINK: _("Link"),
    Action.UPDATE: _("Update"),
    Action.SETTLE: _("Settle"),
    Action.CHURN: _("Churn"),
    Action.UNCHURN: _("Un-churn"),
    Action.EXCLUDE: _("Exclude"),
    Action.REFUSE: _("Refuse"),
    Action.GONE: _("Mark as gone"),
    Action.DELETE: _("Delete here"),
    Action.PUSH: _("Update in the CRM"),
    Action.CREATE_OUT: _("Create in the CRM"),
    Action.DELETE_OUT: _("Delete in the CRM"),
    Action.RESTORE: _("Take back"),
}


NAMING = ("name", "first_name", "last_name", "email", "domain", "ref_id")
"""Fields by which a reader knows a new record; the rest of it folds away."""
SHOWN, SHOWN_OF_NEW = 8, 3
SAID = ("crm_code", "crm_text")
Reason = Mapping[str, Any]
"""A code of our sentences and what stands in its gaps."""


@dataclass(frozen=True, slots=True)
class FieldLine:
    name: str
    label: str | Promise
    before: Any
    after: Any
    why: Reason | None = None
    read_as: Any = None
    """What the mapping made of `before`: that is what the CRM held letter by letter, where one and the other differ."""

    @property
    def reason(self) -> str:
        """Said only where a page shows it: a list of fifty rows unfolds one."""
        return spoken(self.why["code"], self.why["params"]) if self.why else ""


@dataclass(frozen=True, slots=True)
class Line:
    row: Any
    subject: Subject
    short: str
    slug: str
    """The connection's; empty where a person or an import did it."""
    crm_url: str
    run_url: str
    """Empty where no run did it."""
    state: str
    word: str | Promise
    is_refused: bool
    fields: Sequence[FieldLine]
    notes: Sequence[str]
    code: str
    params: Mapping[str, Any]

    @property
    def reason(self) -> str:
        return spoken(self.code, self.params)

    @property
    def cure(self) -> str:
        return cure(self.code, self.params) if self.code else ""

    @property
    def said(self) -> str:
        """The CRM's own code and text, where it refused."""
        return " ".join(str(self.row.reason_params[name]) for name in SAID if self.row.reason_params.get(name))

    @property
    def what(self) -> str:
        return kind_of(self.row.object, self.subject.of)

    @property
    def shown(self) -> Sequence[FieldLine]:
        """Every change matters to who reads it; of a new record, what it is."""
        if self.row.action != Action.CREATE or self.is_refused:
            return self.fields[:SHOWN]
        known = {field.name: field for field in self.fields}
        first = [known.pop(name) for name in NAMING if name in known]
        return [*first, *known.values()][:SHOWN_OF_NEW]

    @property
    def folded(self) -> Sequence[FieldLine]:
        shown = self.shown
        return [field for field in self.fields if field not in shown]

    @property
    def needs_retry(self) -> bool:
        return self.is_refused and bool(self.row.source_id)


def lines_of(rows: Sequence[JournalRow], labels: Labels | None = None) -> list[Line]:
    names = names_of(rows, labels)
    return [line_of(row, names) for row in rows]


def line_of(row: JournalRow, names: Names) -> Line:
    is_planned = isinstance(row, PlannedChange)
    is_refused = row.action == Action.REFUSE or row.outcome == JournalRow.Outcome.REFUSED
    state, word = _outcome(row, is_planned, is_refused)
    return Line(
        row=row,
        subject=names.subject(row, row.name if isinstance(row, PlannedChange) else ""),
        short=names.short(row.connection_id),
        slug=names.slug(row.connection_id),
        crm_url=names.crm_url(row),
        run_url=names.runs.get(row.run_id or 0, ""),
        state=state,
        word=word,
        is_refused=is_refused,
        fields=[*_fields(row, names), *_outward(row, names), *_asked(row, names)]
        or list(_refused_value(row, is_refused)),
        notes=[spoken(note["code"], note["params"]) for note in row.notes],
        code=row.reason_code,
        params=row.reason_params,
    )


def spoken(code: str, params: Mapping[str, Any]) -> str:
    return sentence(code, params) if code else ""


def _outcome(row: JournalRow, is_planned: bool, is_refused: bool) -> tuple[str, str | Promise]:
    # Also of what the brake marks: whoever decides has to read what would happen.
    if is_refused:
        return "refused", PLANNED[Action.REFUSE] if is_planned else DONE[Action.REFUSE][1]
    state, word = DONE[row.action]
    return state, PLANNED.get(row.action, word) if is_planned else word


def _fields(row: JournalRow, names: Names) -> Iterator[FieldLine]:
    raw = row.undo.get("crm", {}) if isinstance(row, Change) else {}
    for name in dict.fromkeys([*row.after, *row.before]):
        yield FieldLine(
            name,
            names.label(row.object, name),
            _shown(row, name, raw.get(name, row.before.get(name)), names),
            _shown(row, name, row.after.get(name), names),
            row.field_reasons.get(name),
            _shown(row, name, row.before.get(name), names),
        )


def _outward(row: JournalRow, names: Names) -> Iterator[FieldLine]:
    """What a planned row will send: the CRM's value, and the hub's that takes its place there."""
    if not isinstance(row, PlannedChange):
        return
    for name, (there, ours, reason, _pair, _path, _value, *raw) in row.outward.items():
        yield FieldLine(
            name,
            _("%(field)s, in the CRM") % {"field": names.label(row.object, name)},
            _shown(row, name, raw[0] if raw else there, names),
            _shown(row, name, ours, names),
            reason,
        )


def _asked(row: JournalRow, names: Names) -> Iterator[FieldLine]:
    """What neither side is written of until a person has chosen: the hub's value, and the CRM's."""
    if not isinstance(row, PlannedChange):
        return
    for name, (ours, there, reason) in row.asks.items():
        yield FieldLine(
            name,
            _("%(field)s, to decide: here or there") % {"field": names.label(row.object, name)},
            _shown(row, name, ours, names),
            _shown(row, name, there, names),
            reason,
        )


def _refused_value(row: JournalRow, is_refused: bool) -> Iterator[FieldLine]:
    """A record refused before any field was written: the reason itself names the field and the value."""
    params = as_shown(row.reason_params)
    if is_refused and "label" in params and "value" in params:
        yield FieldLine("", str(params["label"]), None, params["value"])


def _shown(row: JournalRow, name: str, kept: Any, names: Names) -> Any:
    """Stages by their label and records by their name: an id alone tells a reader nothing."""
    value = from_json(kept)
    if isinstance(value, str) and name == "stage":
        return names.stages.get(value, value)
    if isinstance(value, str) and name in POINTS_TO_RECORD:
        return names.records.get((row.connection_id or 0, value)) or value
    return value
