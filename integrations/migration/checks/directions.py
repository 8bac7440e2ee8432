"""Chapter 5, measured: values of the hub that a sync of HubSpot emptied since the move began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.plan import Action
from integrations.engine.values import all_from_json, digest, is_blank
from integrations.hub.fields import fields_of
from integrations.sync.models import Change
from integrations.sync.store.hub_rows import table_of

from .. import words
from ..facts import names_of
from ..models import Move
from ..steps import SHOWN, Finding, Row

RESTORE = gettext_lazy("Restore the values from the snapshot, type them, take the run back, or say why they are right.")
PAGE = 500
OUTWARD = (Action.PUSH, Action.CREATE_OUT, Action.DELETE_OUT)
"""What HubSpot was told was emptied here, by a person."""


def nothing_lost(move: Move) -> Finding:
    if move.new_id is None or not move.passages.exclude(run_id=None).exists():
        return Finding(None, _("No stage has run yet."))
    found = emptied_since(move)
    if not found.number:
        return Finding(True, _("No value that a sync of HubSpot emptied is empty now."))
    return judged(move, "nothing-lost", found, _("%(n)s values were emptied.") % {"n": found.number})


def emptied_since(move: Move) -> "Emptied":
    return still_empty(Change.objects.filter(connection_id=move.new_id or 0, at__gte=move.created_at))


def judged(move: Move, step: str, found: "Emptied", said: str) -> Finding:
    """Somebody may say that these very values were rightly emptied; one more is asked about again."""
    if word := words.accepted(move, step, found.mark):
        said += " " + _("%(who)s says that they are rightly empty: %(why)s") % {"who": word.by, "why": word.said}
        return Finding(True, said, found.rows, found.number)
    return Finding(False, said, found.rows, found.number, str(RESTORE))


@dataclass(frozen=True, slots=True)
class Emptied:
    number: int
    rows: Sequence[Row]
    mark: str
    """Another one where other values are empty; empty: there are none."""


def still_empty(changes: QuerySet[Change]) -> Emptied:
    """Values that these changes emptied and that nobody has filled since: so many, and the first of them.

    As a rule there are none. Three statements for each five hundred changes.
    """
    seen: set[tuple[str, int, str]] = set()
    rows: list[Row] = []
    columns = ("pk", "object", "hub_id", "before", "after", "run_id")
    erasing = changes.filter(erases=True, outcome=Change.Outcome.DONE, hub_id__isnull=False).order_by("-pk")
    erasing = erasing.exclude(action__in=OUTWARD)
    last: int | None = None
    while page := list((erasing.filter(pk__lt=last) if last else erasing).values(*columns)[:PAGE]):
        last = page[-1]["pk"]
        now = {name: table_of(name).load(0, {one["hub_id"] for one in page if one["object"] == name})
               for name in {one["object"] for one in page}}  # fmt: skip
        names = names_of(one["hub_id"] for one in page if one["object"] == "customers")
        for one in page:
            row = now[one["object"]].get(one["hub_id"])
            lost = [field for field in _emptied(one) if row is not None and is_blank(row.hub.values.get(field))]
            new = [field for field in lost if (one["object"], one["hub_id"], field) not in seen]
            seen.update((one["object"], one["hub_id"], field) for field in new)
            if new and len(rows) < SHOWN:
                known = fields_of(one["object"])
                said = ", ".join(str(known[field].label) if field in known else field for field in new)
                title = names.get(one["hub_id"]) if one["object"] == "customers" else None
                url = reverse("sync:run", args=[one["run_id"]]) if one["run_id"] else ""
                rows.append(Row(title or f"{one['object']} {one['hub_id']}", said, url))
    return Emptied(len(seen), rows, digest([list(one) for one in sorted(seen)]) if seen else "")


def _emptied(change: Mapping[str, Any]) -> list[str]:
    before, after = all_from_json(change["before"]), all_from_json(change["after"])
    return [name for name, value in after.items() if is_blank(value) and not is_blank(before.get(name))]
