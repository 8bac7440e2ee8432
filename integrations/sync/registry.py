"""The systems that are installed: each registers itself from its AppConfig.ready()."""

from .connector import Connector, Registered
from .models import Connection

_systems: dict[str, Registered] = {}


def register(system: Registered) -> None:
    _systems[system.abilities.system] = system


def systems() -> list[Registered]:
    return sorted(_systems.values(), key=lambda system: system.abilities.label)


def system_of(name: str) -> Registered:
    return _systems[name]


def child_of(connection: Connection) -> Connection:
    """The system's own row of a connection, with its own columns; one query."""
    from django.apps import apps

    model = apps.get_model(system_of(connection.system).abilities.connection_model)
    child: Connection = model._default_manager.get(pk=connection.pk)
    return child


def missing_scope(child: Connection) -> str:
    """What the system's own row does not say yet of which records come in; empty where nothing is left open."""
    asked = system_of(child.system).missing_scope
    return str(asked(child)) if asked else ""


def connector_for(connection: Connection, *, read_only: bool = False, interactive: bool = False) -> Connector:
    """Opens the connection's connector on the system's child row."""
    registered = system_of(connection.system)
    return registered.connector(child_of(connection), read_only=read_only, interactive=interactive)
