"""The snapshot and the hub, side by side: which rows differ now, and in which fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from integrations.engine.merge import same
from integrations.engine.values import Value, all_from_json
from integrations.hub.fields import fields_here
from integrations.sync.store.hub_rows import SCORE, Loaded, table_of

from .models import Kept, Move
from .snapshot import OBJECTS

IDENTITY = "ref_id"
"""Tells which record a row is, and is meant to change: compared, and put back, only where somebody asks for it by name."""
SCANNED = 500


@dataclass(frozen=True, slots=True)
class Difference:
    kept: Kept
    is_gone: bool = False
    fields: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)
    """hub field → (in the snapshot, now)."""


@dataclass(frozen=True, slots=True)
class Found:
    rows: Sequence[Difference]
    next: int
    """Kept id after which the next page begins; 0: this was all."""
    looked_at: int


def kept_rows(move: Move, *, object_name: str = "", q: str = "") -> QuerySet[Kept]:
    rows = Kept.objects.filter(move=move).order_by("pk")
    if object_name in OBJECTS:
        rows = rows.filter(object=object_name)
    return rows.filter(name__icontains=q) if q else rows


def differing(
    rows: QuerySet[Kept], *, field_name: str = "", after: int = 0, size: int = 50, most: int = 5_000
) -> Found:
    """The next rows that differ, in a bounded number of statements: it looks at so many rows and says where to go on."""
    found: list[Difference] = []
    looked, last = 0, after
    while looked < most:
        page = list(rows.filter(pk__gt=last)[:SCANNED])
        for one in compared(page, field_name):
            if len(found) == size:
                return Found(found, found[-1].kept.pk, looked)
            found.append(one)
        looked += len(page)
        if len(page) < SCANNED:
            return Found(found, 0, looked)
        last = page[-1].pk
    return Found(found, last, looked)


def every_difference(rows: QuerySet[Kept], field_name: str = "") -> Iterator[Difference]:
    last = 0
    while page := list(rows.filter(pk__gt=last)[:SCANNED]):
        yield from compared(page, field_name)
        last = page[-1].pk


def compared(page: Sequence[Kept], field_name: str = "") -> Iterator[Difference]:
    """Those of a page that differ, in its order; a constant number of statements for each data type in it."""
    now: dict[tuple[str, int], Loaded] = {}
    fields: dict[str, frozenset[str]] = {}
    for name in {one.object for one in page}:
        ids = [one.hub_id for one in page if one.object == name]
        now |= {(name, pk): loaded for pk, loaded in table_of(name).load(0, ids).items()}
        fields[name] = comparable(name)
    for one in page:
        loaded = now.get((one.object, one.hub_id))
        if loaded is None:
            # One that is gone differs in every field, and so in the one that is asked for.
            yield Difference(one, is_gone=True)
        elif found := _fields(
            one, loaded, fields[one.object] & {field_name} if field_name else fields[one.object] - {IDENTITY}
        ):
            yield Difference(one, fields=found)


def comparable(name: str) -> frozenset[str]:
    """Fields that people may change: those of the team's own that are gone have nowhere to go back to."""
    return frozenset({*fields_here(name), table_of(name).hangs_on})


def _fields(one: Kept, loaded: Loaded, fields: frozenset[str]) -> dict[str, tuple[Value, Value]]:
    then, now = all_from_json(one.values), loaded.hub.values
    names = {name for name in (*then, *now) if name in fields and not name.startswith(SCORE)}
    pairs = {name: (then.get(name), now.get(name)) for name in sorted(names)}
    return {name: pair for name, pair in pairs.items() if not same(*pair)}
