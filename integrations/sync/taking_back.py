"""Takes back one decision that a person made, and lets a value that gave way win after all. Runs are taken back as a whole elsewhere."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.engine.merge import same
from integrations.engine.plan import Action
from integrations.engine.reasons import Reason
from integrations.engine.values import Value, from_json
from integrations.hub.door import Refusal, door

from . import decisions, merging
from .decisions import DecisionRefused
from .models import Change, RecordLink
from .search.names import field_labels
from .store.hub_rows import FOREIGN, table_of
from .store.taken_back import BY_THE_DAYS, NOT_TOUCHING

OF_LINKS = (Action.LINK.value, Action.UNLINK.value, Action.EXCLUDE.value, Action.RESTORE.value)
NOT_WRITING = frozenset({*NOT_TOUCHING, Action.CREATE_OUT, Action.DELETE})
"""Left the values here as they were: a row that is here was given back as it was deleted."""
TAKEN_BACK = "taken-back-by-hand"


def is_takeable(change: Change) -> bool:
    """Whether a person did it alone and everything is kept that taking it back needs."""
    if change.run_id is not None or not change.actor or change.outcome != Change.Outcome.DONE:
        return False
    if change.action in OF_LINKS:
        return "link" in change.undo
    return change.action in {Action.UPDATE.value, Action.CREATE.value, Action.MERGE.value}


def hindrance(change: Change, later: Iterable[Change]) -> str | Promise:
    """Why it cannot be taken back now; empty: it can. `later`: what happened to its row since.

    Of an edit, the fields that changed since stay; a row goes or comes as a whole.
    """
    if change.action == Action.MERGE:
        return merging.hindrance(change, later)
    if change.action == Action.CREATE and any(_wrote(one) for one in later):
        return _("It was worked on since. Nothing was deleted.")
    return ""


def _wrote(change: Change) -> bool:
    if change.outcome != Change.Outcome.DONE or change.action in NOT_WRITING or change.reason_code in BY_THE_DAYS:
        return False
    # A merge of which nothing was picked brought the other row all the same.
    return bool(change.after) or change.action == Action.MERGE


def take_back(change: Change, *, by: str) -> str:
    """Returns in a sentence what stays as it is, because it has changed since; empty: all of it went back."""
    if not is_takeable(change):
        raise DecisionRefused(_("This cannot be taken back on its own. Nothing was changed."))
    if change.action == Action.MERGE:
        return _left(merging.undo(change, by=by))
    if change.action == Action.CREATE:
        return _unmake(change, by)
    if change.action in OF_LINKS:
        _restore_link(change, by)
        return ""
    return _edit_back(change, by)


def make_win(change: Change, field: str, *, by: str) -> None:
    """The value that gave way in this change stands again: an edit like any other, which goes where its line says."""
    if field not in change.before or field not in change.after or not change.hub_id:
        raise DecisionRefused(_("This value is not kept. Nothing was changed."))
    current = _current(change)
    if not same(current.get(field), from_json(change.after[field])):
        raise DecisionRefused(_("The field has changed since. Nothing was changed; look at its history again."))
    label = str(field_labels().get((change.object, field), field))
    why = Reason("made-to-win", {"by": by, "label": label})
    _edit(change, {field: from_json(change.before[field])}, by, why)


def _edit_back(change: Change, by: str) -> str:
    current, labels = _current(change), field_labels()
    stands = [name for name, value in change.after.items() if same(current.get(name), from_json(value))]
    if all(follows(change, name) for name in stands):
        raise DecisionRefused(_("Every field of it has changed since. Nothing was taken back."))
    # What follows is worked out anew, but for a date that would else be left standing.
    back = {name: from_json(change.before.get(name)) for name in stands}
    _edit(change, back, by, Reason(TAKEN_BACK, {"by": by}))
    return _left(
        [
            labels.get((change.object, name), name)
            for name in change.after
            if name not in stands and not follows(change, name)
        ]
    )


def follows(change: Change, name: str) -> bool:
    """Whether nobody wrote the field: it was worked out from those that somebody wrote."""
    return bool(change.field_reasons.get(name, {}).get("code") == "follows")


def _edit(change: Change, values: dict[str, Value], by: str, why: Reason) -> None:
    hangs_on = table_of(change.object).hangs_on
    if values.get(hangs_on):
        values[hangs_on] = str(values[hangs_on]).removeprefix(FOREIGN)
    for refusal in door().edit(change.object, {change.hub_id or 0: values}, by=by, why=why):
        raise DecisionRefused(_refused(refusal))


def _refused(refusal: Refusal) -> str:
    return _("Nothing was changed: %(why)s") % {"why": refusal.reason}


def _unmake(change: Change, by: str) -> str:
    hub_id = change.hub_id or 0
    with transaction.atomic():
        # Whoever edits the row locks it too: nothing is written between this look and the deletion.
        table_of(change.object).load(0, [hub_id], lock=True)
        if why := hindrance(change, Change.objects.filter(object=change.object, hub_id=hub_id, pk__gt=change.pk)):
            raise DecisionRefused(why)
        if RecordLink.objects.filter(object=change.object, hub_id=hub_id).exists():
            raise DecisionRefused(_("A CRM record is linked to it by now. Part the two first; nothing was deleted."))
        if any(number for _label, number in merging.moves(change.object, hub_id)):
            raise DecisionRefused(_("Something hangs on it by now. Move that first; nothing was deleted."))
        if not door().delete(change.object, [hub_id], by=by):
            raise DecisionRefused(_("It is no longer here. Nothing was changed."))
    return ""


def _restore_link(change: Change, by: str) -> None:
    with transaction.atomic():
        link = (
            RecordLink.objects.select_for_update(of=("self",))
            .select_related("connection")
            .filter(connection=change.connection_id, object=change.object, source_id=change.source_id)
            .first()
        )
        later = Change.objects.filter(
            connection_id=change.connection_id, object=change.object, source_id=change.source_id, pk__gt=change.pk
        )
        if link is None or later.exists():
            raise DecisionRefused(_("Something was decided about this record since. Nothing was taken back."))
        decisions.restore(link, change.undo["link"], by=by)


def _current(change: Change) -> dict[str, Any]:
    found = table_of(change.object).load(0, [change.hub_id or 0])
    if not found:
        raise DecisionRefused(_("This row is no longer here. Nothing was changed."))
    return dict(next(iter(found.values())).hub.values)


def _left(labels: Sequence[str | Promise]) -> str:
    if not labels:
        return ""
    return _("%(fields)s changed since and stays.") % {"fields": ", ".join(str(label) for label in labels)}
