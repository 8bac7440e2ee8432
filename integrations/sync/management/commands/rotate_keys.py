"""Re-wraps the key of every connection's credentials with the newest of CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from integrations.sync.credentials import rewrap
from integrations.sync.models import ConnectionState


class Command(BaseCommand):
    help = "Wraps the credentials of all connections with the newest key; older keys may be removed afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        number = sum(_rotate(state) for state in ConnectionState.objects.exclude(credentials=None).iterator())
        self.stdout.write(f"{number} re-wrapped.")


def _rotate(state: ConnectionState) -> int:
    """Conditional on the version: a token stored meanwhile was wrapped with the newest key anyway."""
    assert state.credentials is not None
    unmoved = ConnectionState.objects.filter(pk=state.pk, credentials_version=state.credentials_version)
    return unmoved.update(credentials=rewrap(state.pk, bytes(state.credentials)))
