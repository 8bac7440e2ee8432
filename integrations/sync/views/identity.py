"""The identity workbench: how well keys tell rows apart, what the other side holds, and what looks like one and the same."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.paging import PAGE_SIZE
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..identity import shared
from ..identity.other_side import other_side
from ..identity.quality import Key, keys_of
from ..models import Block, Connection, DataType, Mode
from ..registry import system_of
from ..search.export import CHUNK, LIMIT, table_response
from ..search.forms import FilterForm, search_field
from .records import hub_url

OBJECTS = ("customers", "contacts")
GROUPS = 20
"""Values on a page, each with its rows."""
KINDS = {
    "generic": gettext_lazy("shared by strangers: free mail, social pages"),
    "own": gettext_lazy("one of your own domains"),
    "not-one": gettext_lazy("cannot be read as one"),
}


class ValueSearch(FilterForm):
    q = search_field(gettext_lazy("Value"))
    show = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    @property
    def is_unusable(self) -> bool:
        return bool(self.asked.get("show") == "unusable")


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def identity(request: SignedInRequest) -> HttpResponse:
    blocks = Block.objects.filter(object__in=OBJECTS).exclude(mode=Mode.DISABLED).select_related("connection")
    living = blocks.exclude(connection__state=Connection.State.ARCHIVED).order_by(
        "connection__order", "connection__name", "pk"
    )
    return render(
        request,
        "sync/identity.html",
        {
            "objects": [
                (name, DataType(name).label, [_measured(name, key) for key in keys_of(name)]) for name in OBJECTS
            ],
            "blocks": [
                (block, system_of(block.connection.system).abilities.short, block.get_object_display())
                for block in living
            ],
        },
    )


def _measured(object_name: str, key: Key) -> dict[str, Any]:
    address = reverse("sync:identity-key", args=[object_name, key.field.name])
    return {"key": key, "url": address, "unusable_url": f"{address}?show=unusable"}


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def identity_key(request: SignedInRequest, object_name: str, hub_field: str) -> HttpResponseBase:
    key = (
        next((one for one in keys_of(object_name) if one.field.name == hub_field), None)
        if object_name in OBJECTS
        else None
    )
    if key is None:
        raise Http404
    search = ValueSearch(request.GET)
    words = str(search.asked.get("q", ""))
    if "csv" in request.GET:
        return _exported(object_name, key, words)
    rows = (shared.unusable if search.is_unusable else shared.groups)(object_name, hub_field, words)
    page = Paginator(rows, PAGE_SIZE if search.is_unusable else GROUPS).get_page(request.GET.get("page"))
    found = list(page.object_list)
    return render(
        request,
        "sync/identity_key.html",
        {
            "object": object_name,
            "object_label": DataType(object_name).label,
            "key": key,
            "search": search,
            "page": page,
            "tabs": _tabs(key, search),
            "groups": []
            if search.is_unusable
            else [_group(object_name, one) for one in shared.with_rows(object_name, hub_field, found)],
            "unusable": [(one["value"], one["n"], KINDS[shared.kind_of(one["value"])]) for one in found]
            if search.is_unusable
            else [],
            "list_url": reverse(f"hub:{object_name}"),
        },
    )


def _tabs(key: Key, search: ValueSearch) -> list[dict[str, Any]]:
    tabs = [{"url": "?", "label": _("Shared values"), "count": key.shared.values, "current": not search.is_unusable}]
    if key.field.name in shared.RAW:
        label = _("Rows whose value recognises nobody")
        tabs.append({"url": "?show=unusable", "label": label, "count": key.unusable, "current": search.is_unusable})
    return tabs


def _group(object_name: str, group: shared.Group) -> dict[str, Any]:
    first = int(group.rows[0].row.pk) if group.rows else 0
    merge = reverse("sync:merge", args=[object_name])
    return {
        "value": group.value,
        "number": group.number,
        "more": group.number - len(group.rows),
        "rows": [
            {
                "row": one.row,
                "links": one.links,
                "url": hub_url(object_name, one.row.pk),
                "merge_url": f"{merge}?{urlencode([('row', first), ('row', one.row.pk)])}"
                if one.row.pk != first
                else "",
            }
            for one in group.rows
        ],
    }


def _exported(object_name: str, key: Key, words: str) -> HttpResponseBase:
    def lines() -> Iterator[list[Any]]:
        pairs = shared.every_row(object_name, key.field.name, words)[:LIMIT]
        chunk: list[tuple[str, int]] = []
        for pair in pairs.iterator(chunk_size=CHUNK):
            chunk.append(pair)
            if len(chunk) == CHUNK:
                yield from _named(object_name, chunk)
                chunk = []
        yield from _named(object_name, chunk)

    return table_response(
        [key.field.label, _("Hub ID"), _("Name"), _("ID")], lines(), f"{object_name}-{key.field.name}.csv"
    )


def _named(object_name: str, pairs: list[tuple[str, int]]) -> Iterator[list[Any]]:
    rows = shared.MODELS[object_name].objects.in_bulk([pk for _value, pk in pairs])
    for value, pk in pairs:
        if pk in rows:
            yield [value, pk, str(rows[pk]), rows[pk].ref_id]


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def identity_there(request: SignedInRequest, slug: str, object_name: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    if object_name not in OBJECTS:
        raise Http404
    block = get_object_or_404(Block, connection=connection, object=object_name)
    side = other_side(block)
    return render(
        request,
        "sync/identity_there.html",
        {
            "connection": connection,
            "short": system_of(connection.system).abilities.short,
            "system": system_of(connection.system).abilities.label,
            "object": object_name,
            "object_label": DataType(object_name).label,
            "side": side,
            "parts": [
                (_("Linked records, as last settled"), side.linked),
                (_("Records that no link knew, as the last preview read them"), side.planned),
            ],
        },
    )
