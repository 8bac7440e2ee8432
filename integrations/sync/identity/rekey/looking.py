"""What would become of every row: first by what the row itself shows, then by what the others show. Nothing is changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import Now

from integrations.engine.rekey import GIVES, Fate, Present, among_all, of_row

from ...models import ReKey, ReKeyRow
from ...paged_job import write
from ...store.bulk import fetch, update, upsert
from ...store.hub_rows import table_of
from .choosing import MODELS
from .offered import Offered, offered

PAGE = 1000
State = ReKey.State
ROW = ("job", "hub_id", "name", "old_id", "old_owner", "new_id", "fate", "other", "step", "why")
NAMES = {"customers": ("name",), "contacts": ("first_name", "last_name", "email")}
CLAIMS = tuple(one.value for one in (Fate.NEW, Fate.ADOPT, Fate.TWICE, Fate.TAKEN))
"""Verdicts of rows that want their new ID, whatever the others say to it."""


def look(job: ReKey) -> None:
    """A page of rows here."""
    columns = ("pk", "ref_id", "ref_writer", "custom", *NAMES[job.object])
    found = fetch(MODELS[job.object]._default_manager.filter(pk__gt=job.after).order_by("pk"), columns, PAGE)
    if not found:
        _close_file(job)
        write(job, state=State.COMPARING, after=0)
        return
    rows = {row["pk"]: row for row in found}
    offers = offered(job, rows)
    upsert(ReKeyRow, ROW, [_seen(job, row, offers) for row in found], conflict=(), update=())
    write(job, after=found[-1]["pk"])


def _seen(job: ReKey, row: Mapping[str, Any], offers: Offered) -> Sequence[Any]:
    present, ids = Present(row["ref_id"], row["ref_writer"]), offers.get(row["pk"], ())
    fate = of_row(present, ids, owner=job.connection_id, gives_way=job.replaces)
    other = present.owner if fate is Fate.OWNED else None
    new = ", ".join(ids)[:500]
    return job.pk, row["pk"], _name(job.object, row), present.id, present.owner, new, fate.value, other, "", ""


def _name(object_name: str, row: Mapping[str, Any]) -> str:
    parts = [row[name] for name in NAMES[object_name]]
    if object_name == "contacts":
        parts = [f"{parts[0]} {parts[1]}".strip() or parts[2]]
    return str(parts[0])[:255]


def _close_file(job: ReKey) -> None:
    """What the file says of rows that are here stands beside these by now; the rest names nobody."""
    lines = job.rows.filter(fate=ReKeyRow.Fate.LINE)
    here = ReKeyRow.objects.filter(job=job, hub_id__isnull=False, old_id=OuterRef("old_id"))
    lines.filter(~Exists(here)).update(fate=ReKeyRow.Fate.NOBODY)
    lines.filter(Exists(here)).delete()


def compare(job: ReKey) -> None:
    """A page of rows that would get an ID."""
    wanting = job.rows.filter(fate__in=GIVES, pk__gt=job.after).order_by("pk")
    page = list(wanting.values("pk", "hub_id", "new_id", "fate")[:PAGE])
    if not page:
        write(job, state=State.READY, counts=counted(job), after=0, finished_at=Now())
        return
    ids = {row["new_id"] for row in page}
    claims = _claims(job, ids)
    holders = holders_of(job.object, job.connection_id, ids)
    changed = []
    for row in page:
        holder = next((pk for pk in holders.get(row["new_id"], ()) if pk != row["hub_id"]), None)
        fate = among_all(Fate(row["fate"]), claims[row["new_id"]], is_taken=holder is not None)
        if fate.value != row["fate"]:
            changed.append((fate.value, holder if fate is Fate.TAKEN else None, row["pk"]))
    update(ReKeyRow, ["fate", "other"], changed)
    write(job, after=page[-1]["pk"])


def _claims(job: ReKey, ids: set[str]) -> Counter[str]:
    rows = job.rows.filter(new_id__in=ids, fate__in=CLAIMS, hub_id__isnull=False).order_by()
    return Counter(dict(rows.values_list("new_id").annotate(n=Count("pk")).values_list("new_id", "n")))


def holders_of(object_name: str, owner: int | None, ids: set[str]) -> dict[str, list[int]]:
    """ID → the rows that have it as the owner's; two systems may well use one ID for two things."""
    rows = table_of(object_name).model._default_manager.filter(ref_id__in=ids, ref_writer=owner)
    found: dict[str, list[int]] = {}
    for ref_id, pk in rows.order_by("pk").values_list("ref_id", "pk"):
        found.setdefault(ref_id, []).append(pk)
    return found


def counted(job: ReKey) -> dict[str, int]:
    """By verdict and, where something was done, by step."""
    found: dict[str, int] = dict(job.rows.order_by().values_list("fate").annotate(Count("pk")))
    done = job.rows.exclude(step="").order_by().values_list("step").annotate(Count("pk"))
    return {**found, **dict(done), "rows": job.counts.get("rows", 0)}
