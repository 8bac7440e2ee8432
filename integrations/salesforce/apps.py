from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesforceConfig(AppConfig):
    name = "integrations.salesforce"
    label = "salesforce"
    verbose_name = _("Salesforce")
