"""The rows behind each number of the two sums, and words beside a signature."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.paging import PAGE_SIZE, as_id
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.sync.lines import spoken
from integrations.sync.models import RecordLink

from .. import confirming, facts, keydata, sums, twins, words
from ..checks import validation as checks
from ..models import Move, Stay
from ..steps import Row

Listed = Iterable[tuple[int, Row]]
"""With the id after which the next page begins."""
MORE: Mapping[str, Any] = {
    "twins": gettext_lazy("Created, and may be here already"),
    "changed": gettext_lazy("Differ from the snapshot"),
    "no-id": gettext_lazy("Without their HubSpot ID"),
}


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def rows_of(request: SignedInRequest, pk: int, side: str, which: str) -> HttpResponse:
    move = get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)
    labels = {"here": sums.HERE, "there": sums.THERE, "check": MORE}.get(side, {})
    if which not in labels:
        raise Http404
    after = as_id(request.GET.get("after", ""))
    found = list(islice(_listed(move, side, which, after), PAGE_SIZE + 1))
    more = len(found) > PAGE_SIZE
    context = {
        "move": move,
        "title": labels[which],
        "rows": [row for _place, row in found[:PAGE_SIZE]],
        "next": found[PAGE_SIZE - 1][0] if more else 0,
    }
    return render(request, "migration/rows.html", context)


@requires(Permission.EDIT_HUB)
@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """One more of the team says so, or takes it back."""
    move = get_object_or_404(Move, pk=pk, state=Move.State.OPEN)
    if not request.user.may(Permission.SEE_INTEGRATIONS):
        raise PermissionDenied
    if request.POST.get("back"):
        words.unsay(move, confirming.KEY, request.user)
    else:
        words.say(move, confirming.KEY, request.user, request.POST.get("said", ""))
        messages.success(request, _("Your word stands beside the signature."))
    answer = redirect("migration:chapter", pk=pk, chapter="validation")
    answer["Location"] += f"#{confirming.KEY}"
    return answer


def _listed(move: Move, side: str, key: str, after: int) -> Listed:
    if side == "check":
        return CHECKS[key](move, after)
    if side == "there":
        return _of_links(move, key, after) if key in RecordLink.State.values else _of_rows(move, key, after)
    if key == "arrived":
        return _customers(facts.arrived(move), after, "")
    if key == "stays":
        return _staying(move, after)
    return (
        (fate.hub_id, Row(fate.name, fate.detail, _url(fate.hub_id)))
        for fate in sums.fates(move, after)
        if fate.key == key
    )


def _of_rows(move: Move, key: str, after: int) -> Listed:
    return _customers(sums.created(move) if key == "created" else sums.matched(move), after, "")


def _customers(rows: Any, after: int, detail: str) -> Listed:
    for pk, name, ref_id in (
        rows.filter(pk__gt=after).order_by("pk").values_list("pk", "name", "ref_id")[: PAGE_SIZE + 1]
    ):
        yield pk, Row(name, detail or ref_id, _url(pk))


def _staying(move: Move, after: int) -> Listed:
    for one in Stay.objects.filter(move=move, hub_id__gt=after).order_by("hub_id")[: PAGE_SIZE + 1]:
        yield one.hub_id, Row(one.name, f"{one.reason} ({one.by})", _url(one.hub_id))


def _of_links(move: Move, state: str, after: int) -> Listed:
    found = sums.inside(sums.links(move)).filter(state=state, pk__gt=after).order_by("pk")
    url = f"{reverse('sync:records', args=[move.new.slug, 'customers'])}?state={state}" if move.new else ""
    for link in found[: PAGE_SIZE + 1]:
        yield link.pk, Row(link.name or link.source_id, spoken(link.reason_code, link.reason_params), url)


def _twins(move: Move, after: int) -> Listed:
    for one in twins.pairs(move, after, PAGE_SIZE + 1):
        yield one.made.pk, Row(one.made.name, str(one.by), checks.merge_url(one.made.pk, one.other))


def _changed(move: Move, after: int) -> Listed:
    return ((one.hub_id, Row(one.name, one.said, _url(one.hub_id))) for one in keydata.changes(move, after))


def _without_id(move: Move, after: int) -> Listed:
    for row in checks.without_its_id(move).filter(pk__gt=after)[: PAGE_SIZE + 1]:
        yield row.pk, Row(row.name, checks.why_not_its_id(move, row), _url(row.pk))


CHECKS: Mapping[str, Callable[[Move, int], Listed]] = {"twins": _twins, "changed": _changed, "no-id": _without_id}


def _url(pk: int) -> str:
    return reverse("hub:customer", args=[pk])
