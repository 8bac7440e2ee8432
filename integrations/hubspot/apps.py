from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HubSpotConfig(AppConfig):
    name = "integrations.hubspot"
    label = "hubspot"
    verbose_name = _("HubSpot")

    def ready(self) -> None:
        from integrations.setup.enlist import enlist

        from .guide import GUIDE

        enlist(GUIDE, scope=("stages", "filter_field", "filter_operator", "filter_values"), home="portal_id")
