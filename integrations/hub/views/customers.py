from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.paging import PAGE_SIZE, as_id
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import panels, shown
from ..models import Contact, Customer
from ..search import CUSTOMER_SORTS, CustomerSearch, order_of
from ..sources import sources_of
from ..visibility import editable_customers, visible_contacts, visible_customers
from . import agreements, merged

TABS = ("fields", "contacts", "agreements", "interactions", "changes")
RELATIVES = 20


@requires(Permission.SEE_HUB)
@require_GET
def customers(request: SignedInRequest) -> HttpResponse:
    search = CustomerSearch(request.GET)
    rows = search.matching(visible_customers(request.user)).select_related("stage", "csm", "parent")
    rows = rows.order_by(*order_of(request.GET.get("sort", ""), CUSTOMER_SORTS))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    context = {
        "search": search,
        "page": page,
        "rows": shown.listed("customers", listed, _contacts_of(request, listed)),
        "sees_all": not request.user.role_of.sees_only_own_customers,
        "default_sort": "name",
        "peek": _peeked(request),
        "query": urlencode(search.asked),
    }
    return render(request, "hub/customers.html", context)


@requires(Permission.SEE_HUB)
@require_GET
def customer(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _whole(request).filter(pk=pk).first()
    if row is None:
        return merged.follow(request, "customers", pk, visible_customers(request.user))
    story = panels.desk().story("customers", pk)
    asked = request.GET.get("show", "")
    context = {
        "customer": row,
        "tab": asked if asked in TABS else TABS[0],
        "lines": shown.lines_of("customers", row, story),
        "opened": request.GET.get("field", ""),
        "may_edit": editable_customers(request.user).filter(pk=pk).exists(),
        "story": story,
        "sources": shown.source_lines(
            sources_of("customers", [pk]).get(pk, ()), story.arrivals, panels.desk().bonds(pk)
        ),
        **_relatives(request, row),
        **agreements.of_customer(row),
    }
    return render(request, "hub/customer.html", context)


@requires(Permission.SEE_HUB)
@require_GET
def customer_peek(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "hub/customer_peek.html", {"peek": _peek(get_object_or_404(_whole(request), pk=pk))})


def _whole(request: SignedInRequest) -> Any:
    return visible_customers(request.user).select_related("stage", "profile", "csm", "parent")


def _contacts_of(request: SignedInRequest, rows: list[Customer]) -> dict[int, int]:
    counted = visible_contacts(request.user).filter(customer__in=[row.pk for row in rows])
    return dict(counted.order_by().values_list("customer").annotate(number=Count("pk")))


def _relatives(request: SignedInRequest, row: Customer) -> dict[str, Any]:
    """Relatives beyond a restricted CSM's own customers stay out of sight, the parent included."""
    seen = visible_customers(request.user)
    contacts = Contact.objects.filter(customer=row).order_by("name_key", "pk")
    children = seen.filter(parent=row).select_related("stage").order_by("name_key", "pk")
    return {
        "parent": seen.filter(pk=row.parent_id).first() if row.parent_id else None,
        "children": children[:RELATIVES],
        "children_number": children.count(),
        "contacts": contacts[:PAGE_SIZE],
        "contacts_number": contacts.count(),
        "interactions": row.interactions.order_by("-starts_at", "-pk")[:PAGE_SIZE],
        "interactions_number": row.interactions.count(),
    }


def _peeked(request: SignedInRequest) -> dict[str, Any] | None:
    pk = as_id(request.GET.get("peek", ""))
    row = _whole(request).filter(pk=pk).first() if pk else None
    return _peek(row) if row else None


def _peek(row: Customer) -> dict[str, Any]:
    sources = sources_of("customers", [row.pk]).get(row.pk, ())
    lines = shown.source_lines(sources, panels.desk().arrivals("customers", row.pk))
    synced = [source.synced_at for source in sources if source.synced_at]
    return {
        "row": row,
        "sources": lines,
        "synced_at": max(synced, default=None),
        "contacts_number": Contact.objects.filter(customer=row).count(),
    }
