"""Finds the records of one data type by how they stand, by why, by name and by id."""

from typing import Any

from django import forms
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ..models import Connection, Outbox, RecordLink
from ..store.outbox import STUCK
from .forms import FilterForm, search_field

SORTS = {"name": "name", "seen": "synced_at", "modified": "modified_at"}
DEFAULT_SORT = "name"
State = RecordLink.State
PAUSED = "paused"
"""No state of a link, but a list of its own: what a person paused, however it stands."""
GIVEN_UP = "given-up"
"""Tried often enough: no run asks for these by itself."""
UNSENT = "unsent"
"""What the CRM has not taken: rows of the outbox, which a linked record may have too."""
LISTS = (PAUSED, GIVEN_UP, UNSENT)


class RecordSearch(FilterForm):
    q = search_field(_("Name, CRM ID or hub ID"))
    state = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    reason = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    @property
    def state_shown(self) -> str:
        asked = str(self.asked.get("state", State.LINKED))
        return asked if asked in {*State.values, *LISTS} else State.LINKED.value

    def matching(self, links: QuerySet[RecordLink], sort: str) -> QuerySet[RecordLink]:
        asked = self.asked
        links = listed(links, self.state_shown)
        if "reason" in asked:
            links = links.filter(reason_code=asked["reason"])
        if "q" in asked:
            links = links.filter(_named(asked["q"]))
        return links.order_by(*_order(sort))

    def unsent(self, writes: QuerySet[Outbox]) -> QuerySet[Outbox]:
        if "reason" in self.asked:
            writes = writes.filter(error_code=self.asked["reason"])
        if "q" in self.asked:
            writes = writes.filter(_named(self.asked["q"]))
        return writes.order_by("name", "pk")


def listed(links: QuerySet[RecordLink], state: str) -> QuerySet[RecordLink]:
    if state == PAUSED:
        return links.filter(paused_at__isnull=False)
    return links.filter(given_up_at__isnull=False) if state == GIVEN_UP else links.filter(state=state)


def unsent_of(connection: Connection, object_name: str) -> QuerySet[Outbox]:
    """Refused, never answered, or waiting for its next try; what simply goes out with the next run is not among them."""
    stuck = Q(state__in=STUCK) | Q(due_at__isnull=False)
    return Outbox.objects.filter(stuck, connection=connection, object=object_name)


def unsent_counts(writes: QuerySet[Outbox]) -> dict[str, int]:
    """What was never answered is no retry's: a person looks whether the CRM has it."""
    is_answered = ~Q(state=Outbox.State.DOUBTFUL)
    return writes.order_by().aggregate(all=Count("pk"), retryable=Count("pk", filter=is_answered))


def refusal_counts(writes: QuerySet[Outbox]) -> list[dict[str, Any]]:
    """Per code of the CRM: its number, and one row's own words."""
    groups = list(
        writes.order_by().values("error_code").annotate(number=Count("pk"), sample=Min("pk")).order_by("-number")
    )
    samples = Outbox.objects.in_bulk([group["sample"] for group in groups])
    return [{**group, "row": samples[group["sample"]]} for group in groups]


def state_counts(links: QuerySet[RecordLink]) -> dict[str, int]:
    counts = dict(links.values_list("state").annotate(number=Count("pk")).order_by())
    return {**counts, **{name: listed(links, name).count() for name in (PAUSED, GIVEN_UP)}}


def reason_counts(links: QuerySet[RecordLink], state: str) -> list[dict[str, Any]]:
    """Per reason: its number and one record's parameters, so that it can be said in words."""
    groups = list(
        listed(links, state)
        .values("reason_code")
        .annotate(number=Count("pk"), sample=Min("pk"))
        .order_by("-number", "reason_code")
    )
    samples = RecordLink.objects.in_bulk([group["sample"] for group in groups])
    return [{**group, "params": samples[group["sample"]].reason_params} for group in groups]


def _named(words: str) -> Q:
    found = Q(name__icontains=words) | Q(source_id=words)
    return found | Q(hub_id=int(words)) if words.isascii() and words.isdigit() and len(words) < 18 else found


def _order(sort: str) -> tuple[str, str]:
    column = SORTS.get(sort.removeprefix("-"), SORTS[DEFAULT_SORT])
    sign = "-" if sort.startswith("-") else ""
    return f"{sign}{column}", f"{sign}pk"
