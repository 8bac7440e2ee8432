from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MigrationConfig(AppConfig):
    name = "integrations.migration"
    label = "migration"
    verbose_name = _("Moves to HubSpot")

    def ready(self) -> None:
        from integrations.setup.cautions import cautions
        from integrations.sync import moving, paged_job, runs, sweeper

        from .census import ring_waiting
        from .keeping import page
        from .models import KeptJob
        from .portal import old_is_still_there, stays_in_its_move, waits_for_stage_a

        sweeper.also.append(ring_waiting)
        runs.must_wait.append(waits_for_stage_a)
        moving.must_stay.append(stays_in_its_move)
        cautions.append(old_is_still_there)
        paged_job.register(KeptJob, page)
