"""A connection that takes another's place takes its versions along, so that one can still go back behind the move.

They are copies: the runs of the former connection go on naming its own versions.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User

from ..models import Connection, Version
from .snapshot import snapshot
from .versions import save_version


@transaction.atomic
def hand_on_versions(old: Connection, new: Connection, author: User) -> None:
    """Numbers, authors and days stay; the copy of the configuration itself is the next version."""
    kept = list(old.versions.order_by("number"))
    copies = [_copy(version, old, new) for version in kept]
    Version.objects.bulk_create(copies)
    for copy, version in zip(copies, kept, strict=True):
        # Made now, but saved then: what was set as the row was created is put right.
        copy.at = version.at
    Version.objects.bulk_update(copies, ["at"], batch_size=500)
    note = _("Copied from %(name)s") % {"name": old.name}
    if save_version(new, author, note) is None:
        _save_unchanged(new, author, note)


def _copy(version: Version, old: Connection, new: Connection) -> Version:
    return Version(
        connection=new,
        number=version.number,
        author_id=version.author_id,
        author_name=version.author_name,
        note=version.note,
        # Two connections never share a name: whoever goes back keeps the new one.
        data={**version.data, "name": new.name},
        diff=version.diff,
        saved_in=version.saved_in or old.name,
    )


def _save_unchanged(new: Connection, author: User, note: str) -> None:
    """A version of its own all the same: from it on the new connection's runs are told from the former one's."""
    last = new.versions.first()
    number = last.number + 1 if last else 1
    Version.objects.create(
        connection=new, number=number, author=author, author_name=author.label, note=note[:255], data=snapshot(new)
    )
    new.version = number
    Connection.objects.filter(pk=new.pk).update(version=number)
