from django.apps import AppConfig
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class ZohoConfig(AppConfig):
    name = "integrations.zoho"
    label = "zoho"
    verbose_name = _("Zoho CRM")

    def ready(self) -> None:
        from integrations.setup.guide import register as register_guide
        from integrations.sync.connector import Registered
        from integrations.sync.registry import register

        from .connector import ZohoConnector
        from .guide import GUIDE

        pages = {"start": "zoho:start", "wizard": "zoho:wizard", "sign_in": "zoho:connect"}
        scope = ("account_types", "filter_field", "filter_values", "contact_view")
        register(Registered(ZohoConnector.abilities, ZohoConnector, pages, plain_words, scope, "organization_id"))
        register_guide(GUIDE)


def plain_words(code: str, _message: str) -> tuple[str, str] | None:
    from integrations.setup.trouble import OURS

    from .guide import GUIDE, trouble

    known = trouble(code) or OURS.get(code)
    return (GUIDE.say(_now(known.why)), GUIDE.say(_now(known.cure)) if known.cure else "") if known else None
