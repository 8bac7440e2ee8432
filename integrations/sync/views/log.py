"""The sync log: every decision about every record, newest first, never counted; one row at a time unfolds."""

from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.paging import newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..lines import lines_of
from ..models import Change
from ..models.journal import Action
from ..search.export import csv_response
from ..search.journal import LogSearch

SAVED = (
    (gettext_lazy("All"), ""),
    (gettext_lazy("Created"), Action.CREATE.value),
    (gettext_lazy("Updated"), Action.UPDATE.value),
    (gettext_lazy("Sent"), "sent"),
    (gettext_lazy("Refused"), Action.REFUSE.value),
    (gettext_lazy("Collisions"), Action.COLLISION.value),
    (gettext_lazy("Churned"), Action.CHURN.value),
    (gettext_lazy("Excluded"), Action.EXCLUDE.value),
    (gettext_lazy("Erasures"), "erases"),
)


@requires(Permission.SEE_LOG)
@require_GET
def log(request: SignedInRequest) -> HttpResponseBase:
    search = LogSearch(request.GET)
    matching = search.matching(Change.objects.all())
    if "csv" in request.GET:
        return csv_response(matching.order_by("-pk"), "sync-log.csv")
    page = newest_first(matching, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    return render(
        request,
        "sync/log.html",
        {
            "search": search,
            "page": page,
            "lines": lines_of(page.rows, search.labels),
            "opened": request.GET.get("open", ""),
            "tabs": _tabs(search),
            "chips": _chips(search),
            "kept_days": settings.JOURNAL_DAYS,
        },
    )


def _tabs(search: LogSearch) -> list[dict[str, Any]]:
    """Saved filters keep what else is asked; they carry no counts, since counting would walk the journal."""
    kept = {name: value for name, value in search.asked.items() if name != "outcome"}
    shown = search.asked.get("outcome", "")
    return [
        {
            "url": f"?{urlencode({**kept, **({'outcome': outcome} if outcome else {})})}",
            "label": label,
            "current": outcome == shown,
        }
        for label, outcome in SAVED
    ]


def _chips(search: LogSearch) -> list[dict[str, Any]]:
    asked = search.asked
    return [
        {"label": _said(search, name, value), "url": f"?{urlencode({k: v for k, v in asked.items() if k != name})}"}
        for name, value in asked.items()
    ]


def _said(search: LogSearch, name: str, value: Any) -> str:
    field = search.fields[name]
    choices = dict(getattr(field, "choices", ()))
    return _("%(what)s: %(value)s") % {"what": field.label, "value": choices.get(value, value)}
