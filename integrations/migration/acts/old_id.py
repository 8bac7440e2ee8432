"""Chapter 2: makes or chooses the hub field, maps it, and fills what a sync left empty."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from integrations.engine.reasons import Reason
from integrations.hub.door import door
from integrations.hub.models import CustomField
from integrations.sync import own_keys, runs
from integrations.sync.configuration import save_mapping, snapshot
from integrations.sync.configuration.snapshot import NO_LINE
from integrations.sync.models import Connection, DataType, Run

from .. import old_id
from ..models import Move
from ..sample import sample_of
from ..steps import ActRefused

PAGE = 500
AT_ONCE = 5_000
"""Customers that one press of the button fills: a person waits for it."""


def make_field(move: Move, _by: User, said: Mapping[str, Any]) -> str:
    name, wanted = str(said["name"]).strip(), old_id.hub_type(move)
    with transaction.atomic():
        taken = CustomField.objects.filter(entity=old_id.ENTITY, name__iexact=name).exclude(type=wanted).first()
        if taken is not None:
            text = _("A field “%(name)s” of another type (%(type)s) is here already. Choose another name.")
            raise ActRefused(text % {"name": taken.name, "type": taken.get_type_display()})
        return _chosen(move, own_keys.key_field(old_id.ENTITY, name, wanted))


def choose_field(move: Move, _by: User, said: Mapping[str, Any]) -> str:
    return _chosen(move, own_keys.recognising(said["field"]))


def map_field(move: Move, by: User, _said: Mapping[str, Any]) -> str:
    """As a new version of the connection; every other line stays as it is."""
    block, chosen, path = old_id.block_of(move), old_id.field_of(move), old_id.id_path(move)
    if move.old.is_archived:
        raise ActRefused(_("%(old)s is archived: it fills nothing any more.") % {"old": move.old})
    if block is None or chosen is None or not path:
        raise ActRefused(_("Choose the field first, and map the customer ID of the old connection."))
    lines = snapshot(move.old)["blocks"][DataType.CUSTOMERS.value]["lines"]
    seen: dict[str, Any] = next((line["seen"] for line in lines if line["crm"] == path), {})
    wanted = {**NO_LINE, "hub": move.old_id_field, "crm": path, "seen": seen}
    others = [line for line in lines if line["hub"] != move.old_id_field]
    note = _("The old ID is kept for the move to HubSpot")
    made = save_mapping(
        block, [*others, wanted], merge_keys=block.merge_keys, ref_is_common=block.ref_is_common, author=by, note=note
    )
    if made is None:
        return _("The line is there already. Nothing was changed.")
    return _("Version %(n)s of %(old)s fills “%(name)s”.") % {"n": made.number, "old": move.old, "name": chosen.name}


def is_unmapped(move: Move) -> bool:
    path = old_id.id_path(move)
    return bool(path and move.old_id_field) and not old_id.mapped_lines(move).filter(crm_field=path).exists()


def sync_now(move: Move, by: User, _said: Mapping[str, Any]) -> str:
    """A complete reading: a delta would leave what has not changed without its old ID."""
    try:
        run = runs.request_run(move.old, Run.Kind.FULL, by=by.label)
    except runs.RunRefused as refusal:
        raise ActRefused(refusal.reason) from None
    return _("Run %(n)s reads everything anew. Check this step when it has ended.") % {"n": run.pk}


def may_sync(move: Move) -> bool:
    return move.old.state == Connection.State.ON and old_id.mapped_lines(move).exists()


def fill(move: Move, by: User, _said: Mapping[str, Any]) -> str:
    """Only what a finished sync left empty, with the ID that the link names; journaled like any edit by hand."""
    if old_id.synced_since_mapped(move) is None:
        raise ActRefused(_("Let a sync end first: it fills them by itself."))
    why, number, refused = Reason("by-hand", {"by": by.label}), 0, 0
    rest = old_id.blank(move).order_by("pk")
    page = list(rest[:PAGE])
    while page:
        edits = {one.pk: {move.old_id_field: vars(one)["old_id"]} for one in page}
        refusals = door().edit(old_id.ENTITY, edits, by=by.label, why=why)
        number, refused = number + len(page) - len(refusals), refused + len(refusals)
        rest = old_id.blank(move).filter(pk__gt=page[-1].pk).order_by("pk")
        page = list(rest[:PAGE]) if number + refused < AT_ONCE else []
    said = [ngettext("%(n)s customer was filled.", "%(n)s customers were filled.", number) % {"n": f"{number:,}"}]
    if refused:
        said.append(_("%(n)s were refused.") % {"n": refused})
    if left := rest.count():
        said.append(_("%(n)s still empty: fill once more.") % {"n": f"{left:,}"})
    return " ".join(said)


def may_fill(move: Move) -> bool:
    if old_id.field_of(move) is None or old_id.synced_since_mapped(move) is None:
        return False
    return old_id.blank(move).exists()


def draw_sample(move: Move, _by: User, _said: Mapping[str, Any]) -> str:
    number = len(sample_of(move))
    if not number:
        raise ActRefused(_("No customer to move: the old connection has linked none."))
    return ngettext("%(n)s customer is drawn.", "%(n)s customers are drawn.", number) % {"n": number}


def _chosen(move: Move, field: CustomField) -> str:
    Move.objects.filter(pk=move.pk).update(old_id_field=old_id.CUSTOM + field.key)
    return _("The old ID is kept in the field “%(name)s”.") % {"name": field.name}
