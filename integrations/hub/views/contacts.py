from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.paging import PAGE_SIZE, as_id
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import panels, shown
from ..models import Contact, Customer
from ..search import CONTACT_SORTS, ContactSearch, order_of
from ..sources import sources_of
from ..visibility import editable_contacts, visible_contacts, visible_customers
from . import merged


@requires(Permission.SEE_HUB)
@require_GET
def contacts(request: SignedInRequest) -> HttpResponse:
    search = ContactSearch(request.GET)
    rows = search.matching(visible_contacts(request.user)).select_related("customer")
    rows = rows.order_by(*order_of(request.GET.get("sort", ""), CONTACT_SORTS))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "search": search,
        "page": page,
        "rows": shown.listed("contacts", list(page.object_list)),
        "default_sort": "name",
        "customer": _customer(request, search),
        "peek": _peeked(request),
    }
    return render(request, "hub/contacts.html", context)


@requires(Permission.SEE_HUB)
@require_GET
def contact(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _whole(request).filter(pk=pk).first()
    if row is None:
        return merged.follow(request, "contacts", pk, visible_contacts(request.user))
    story = panels.desk().story("contacts", pk)
    context = {
        "contact": row,
        "tab": "changes" if request.GET.get("show") == "changes" else "fields",
        "lines": shown.lines_of("contacts", row, story),
        "opened": request.GET.get("field", ""),
        "may_edit": editable_contacts(request.user).filter(pk=pk).exists(),
        "story": story,
        "sources": shown.source_lines(sources_of("contacts", [pk]).get(pk, ()), story.arrivals),
    }
    return render(request, "hub/contact.html", context)


@requires(Permission.SEE_HUB)
@require_GET
def contact_peek(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "hub/contact_peek.html", {"peek": _peek(get_object_or_404(_whole(request), pk=pk))})


def _whole(request: SignedInRequest) -> Any:
    return visible_contacts(request.user).select_related("customer")


def _customer(request: SignedInRequest, search: ContactSearch) -> Customer | None:
    asked = search.asked.get("customer")
    return visible_customers(request.user).filter(pk=asked).first() if asked else None


def _peeked(request: SignedInRequest) -> dict[str, Any] | None:
    pk = as_id(request.GET.get("peek", ""))
    row = _whole(request).filter(pk=pk).first() if pk else None
    return _peek(row) if row else None


def _peek(row: Contact) -> dict[str, Any]:
    sources = sources_of("contacts", [row.pk]).get(row.pk, ())
    synced = [source.synced_at for source in sources if source.synced_at]
    return {
        "row": row,
        "sources": shown.source_lines(sources, panels.desk().arrivals("contacts", row.pk)),
        "synced_at": max(synced, default=None),
    }
