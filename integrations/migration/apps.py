from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MigrationConfig(AppConfig):
    name = "integrations.migration"
    label = "migration"
    verbose_name = _("Moves to HubSpot")

    def ready(self) -> None:
        from integrations.sync import paged_job

        from .keeping import page
        from .models import KeptJob

        paged_job.register(KeptJob, page)
