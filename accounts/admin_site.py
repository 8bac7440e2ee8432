"""Raw rows: Django's admin behind the console's own sign-in, for Admin to change and for Support to read."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission

# A row of a session holds its key, and an address belongs to its person: neither is anybody's to look at here.
HIDDEN = {"auth.group", "account.emailaddress", "account.emailconfirmation", "usersessions.usersession"}


class ConsoleAdminSite(admin.AdminSite):
    site_header = site_title = _("Raw rows")
    index_title = _("Tables")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        super().register([model for model in models if model._meta.label_lower not in HIDDEN], admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.may(Permission.SEE_RAW)

    def login(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", request.path))

    def password_change(self, *_args: Any, **_kwargs: Any) -> HttpResponse:  # type: ignore[override]
        return redirect("account_change_password")

    def logout(self, *_args: Any, **_kwargs: Any) -> HttpResponse:  # type: ignore[override]
        return redirect("account_logout")


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that nobody changes by hand, whatever the role."""

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False
