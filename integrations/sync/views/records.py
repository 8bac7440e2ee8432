"""The records of one data type of a connection: in sync, excluded, failing, collisions, gone, given up, not sent."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.paging import PAGE_SIZE
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.engine.plan import MADE_HERE
from integrations.hub.shown import LIGHTS
from integrations.sync.models import DataType

from ..lines import spoken
from ..models import RECORDED, Block, Connection, Outbox, RecordLink
from ..origin import record_url
from ..registry import system_of
from ..retrying import RETRYABLE
from ..search.links import (
    DEFAULT_SORT,
    GIVEN_UP,
    PAUSED,
    UNSENT,
    RecordSearch,
    reason_counts,
    refusal_counts,
    state_counts,
    unsent_counts,
    unsent_of,
)
from ..store.applying import KEPT_OUT
from ..store.hub_rows import table_of
from ..tries import tries_in_words
from ..words import EVERY, cure

PAGES = {"customers": "hub:customer", "contacts": "hub:contact", "agreements": "hub:agreement"}
"""The hub’s page of a row; every other data type is a kind of interaction."""


@requires(Permission.SEE_RUNS)
@require_GET
def records(request: SignedInRequest, slug: str, object_name: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    if object_name not in RECORDED:
        raise Http404
    links = RecordLink.objects.filter(connection=connection, object=object_name)
    writes = unsent_of(connection, object_name)
    search, sort = RecordSearch(request.GET), request.GET.get("sort", DEFAULT_SORT)
    is_unsent = search.state_shown == UNSENT
    found: QuerySet[Any] = search.unsent(writes) if is_unsent else search.matching(links, sort)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    sent = unsent_counts(writes)
    counts = {**state_counts(links), UNSENT: sent["all"]}
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
            "rows": _rows(list(page), connection, object_name),
            "facets": _refusals(writes, connection) if is_unsent else _facets(links, search.state_shown),
            "is_unsent": is_unsent,
            "is_retryable": search.state_shown in {*RETRYABLE, GIVEN_UP, UNSENT},
            "stuck": counts.get(RecordLink.State.FAILING, 0) + sent["retryable"],
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
    others = {GIVEN_UP: _("Given up"), UNSENT: _("Not sent"), PAUSED: _("Paused")}
    for name, label in others.items():
        is_shown = search.state_shown == name
        if counts[name] or is_shown:
            address = f"?{urlencode({**q, 'state': name})}"
            tabs.append({"url": address, "label": label, "count": counts[name], "current": is_shown})
    return tabs


def _rows(found: Sequence[RecordLink | Outbox], connection: Connection, object_name: str) -> list[dict[str, Any]]:
    here = _still_here(object_name, [one.hub_id for one in found if one.hub_id])
    return [
        {**_shown(one, connection), "hub_url": hub_url(object_name, one.hub_id) if one.hub_id in here else ""}
        for one in found
    ]


def _shown(one: RecordLink | Outbox, connection: Connection) -> dict[str, Any]:
    return _unsent(one, connection) if isinstance(one, Outbox) else _row(one, connection)


def _still_here(object_name: str, hub_ids: Sequence[int]) -> set[int]:
    """Links and writes keep the id of a row that was deleted: it has no page any more."""
    rows = table_of(object_name).model._default_manager.filter(pk__in=hub_ids)
    return set(rows.values_list("pk", flat=True))


def _row(link: RecordLink, connection: Connection) -> dict[str, Any]:
    return {
        "link": link,
        "name": link.name or link.source_id,
        "reason": spoken(link.reason_code, link.reason_params),
        "crm_url": record_url(connection, link.object, link.source_id),
        "verb": None if connection.is_archived else _verb(link),
        "tried": tries_in_words(link.tries, link.next_try_at, link.given_up_at, timezone.now()),
    }


def _unsent(write: Outbox, connection: Connection) -> dict[str, Any]:
    code, params = _refusal(write, connection)
    return {
        "write": write,
        "name": write.name or _called(write) or write.source_id or f"{DataType(write.object).label} {write.hub_id}",
        "key": write.source_id or f"{MADE_HERE}{write.hub_id}",
        "reason": spoken(code, params),
        "crm_url": record_url(connection, write.object, write.source_id) if write.source_id else "",
        "tried": tries_in_words(write.attempts, write.due_at, write.given_up_at, timezone.now()),
    }


def _called(write: Outbox) -> str:
    """What a row that has no record yet is called here."""
    names = ("name", "first_name", "last_name", "subject")
    return " ".join(str(write.after[name]) for name in names if write.after.get(name))[:255]


def _refusal(write: Outbox, connection: Connection) -> tuple[str, dict[str, Any]]:
    """A code of ours, or the CRM's own behind the sentence that quotes it."""
    said = {"system": system_of(connection.system).abilities.label, "label": ", ".join(write.after)}
    if write.error_code in EVERY:
        return write.error_code, said
    return "crm-refused", {**said, "code": write.error_code, "message": write.error_message}


def _refusals(writes: QuerySet[Outbox], connection: Connection) -> Sequence[dict[str, Any]]:
    found = []
    for group in refusal_counts(writes):
        code, params = _refusal(group["row"], connection)
        is_known = code == group["error_code"]
        said = spoken(code, params) if is_known else f"{group['error_code']}: {group['row'].error_message}"
        found.append(
            {
                "reason_code": group["error_code"],
                "number": group["number"],
                "said": said,
                "cure": cure(code, params),
                "is_doubtful": group["row"].state == Outbox.State.DOUBTFUL,
            }
        )
    return found


def _verb(link: RecordLink) -> tuple[str, str, Any] | None:
    """The one thing that a person most likely wants of it: its verb or the address of its page, and its name."""
    if link.paused_at:
        return "resume", "", _("Resume")
    if link.hub_id is None and link.state == RecordLink.State.COLLISION:
        return "", f"{reverse('sync:collisions')}?show={link.pk}", _("Tell apart")
    if link.excluded_by_hand or link.reason_code in KEPT_OUT:
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
