"""Collisions: records that the rules could not tell apart, side by side, and what a person may make of each."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.paging import PAGE_SIZE, as_id
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..collisions import collided, collision_of, rows_named, with_values
from ..models import DataType, RecordLink
from ..search.forms import FilterForm, connection_choices, search_field
from ..words import sentence
from .conflicts import tabs
from .decisions import may_decide, not_yours


class CollisionSearch(FilterForm):
    q = search_field(gettext_lazy("Name or CRM ID"))
    connection = forms.ChoiceField(label=gettext_lazy("Connection"), required=False)
    object = forms.ChoiceField(label=gettext_lazy("Data type"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("connection", connection_choices())
        kinds = collided().order_by().values_list("object", flat=True).distinct()
        self.offer("object", [(name, DataType(name).label) for name in sorted(kinds)])

    def matching(self, rows: QuerySet[RecordLink]) -> QuerySet[RecordLink]:
        asked = self.asked
        if "connection" in asked:
            rows = rows.filter(connection__slug=asked["connection"])
        if "object" in asked:
            rows = rows.filter(object=asked["object"])
        if "q" in asked:
            rows = rows.filter(Q(name__icontains=asked["q"]) | Q(source_id=asked["q"]))
        # What was found by one key stands together.
        return rows.order_by("object", "reason_params__value", "name", "pk")


@requires(Permission.SEE_RUNS)
@require_GET
def collisions(request: SignedInRequest) -> HttpResponse:
    search = CollisionSearch(request.GET)
    rows = search.matching(collided().select_related("connection"))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    link = _shown(request, list(page.object_list))
    return _page(request, link, collision_of(link) if link else None, search=search, page=page)


@requires(Permission.EDIT_HUB)
@require_POST
def compare(request: SignedInRequest, link: int) -> HttpResponse:
    """Asks the CRM for the claimants' values: one call that reads."""
    row = get_object_or_404(RecordLink.objects.select_related("connection"), pk=link)
    if not may_decide(request.user, row.object, None):
        raise not_yours(request.user, row.object, None)
    audit.record(request, "asked the CRM", row.connection, note=f"collision {row.object} {row.source_id}")
    search = CollisionSearch(request.GET)
    page = Paginator(search.matching(collided().select_related("connection")), PAGE_SIZE).get_page(1)
    return _page(request, row, with_values(collision_of(row)), search=search, page=page)


def _shown(request: SignedInRequest, rows: list[RecordLink]) -> RecordLink | None:
    asked = as_id(request.GET.get("show", ""))
    if asked:
        # Also one that is out for another cause, but has no row: it may be linked to one.
        found = RecordLink.objects.select_related("connection").filter(pk=asked, hub_id=None)
        return found.first() or next(iter(rows), None)
    return next(iter(rows), None)


def _page(request: SignedInRequest, link: RecordLink | None, collision: Any, **context: Any) -> HttpResponse:
    words = request.GET.get("row", "").replace("\0", "")[:200]
    listed = [(row, sentence(row.reason_code, row.reason_params)) for row in context["page"].object_list]
    return render(
        request,
        "sync/collisions.html",
        {
            **context,
            "rows": listed,
            "link": link,
            "collision": collision,
            "others": rows_named(link.object, words) if link else [],
            "words": words,
            "may_decide": link is not None and may_decide(request.user, link.object, None),
            "tabs": tabs("collisions"),
        },
    )
