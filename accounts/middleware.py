"""Deny by default: the one place where every page's mark is compared with the person who asks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from accounts import sessions
from accounts.models import User
from accounts.permissions import Permission, mark_of
from accounts.requests import ConsoleRequest

SESSION_LIMIT = timedelta(days=7)
READING = {"GET", "HEAD", "OPTIONS", "TRACE"}

# allauth brings more pages than are offered here: addresses, for one, belong to the admins.
SIGN_IN_PAGES = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "usersessions_list",
}


class SignInRequired:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if sessions.is_too_old(request.session, SESSION_LIMIT):
                logout(request)
                messages.info(request, _("You were signed out because 7 days have passed. Nothing was lost."))
            elif not (request.htmx and request.method in READING):
                # A status page that polls is not a person at work: left open, it must not keep the session alive.
                sessions.note_activity(request)
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    def process_view(self, request: ConsoleRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        if view.__module__.startswith("allauth."):
            if match is None or match.url_name not in SIGN_IN_PAGES:
                raise Http404
            return None
        if mark_of(view, "is_public"):
            return None
        if not request.user.is_authenticated:
            return _to_the_door(request)
        needed = _needed(request, view)
        if needed is None or not request.user.may(needed):
            return refuse(request, needed)
        return None


def refuse(request: HttpRequest, needed: Permission | None) -> HttpResponse:
    """Say which role is needed and who has it; a page without a mark is nobody's."""
    holders = User.objects.filter(is_active=True, role__in=needed.roles if needed else [])[:5]
    return render(request, "403.html", {"needed": needed, "holders": holders}, status=403)


def _to_the_door(request: ConsoleRequest) -> HttpResponse:
    if request.htmx:
        # A fragment must not receive a whole sign-in page: the browser goes there, and comes back to its page.
        return HttpResponseClientRedirect(redirect_to_login(request.htmx.current_url_abs_path or "/").url)
    return redirect_to_login(request.get_full_path())


def _needed(request: HttpRequest, view: Callable[..., Any]) -> Permission | None:
    if request.resolver_match and "admin" in request.resolver_match.app_names:
        return Permission.SEE_RAW
    name = "required_permission" if request.method in READING else "permission_to_change"
    mark: Permission | None = mark_of(view, name)
    return mark
