"""Carrying a configuration to another connection, and a whole connection to another owner."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.wire.errors import WireError

from ..configuration import Archived, ReadsScores, VersionMoved, WouldErase
from ..erasures import as_shown
from ..models import Connection
from ..moving import MoveRefused, hand_over, handover, replicate
from ..promotion import Promotion, PromotionRefused, planned, promote, targets_of
from ..registry import system_of
from .connections import page_of


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def promote_to(request: SignedInRequest, slug: str) -> HttpResponse:
    source = get_object_or_404(Connection, slug=slug)
    others = targets_of(source)
    asked = request.POST.get("to") or request.GET.get("to", "")
    target = next((one for one in others if one.slug == asked), None)
    context: dict[str, Any] = {"connection": source, "others": others, "target": target}
    if target is None:
        return render(request, "sync/promote.html", context)
    try:
        plan = planned(source, target)
        if request.method == "POST":
            return _promoted(request, source, target, plan)
    except WireError as error:
        return render(request, "sync/promote.html", context | {"trouble": error})
    except VersionMoved:
        said = _("Somebody saved another version meanwhile, so nothing was changed. This is what would change now.")
        return _compared_anew(request, target, said)
    except (Archived, PromotionRefused, ReadsScores, WouldErase) as refusal:
        return _compared_anew(request, target, str(refusal))
    return render(request, "sync/promote.html", context | {"plan": plan} | as_shown(plan.erasures))


def _compared_anew(request: SignedInRequest, target: Connection, said: str) -> HttpResponse:
    messages.error(request, said)
    return redirect(f"{request.path}?to={target.slug}")


def _seen(request: SignedInRequest) -> tuple[int, ...]:
    """The versions of source and target that the page compared."""
    typed = [request.POST.get(name, "") for name in ("source_version", "target_version")]
    return tuple(int(one) if one.isdecimal() and len(one) < 10 else -1 for one in typed)


def _promoted(request: SignedInRequest, source: Connection, target: Connection, plan: Promotion) -> HttpResponse:
    if _seen(request) != plan.expected:
        raise VersionMoved(None)
    made = promote(source, target, plan, request.user, read=request.POST.get("read", ""))
    if made is None:
        messages.info(request, _("%(name)s says the same already; nothing was changed.") % {"name": target.name})
    else:
        audit.record(request, audit.Verb.CHANGED, target, after={"changes": made.diff}, note=made.note)
        said = {"name": target.name, "number": made.number}
        messages.success(request, _("%(name)s has version %(number)d now. The next sync uses it.") % said)
    return redirect("sync:connection", slug=target.slug)


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: SignedInRequest, slug: str) -> HttpResponse:
    """First stop the syncs, then name the new connection, let its owner sign in, and hand over."""
    old = get_object_or_404(Connection, slug=slug)
    new = Connection.objects.filter(slug=request.POST.get("to") or request.GET.get("to", "")).first()
    if request.method == "POST":
        try:
            return _handed_over(request, old, new) if new else _replicated(request, old)
        except (MoveRefused, WouldErase) as refusal:
            messages.error(request, str(refusal))
    drafts = Connection.objects.filter(system=old.system, state=Connection.State.DRAFT).exclude(pk=old.pk)
    plan = handover(old, new) if new else None
    context = {
        "connection": old,
        "target": new,
        "drafts": drafts,
        "suggested": _("%(name)s, new owner") % {"name": old.name},
        "handover": plan,
        "sign_in_url": page_of(system_of(old.system), "wizard", new.slug, "connect") if new else "",
    }
    return render(request, "sync/move.html", context | as_shown(plan.erasures if plan else ()))


def _replicated(request: SignedInRequest, old: Connection) -> HttpResponse:
    name = " ".join(request.POST.get("name", "").split())[:80]
    if not name:
        raise MoveRefused(_("Give the new connection a name."))
    new = replicate(old, name, request.user)
    audit.record(request, audit.Verb.CREATED, new, note=_("Copied from %(name)s") % {"name": old.name})
    return redirect(f"{request.path}?to={new.slug}")


def _handed_over(request: SignedInRequest, old: Connection, new: Connection) -> HttpResponse:
    former = old.name
    number = old.links.count()
    moved = hand_over(old, new, request.user, read=request.POST.get("read", ""))
    audit.record(request, "moved to another owner", moved, note=_("from %(name)s") % {"name": former})
    said = {"n": number, "old": former, "new": moved.name, "user": moved.account}
    messages.success(request, _("%(n)d links moved from %(old)s to %(new)s, which signs in as %(user)s.") % said)
    return redirect("sync:connection", slug=moved.slug)
