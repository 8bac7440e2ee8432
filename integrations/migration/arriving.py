"""Which HubSpot connection a move leads to, once somebody has chosen it or signed in for it."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.sync.models import Connection

from . import checking
from .models import Move
from .portal import choosable, taken
from .steps import ActRefused

KEY = "signs_in_for_move"
"""In the session: whoever goes to HubSpot's set-up from a move comes back to it."""


def back_to_move(request: HttpRequest, connection: Connection) -> str:
    """The checklist, where this sign-in was begun there and the connection may be its own."""
    pk = request.session.pop(KEY, None)
    move = Move.objects.filter(pk=pk or 0, state=Move.State.OPEN).select_related("old", "new").first()
    if move is None or connection.pk not in {one.pk for one in choosable(move)} or not isinstance(request.user, User):
        return ""
    try:
        messages.success(request, choose(move, connection, request.user))
    except ActRefused as refusal:
        messages.error(request, str(refusal))
    return reverse("migration:chapter", args=[move.pk, "hubspot"])


def choose(move: Move, chosen: Connection, by: User) -> str:
    from .chapters import place_of  # chapters lead to pages, and those to here

    if move.new is not None and move.new.links.exists():
        raise ActRefused(_("%(name)s has synced already. It stays the one.") % {"name": move.new})
    if move.new is not None and move.passages.exists():
        text = _("A stage of %(name)s is saved. Withdraw its stage first: another connection knows nothing of it.")
        raise ActRefused(text % {"name": move.new})
    try:
        with transaction.atomic():
            Move.objects.filter(pk=move.pk, state=Move.State.OPEN).update(new=chosen)
    except IntegrityError:
        raise ActRefused(" ".join(taken(move))) from None
    move.refresh_from_db()
    audit.record(by, "chose the HubSpot connection of a move", move, after={"connection": chosen.name})
    place = place_of("reached")
    checking.check(move, place.step, by.label)
    checking.wake(move, place.chapter.steps, by.label)
    return _("%(name)s it is. It reads only, until stage A is saved.") % {"name": chosen}
