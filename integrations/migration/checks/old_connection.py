"""Chapter 3: whether the old connection is silent, and retired for good."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.sync.models import Block, Connection, Mode, Outbox, Run

from ..models import Move
from ..steps import SHOWN, Finding, Row


def blocks_off(move: Move) -> Finding:
    old = move.old
    on, active, waiting = enabled(move), active_runs(move), unsent(move)
    page, records = reverse("sync:connection", args=[old.slug]), _("waits to be written to the old CRM")
    rows = [
        *(Row(block.get_object_display(), block.get_mode_display(), page) for block in on),
        *(
            Row(_("Run %(n)s") % {"n": run.pk}, run.get_state_display(), reverse("sync:run", args=[run.pk]))
            for run in active
        ),
        *(Row(one.name or str(one.hub_id), records, page) for one in waiting.order_by("pk")[:SHOWN]),
    ]
    number = waiting.count()
    if on:
        said = ngettext("%(n)s data type still syncs.", "%(n)s data types still sync.", len(on)) % {"n": len(on)}
        return Finding(False, said, rows, len(on) + len(active) + number, _("Have every block disabled."))
    if active:
        return Finding(
            False, _("Every block is disabled, and a run is still under way."), rows, len(active) + number,
            _("It ends within half a minute, or is cancelled on its page."),
        )  # fmt: skip
    if number:
        said = ngettext(
            "Every block is disabled, and %(n)s write to the old CRM still waits.",
            "Every block is disabled, and %(n)s writes to the old CRM still wait.",
            number,
        ) % {"n": f"{number:,}"}  # fmt: skip
        cure = _("Turn the block on once more and let a sync send them, or drop them.")
        return Finding(False, said, rows, number, cure)
    return Finding(True, _("Every block of %(old)s is disabled; no run is under way, no write waits.") % {"old": old})


def retired(move: Move) -> Finding:
    if move.old.state != Connection.State.ARCHIVED:
        return Finding(
            False, _("%(old)s is still there: it could write its IDs in parallel with HubSpot.") % {"old": move.old},
            cure=_("Have it retired: its configuration is kept as a file, its history stays readable."),
        )  # fmt: skip
    if not move.retired_file:
        return Finding(True, _("%(old)s is archived: it can never read or write again.") % {"old": move.old})
    said = {"old": move.old, "who": move.retired_by}
    return Finding(True, _("%(old)s was retired by %(who)s: it can never read or write again.") % said)


def enabled(move: Move) -> list[Block]:
    return list(Block.objects.filter(connection=move.old_id).exclude(mode=Mode.DISABLED))


def active_runs(move: Move) -> list[Run]:
    return list(Run.objects.filter(connection=move.old_id, state__in=Run.ACTIVE))


def unsent(move: Move) -> QuerySet[Outbox]:
    return Outbox.objects.filter(connection=move.old_id)
