"""The tokens of the API: made and revoked by admins, each shown once."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, toasts
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import tokens
from ..forms.token import TokenForm
from ..models import ApiToken

SHOWN = 200


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def api_tokens(request: SignedInRequest) -> HttpResponse:
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row, token = tokens.make(form.cleaned_data["name"], request.user.label)
        audit.record(request, audit.Verb.CREATED, row)
        # Shown in this very answer and kept nowhere: whoever loses it makes another one.
        return _page(request, TokenForm(), made=row, token=token)
    return _page(request, form, status=422 if form.errors else 200)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def token_revoke(request: SignedInRequest, token: int) -> HttpResponse:
    row = get_object_or_404(ApiToken, pk=token)
    if tokens.revoke(row, request.user.label):
        audit.record(request, "revoked", row)
        toasts.done(request, _("%(name)s is revoked: its next call is refused.") % {"name": row.name})
    return redirect("hub:api-tokens")


def _page(
    request: SignedInRequest, form: TokenForm, *, made: ApiToken | None = None, token: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "rows": ApiToken.objects.all()[:SHOWN],
        "made": made,
        "token": token,
        "address": settings.PUBLIC_URL + reverse("hub:api-scores"),
        "limit": tokens.CALLS_PER_MINUTE,
    }
    return render(request, "hub/api_tokens.html", context, status=status)
