"""Conflicts: fields that both sides changed and whose rule asks a person. One is shown with both values; the queue stands beside."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import audit, toasts
from accounts.paging import PAGE_SIZE, as_id
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.engine.records import Side
from integrations.hub.visibility import editable_contacts, editable_customers

from .. import choices
from ..collisions import collided
from ..decisions import start_sync
from ..disputes import Dispute, dispute_of
from ..models import Conflict, DataType, RecordLink
from ..search.forms import FilterForm, search_field
from ..search.names import field_labels
from .decisions import back, may_decide, not_yours


class ConflictSearch(FilterForm):
    q = search_field(gettext_lazy("Name or CRM ID"))
    connection = forms.ChoiceField(label=gettext_lazy("Connection"), required=False)
    object = forms.ChoiceField(label=gettext_lazy("Data type"), required=False)
    field = forms.ChoiceField(label=gettext_lazy("Field"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = choices.waiting().order_by().values_list("connection__slug", "connection__name", "object", "field")
        found, labels = list(rows.distinct()), field_labels()
        self.offer("connection", dict.fromkeys((row[0], row[1]) for row in found))
        self.offer("object", [(name, DataType(name).label) for name in sorted({row[2] for row in found})])
        fields = {row[3]: labels.get((row[2], row[3]), row[3]) for row in found}
        self.offer("field", sorted(fields.items(), key=lambda item: str(item[1])))

    def matching(self, rows: QuerySet[Conflict]) -> QuerySet[Conflict]:
        asked = self.asked
        if "connection" in asked:
            rows = rows.filter(connection__slug=asked["connection"])
        for name in ("object", "field"):
            if name in asked:
                rows = rows.filter(**{name: asked[name]})
        if "q" in asked:
            rows = rows.filter(name__icontains=asked["q"]) | rows.filter(source_id=asked["q"])
        return rows.order_by("opened_at", "pk")


@requires(Permission.SEE_RUNS)
@require_GET
def conflicts(request: SignedInRequest) -> HttpResponse:
    search = ConflictSearch(request.GET)
    rows = search.matching(choices.waiting().select_related("connection"))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = _shown(request, list(page.object_list))
    return render(
        request,
        "sync/conflicts.html",
        {
            "search": search,
            "page": page,
            "rows": [_listed(row) for row in page.object_list],
            "shown": shown,
            "may_choose": shown is not None and may_decide(request.user, shown.conflict.object, shown.conflict.hub_id),
            "tabs": tabs("conflicts"),
        },
    )


@requires(Permission.EDIT_HUB)
@require_POST
def choose(request: SignedInRequest) -> HttpResponse:
    """One side for one conflict, and on request for all others on the same field of the same connection."""
    conflict = Conflict.objects.select_related("connection").filter(pk=as_id(request.POST.get("conflict", ""))).first()
    side = request.POST.get("side", "")
    if conflict is None or side not in {one.value for one in Side}:
        messages.error(request, _("This conflict is settled already, or no side was chosen. Nothing was changed."))
        return redirect("sync:conflicts")
    _require(request, conflict)
    rows = choices.waiting().filter(pk=conflict.pk)
    if request.POST.get("alike"):
        rows = choices.waiting().filter(pk__in=[conflict.pk, *_mine(request, choices.alike(conflict))])
    decided = choices.choose(rows, Side(side), by=request.user.label)
    audit.record(request, "chose a side", conflict.connection, note=f"{side}: {_note(decided)}")
    link = _link_of(conflict)
    follows = start_sync(link, by=request.user.label) if link and decided else ""
    toasts.done(request, f"{_said(conflict, side, len(decided))} {follows}", _undo_url(decided))
    return redirect(back(request, reverse("sync:conflicts")))


@requires(Permission.EDIT_HUB)
@require_POST
def unchoose(request: SignedInRequest) -> HttpResponse:
    undone = choices.unchoose(_to_undo(request))
    if not undone:
        messages.error(request, _("A run has followed the choice already. Choose again when it asks."))
        return redirect("sync:conflicts")
    audit.record(request, "took a choice back", "conflicts", note=_note(undone))
    said = ngettext("%(n)s conflict is open again.", "%(n)s conflicts are open again.", len(undone))
    toasts.done(request, said % {"n": len(undone)})
    return redirect("sync:conflicts")


FIT_AN_ADDRESS = 200


def _undo_url(decided: list[int]) -> str:
    """By ids; of more than fit an address, by the moment that one person's word about many has in common."""
    if not decided:
        return ""
    named: dict[str, Any] = {"conflict": decided}
    if len(decided) > FIT_AN_ADDRESS:
        at = Conflict.objects.filter(pk__in=decided[:1]).values_list("decided_at", flat=True).first()
        named = {"at": at.isoformat() if at else ""}
    return f"{reverse('sync:unchoose')}?{urlencode(named, doseq=True)}"


def _to_undo(request: SignedInRequest) -> QuerySet[Conflict]:
    decided = Conflict.objects.exclude(side="")
    if at := parse_datetime(request.GET.get("at", "")):
        mine = decided.filter(decided_at=at, decided_by=request.user.label[:160])
        return mine.filter(pk__in=_mine(request, mine))
    pks = [pk for text in request.GET.getlist("conflict") if (pk := as_id(text))]
    rows = decided.filter(pk__in=pks)
    for conflict in rows.select_related("connection"):
        _require(request, conflict)
    return rows


def _require(request: SignedInRequest, conflict: Conflict) -> None:
    if not may_decide(request.user, conflict.object, conflict.hub_id):
        raise not_yours(request.user, conflict.object, conflict.hub_id)


def _mine(request: SignedInRequest, rows: QuerySet[Conflict]) -> list[int]:
    """All alike that this person may decide."""
    if not request.user.role_of.edits_all_customers:
        mine = {"customers": editable_customers, "contacts": editable_contacts}
        found = [rows.filter(object=name, hub_id__in=of(request.user).values("pk")) for name, of in mine.items()]
        return [pk for some in found for pk in some.values_list("pk", flat=True)]
    return list(rows.values_list("pk", flat=True))


def _shown(request: SignedInRequest, rows: list[Conflict]) -> Dispute | None:
    asked = as_id(request.GET.get("show", ""))
    conflict = next((row for row in rows if row.pk == asked), None)
    if conflict is None and asked:
        conflict = Conflict.objects.select_related("connection").filter(pk=asked).first()
    conflict = conflict or next(iter(rows), None)
    if conflict is None:
        return None
    return dispute_of(conflict, len(_mine(request, choices.alike(conflict))))


def _listed(row: Conflict) -> dict[str, Any]:
    return {"conflict": row, "label": row.reason_params.get("label", row.field)}


def _link_of(conflict: Conflict) -> RecordLink | None:
    links = RecordLink.objects.select_related("connection").filter(connection=conflict.connection_id)
    return links.filter(object=conflict.object, source_id=conflict.source_id).first()


def _said(conflict: Conflict, side: str, number: int) -> str:
    if not number:
        return _("Somebody decided it already. Nothing was changed.")
    if number > 1:
        return _("%(n)s conflicts keep the value of %(side)s.") % {
            "n": number,
            "side": conflict.connection.name if side == Side.CRM else _("the hub"),
        }
    name = conflict.name or conflict.source_id
    if side == Side.CRM:
        return _("%(name)s takes the value of %(system)s.") % {"name": name, "system": conflict.connection.name}
    return _("%(name)s keeps the hub’s value; %(system)s gets it.") % {"name": name, "system": conflict.connection.name}


def _note(pks: list[int]) -> str:
    return f"conflicts {', '.join(map(str, pks[:20]))}" + (f" and {len(pks) - 20} more" if len(pks) > 20 else "")


def tabs(current: str) -> list[dict[str, Any]]:
    counted = {"conflicts": choices.waiting().count(), "collisions": collided().count()}
    named = {"conflicts": _("Conflicts"), "collisions": _("Collisions")}
    return [
        {"url": reverse(f"sync:{name}"), "label": label, "count": counted[name], "current": name == current}
        for name, label in named.items()
    ]
