"""Every save is a numbered version: who, when, why, and what differs. Going back is one more version."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User

from ..models import Connection, Version
from .changes import differences
from .snapshot import meaning, snapshot, write


@transaction.atomic
def save_version(connection: Connection, author: User | None, note: str = "") -> Version | None:
    """None when nothing that decides has changed."""
    # Two people saving at once must not both become version 15.
    Connection.objects.select_for_update().get(pk=connection.pk)
    data, last = snapshot(connection), connection.versions.first()
    if last and meaning(last.data) == meaning(data):
        return None
    version = Version.objects.create(
        connection=connection,
        number=last.number + 1 if last else 1,
        author=author,
        author_name=author.label if author else "",
        note=note[:255],
        data=data,
        diff=differences(last.data if last else {}, data),
    )
    connection.version = version.number
    Connection.objects.filter(pk=connection.pk).update(version=version.number)
    return version


@transaction.atomic
def restore(connection: Connection, number: int, author: User | None) -> Version | None:
    """Back to an earlier version as a new one; progress, links and credentials stay as they are."""
    wanted = connection.versions.get(number=number)
    write(connection, wanted.data)
    connection.refresh_from_db()
    return save_version(connection, author, _("Back to version %(number)s") % {"number": number})
