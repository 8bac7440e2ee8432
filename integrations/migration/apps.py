from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MigrationConfig(AppConfig):
    name = "integrations.migration"
    label = "migration"
    verbose_name = _("Moves to HubSpot")

    def ready(self) -> None:
        from integrations.setup.cautions import cautions
        from integrations.setup.onward import onward
        from integrations.sync import moving, paged_job, runs, sweeper

        from .arriving import back_to_move
        from .census import ring_waiting
        from .keeping import page
        from .models import KeptJob
        from .portal import old_is_still_there, stays_in_its_move, waits_for_stage_a

        sweeper.also.append(ring_waiting)
        runs.must_wait.append(waits_for_stage_a)
        moving.must_stay.append(stays_in_its_move)
        cautions.append(old_is_still_there)
        onward.append(back_to_move)
        paged_job.register(KeptJob, page)
