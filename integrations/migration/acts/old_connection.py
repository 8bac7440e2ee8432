"""Chapter 3: silences the old connection, and retires it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import User
from integrations.sync import runs
from integrations.sync.configuration import save_version, to_yaml
from integrations.sync.models import Block, Connection, Mode

from ..checks.old_connection import active_runs, enabled, unsent
from ..models import Move
from ..steps import ActRefused


@transaction.atomic
def disable_blocks(move: Move, by: User, _said: Mapping[str, Any]) -> str:
    """As one version; the schedule, the links and the history stay as they are."""
    old = Connection.objects.select_for_update().get(pk=move.old_id)
    number = Block.objects.filter(connection=old).exclude(mode=Mode.DISABLED).update(mode=Mode.DISABLED)
    former = old.version
    save_version(old, by, _("Disabled for the move to HubSpot"))
    audit.record(by, audit.Verb.CHANGED, old, after={"blocks disabled": number})
    said = ngettext("%(n)s data type is disabled.", "%(n)s data types are disabled.", number) % {"n": number}
    return said + " " + _("Version %(n)s says how it was before.") % {"n": former}


@transaction.atomic
def drop_writes(move: Move, by: User, _said: Mapping[str, Any]) -> str:
    """What nothing would send any more; the hub keeps what it has."""
    if enabled(move) or active_runs(move):
        raise ActRefused(_("As long as a block is on, a sync sends them. Disable every block first."))
    number, _by_model = unsent(move).delete()
    audit.record(by, "dropped writes that waited", move.old, after={"writes": number})
    return ngettext("%(n)s write was dropped.", "%(n)s writes were dropped.", number) % {"n": f"{number:,}"}


def may_drop(move: Move) -> bool:
    return not enabled(move) and unsent(move).exists()


@transaction.atomic
def retire(move: Move, by: User, said: Mapping[str, Any]) -> str:
    old = Connection.objects.select_for_update().get(pk=move.old_id)
    if said["name"].strip() != old.name:
        raise ActRefused(_("Type the name of the connection, %(name)s, to say that you mean it.") % {"name": old.name})
    if enabled(move):
        raise ActRefused(_("Disable every block first: what still syncs is not retired."))
    if active_runs(move):
        raise ActRefused(
            _("A run of %(name)s is under way. Wait for its end. Nothing was changed.") % {"name": old.name}
        )
    if old.state != Connection.State.ARCHIVED:
        Move.objects.filter(pk=move.pk).update(
            retired_file=to_yaml(old), retired_at=timezone.now(), retired_by=by.label[:160]
        )
        runs.archive(old, by=by.label)
    return _("%(name)s is retired. Its configuration is kept as a file; its log and its versions stay readable.") % {
        "name": old.name
    }


def may_retire(move: Move) -> bool:
    return move.old.state != Connection.State.ARCHIVED
