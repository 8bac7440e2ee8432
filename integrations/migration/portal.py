"""The HubSpot connection of a move, as its steps ask it: what waits for it says so."""

from collections.abc import Callable, Container
from functools import wraps
from typing import cast

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.models import SYSTEM
from integrations.hubspot.scope import label_stages
from integrations.sync.configuration import scope_in_words
from integrations.sync.models import Connection
from integrations.sync.registry import connector_for

from .models import Move
from .steps import Finding


class Waits(Exception):  # noqa: N818 (an answer, not a fault)
    """What a step waits for, in a sentence."""


def waiting_says_so(check: Callable[[Move], Finding]) -> Callable[[Move], Finding]:
    @wraps(check)
    def measured(move: Move) -> Finding:
        try:
            return check(move)
        except Waits as waits:
            return Finding(None, str(waits))

    return measured


def is_reached(move: Move) -> bool:
    return move.new is not None and bool(move.new.account)


def portal_of(move: Move, *, read_only: bool = True, interactive: bool = True) -> HubSpotConnector:
    """Raises Waits as long as nobody is signed in."""
    if move.new is None or not move.new.account:
        raise Waits(_("It waits for HubSpot: choose the connection in the first step of chapter 1."))
    return cast("HubSpotConnector", connector_for(move.new, read_only=read_only, interactive=interactive))


def scope_said(connector: HubSpotConnector, columns: Container[str]) -> list[tuple[str, str]]:
    """Also before anybody saved a scope: the usual stages are then named as HubSpot names them."""
    label_stages(connector.hubspot, connector.schema("customers"))
    return scope_in_words(connector.hubspot, columns)


def property_of(move: Move) -> str:
    if not move.old_id_property:
        raise Waits(_("It waits for the property of the old ID: choose it or have it made."))
    return move.old_id_property


def choosable(move: Move) -> list[Connection]:
    """HubSpot connections that somebody has signed in for and that have never synced, nor serve another move."""
    drafts = Connection.objects.filter(system=SYSTEM, state=Connection.State.DRAFT, links=None).exclude(account="")
    return list(drafts.exclude(pk__in=_beside(move).values("new")).distinct())


def taken(move: Move) -> list[str]:
    """Of each HubSpot connection that another move leads to, why it is not offered."""
    text = _(
        "%(name)s takes the customers of %(old)s just now. Each move needs a HubSpot connection of its own, since stage A "
        "sets it up from scratch: sign in to HubSpot once more."
    )
    found = _beside(move).select_related("old", "new").order_by("pk")
    return [text % {"name": one.new.name, "old": one.old.name} for one in found if one.new]


def _beside(move: Move) -> QuerySet[Move]:
    return Move.objects.filter(state=Move.State.OPEN, new__isnull=False).exclude(pk=move.pk)


def waits_for_stage_a(connection: Connection) -> str:
    """Why the HubSpot of a move may not sync yet: whoever turned it on in its own set-up would skip every gate."""
    if connection.system != SYSTEM:
        return ""
    moves = Move.objects.filter(state=Move.State.OPEN, passages=None).select_related("old")
    if move := moves.filter(new=connection.pk).first():
        text = _("%(name)s is where the customers of %(old)s move to: it syncs once stage A is saved in that move.")
        return text % {"name": connection.name, "old": move.old.name}
    if not connection.links.exists() and (move := moves.filter(new=None).first()):
        text = _(
            "The customers of %(old)s are moving to HubSpot. Choose %(name)s in step 1.1 of that move: it syncs once stage "
            "A is saved there. If it has nothing to do with the move, choose another connection there first."
        )
        return text % {"name": connection.name, "old": move.old.name}
    return ""


def stays_in_its_move(connection: Connection) -> str:
    """Why neither side of a move may go to another owner: steps and stages are measured on these very connections."""
    moves = Move.objects.filter(Q(old=connection.pk) | Q(new=connection.pk), state=Move.State.OPEN)
    if not moves.exists():
        return ""
    text = _("%(name)s belongs to a move to HubSpot that is under way. Finish or stop the move first; meanwhile another "
             "person can sign in on the connection’s own page.")  # fmt: skip
    return text % {"name": connection.name}


def old_is_still_there(system: str) -> str:
    """What whoever connects HubSpot reads first, as long as the connection that moves away from is there."""
    if system != SYSTEM:
        return ""
    moves = Move.objects.filter(state=Move.State.OPEN).exclude(old__state=Connection.State.ARCHIVED)
    move = moves.select_related("old").first()
    return still_there(move) if move else ""


def still_there(move: Move) -> str:
    text = _(
        "%(old)s is still connected. To leave the old connection in place can make IDs clash, even with its syncs "
        "disabled. Retire it in chapter 3 before HubSpot writes anything."
    )
    return text % {"old": move.old.name}
