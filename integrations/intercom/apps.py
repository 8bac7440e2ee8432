from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntercomConfig(AppConfig):
    name = "integrations.intercom"
    label = "intercom"
    verbose_name = _("Intercom")

    def ready(self) -> None:
        from integrations.setup.enlist import enlist

        from .guide import GUIDE

        enlist(GUIDE, scope=(), home="workspace_id")
