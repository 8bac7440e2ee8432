"""Posted from records, customers and the explanation: a person's word about one record, or about one change."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit, toasts
from accounts.models import User
from accounts.paging import as_id
from accounts.permissions import Permission, requires
from accounts.refused import NotTheirs
from accounts.requests import SignedInRequest
from integrations.hub.models import Agreement, Contact
from integrations.hub.visibility import (
    editable_agreements,
    editable_contacts,
    editable_customers,
    not_theirs,
    visible_customers,
)

from .. import decisions, taking_back
from ..decisions import DecisionRefused
from ..models import Change, RecordLink

Act = Callable[[SignedInRequest, RecordLink, str], str]


def may_decide(user: User, object_name: str, hub_id: int | None) -> bool:
    """What belongs to nobody yet is decided by those who work on all customers."""
    if not user.may(Permission.EDIT_HUB):
        return False
    if user.role_of.edits_all_customers:
        return True
    if not hub_id:
        return False
    if object_name == "customers":
        return editable_customers(user).filter(pk=hub_id).exists()
    if object_name == "agreements":
        return editable_agreements(user).filter(pk=hub_id).exists()
    return object_name == "contacts" and editable_contacts(user).filter(pk=hub_id).exists()


OF_CUSTOMER = {"customers": "pk", "contacts": "contacts", "agreements": "agreements"}


def not_yours(user: User, object_name: str, hub_id: int | None) -> NotTheirs:
    """Names the customer only to those who may see it."""
    if not hub_id:
        return NotTheirs(_("What belongs to no row here yet is decided by those who work on all customers."))
    if object_name not in OF_CUSTOMER:
        return not_theirs()
    seen = visible_customers(user).select_related("csm")
    return not_theirs(seen.filter(**{OF_CUSTOMER[object_name]: hub_id}).first())


@requires(Permission.EDIT_HUB)
@require_POST
def decide(request: SignedInRequest, link: int, verb: str) -> HttpResponse:
    if verb not in ACTS:
        raise Http404
    row = get_object_or_404(RecordLink.objects.select_related("connection"), pk=link)
    if not may_decide(request.user, row.object, row.hub_id):
        raise not_yours(request.user, row.object, row.hub_id)
    by = request.user.label
    try:
        said = _act(request, row, verb)
    except DecisionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(back(request, _page_of(row)))
    audit.record(request, AUDITED[verb], row.connection, note=f"{row.object} {row.source_id}")
    if verb not in {"pause", "exclude"}:
        said = f"{said} {decisions.start_sync(row, by=by)}"
    toasts.done(request, said, _undo_url(row, verb))
    return redirect(back(request, _page_of(row)))


def _act(request: SignedInRequest, row: RecordLink, verb: str) -> str:
    if row.connection.is_archived:
        raise DecisionRefused(_("This connection is archived: nothing asks for its records any more."))
    return ACTS[verb](request, row, request.user.label)


@requires(Permission.EDIT_HUB)
@require_POST
def take_back(request: SignedInRequest, change: int) -> HttpResponse:
    row = get_object_or_404(Change, pk=change)
    return _about_change(request, row, lambda: _taken_back(row, request.user.label), "took a change back")


@requires(Permission.EDIT_HUB)
@require_POST
def make_win(request: SignedInRequest, change: int) -> HttpResponse:
    row, field = get_object_or_404(Change, pk=change), request.POST.get("field", "")

    def act() -> str:
        taking_back.make_win(row, field, by=request.user.label)
        return _("The other value stands again. It goes where the field’s line says, with the next sync.")

    return _about_change(request, row, act, "let a value win")


def _about_change(request: SignedInRequest, row: Change, act: Callable[[], str], verb: str) -> HttpResponse:
    if not may_decide(request.user, row.object, row.hub_id):
        raise not_yours(request.user, row.object, row.hub_id)
    try:
        said = act()
    except DecisionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        audit.record(request, verb, f"{row.object} {row.hub_id or row.source_id}", note=f"change {row.pk}")
        toasts.done(request, said)
    return redirect(back(request, _home(row.object, row.hub_id)))


def _taken_back(row: Change, by: str) -> str:
    left = taking_back.take_back(row, by=by)
    return _("Taken back. %(left)s") % {"left": left} if left else _("Taken back.")


def back(request: SignedInRequest, otherwise: str) -> str:
    asked = request.POST.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else otherwise


def _page_of(row: RecordLink) -> str:
    return f"{reverse('sync:explain')}?link={row.pk}"


def _home(object_name: str, hub_id: int | None) -> str:
    pages = {"customers": "hub:customer", "contacts": "hub:contact", "agreements": "hub:agreement"}
    kept = {"contacts": Contact, "agreements": Agreement}.get(object_name)
    exists = kept is None or kept._default_manager.filter(pk=hub_id or 0).exists()
    if object_name in pages and hub_id and exists:
        return reverse(pages[object_name], args=[hub_id])
    return reverse("hub:customers")


def _undo_url(row: RecordLink, verb: str) -> str:
    if verb in OPPOSITES:
        return reverse("sync:decide", args=[row.pk, OPPOSITES[verb]])
    mine = Change.objects.filter(connection_id=row.connection_id, object=row.object, source_id=row.source_id)
    latest = mine.order_by("-pk").first()
    return reverse("sync:take-back", args=[latest.pk]) if latest and taking_back.is_takeable(latest) else ""


def _link(request: SignedInRequest, row: RecordLink, by: str) -> str:
    hub_id = as_id(request.POST.get("row", ""))
    if not hub_id:
        raise DecisionRefused(_("Choose a row first. Nothing was linked."))
    if not may_decide(request.user, row.object, hub_id):
        raise not_yours(request.user, row.object, hub_id)
    decisions.link_to_row(row.pk, hub_id, by=by, instead=bool(request.POST.get("instead")))
    return _("%(name)s is linked.") % {"name": _name(row)}


def _part(_request: SignedInRequest, row: RecordLink, by: str) -> str:
    decisions.part(row.pk, by=by)
    return _("%(name)s is parted from its row; the row stays as it is.") % {"name": _name(row)}


def _exclude(_request: SignedInRequest, row: RecordLink, by: str) -> str:
    decisions.exclude([row.pk], by=by)
    return _("%(name)s is excluded: no sync writes anything for it.") % {"name": _name(row)}


def _take_in(_request: SignedInRequest, row: RecordLink, by: str) -> str:
    decisions.take_in([row.pk], by=by)
    return _("%(name)s is taken in again.") % {"name": _name(row)}


def _new(_request: SignedInRequest, row: RecordLink, by: str) -> str:
    decisions.make_new([row.pk], by=by)
    return _("%(name)s gets a row of its own.") % {"name": _name(row)}


def _pause(_request: SignedInRequest, row: RecordLink, _by: str) -> str:
    decisions.pause([row.pk])
    return _("%(name)s is paused: nothing is written on either side.") % {"name": _name(row)}


def _resume(_request: SignedInRequest, row: RecordLink, _by: str) -> str:
    decisions.resume([row.pk])
    return _("%(name)s goes on.") % {"name": _name(row)}


def _thaw(request: SignedInRequest, row: RecordLink, _by: str) -> str:
    decisions.thaw(row.pk, request.POST.get("field", ""))
    return _("The field of %(name)s is written again.") % {"name": _name(row)}


def _name(row: RecordLink) -> str:
    return row.name or row.source_id


ACTS: dict[str, Act] = {
    "link": _link,
    "part": _part,
    "exclude": _exclude,
    "take-in": _take_in,
    "new": _new,
    "pause": _pause,
    "resume": _resume,
    "thaw": _thaw,
}
OPPOSITES = {"pause": "resume", "resume": "pause"}
AUDITED = {
    "link": "linked a record",
    "part": "parted a record",
    "exclude": "excluded a record",
    "take-in": "took a record in",
    "new": "made a record new",
    "pause": "paused a record",
    "resume": "resumed a record",
    "thaw": "thawed a field",
}
