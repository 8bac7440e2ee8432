"""Who would meet whom: each record that a finished preview would link or create, beside the rows here that could be it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import MergeKey
from integrations.engine.match import CONTESTED, OTHER_ROW, WAITS
from integrations.engine.near_names import beginning, near
from integrations.engine.values import from_json
from integrations.hub.fields import HubField, fields_of
from integrations.hub.models import Contact, Customer

from ..models import Block, PlannedChange, Run
from ..models.journal import Action
from ..runner.planning import SAME_NAME
from ..store.hub_rows import Loaded, table_of
from ..store.staging import key_form

OBJECTS = ("customers", "contacts")
MODELS: Mapping[str, Any] = {"customers": Customer, "contacts": Contact}
UNKNOWN = object()
MOST_NEAR = 400
"""Rows whose names are looked at for a page."""
OUTCOMES: Mapping[str, tuple[str | Promise, Q]] = {
    "all": (_("All"), Q()),
    "linked": (_("Linked"), Q(action=Action.LINK)),
    "several": (_("Keys disagree"), Q(said__contains=f'"{OTHER_ROW}"')),
    "collision": (_("Not told apart"), Q(action=Action.COLLISION)),
    "new": (_("Created"), Q(action=Action.CREATE)),
    "alike": (_("Created, same name here"), Q(action=Action.CREATE, said__contains=f'"{SAME_NAME}"')),
    "waits": (_("Waits for a row"), Q(action=Action.EXCLUDE, reason_code__in=[WAITS, "waits-keyless"])),
}
MEETS = (Action.LINK, Action.COLLISION, Action.CREATE)


@dataclass(frozen=True, slots=True)
class Candidate:
    hub_id: int
    name: str
    how: str | Promise
    """By which key, or that its name is near."""
    is_chosen: bool
    """The record would be linked to it."""
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Meeting:
    planned: PlannedChange
    key: str
    value: str
    """The compared value by which it was linked, or over which it collides."""
    values: Sequence[Any]
    """`UNKNOWN` where the preview kept nothing: of a record that collides only the contested value."""
    candidates: Sequence[Candidate]

    @property
    def are_two_rows_one(self) -> bool:
        """Several rows here answer to its keys: they may be one."""
        return len(self.candidates) > 1 and self.planned.action != Action.CREATE


def met(run: Run, object_name: str) -> QuerySet[PlannedChange]:
    """Records of the preview that no link knew; planned rows that only go out have no record yet."""
    rows = PlannedChange.objects.filter(run_id=run.pk, object=object_name).annotate(said=Cast("notes", TextField()))
    return rows.filter(Q(action__in=MEETS) | OUTCOMES["waits"][1])


def outcome_counts(rows: QuerySet[PlannedChange]) -> dict[str, int]:
    counts = {name: Count("pk", filter=where) if where else Count("pk") for name, (_l, where) in OUTCOMES.items()}
    return dict(rows.order_by().aggregate(**counts))


def keys_met(rows: QuerySet[PlannedChange]) -> list[str]:
    """Labels of the keys that linked somebody, or over which somebody collides."""
    coded = rows.filter(reason_code__in=["linked-by-key", *CONTESTED])
    labels = coded.order_by().values_list("reason_params__label", flat=True).distinct()
    return sorted(str(label) for label in labels if label)


def compared_fields(block: Block) -> list[HubField]:
    """The keys of the block first, then what else tells rows apart."""
    fields = {name: one for name, one in fields_of(block.object).items() if one.key is not None}
    first = [fields[name] for name in block.merge_keys if name in fields]
    return [
        *first,
        *(one for name, one in fields.items() if name in {"ref_id", "name", "domain", "email"} and one not in first),
    ]


def meetings(block: Block, rows: Sequence[PlannedChange]) -> list[Meeting]:
    """As many statements as there are keys, and three: for any number of rows."""
    fields, table = compared_fields(block), table_of(block.object)
    held = {row.pk: {one.name: _held(row, one.name) for one in fields} for row in rows}
    found = _found(block, rows, held, fields)
    alike = _near(block.object, [row for row in rows if row.action == Action.CREATE])
    ids = {pk for by in (found, alike) for of_row in by.values() for pk in of_row} | {row.hub_id for row in rows} - {
        None
    }
    loaded = table.load(0, {int(pk) for pk in ids if pk})
    return [_meeting(row, fields, held[row.pk], found.get(row.pk, {}), alike.get(row.pk, {}), loaded) for row in rows]


def _held(row: PlannedChange, name: str) -> Any:
    """What the CRM holds, as the mapping reads it: it stands in the pair that would be settled."""
    pair = row.settled.get(name)
    return from_json(pair[1]) if pair else from_json(row.after.get(name))


def _found(
    block: Block, rows: Sequence[PlannedChange], held: Mapping[int, Mapping[str, Any]], fields: Sequence[HubField]
) -> dict[int, dict[int, str | Promise]]:
    """row → hub id → the label of the key by which it is found."""
    found: dict[int, dict[int, str | Promise]] = defaultdict(dict)
    for field in fields:
        if field.name not in block.merge_keys or field.key is None:
            continue
        key = MergeKey(field.name, str(field.label), field.key)
        forms = {row.pk: key_form(key, held[row.pk][field.name]) for row in rows}
        for row in rows:
            if row.action == Action.COLLISION and row.reason_params.get("label") == str(field.label):
                forms[row.pk] = str(row.reason_params.get("value", ""))
        asked = sorted({form for form in forms.values() if form})
        hits = (
            table_of(block.object).find(key, asked, block.connection_id, is_common=block.ref_is_common) if asked else {}
        )
        for row in rows:
            for pk in hits.get(forms[row.pk], ()):
                found[row.pk].setdefault(pk, field.label)
    return found


def _near(object_name: str, new: Sequence[PlannedChange]) -> dict[int, dict[int, str | Promise]]:
    """Rows here whose name is nearly that of a record that would be created; one statement."""
    starts = {beginning(row.name) for row in new} - {""}
    if not starts:
        return {}
    where = Q()
    for start in starts:
        where |= Q(name_key__startswith=start)
    rows = (
        MODELS[object_name].objects.filter(where).order_by("name_key", "pk").values_list("pk", "name_key")[:MOST_NEAR]
    )
    names = list(rows)
    return {
        row.pk: dict.fromkeys(near(row.name, _beginning(names, beginning(row.name))), _("a name that is alike"))
        for row in new
    }


def _beginning(names: Sequence[tuple[int, str]], start: str) -> list[tuple[int, str]]:
    """What was read for its neighbours on the page says nothing of a row."""
    return [(pk, name) for pk, name in names if start and name.startswith(start)]


def _meeting(
    row: PlannedChange,
    fields: Sequence[HubField],
    held: Mapping[str, Any],
    found: Mapping[int, str | Promise],
    alike: Mapping[int, str | Promise],
    loaded: Mapping[int, Loaded],
) -> Meeting:
    params = row.reason_params
    chosen = row.hub_id if row.action == Action.LINK else None
    how = {**alike, **found}
    if chosen:
        how = {chosen: params.get("label", ""), **{pk: said for pk, said in how.items() if pk != chosen}}
    candidates = [
        Candidate(pk, _name(loaded[pk]), said, pk == chosen, [loaded[pk].hub.values.get(one.name) for one in fields])
        for pk, said in how.items()
        if pk in loaded
    ]
    is_read = bool(row.settled or row.after)
    contested = {params.get("label"): params.get("value")}
    values = [held[one.name] if is_read else contested.get(str(one.label), UNKNOWN) for one in fields]
    return Meeting(row, str(params.get("label", "")), str(params.get("value", "")), values, candidates)


def _name(loaded: Loaded) -> str:
    values = loaded.hub.values
    names = [str(values.get(name) or "") for name in ("name", "first_name", "last_name")]
    return " ".join(filter(None, names)) or str(values.get("email") or loaded.hub.hub_id)
