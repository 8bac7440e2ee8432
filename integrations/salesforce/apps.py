from django.apps import AppConfig
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class SalesforceConfig(AppConfig):
    name = "integrations.salesforce"
    label = "salesforce"
    verbose_name = _("Salesforce")

    def ready(self) -> None:
        from integrations.setup.guide import register as register_guide
        from integrations.sync.connector import Registered
        from integrations.sync.registry import register

        from .connector import SalesforceConnector
        from .guide import GUIDE

        pages = {"start": "salesforce:start", "wizard": "salesforce:wizard", "sign_in": "salesforce:connect"}
        scope = ("account_view", "contact_view")
        register(
            Registered(SalesforceConnector.abilities, SalesforceConnector, pages, plain_words, scope, "organization_id")
        )
        register_guide(GUIDE)


def plain_words(code: str, _message: str) -> tuple[str, str] | None:
    from integrations.setup.trouble import OURS

    from .guide import GUIDE, trouble

    known = trouble(code) or OURS.get(code)
    return (GUIDE.say(_now(known.why)), GUIDE.say(_now(known.cure)) if known.cure else "") if known else None
