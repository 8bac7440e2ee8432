"""Re-keys, for Admins, to be read by all who see connections: say which IDs, look at every row, confirm, take back."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.paging import PAGE_SIZE, newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.engine.rekey import GIVES, REFUSED, Fate

from ..identity.rekey import choosing, file, working
from ..identity.rekey.carrying import carriers
from ..identity.rekey.form import ReKeyForm
from ..identity.rekey.looking import counted
from ..lines import spoken
from ..models import Connection, DataType, ReKey, ReKeyRow
from ..nouns import counted as in_words
from ..paged_job import Refused
from ..search.export import CHUNK, table_response
from ..search.forms import FilterForm, search_field
from .paged_jobs import acted
from .records import hub_url

State = ReKey.State
LAMPS = {
    State.LOOKING: "run", State.COMPARING: "run", State.READY: "pause", State.WORKING: "run", State.DONE: "ok",
    State.TAKING_BACK: "run", State.TAKEN_BACK: "out", State.CANCELLED: "pause",
}  # fmt: skip
"""Keys of accounts.vocabulary.STATES; the word is its own."""
ALL = "all"
LEFT = (ReKeyRow.Step.LEFT, ReKeyRow.Step.KEPT)
TABS: dict[str, tuple[Any, Q]] = {
    "gives": (gettext_lazy("Get another ID"), Q(fate__in=GIVES)),
    "refused": (gettext_lazy("Refused"), Q(fate__in=[*REFUSED, ReKeyRow.Fate.NOBODY])),
    "unknown": (gettext_lazy("No new ID known"), Q(fate=Fate.UNKNOWN)),
    "keep": (gettext_lazy("Keep their ID"), Q(fate=Fate.KEEP)),
    "left": (gettext_lazy("Left as they were"), Q(step__in=LEFT)),
}


class RowSearch(FilterForm):
    q = search_field(gettext_lazy("Name, old or new ID"))
    show = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    @property
    def tab(self) -> str:
        shown = str(self.asked.get("show", ""))
        return shown if shown in TABS else "gives"

    def matching(self, rows: QuerySet[ReKeyRow]) -> QuerySet[ReKeyRow]:
        rows = rows.filter(TABS[self.tab][1]).order_by("pk")
        words = self.asked.get("q", "")
        return rows.filter(Q(name__icontains=words) | Q(old_id=words) | Q(new_id=words)) if words else rows


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def rekeys(request: SignedInRequest) -> HttpResponse:
    form = ReKeyForm(request.POST, request.FILES) if request.method == "POST" else ReKeyForm(initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            job = _prepared(request, form)
        except choosing.NotChosen as why:
            form.add_error(why.field, str(why))
        except file.FileRefused as why:
            form.add_error("file", str(why))
        else:
            return redirect("sync:rekey", pk=job.pk)
    page = newest_first(ReKey.objects.all(), before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    names = dict(Connection.objects.values_list("pk", "name"))
    context = {
        "form": form,
        "page": page,
        "rows": [
            {"job": job, "lamp": _lamp(job), "what": _what(job, names), "number": _gives(job)} for job in page.rows
        ],
        "owners": [(DataType(one).label, _owners(one, names)) for one in choosing.OBJECTS],
    }
    return render(request, "sync/rekeys.html", context, status=422 if form.errors else 200)


def _prepared(request: SignedInRequest, form: ReKeyForm) -> ReKey:
    asked, sent = form.cleaned_data, form.cleaned_data.get("file")
    is_file = asked["source"] == ReKey.Source.FILE
    return choosing.prepare(
        asked["object"], asked["source"], request.user, connection=form.connection_of("connection"),
        field=asked["field"], lines=file.read(sent.read(file.LARGEST + 1)) if is_file and sent else (),
        file_name=str(sent.name) if is_file and sent else "", replaces=form.connection_of("replaces"),
    )  # fmt: skip


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def rekey(request: SignedInRequest, pk: int) -> HttpResponseBase:
    job = get_object_or_404(ReKey, pk=pk)
    if "csv" in request.GET:
        return _exported(job, RowSearch(request.GET))
    return _shown(request, job)


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def rekey_live(request: SignedInRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(ReKey, pk=pk)
    response = render(request, "sync/rekey_live.html", _progress(job))
    if not job.is_active and request.htmx:
        # What may be done next stands on the whole page.
        response["HX-Refresh"] = "true"
    return response


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(ReKey, pk=pk)
    try:
        working.confirm(job, request.user, request.POST.get("why", ""))
    except Refused as refusal:
        return _shown(request, job, error=str(refusal))
    return redirect("sync:rekey", pk=pk)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    return acted(request, ReKey, pk, working.take_back, page="sync:rekey")


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def stop(request: SignedInRequest, pk: int) -> HttpResponse:
    return acted(request, ReKey, pk, working.stop, page="sync:rekey")


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def go_on(request: SignedInRequest, pk: int) -> HttpResponse:
    return acted(request, ReKey, pk, working.go_on, page="sync:rekey")


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def drop(request: SignedInRequest, pk: int) -> HttpResponse:
    return acted(request, ReKey, pk, working.drop, page="sync:rekey")


def _shown(request: SignedInRequest, job: ReKey, *, error: str = "") -> HttpResponse:
    names = dict(Connection.objects.values_list("pk", "name"))
    search = RowSearch(request.GET)
    page = Paginator(search.matching(job.rows.all()), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **_progress(job),
        "what": _what(job, names),
        "search": search,
        "page": page,
        "rows": [_row(job, one, names) for one in page],
        "tabs": _tabs(job, search),
        "carriers": [] if job.state in {State.LOOKING, State.COMPARING} else carriers(job),
        "gives": _gives(job),
        "owner": names.get(job.connection_id or 0, _("nobody")),
        "error": error,
        "why": request.POST.get("why", ""),
        "longest": working.NOTE,
    }
    return render(request, "sync/rekey.html", context, status=422 if error else 200)


def _progress(job: ReKey) -> dict[str, Any]:
    counts = counted(job) if job.is_active else job.counts
    done = {
        State.LOOKING: sum(number for name, number in counts.items() if name not in {"rows", ReKeyRow.Fate.LINE}),
        State.WORKING: counts.get("done", 0) + counts.get("left", 0),
        State.TAKING_BACK: counts.get("back", 0) + counts.get("kept", 0),
    }.get(State(job.state), 0)
    total = counts.get("rows", 0) if job.state == State.LOOKING else sum(counts.get(one.value, 0) for one in GIVES)
    return {
        "job": job,
        "lamp": _lamp(job),
        "counts": counts,
        "done": done,
        "total": total,
        "left": _number(counts, LEFT),
    }


def _tabs(job: ReKey, search: RowSearch) -> list[dict[str, Any]]:
    counts = counted(job)
    groups: dict[str, Sequence[str]] = {
        "gives": [*GIVES], "refused": [*REFUSED, ReKeyRow.Fate.NOBODY], "unknown": [Fate.UNKNOWN], "keep": [Fate.KEEP],
        "left": LEFT,
    }  # fmt: skip
    return [
        {"url": f"?show={name}", "label": label, "count": _number(counts, groups[name]), "current": name == search.tab}
        for name, (label, _where) in TABS.items()
        if name != "left" or _number(counts, LEFT) or search.tab == "left"
    ]


def _number(counts: dict[str, int], names: Sequence[str]) -> int:
    return sum(counts.get(str(name), 0) for name in names)


def _row(job: ReKey, row: ReKeyRow, names: dict[int, str]) -> dict[str, Any]:
    return {
        "row": row,
        "url": hub_url(job.object, row.hub_id),
        "said": _said(row, names),
        "owner": names.get(row.old_owner or 0, ""),
        "other_url": hub_url(job.object, row.other) if row.fate == Fate.TAKEN else "",
        "state": row.get_step_display() if row.step else "",
    }


def _said(row: ReKeyRow, names: dict[int, str]) -> str:
    """Why, where something is in its way; else what becomes of it."""
    if row.why:
        return str(spoken(row.why, {}))
    match row.fate:
        case Fate.TWICE:
            return _(
                "Two IDs are named for it, or its new ID for another row too. Say which is right, then look again."
            )
        case Fate.TAKEN:
            return _(
                "Another row has this ID. Merge the two if they are one; if that one gets another ID, re-key once more."
            )
        case Fate.OWNED:
            said = _("Its ID is %(name)s’s, which was not to give way.")
            return said % {"name": names.get(row.other or 0, _("a connection that is no longer here"))}
        case Fate.UNFIT:
            return _("The new ID is longer than 120 characters.")
        case ReKeyRow.Fate.NOBODY:
            return _("Line %(n)s: no row here has this old ID.") % {"n": row.line}
        case Fate.UNKNOWN:
            return _("Nothing names a new ID for it. It stays as it is.")
    return str(row.get_fate_display())


def _exported(job: ReKey, search: RowSearch) -> HttpResponseBase:
    names = dict(Connection.objects.values_list("pk", "name"))
    head = [_("Hub ID"), _("Name"), _("Old ID"), _("Its owner"), _("New ID"), _("What becomes of it"), _("State")]

    def lines() -> Iterator[list[Any]]:
        for row in search.matching(job.rows.all()).iterator(chunk_size=CHUNK):
            yield [
                row.hub_id, row.name, row.old_id, names.get(row.old_owner or 0, ""), row.new_id, _said(row, names),
                row.get_step_display() if row.step else "",
            ]  # fmt: skip

    return table_response(head, lines(), f"re-key-{job.pk}.csv")


def _what(job: ReKey, names: dict[int, str]) -> str:
    said = {
        "what": DataType(job.object).label,
        "name": names.get(job.connection_id or 0, "–"),
        "file": job.file_name or "–",
    }
    match job.source:
        case ReKey.Source.LINKS:
            return _("%(what)s get the IDs that they have in %(name)s") % said
        case ReKey.Source.FIELD:
            return _("%(what)s get the IDs that stand in a field of your own") % said
    return _("%(what)s get the IDs of the file %(file)s") % said


def _owners(object_name: str, names: dict[int, str]) -> list[tuple[str, int]]:
    return [(names.get(owner or 0, _("typed or imported")), number) for owner, number in choosing.owners(object_name)]


def _gives(job: ReKey) -> str:
    number = _number(job.counts, [*GIVES])
    return in_words(job.object, number)


def _lamp(job: ReKey) -> str:
    return "bad" if job.trouble else LAMPS[State(job.state)]
