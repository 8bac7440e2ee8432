"""The records of one data type of a connection: in sync, excluded, failing, collisions, gone; and trying them again."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.paging import PAGE_SIZE
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hub.shown import LIGHTS
from integrations.sync.models import DataType

from .. import runs
from ..lines import spoken
from ..models import RECORDED, Block, Connection, RecordLink
from ..origin import record_url
from ..registry import system_of
from ..search.links import DEFAULT_SORT, PAUSED, RecordSearch, reason_counts, state_counts
from ..store.applying import DROPPED
from ..words import cure

RETRIED_AT_ONCE = 500
ALLOWABLE = frozenset({"undone", DROPPED})
RETRYABLE = (RecordLink.State.FAILING, RecordLink.State.COLLISION, RecordLink.State.EXCLUDED)
PAGES = {"customers": "hub:customer", "contacts": "hub:contact", "agreements": "hub:agreement"}
"""The hub’s page of a row; every other data type is a kind of interaction."""


@requires(Permission.SEE_RUNS)
@require_GET
def records(request: SignedInRequest, slug: str, object_name: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    if object_name not in RECORDED:
        raise Http404
    links = RecordLink.objects.filter(connection=connection, object=object_name)
    search, sort = RecordSearch(request.GET), request.GET.get("sort", DEFAULT_SORT)
    page = Paginator(search.matching(links, sort), PAGE_SIZE).get_page(request.GET.get("page"))
    counts = state_counts(links)
    return render(
        request,
        "sync/records.html",
        {
            "connection": connection,
            "object": object_name,
            "object_label": DataType(object_name).label,
            "others": [
                (DataType(name).label, reverse("sync:records", args=[slug, name]))
                for name in Block.objects.filter(connection=connection, object__in=RECORDED).values_list(
                    "object", flat=True
                )
                if name != object_name
            ],
            "short": system_of(connection.system).abilities.short,
            "system": system_of(connection.system).abilities.label,
            "reading": Block.objects.filter(connection=connection, object=object_name).first(),
            "counts": counts,
            "tabs": _tabs(search, counts),
            "search": search,
            "page": page,
            "rows": [_row(link, connection) for link in page],
            "facets": _facets(links, search.state_shown),
            "is_retryable": search.state_shown in RETRYABLE,
            "default_sort": DEFAULT_SORT,
        },
    )


def _tabs(search: RecordSearch, counts: dict[str, int]) -> list[dict[str, Any]]:
    q = {"q": search.asked["q"]} if "q" in search.asked else {}
    tabs: list[dict[str, Any]] = [
        {
            "url": f"?{urlencode({**q, 'state': state.value})}",
            "label": LIGHTS[state][1],
            "count": counts.get(state, 0),
            "current": state == search.state_shown,
        }
        for state in RecordLink.State
        if counts.get(state) or state in {RecordLink.State.LINKED, *RETRYABLE}
    ]
    is_paused = search.state_shown == PAUSED
    if counts[PAUSED] or is_paused:
        address = f"?{urlencode({**q, 'state': PAUSED})}"
        tabs.append({"url": address, "label": _("Paused"), "count": counts[PAUSED], "current": is_paused})
    return tabs


def _row(link: RecordLink, connection: Connection) -> dict[str, Any]:
    return {
        "link": link,
        "name": link.name or link.source_id,
        "reason": spoken(link.reason_code, link.reason_params),
        "crm_url": record_url(connection, link.object, link.source_id),
        "hub_url": hub_url(link.object, link.hub_id),
        "verb": _verb(link),
    }


def _verb(link: RecordLink) -> tuple[str, str, Any] | None:
    """The one thing that a person most likely wants of it: its verb or the address of its page, and its name."""
    if link.paused_at:
        return "resume", "", _("Resume")
    if link.hub_id is None and link.state == RecordLink.State.COLLISION:
        return "", f"{reverse('sync:collisions')}?show={link.pk}", _("Tell apart")
    if link.excluded_by_hand or link.reason_code in ALLOWABLE:
        return "take-in", "", _("Take it in again")
    return None


def hub_url(object_name: str, hub_id: int | None) -> str:
    return reverse(PAGES.get(object_name, "hub:interaction"), args=[hub_id]) if hub_id else ""


def _facets(links: Any, state: str) -> Sequence[dict[str, Any]]:
    """By reason, where there is one; a linked record has none."""
    if state in {RecordLink.State.LINKED, PAUSED}:
        return []
    return [
        {
            **group,
            "said": spoken(group["reason_code"], group["params"]),
            "cure": cure(group["reason_code"], group["params"]),
        }
        for group in reason_counts(links, state)
        if group["reason_code"]
    ]


@requires(Permission.RETRY)
@require_POST
def retry(request: SignedInRequest) -> HttpResponse:
    """One record, several, or all of a cause: read again from the CRM by id and decided anew."""
    connection = get_object_or_404(Connection, slug=request.POST.get("connection", ""))
    object_name = request.POST.get("object", "")
    if object_name not in RECORDED:
        raise Http404
    ids = list(dict.fromkeys(filter(None, map(_clean, request.POST.getlist("source_id")))))[:RETRIED_AT_ONCE]
    reason = _clean(request.POST.get("reason", ""))
    if not ids and not reason:
        messages.error(request, _("Choose records first."))
        return redirect(_back(request, connection, object_name))
    what = {"source_ids": ids} if ids else {"reason_code": reason}
    try:
        run = runs.retry_records(connection, object_name, by=request.user.label, **what)
    except runs.RunRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(request, connection, object_name))
    audit.record(request, "retried records", connection, note=f"run {run.pk}: {', '.join(ids[:20]) or reason}")
    return redirect("sync:run", pk=run.pk)


def _clean(text: str) -> str:
    # PostgreSQL refuses a text that holds a NUL.
    return text.replace("\0", "")


def _back(request: SignedInRequest, connection: Connection, object_name: str) -> str:
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return reverse("sync:records", args=[connection.slug, object_name])
