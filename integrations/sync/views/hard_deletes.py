"""Bulk hard delete, for Admins: choose, look at all that goes, type the number; later restore. Nothing happens before that."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit
from accounts.paging import PAGE_SIZE, newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hub.models import Customer

from ..hard_delete import backup, choosing, working
from ..models import Connection, HardDelete
from ..nouns import counted, records
from .paged_jobs import acted

STATES = {
    HardDelete.State.DRAFT: "pause",
    HardDelete.State.BACKING_UP: "run",
    HardDelete.State.DELETING: "run",
    HardDelete.State.DELETED: "bad",
    HardDelete.State.CHECKING: "run",
    HardDelete.State.RESTORING: "run",
    HardDelete.State.TYING: "run",
    HardDelete.State.RESTORED: "ok",
    HardDelete.State.CANCELLED: "pause",
}
"""Keys of accounts.vocabulary.STATES; the word is its own."""
WAYS: dict[str, Callable[[str], choosing.Choice]] = {
    "connection": choosing.of_connection,
    "run": choosing.of_run,
    "filter": choosing.of_filter,
    "list": choosing.of_list,
}


@requires(Permission.HARD_DELETE)
@require_http_methods(["GET", "HEAD", "POST"])
def hard_deletes(request: SignedInRequest) -> HttpResponse:
    """What is typed stays where it is refused."""
    typed = {way: request.POST.get(way, request.GET.get(way, "")) for way in WAYS}
    refusal: choosing.NotChosen | None = None
    if request.method == "POST":
        try:
            job = choosing.draft(_chosen(request, typed), request.user)
        except choosing.NotChosen as why:
            refusal = why
        else:
            return redirect("sync:hard-delete", pk=job.pk)
    page = newest_first(
        HardDelete.objects.all(), before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    context = {
        "typed": typed,
        "errors": {refusal.field: str(refusal)} if refusal else {},
        "connections": Connection.objects.exclude(state=Connection.State.DRAFT).order_by("name"),
        "page": page,
        "rows": [{"job": job, "lamp": _lamp(job)} for job in page.rows],
        "by_filter": _filter_in_words(typed["filter"]),
    }
    return render(request, "sync/hard_deletes.html", context, status=422 if refusal else 200)


@requires(Permission.HARD_DELETE)
@require_GET
def hard_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    return _shown(request, get_object_or_404(HardDelete, pk=pk))


@requires(Permission.HARD_DELETE)
@require_GET
def hard_delete_live(request: SignedInRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(HardDelete, pk=pk)
    response = render(request, "sync/hard_delete_live.html", _progress(job))
    if not job.is_active:
        # What was at work is over: the rest of the page has something else to say now.
        response["HX-Refresh"] = "true"
    return response


@requires(Permission.HARD_DELETE)
@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(HardDelete, pk=pk)
    try:
        working.confirm(job, request.user, typed=request.POST.get("typed", ""), why=request.POST.get("why", ""))
    except working.Refused as refusal:
        return _shown(request, job, error=str(refusal))
    return redirect("sync:hard-delete", pk=pk)


@requires(Permission.HARD_DELETE)
@require_POST
def restore(request: SignedInRequest, pk: int) -> HttpResponse:
    return acted(request, HardDelete, pk, working.restore, page="sync:hard-delete")


@requires(Permission.HARD_DELETE)
@require_POST
def stop(request: SignedInRequest, pk: int) -> HttpResponse:
    return acted(request, HardDelete, pk, working.stop, page="sync:hard-delete")


@requires(Permission.HARD_DELETE)
@require_POST
def go_on(request: SignedInRequest, pk: int) -> HttpResponse:
    return acted(request, HardDelete, pk, working.go_on, page="sync:hard-delete")


@requires(Permission.HARD_DELETE)
@require_POST
def drop(request: SignedInRequest, pk: int) -> HttpResponse:
    return acted(request, HardDelete, pk, working.drop, page="sync:hard-delete")


@requires(Permission.HARD_DELETE)
@require_GET
def download(request: SignedInRequest, pk: int) -> HttpResponse | FileResponse:
    job = get_object_or_404(HardDelete.objects.exclude(file=""), pk=pk)
    try:
        file = backup.path_of(job.file).open("rb")
    except OSError:
        text = _("%(file)s is not where backups are kept (BACKUP_DIR). Put it back there, and restore or download it.")
        messages.error(request, text % {"file": job.file})
        return redirect("sync:hard-delete", pk=pk)
    audit.record(request, "downloaded the backup of a bulk hard delete", job, note=job.file)
    return FileResponse(file, as_attachment=True, filename=job.file, content_type="application/gzip")


def _chosen(request: SignedInRequest, typed: dict[str, str]) -> choosing.Choice:
    way = WAYS.get(request.POST.get("by", ""))
    if way is None:
        raise choosing.NotChosen("connection", _("Choose one of the four ways."))
    return way(typed[request.POST["by"]])


def _shown(request: SignedInRequest, job: HardDelete, *, error: str = "") -> HttpResponse:
    ids = sorted(choosing.ids_of(job)) if job.state == HardDelete.State.DRAFT else []
    page = Paginator(ids, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = Customer.objects.filter(pk__in=list(page)).select_related("stage").order_by("pk")
    context = {
        **_progress(job),
        "goes": _goes(job),
        "connections": Connection.objects.filter(pk__in=job.connections)
        .exclude(state=Connection.State.ARCHIVED)
        .order_by("name"),
        "page": page,
        "rows": rows,
        "error": error,
        "typed": request.POST.get("typed", ""),
        "why": request.POST.get("why", ""),
        "longest": working.NOTE,
    }
    return render(request, "sync/hard_delete.html", context, status=422 if error else 200)


def _progress(job: HardDelete) -> dict[str, Any]:
    done, total = working.progress_of(job) if job.is_active else (0, 0)
    there = Customer.objects.in_bulk([pk for kind, _name, pk in job.in_the_way if kind == "customers" and pk])
    ways = [(kind, name, there.get(pk) if kind == "customers" else None) for kind, name, pk in job.in_the_way]
    return {
        "job": job,
        "lamp": _lamp(job),
        "done": done,
        "total": total,
        "in_the_way": ways,
        "left": sorted(job.left.items()),
    }


def _goes(job: HardDelete) -> list[str]:
    what = [counted("customers", job.customers)]
    what += [counted(name, job.counts[name]) for name in ("contacts", "agreements", "interactions", "opportunities")]
    return [*what, _("what is known of %(records)s in CRMs") % {"records": records(job.counts["links"])}]


def _lamp(job: HardDelete) -> str:
    return "bad" if job.trouble else STATES[HardDelete.State(job.state)]


def _filter_in_words(query: str) -> str:
    try:
        return choosing.of_filter(query).words if query else ""
    except choosing.NotChosen:
        return ""
