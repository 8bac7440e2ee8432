"""Re-wraps the key of every connection's credentials, and of the alert channels' addresses, with the newest of CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.sync.alerts.channels import owner_of
from integrations.sync.credentials import rewrap
from integrations.sync.models import AlertChannel, ConnectionState
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
        for channel in AlertChannel.objects.iterator():
            try:
                number += _rotate_channel(channel)
            except NeedsSignIn:
                unreadable.append(channel.name)
        self.stdout.write(f"{number} re-wrapped.")
        if unreadable:
            raise CommandError(f"These open with none of the keys and need a new sign-in: {', '.join(unreadable)}.")


def _rotate(state: ConnectionState) -> int:
    """Conditional on the version: a token stored meanwhile was wrapped with the newest key anyway."""
    assert state.credentials is not None
    unmoved = ConnectionState.objects.filter(pk=state.pk, credentials_version=state.credentials_version)
    return unmoved.update(credentials=rewrap(state.pk, bytes(state.credentials)))


def _rotate_channel(channel: AlertChannel) -> int:
    sealed = bytes(channel.sealed)
    return AlertChannel.objects.filter(pk=channel.pk, sealed=sealed).update(sealed=rewrap(owner_of(channel), sealed))
