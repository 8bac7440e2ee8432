from django.apps import AppConfig
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class HubSpotConfig(AppConfig):
    name = "integrations.hubspot"
    label = "hubspot"
    verbose_name = _("HubSpot")

    def ready(self) -> None:
        from integrations.setup.guide import register as register_guide
        from integrations.sync.connector import Registered
        from integrations.sync.registry import register

        from .connector import HubSpotConnector
        from .guide import GUIDE

        pages = {"start": "hubspot:start", "wizard": "hubspot:wizard", "sign_in": "hubspot:connect"}
        scope = ("stages", "filter_field", "filter_operator", "filter_values")
        register(Registered(HubSpotConnector.abilities, HubSpotConnector, pages, plain_words, scope, "portal_id"))
        register_guide(GUIDE)


def plain_words(code: str, _message: str) -> tuple[str, str] | None:
    from integrations.setup.trouble import OURS

    from .guide import GUIDE, trouble

    known = trouble(code) or OURS.get(code)
    return (GUIDE.say(_now(known.why)), GUIDE.say(_now(known.cure)) if known.cure else "") if known else None
