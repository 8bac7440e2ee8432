from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesforceConfig(AppConfig):
    name = "integrations.salesforce"
    label = "salesforce"
    verbose_name = _("Salesforce")

    def ready(self) -> None:
        from integrations.setup.enlist import enlist

        from .guide import GUIDE

        enlist(GUIDE, scope=("account_view", "contact_view"), home="organization_id")
