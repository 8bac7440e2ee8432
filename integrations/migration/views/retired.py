"""The configuration of a connection that was retired, as the file that was kept then."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..models import Move


@requires(Permission.EDIT_INTEGRATIONS)
@require_GET
def retired_file(_request: SignedInRequest, pk: int) -> HttpResponse:
    move = get_object_or_404(Move.objects.select_related("old"), pk=pk)
    if not move.retired_file:
        raise Http404
    answer = HttpResponse(move.retired_file, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{move.old.slug}-retired.yaml"'
    return answer
