"""What was decided and yet should be known: notes of a run's rows, counted by kind, each with one row as its example."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .lines import spoken
from .models import Change, DataType, Run

KINDS: dict[str, str | Promise] = {
    "unmapped-value": _("Value that nothing is mapped to"),
    "shared-key": _("Key that several records share"),
    "same-name": _("New customer with the name of another"),
    "own-domain": _("Domain of our own"),
    "not-an-email": _("Odd e-mail address"),
    "not-a-domain": _("Odd website"),
    "not-a-person": _("Unknown colleague"),
    "field-absent": _("Field that was not sent"),
    "cleaned": _("Unstorable characters left out"),
    "loop-cut": _("Circle of parents cut"),
    "too-deep": _("Too many levels of parents"),
    "flattened": _("Hierarchy flattened"),
    "parent-out-of-scope": _("Parent out of scope"),
    "unchurn-left": _("Stage left alone"),
    "inactive": _("Inactive"),
    "no-way-back": _("Value that cannot be sent"),
    "ask": _("Field that waits for a person"),
    "ask-unknown": _("Field that waits for a person"),
    "unread-there": _("Value that no line can read"),
    "stage-kept": _("Stage kept"),
    "stored-otherwise": _("Value that the CRM keeps otherwise"),
}
MOST = 20_000
"""Rows with notes that one page opens; a run with more says so."""
KEPT = 24 * 3600


@dataclass(frozen=True, slots=True)
class Noted:
    code: str
    object: str
    number: int
    kind: str | Promise
    example: str
    """The sentence of one such row."""

    @property
    def label(self) -> str | Promise:
        return DataType(self.object).label


@dataclass(frozen=True, slots=True)
class Notes:
    kinds: Sequence[Noted]
    is_cut: bool
    """More rows have notes than were opened."""


def notes_of(run: Run) -> Notes:
    """Opened once for a run that is over: its rows do not change any more."""
    if run.is_active:
        return Notes((), is_cut=False)
    key = f"notes:{run.pk}:{run.state}:{run.finished_at}".replace(" ", "T")
    found: tuple[list[tuple[Any, ...]], bool] | None = cache.get(key)
    if found is None:
        found = _count(run)
        cache.set(key, found, KEPT)
    groups, is_cut = found
    return Notes([_noted(*group) for group in groups], is_cut)


def noted(rows: QuerySet[Change], code: str) -> QuerySet[Change]:
    """Rows that carry the note. The caller bounds them: it is looked for inside each."""
    rows = rows.exclude(notes=[]).annotate(said=Cast("notes", TextField()))
    # As the two databases write the same JSON.
    return rows.filter(Q(said__contains=f'"code": "{code}"') | Q(said__contains=f'"code":"{code}"'))


def _count(run: Run) -> tuple[list[tuple[Any, ...]], bool]:
    rows = Change.objects.filter(run_id=run.pk).exclude(notes=[]).order_by()
    numbers: Counter[tuple[str, str, str]] = Counter()
    samples: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    opened = 0
    for object_name, notes in rows.values_list("object", "notes")[:MOST].iterator():
        opened += 1
        for note in notes:
            group = (note["code"], object_name, str(note["params"].get("label", "")))
            numbers[group] += 1
            samples.setdefault(group, note["params"])
    groups = [(code, name, number, samples[code, name, label]) for (code, name, label), number in numbers.most_common()]
    return groups, opened == MOST


def _noted(code: str, object_name: str, number: int, params: Mapping[str, Any]) -> Noted:
    return Noted(
        code, object_name, number, KINDS.get(code) or code.replace("-", " ").capitalize(), spoken(code, params)
    )
