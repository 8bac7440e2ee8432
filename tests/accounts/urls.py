"""The addresses of this part alone, and a few pages that stand for those of others."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.permissions import Permission, public, requires


@public
def open_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nobody should read this")


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
def connection(request: HttpRequest) -> HttpResponse:
    return HttpResponse("connection")


@requires(Permission.ENTER)
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault with a secret inside")


@requires(Permission.ENTER)
def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [
    path("", requires(Permission.ENTER)(lambda request: HttpResponse("home"))),
    path("people/", include("accounts.urls")),
    path("sign-in/", include("allauth.urls")),
    path("raw/", admin.site.urls),
    path("open/", open_page),
    path("unmarked/", unmarked),
    path("connection/", connection),
    path("broken/", broken),
    path("refused/", refused),
]
