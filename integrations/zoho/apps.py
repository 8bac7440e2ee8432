from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ZohoConfig(AppConfig):
    name = "integrations.zoho"
    label = "zoho"
    verbose_name = _("Zoho CRM")

    def ready(self) -> None:
        from integrations.setup.enlist import enlist

        from .guide import GUIDE

        enlist(GUIDE, scope=("account_types", "filter_field", "filter_values", "contact_view"), home="organization_id")
