"""Moves a connection to another owner: the same organisation, another person's sign-in, nothing set up or matched again.

In this order: the syncs stop, a copy of the configuration is made, its owner signs in, and then, in one step, what was
read and linked changes hands and the former connection is archived for good.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import User
from integrations.hub.models import Agreement, Contact, Customer, Interaction

from . import runs
from .configuration import WouldErase, hand_on_versions, snapshot, write
from .configuration.columns import model_of
from .erasures import Erasure, erasures_in, seal
from .free import free_slug
from .models import (
    AlertChannel,
    AlertChoice,
    AwaitedContact,
    Block,
    Conflict,
    Connection,
    ConnectionState,
    FieldMapping,
    HubMark,
    Outbox,
    RecordLink,
    ReKey,
    ReKeyRow,
    Run,
)
from .paged_job import at_work_on
from .registry import child_of, system_of

WRITTEN = (Customer, Contact, Agreement, Interaction)
HANDED_ON = (RecordLink, HubMark, Outbox, Conflict, AwaitedContact, AlertChannel)
LOOKS = ("crm_label", "crm_type", "crm_choices", "crm_writable")
"""How a line's field looked at last: by it the first run of the new owner sees what they may not write."""
PROGRESS = ("cursor", "caught_up_at", "full_read_at", "counted", "unexplained", "rules_hash")
KEYS = ("key_field", "key_gone_at")
"""No configuration, but of the organisation, which is the same."""
OWNED = ((ReKey, "connection_id"), (ReKey, "replaces"), (ReKeyRow, "old_owner"))
"""Who owns the IDs of a re-key: else it would find every row changed, and take none back."""
must_stay: list[Callable[[Connection], str]] = []
"""Why a connection cannot change hands just now, as the apps above know it; each adds from its AppConfig.ready()."""


class MoveRefused(Exception):  # noqa: N818 (an answer, not a fault)
    """The sentence says what has to be done first."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What will change hands; `why_not` says what is missing, empty: it can be done now."""

    links: int
    waiting: int
    why_not: str = ""
    erasures: Sequence[Erasure] = ()
    """What the new configuration would empty of what the former connection has brought in."""


@transaction.atomic
def replicate(connection: Connection, name: str, author: User) -> Connection:
    """A draft with the same configuration and its versions, that nobody has signed in for yet."""
    _require_still(connection)
    if Connection.objects.filter(name=name).exists():
        raise MoveRefused(_("Another connection is called “%(name)s” already. Choose another name.") % {"name": name})
    model = model_of(connection.system)
    copy = model(system=connection.system, name=name, slug=free_slug(name))
    copy.save()
    ConnectionState.objects.create(connection_id=copy.pk)
    write(copy, {**snapshot(connection), "name": name})
    _copy_looks(connection, copy)
    copy.refresh_from_db()
    Connection.objects.filter(pk=copy.pk).update(wizard_step=connection.wizard_step)
    hand_on_versions(connection, copy, author)
    return Connection.objects.get(pk=copy.pk)


def handover(old: Connection, new: Connection) -> Handover:
    why_not = _why_not(old, new)
    # What cannot be handed over yet is looked at once it can.
    return Handover(old.links.count(), old.outbox.count(), why_not, [] if why_not else _erasures(old, new))


@transaction.atomic
def hand_over(old: Connection, new: Connection, by: User, *, read: str = "") -> Connection:
    """Everything or nothing; the next sync of the new connection goes on where the former one stopped.

    `read`: the seal of the erasures that the person was shown. Raises WouldErase where there are others by now.
    """
    # Read, not counted: a count locks nothing.
    list(Connection.objects.select_for_update().filter(pk__in=[old.pk, new.pk]).order_by("pk").values_list("pk"))
    old.refresh_from_db()
    new.refresh_from_db()
    if refusal := _why_not(old, new):
        raise MoveRefused(refusal)
    erasures = _erasures(old, new)
    if erasures and read != seal(erasures):
        raise WouldErase(erasures)
    for model in HANDED_ON:
        model._default_manager.filter(connection=old).update(connection=new)
    # Whoever has chosen for the new one already, meant it.
    chosen = AlertChoice.objects.filter(connection=new).values("user")
    AlertChoice.objects.filter(connection=old).exclude(user__in=list(chosen.values_list("user", flat=True))).update(
        connection=new
    )
    for rows in WRITTEN:
        # Whose ids stand in ref_id: the organisation is the same, so they stay good.
        rows._default_manager.filter(ref_writer=old.pk).update(ref_writer=new.pk)
    for job, column in OWNED:
        job._default_manager.filter(**{column: old.pk}).update(**{column: new.pk})
    for block in Block.objects.filter(connection=old):
        theirs = Block.objects.filter(connection=new, object=block.object)
        theirs.update(**{name: getattr(block, name) for name in PROGRESS})
        # What the new one has made itself stands: it says for less that its key is there.
        theirs.filter(key_field="").update(**{name: getattr(block, name) for name in KEYS})
    Connection.objects.filter(pk=new.pk).update(
        state=Connection.State.ON, next_run_at=Now(), order=old.order, web_url=old.web_url
    )
    runs.archive(old, by=by.label)
    return Connection.objects.get(pk=new.pk)


def _erasures(old: Connection, new: Connection) -> list[Erasure]:
    """Whoever changed the draft was shown none: it had no links then."""
    return erasures_in(old, snapshot(new))


def _copy_looks(old: Connection, new: Connection) -> None:
    known = {(line.block.object, line.hub_field): line for line in _lines(old)}
    copied = [line for line in _lines(new) if (line.block.object, line.hub_field) in known]
    for line in copied:
        for name in LOOKS:
            setattr(line, name, getattr(known[line.block.object, line.hub_field], name))
    FieldMapping.objects.bulk_update(copied, LOOKS)


def _lines(connection: Connection) -> QuerySet[FieldMapping]:
    return FieldMapping.objects.filter(block__connection=connection).select_related("block")


def _why_not(old: Connection, new: Connection) -> str:
    if new.system != old.system or new.pk == old.pk:
        return _("Only a connection of the same system can take over.")
    if new.state != Connection.State.DRAFT or new.links.exists():
        return _("%(name)s has synced already, so it has records of its own.") % {"name": new.name}
    if not new.account:
        return _("Nobody has signed in for %(name)s yet.") % {"name": new.name}
    home = system_of(old.system).home
    if getattr(child_of(old), home) != getattr(child_of(new), home):
        return _("%(name)s is signed in to another organisation. Its ids mean other records.") % {"name": new.name}
    return _why_not_still(old)


def _require_still(connection: Connection) -> None:
    if refusal := _why_not_still(connection):
        raise MoveRefused(refusal)


def _why_not_still(connection: Connection) -> str:
    if connection.is_archived:
        return _("%(name)s is archived; there is nothing to move.") % {"name": connection.name}
    if connection.state == Connection.State.ON:
        return _("%(name)s still syncs. Stop its syncs first.") % {"name": connection.name}
    if Run.objects.filter(connection=connection, state__in=Run.ACTIVE).exists():
        return _("A run of %(name)s is under way. It ends within half a minute.") % {"name": connection.name}
    return at_work_on(connection) or next((said for asked in must_stay if (said := asked(connection))), "")
