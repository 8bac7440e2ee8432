"""Re-wraps the key of every connection's credentials with the newest of CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.sync.credentials import rewrap
from integrations.sync.models import ConnectionState
from integrations.wire.errors import NeedsSignIn


class Command(BaseCommand):
    help = "Wraps the credentials of all connections with the newest key; older keys may be removed afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        number, unreadable = 0, []
        for state in ConnectionState.objects.exclude(credentials=None).select_related("connection").iterator():
            try:
                number += _rotate(state)
            except NeedsSignIn:
                unreadable.append(state.connection.name)
        self.stdout.write(f"{number} re-wrapped.")
        if unreadable:
            raise CommandError(f"These open with none of the keys and need a new sign-in: {', '.join(unreadable)}.")


def _rotate(state: ConnectionState) -> int:
    """Conditional on the version: a token stored meanwhile was wrapped with the newest key anyway."""
    assert state.credentials is not None
    unmoved = ConnectionState.objects.filter(pk=state.pk, credentials_version=state.credentials_version)
    return unmoved.update(credentials=rewrap(state.pk, bytes(state.credentials)))
