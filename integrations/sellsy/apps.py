from django.apps import AppConfig
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class SellsyConfig(AppConfig):
    name = "integrations.sellsy"
    label = "sellsy"
    verbose_name = _("Sellsy")

    def ready(self) -> None:
        from integrations.setup.guide import register as register_guide
        from integrations.sync.connector import Registered
        from integrations.sync.registry import register

        from .connector import SellsyConnector
        from .guide import GUIDE

        pages = {"start": "sellsy:start", "wizard": "sellsy:wizard", "sign_in": "sellsy:connect"}
        scope = ("with_archived", "company_view", "contact_view", "without_colleagues", "own_domains")
        register(Registered(SellsyConnector.abilities, SellsyConnector, pages, plain_words, scope, "account_key"))
        register_guide(GUIDE)


def plain_words(code: str, _message: str) -> tuple[str, str] | None:
    from integrations.setup.trouble import OURS

    from .guide import GUIDE, trouble

    known = trouble(code) or OURS.get(code)
    return (GUIDE.say(_now(known.why)), GUIDE.say(_now(known.cure)) if known.cure else "") if known else None
