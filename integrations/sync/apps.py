from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    name = "integrations.sync"
    label = "sync"
    verbose_name = _("Syncs")

    def ready(self) -> None:
        from integrations.hub import door, panels, revenue, sources

        from .biography import JournalDesk
        from .door import DoorKeeper
        from .hard_delete import working as hard_deletes
        from .identity.rekey import working as rekeys
        from .origin import sources_of_rows
        from .revenue import with_sources
        from .store import agreements, interactions  # noqa: F401  (hub tables register themselves)

        sources.register(sources_of_rows)
        panels.register(JournalDesk())
        door.register(DoorKeeper())
        hard_deletes.register()
        rekeys.register()
        revenue.register(with_sources)
