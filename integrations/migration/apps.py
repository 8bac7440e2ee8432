from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MigrationConfig(AppConfig):
    name = "integrations.migration"
    label = "migration"
    verbose_name = _("Moves to HubSpot")

    def ready(self) -> None:
        from integrations.sync import paged_job, runs, sweeper

        from .census import ring_waiting
        from .keeping import page
        from .models import KeptJob
        from .portal import waits_for_stage_a

        sweeper.also.append(ring_waiting)
        runs.must_wait.append(waits_for_stage_a)
        paged_job.register(KeptJob, page)
