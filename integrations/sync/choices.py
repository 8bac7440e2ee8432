"""A person's word in a conflict: one side's value is to stand on both. The next run follows it; until then it can be taken back."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations.engine.records import Side

from .decisions import forget_plans
from .models import Conflict, Connection, RecordLink
from .store.bulk import update

PAGE = 1000


def waiting() -> QuerySet[Conflict]:
    """Those that nobody has decided yet, and that a run could still follow."""
    return Conflict.objects.filter(side="").exclude(connection__state=Connection.State.ARCHIVED)


def alike(conflict: Conflict) -> QuerySet[Conflict]:
    """The other open ones on the same field of the same connection and data type."""
    same = waiting().filter(connection=conflict.connection_id, object=conflict.object, field=conflict.field)
    return same.exclude(pk=conflict.pk)


def choose(conflicts: QuerySet[Conflict], side: Side, *, by: str) -> list[int]:
    """The ids of those that it decided: one that another person, or a run, settled meanwhile is not among them."""
    return _page_by_page(conflicts, {"side": side.value, "decided_by": by[:160], "decided_at": timezone.now()})


def unchoose(conflicts: QuerySet[Conflict]) -> list[int]:
    """As long as no run has followed: a conflict that was settled is no longer here."""
    return _page_by_page(conflicts, {"side": "", "decided_by": "", "decided_at": None})


def _page_by_page(conflicts: QuerySet[Conflict], columns: dict[str, object]) -> list[int]:
    pks = list(conflicts.order_by("pk").values_list("pk", flat=True))
    done: list[int] = []
    for start in range(0, len(pks), PAGE):
        with transaction.atomic():
            rows = Conflict.objects.select_for_update().filter(pk__in=pks[start : start + PAGE])
            page = list(rows)
            _tell_links(page, str(columns["side"]), str(columns["decided_by"]))
            Conflict.objects.filter(pk__in=[row.pk for row in page]).update(**columns)
            done += [row.pk for row in page]
    return done


def _tell_links(conflicts: Sequence[Conflict], side: str, by: str) -> None:
    now = timezone.now()
    links = _links_of(conflicts)
    for conflict in conflicts:
        link = links.get((conflict.connection_id, conflict.object, conflict.source_id))
        if link is None:
            continue
        others = {name: word for name, word in link.chosen.items() if name != conflict.field}
        link.chosen = {**others, conflict.field: [side, by]} if side else others
    forget_plans(list(links.values()))
    update(RecordLink, ["chosen", "wanted_at"], [(link.chosen, now, link.pk) for link in links.values()])


def _links_of(conflicts: Sequence[Conflict]) -> dict[tuple[int, str, str], RecordLink]:
    found: dict[tuple[int, str, str], RecordLink] = {}
    for connection, name in sorted({(one.connection_id, one.object) for one in conflicts}):
        ids = [one.source_id for one in conflicts if (one.connection_id, one.object) == (connection, name)]
        links = RecordLink.objects.select_for_update().filter(connection=connection, object=name, source_id__in=ids)
        found |= {(connection, name, link.source_id): link for link in links}
    return found
