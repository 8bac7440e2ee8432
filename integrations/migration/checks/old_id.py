"""Chapter 2: the hub field that keeps the old ID, the line that fills it, and whether it did."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.engine.values import from_json
from integrations.hub.models import Customer
from integrations.sync.models import Connection, FieldMapping, Mode

from .. import old_id
from ..facts import to_move
from ..models import Move
from ..rows import customer_row, old_id_rows
from ..steps import SHOWN, Finding, Row
from .old_connection import active_runs


def field(move: Move) -> Finding:
    if not move.old_id_field:
        return Finding(None, _("No field is chosen yet."))
    found = old_id.field_of(move)
    if found is None:
        return Finding(False, _("The chosen field is gone."), cure=_("Have it made again, or choose another one."))
    wanted = old_id.hub_type(move)
    said = {"name": found.name, "is": found.get_type_display(), "wanted": wanted.label}
    if found.type != wanted:
        text = _("“%(name)s” is of type “%(is)s”; the ID is of type “%(wanted)s” in the old CRM.")
        return Finding(False, text % said, cure=_("Have another one made: a field keeps its type for ever."))
    if not found.is_key:
        text = _("“%(name)s” recognises no records yet.")
        return Finding(False, text % said, cure=_("Choose it once more: then what it holds is compared."))
    return Finding(True, _("“%(name)s” is there, of type “%(is)s”, and may recognise records.") % said)


def mapped(move: Move) -> Finding:
    chosen = old_id.field_of(move)
    if chosen is None:
        return Finding(None, _("It waits for the field of the old ID."))
    path, line = old_id.id_path(move), old_id.mapped_lines(move).first()
    said = {"name": chosen.name, "old": move.old.name, "path": path, "is": line.crm_field if line else ""}
    if not path:
        cure = _("Map the customer ID first, in the Customers block of the connection.")
        return Finding(False, _("%(old)s does not say which of its fields is the ID.") % said, cure=cure)
    if line is None:
        text = _("No line of %(old)s fills “%(name)s”.")
        return Finding(False, text % said, cure=_("Have the line added: from %(path)s into the hub.") % said)
    if line.crm_field != path:
        text = _("“%(name)s” is filled from %(is)s; the ID stands in %(path)s.")
        return Finding(False, text % said, cure=_("Have the line put right."))
    if line.direction == FieldMapping.Direction.OUT or line.suspended_at:
        return Finding(False, _("The line of “%(name)s” rests, or only goes out.") % said, cure=_("Have it put right."))
    return Finding(True, _("“%(name)s” fills itself from %(path)s of %(old)s.") % said)


def filled(move: Move) -> Finding:
    if old_id.field_of(move) is None or not old_id.mapped_lines(move).exists():
        return Finding(None, _("It waits for the line that fills the field."))
    run = old_id.synced_since_mapped(move)
    if run is None and (active := active_runs(move)):
        rows = [
            Row(_("Run %(n)s") % {"n": one.pk}, one.get_state_display(), reverse("sync:run", args=[one.pk]))
            for one in active
        ]
        return Finding(None, _("It waits for the end of the run that is under way. Check then."), rows)
    if run is None:
        return Finding(
            None, _("It waits for a sync of %(old)s: none has ended since the line was added.") % {"old": move.old.name}
        )
    blank, different, total = old_id.blank(move), old_id.different(move), to_move(move).count()
    empty, other = blank.count(), different.count()
    said = {"n": f"{total - empty - other:,}", "total": f"{total:,}", "run": run.pk}
    text = _("The old ID is filled on %(n)s of %(total)s customers to move, by run %(run)s.") % said
    if not total:
        return Finding(None, _("No customer to move: the old connection has linked none."))
    if not empty and not other:
        return Finding(True, text)
    rows = [
        *old_id_rows(blank.order_by("name", "pk")[:SHOWN], _("empty; its record is %(old_id)s")),
        *_different_rows(move, different),
    ]
    if other:
        text += " " + ngettext(
            "%(n)s customer holds another ID than that of its record.",
            "%(n)s customers hold another ID than that of their records.",
            other,
        ) % {"n": f"{other:,}"}  # fmt: skip
    cure = _("Sync again, or have the empty ones filled from what is known; look at the others one by one.")
    return Finding(False, text, rows, empty + other, cure)


def sampled(move: Move) -> Finding:
    if old_id.field_of(move) is None:
        return Finding(None, _("It waits for the field of the old ID."))
    if not move.sample:
        return Finding(False, _("No sample is drawn yet."), cure=_("Have it drawn, then look at each in the old CRM."))
    drawn = to_move(move).filter(pk__in=move.sample).count()
    wrong = (old_id.blank(move) | old_id.different(move)).filter(pk__in=move.sample)
    rows = old_id_rows(wrong.order_by("name", "pk"), _("its record is %(old_id)s"))
    said = {"n": drawn - len(rows), "total": drawn}
    text = _("%(n)s of %(total)s customers of the sample hold the ID of their record.") % said
    if rows:
        return Finding(False, text, rows, cure=_("Put the old ID right before going on."))
    return Finding(True, text)


def still_runs(move: Move) -> bool:
    """Whether the old connection can still fill anything."""
    block = old_id.block_of(move)
    return move.old.state == Connection.State.ON and block is not None and block.mode != Mode.DISABLED


def _different_rows(move: Move, different: QuerySet[Customer]) -> list[Row]:
    said = _("holds %(held)s; its record is %(old_id)s")
    return [
        customer_row(one, said % {"held": shown(one, move.old_id_field), "old_id": vars(one)["old_id"]})
        for one in different.order_by("name", "pk")[:SHOWN]
    ]


def shown(customer: Customer, hub_field: str) -> str:
    """What the field holds, as an ID is written."""
    held = customer.custom.get(hub_field.removeprefix(old_id.CUSTOM))
    return compared(Compare.ID, from_json(held)) if held is not None else ""
