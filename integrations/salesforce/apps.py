from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesforceConfig(AppConfig):
    name = "integrations.salesforce"
    label = "salesforce"
    verbose_name = _("Salesforce")

    def ready(self) -> None:
        from integrations.sync.connector import Registered
        from integrations.sync.registry import register

        from .connector import SalesforceConnector

        pages = {"start": "salesforce:start", "wizard": "salesforce:wizard", "sign_in": "salesforce:connect"}
        register(Registered(SalesforceConnector.abilities, SalesforceConnector, pages))
