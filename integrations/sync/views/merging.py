"""Merging two rows of the hub: which stays, which value of each field that differs, and what moves."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import audit, toasts
from accounts.paging import as_id
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hub.models import Stage
from integrations.hub.visibility import editable_contacts, editable_customers, not_theirs

from .. import merging
from ..decisions import DecisionRefused

EDITABLE = {"customers": editable_customers, "contacts": editable_contacts}
PAGES = {"customers": ("hub:customers", "hub:customer"), "contacts": ("hub:contacts", "hub:contact")}


@requires(Permission.EDIT_HUB)
@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, object_name: str) -> HttpResponse:
    if object_name not in merging.MERGEABLE:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    listing, page = PAGES[object_name]
    pks = list(dict.fromkeys(pk for text in asked.getlist("row") if (pk := as_id(text))))
    if len(pks) != 2:
        messages.error(request, _("Choose exactly two rows to merge. Nothing was changed."))
        return redirect(listing)
    keep = as_id(asked.get("keep", "")) or pks[0]
    if keep not in pks:
        raise Http404
    lose = next(pk for pk in pks if pk != keep)
    rows = {row.pk: row for row in EDITABLE[object_name](request.user).filter(pk__in=pks)}
    if len(rows) < 2:
        # One that is gone is told like one that is another's: neither may be guessed at.
        raise not_theirs()
    if request.method == "POST":
        taken = [name for name in request.POST.getlist("field") if request.POST.get(f"side-{name}") == "other"]
        return _merged(request, object_name, keep, lose, taken, page)
    stages = dict(Stage.objects.values_list("name", "label"))
    differences = [
        (one, *(stages.get(str(value), value) if one.field == "stage" else value for value in (one.kept, one.lost)))
        for one in merging.differences(object_name, keep, lose)
    ]
    context = {
        "object": object_name,
        "kept": rows[keep],
        "lost": rows[lose],
        "differences": differences,
        "moves": merging.moves(object_name, lose),
        "listing": reverse(listing),
    }
    return render(request, "sync/merge.html", context)


def _merged(
    request: SignedInRequest, object_name: str, keep: int, lose: int, taken: list[str], page: str
) -> HttpResponse:
    try:
        change = merging.merge(object_name, keep, lose, taken, by=request.user.label)
    except DecisionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(PAGES[object_name][0])
    audit.record(request, "merged", f"{object_name} {keep}", note=f"{lose} into {keep}, change {change.pk}")
    said = _("%(name)s was merged into this row.") % {"name": change.reason_params["value"]}
    toasts.done(request, said, reverse("sync:take-back", args=[change.pk]))
    return redirect(page, keep)
