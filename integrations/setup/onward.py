"""Where somebody goes on who has just signed in to a new connection: its own set-up, unless an app above sent them."""

from collections.abc import Callable

from django.http import HttpRequest

from integrations.sync.models import Connection

from .steps import url_of

onward: list[Callable[[HttpRequest, Connection], str]] = []
"""An address, or nothing; each app adds its own from its AppConfig.ready()."""


def onward_of(request: HttpRequest, connection: Connection) -> str:
    for way in onward:
        if url := way(request, connection):
            return url
    return url_of(connection, connection.wizard_step)
