from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SellsyConfig(AppConfig):
    name = "integrations.sellsy"
    label = "sellsy"
    verbose_name = _("Sellsy")

    def ready(self) -> None:
        from integrations.setup.enlist import enlist

        from .guide import GUIDE

        enlist(
            GUIDE,
            scope=("with_archived", "company_view", "contact_view", "without_colleagues", "own_domains"),
            home="account_key",
        )
