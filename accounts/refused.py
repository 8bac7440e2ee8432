"""Refused within a page: the role opens it, yet what it is about is not this person's to change."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Role


class NotTheirs(PermissionDenied):
    """`why` says whose it is; the page adds which roles may all the same, and who has them."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotByHand(PermissionDenied):
    """Nobody may, whatever the role; `why` says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    why = getattr(exception, "why", "")
    roles = [role for role in Role if role.edits_all_customers] if isinstance(exception, NotTheirs) else []
    if not why and "admin" in getattr(request.resolver_match, "app_names", ()):
        why, roles = _("Raw rows are read here; changing them takes another role."), [Role.ADMIN]
    holders = User.objects.filter(is_active=True, role__in=roles).order_by("name", "pk")[:5] if roles else []
    return render(request, "403.html", {"why": why, "roles": roles, "holders": holders}, status=403)
