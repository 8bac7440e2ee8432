"""Explain this customer: a name or an id in, and out comes where it stands, why, and what would change that."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hub.models import Contact, Customer
from integrations.sync.models import DataType

from .. import explanation
from ..models import Connection, RecordLink, Run
from .decisions import may_decide

MODELS = {"customers": Customer, "contacts": Contact}


@requires(Permission.SEE_LOG, to_change=Permission.RETRY)
@require_http_methods(["GET", "POST"])
def explain(request: SignedInRequest) -> HttpResponse:
    """POST asks the CRM itself, which costs a call; it writes nothing on either side."""
    asked = request.POST if request.method == "POST" else request.GET
    words = _typed(asked, "q")[:200]
    likely_id = words if any(letter.isdigit() for letter in words) else ""
    context = _found(asked, words) | {
        "q": words,
        "likely_id": likely_id,
        "checked": _checked(request) if request.method == "POST" else None,
    }
    if told := context.get("explanation"):
        context["may_decide"] = may_decide(request.user, told.object, told.hub_id)
    return render(request, "sync/explain.html", context)


def _found(asked: Any, words: str) -> dict[str, Any]:
    connections = Connection.objects.exclude(state__in=[Connection.State.DRAFT, Connection.State.ARCHIVED])
    offered = {"connections": connections, "objects": [(name, DataType(name).label) for name in MODELS]}
    if link := asked.get("link", ""):
        found = get_object_or_404(RecordLink.objects.select_related("connection"), pk=_number(link))
        return offered | {"explanation": explanation.of_link(found)}
    object_name, _dash, hub_id = asked.get("hub", "").partition("-")
    if object_name in MODELS:
        row = get_object_or_404(MODELS[object_name], pk=_number(hub_id))
        return offered | {"explanation": explanation.of_hub_row(object_name, row.pk)}
    return offered | _by_words(words)


def _by_words(words: str) -> dict[str, Any]:
    if not words:
        return {}
    found = explanation.candidates(words)
    runs = Run.objects.filter(pk=_number(words)).select_related("connection") if words.isdigit() else Run.objects.none()
    if len(found) != 1 or runs:
        return {"candidates": found, "runs": runs}
    kind, _equals, key = found[0].query.partition("=")
    return _found({kind: key}, "")


def _typed(asked: Any, name: str) -> str:
    # PostgreSQL refuses a text that holds a NUL; nobody's name or id does.
    return str(asked.get(name, "")).replace("\0", "").strip()


def _number(text: str) -> int:
    # 0 is nobody's id; neither is one that no database column holds.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _checked(request: SignedInRequest) -> explanation.Checked | None:
    connection = get_object_or_404(Connection, slug=request.POST.get("connection", ""))
    object_name, source_id = request.POST.get("object", ""), _typed(request.POST, "source_id")[:64]
    if object_name not in MODELS or not source_id:
        return None
    audit.record(request, "asked the CRM", connection, note=f"{object_name} {source_id}")
    return explanation.ask_crm(connection, object_name, source_id)
