from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipedriveConfig(AppConfig):
    name = "integrations.pipedrive"
    label = "pipedrive"
    verbose_name = _("Pipedrive")

    def ready(self) -> None:
        from integrations.setup.enlist import enlist

        from .guide import GUIDE

        enlist(GUIDE, scope=("parent_field",), home="organization_id")
