"""The retry buttons: records and writes that were chosen, all of one reason, one data type, or all that failed in a run."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import retrying
from ..models import RECORDED, Connection, Run
from ..runs import RunRefused
from .decisions import back

RETRIED_AT_ONCE = 500


@requires(Permission.RETRY)
@require_POST
def retry(request: SignedInRequest) -> HttpResponse:
    """Of one data type: the named records, all of one reason or one refusal, or everything that fails."""
    connection = get_object_or_404(Connection, slug=request.POST.get("connection", ""))
    object_name = request.POST.get("object", "")
    if object_name not in RECORDED:
        raise Http404
    there = back(request, reverse("sync:records", args=[connection.slug, object_name]))
    ids = list(dict.fromkeys(filter(None, map(_clean, request.POST.getlist("source_id")))))[:RETRIED_AT_ONCE]
    reason, code = _clean(request.POST.get("reason", "")), _clean(request.POST.get("refusal", ""))
    if ids:
        return _retry(request, connection, retrying.some(connection, object_name, ids), ", ".join(ids[:20]), there)
    if reason:
        return _retry(request, connection, retrying.of_reason(connection, object_name, reason), reason, there)
    if code:
        return _retry(request, connection, retrying.of_refusal(connection, object_name, code), code, there)
    if "all" in request.POST:
        return _retry(request, connection, retrying.of_data_type(connection, object_name), object_name, there)
    messages.error(request, _("Choose records first."))
    return redirect(there)


@requires(Permission.RETRY)
@require_POST
def retry_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that did not go through in the run, or all of one cause of it."""
    run = get_object_or_404(Run.objects.select_related("connection"), pk=pk)
    object_name, code = _clean(request.POST.get("object", "")), _clean(request.POST.get("reason", ""))
    what = " ".join(filter(None, [f"of run {pk}", object_name, code]))
    chosen = retrying.of_run(run, object_name, code)
    return _retry(request, run.connection, chosen, what, reverse("sync:run", args=[pk]))


def _retry(
    request: SignedInRequest, connection: Connection, chosen: retrying.Chosen, what: str, there: str
) -> HttpResponse:
    try:
        done = retrying.retry(connection, chosen, by=request.user.label)
    except RunRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(there)
    note = f"run {done.run.pk}, records: {done.records}, writes: {done.writes}, {what}"
    audit.record(request, "retried records", connection, note=note)
    messages.success(request, done.said)
    return redirect("sync:run", pk=done.run.pk)


def _clean(text: str) -> str:
    # PostgreSQL refuses a text that holds a NUL.
    return text.replace("\0", "")
