"""A connection as somebody types it on the command line: by its short name, or as people read it."""

from django.core.management.base import CommandError

from ..models import Connection


def connection_named(name: str, *, returncode: int = 1) -> Connection:
    found = Connection.objects.filter(slug=name).first() or Connection.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Connection.objects.values_list("slug", flat=True)) or "none"
        raise CommandError(f"There is no connection “{name}”. There are: {known}.", returncode=returncode)
    return found
