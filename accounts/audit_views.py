from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.forms import AuditSearch
from accounts.models import AuditEntry
from accounts.paging import newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest


@requires(Permission.SEE_PEOPLE)
@require_GET
def audit_trail(request: SignedInRequest) -> HttpResponse:
    search = AuditSearch(request.GET)
    page = newest_first(
        search.matching(AuditEntry.objects.all()),
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    return render(request, "accounts/audit.html", {"search": search, "page": page})
