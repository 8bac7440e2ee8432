"""One click beside the mapping: an admin lets this console add the field for our own key to the CRM, or add it again."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.wire.errors import WireError

from ..key_fields import keep, our_key
from ..models import Block
from ..registry import connector_for, system_of
from ..repair import of_refusal


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def make_key_field(request: SignedInRequest, slug: str, object_name: str) -> HttpResponse:
    block = get_object_or_404(Block.objects.select_related("connection"), connection__slug=slug, object=object_name)
    connection = block.connection
    if our_key(block, system_of(connection.system).abilities.of(object_name), None) is None:
        raise Http404
    if connection.is_archived:
        messages.error(request, _("%(name)s is archived: nothing is added there.") % {"name": connection.name})
        return redirect("sync:mapping", slug=slug, object_name=object_name)
    try:
        path = connector_for(connection, interactive=True).create_key_field(object_name)
    except WireError as refused:
        messages.error(request, of_refusal(connection, refused))
    else:
        keep(request, connection, {object_name: path})
        said = {"field": path, "name": connection.name}
        messages.success(request, _("%(field)s of %(name)s keeps our own ID from now on.") % said)
    return redirect("sync:mapping", slug=slug, object_name=object_name)
