"""The inspector: which calls a run made, how each was answered and what followed. Masked before they were kept."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.paging import newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.wire.decisions import Decision

from ..calls import kind_in_words
from ..models import ApiCall, Run
from ..registry import system_of
from ..search.calls import CallSearch
from ..store.api_calls import MOST_FAILED, MOST_FINE

STATES = {
    Decision.TAKEN: "ok",
    Decision.AGAIN: "run",
    Decision.RENEWED: "key",
    Decision.WAITS: "pause",
    Decision.PARKED: "quota",
    Decision.SIGN_IN: "key",
    Decision.REFUSED: "refused",
    Decision.GONE: "out",
    Decision.EXISTS: "updated",
    Decision.ASKED: "conflict",
    Decision.STOPPED: "bad",
}
"""Keys of accounts.vocabulary.STATES; the word is the decision's own."""


@dataclass(frozen=True, slots=True)
class CallLine:
    row: ApiCall
    kind: str
    state: str


@requires(Permission.SEE_RAW)
@require_GET
def run_calls(request: SignedInRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.select_related("connection"), pk=pk)
    search = CallSearch(request.GET)
    page = newest_first(
        search.matching(ApiCall.objects.filter(run_id=run.pk)),
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    context = {
        "run": run,
        "connection": run.connection,
        "system": system_of(run.connection.system).abilities.label,
        "search": search,
        "page": page,
        "lines": [_line(row) for row in page.rows],
        "most_fine": MOST_FINE,
        "most_failed": MOST_FAILED,
        "kept_days": settings.JOURNAL_DAYS,
    }
    return render(request, "sync/run_calls.html", context)


def _line(row: ApiCall) -> CallLine:
    return CallLine(row, kind_in_words(row.kind), STATES[Decision(row.decision)])
