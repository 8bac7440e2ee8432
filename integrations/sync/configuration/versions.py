"""Every save is a numbered version: who, when, why, and what differs. Going back is one more version."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User

from ..models import Connection, Version
from .admission import admit
from .changes import Labels, differences
from .snapshot import meaning, snapshot, write


class VersionMoved(Exception):  # noqa: N818 (what happened, said to a person)
    """Somebody saved another version since the page was opened; nothing was written."""

    def __init__(self, now: Version | None) -> None:
        super().__init__(now.number if now else 0)
        self.now = now


class Archived(Exception):  # noqa: N818 (an answer, said to a person)
    """A connection that has ended stays as it was when it ended; nothing was written."""

    def __init__(self, connection: Connection) -> None:
        text = _("%(name)s is archived: it stays as it was, and never syncs again. Nothing was changed.")
        super().__init__(text % {"name": connection.name})


def locked(connection_id: int, expected: int | None = None) -> Connection:
    """Until the transaction ends nobody else saves. `expected`: the version that the person was looking at."""
    connection = Connection.objects.select_for_update().get(pk=connection_id)
    if expected is not None and connection.version != expected:
        raise VersionMoved(connection.versions.first())
    return connection


@transaction.atomic
def save_version(connection: Connection, author: User | None, note: str = "") -> Version | None:
    """None when nothing that decides has changed."""
    # Two people saving at once must not both become version 15.
    locked(connection.pk)
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
        diff=differences(last.data if last else {}, data, Labels(connection)),
    )
    connection.version = version.number
    Connection.objects.filter(pk=connection.pk).update(version=version.number)
    return version


@transaction.atomic
def restore(
    connection: Connection, number: int, author: User | None, *, expected: int | None = None, read: str | None = "",
) -> Version | None:  # fmt: skip
    """Back to an earlier version as a new one; progress, links and credentials stay as they are.

    `read`: the seal of the erasures that the person was shown; None where no run has gone by the version that is left,
    so that going back begins nothing. Raises VersionMoved, Archived, ReadsScores or WouldErase.
    """
    if locked(connection.pk, expected).is_archived:
        raise Archived(connection)
    wanted = connection.versions.get(number=number)
    if read is not None:
        admit(connection, wanted.data, read)
    write(connection, wanted.data)
    connection.refresh_from_db()
    return save_version(connection, author, _("Back to version %(number)s") % {"number": number})
