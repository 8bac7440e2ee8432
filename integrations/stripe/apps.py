from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StripeConfig(AppConfig):
    name = "integrations.stripe"
    label = "stripe"
    verbose_name = _("Stripe")

    def ready(self) -> None:
        from integrations.setup.enlist import enlist

        from .guide import GUIDE

        enlist(GUIDE, scope=(), home="account_key")
