"""What was made here before its data type went out: how many, where to look at them, and an admin's word that creates them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hub.fields import INTERACTION_TYPES
from integrations.hub.models import Interaction
from integrations.hub.search import NOBODY

from ..models import Block
from ..never_sent import NeverSent, create_there, never_sent
from ..nouns import counted
from ..registry import system_of


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest, slug: str, object_name: str) -> HttpResponse:
    """GET shows how many; POST creates them, unless they are not as many any more as were shown."""
    block = get_object_or_404(Block.objects.select_related("connection"), connection__slug=slug, object=object_name)
    found = never_sent(block)
    number = found.number if found else 0
    if found is None or not number:
        messages.info(request, _("Nothing is left to create: whatever was made here has its record, or is on its way."))
        return redirect("sync:mapping", slug=slug, object_name=object_name)
    shown = request.POST.get("number", "")
    if request.method != "POST" or shown != str(number):
        return render(request, "sync/create_there.html", _page(found, number, came_between=bool(shown)))
    _order(request, found)
    return redirect("sync:mapping", slug=slug, object_name=object_name)


def _order(request: SignedInRequest, found: NeverSent) -> None:
    number = create_there(found)
    things = counted(found.object, number)
    audit.record(request, "had rows created in the CRM", found.connection, note=things)
    said = {"things": things, "name": found.connection.name}
    messages.success(request, _("%(things)s: the next sync creates them in %(name)s. A preview shows each.") % said)


def _page(found: NeverSent, number: int, *, came_between: bool) -> dict[str, Any]:
    return {
        "connection": found.connection,
        "object": found.object,
        "system": system_of(found.connection.system).abilities.label,
        "number": number,
        "things": counted(found.object, number),
        "list_url": list_of(found.object),
        "came_between": came_between,
    }


def list_of(object_name: str) -> str:
    """Where such rows stand in the hub; others that wait for a record may stand among them."""
    if object_name in INTERACTION_TYPES:
        asked = {"type": INTERACTION_TYPES[object_name], "origin": Interaction.Origin.HAND.value}
        return f"{reverse('hub:interactions')}?{urlencode(asked)}"
    return f"{reverse(f'hub:{object_name}')}?{urlencode({'source': NOBODY})}"
