from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MigrationConfig(AppConfig):
    name = "integrations.migration"
    label = "migration"
    verbose_name = _("Moves to HubSpot")

    def ready(self) -> None:
        from integrations.sync import paged_job, sweeper

        from .census import ring_waiting
        from .keeping import page
        from .models import KeptJob

        sweeper.also.append(ring_waiting)
        paged_job.register(KeptJob, page)
