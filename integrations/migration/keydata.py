"""MRR, contacts and interactions beside the snapshot: what was here then must be here now. What came since is said, not blamed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.engine.values import digest
from integrations.hub.models import Customer

from .figures import CONTACTS, INTERACTIONS, MRR, SINCE, Figures, figures_of, worth
from .models import Kept, Move
from .steps import SHOWN

PAGE = 500


@dataclass(frozen=True, slots=True)
class Changed:
    hub_id: int
    name: str
    said: str
    raw: object = None
    """The same in no language."""


@dataclass(slots=True)
class Compared:
    looked_at: int = 0
    changed: int = 0
    first: list[Changed] = field(default_factory=list)
    in_sample: int = 0
    changed_in_sample: int = 0
    contacts_since: int = 0
    interactions_since: int = 0
    mark: str = ""
    """Of all that differs: whoever accepts it accepts this."""


def changes(move: Move, after: int = 0) -> Iterator[Changed]:
    """A constant number of statements for each five hundred customers."""
    for page, _now in _pages(move, after):
        yield from page


def compare(move: Move, sample: frozenset[int]) -> Compared:
    found, marks = Compared(), ""
    for changed, now in _pages(move):
        found.looked_at += len(now)
        found.in_sample += len(sample & now.keys())
        found.changed += len(changed)
        found.changed_in_sample += sum(one.hub_id in sample for one in changed)
        found.first += changed[: SHOWN - len(found.first)]
        for figures in now.values():
            found.contacts_since += figures.get(SINCE, {}).get(CONTACTS, 0)
            found.interactions_since += figures.get(SINCE, {}).get(INTERACTIONS, 0)
        if changed:
            marks = digest([marks, [[one.hub_id, one.raw] for one in changed]])
    found.mark = marks
    return found


def _pages(move: Move, after: int = 0) -> Iterator[tuple[list[Changed], dict[int, dict[str, Any]]]]:
    kept = Kept.objects.filter(move=move, object="customers").order_by("hub_id")
    while page := list(kept.filter(hub_id__gt=after).only("hub_id", "name", "figures")[:PAGE]):
        ids = [one.hub_id for one in page]
        here = set(Customer.objects.filter(pk__in=ids).values_list("pk", flat=True))
        now = figures_of(ids, move.kept_at)
        yield (
            [
                Changed(one.hub_id, one.name, said, [one.figures, now[one.hub_id]] if one.hub_id in here else None)
                for one in page
                if (said := _difference(one, now[one.hub_id], is_here=one.hub_id in here))
            ],
            now,
        )
        after = ids[-1]


def _difference(kept: Kept, now: Figures, *, is_here: bool) -> str:
    if not is_here:
        return _("It is no longer here.")
    then: Mapping[str, object] = kept.figures
    found = []
    if (was := dict(kept.figures.get(MRR, {}))) != dict(now[MRR]):
        found.append(_("MRR %(then)s, now %(now)s") % {"then": worth(was), "now": worth(now[MRR])})
    labels: tuple[tuple[str, str | Promise], ...] = ((CONTACTS, _("contacts")), (INTERACTIONS, _("interactions")))
    for name, label in labels:
        if then.get(name, 0) != now[name]:
            found.append(
                _("%(what)s: %(then)s, now %(now)s") % {"then": then.get(name, 0), "what": label, "now": now[name]}
            )
    return "; ".join(found)
