from django.apps import AppConfig
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class PipedriveConfig(AppConfig):
    name = "integrations.pipedrive"
    label = "pipedrive"
    verbose_name = _("Pipedrive")

    def ready(self) -> None:
        from integrations.setup.guide import register as register_guide
        from integrations.sync.connector import Registered
        from integrations.sync.registry import register

        from .connector import PipedriveConnector
        from .guide import GUIDE

        pages = {"start": "pipedrive:start", "wizard": "pipedrive:wizard", "sign_in": "pipedrive:connect"}
        register(
            Registered(
                PipedriveConnector.abilities,
                PipedriveConnector,
                pages,
                plain_words,
                ("parent_field",),
                "organization_id",
            )
        )
        register_guide(GUIDE)


def plain_words(code: str, _message: str) -> tuple[str, str] | None:
    from integrations.setup.trouble import OURS

    from .guide import GUIDE, trouble

    known = trouble(code) or OURS.get(code)
    return (GUIDE.say(_now(known.why)), GUIDE.say(_now(known.cure)) if known.cure else "") if known else None
