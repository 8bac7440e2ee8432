from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    # allauth's app is labelled "account"; ours keeps its own label.
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import signals  # noqa: F401  connects the receivers
