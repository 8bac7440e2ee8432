"""Chapter 6, measured: Stripe still finds its customers, Intercom holds the new IDs, every other tool is signed."""

from collections.abc import Callable

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.hub.fields import fields_of
from integrations.sync.models import Connection, RecordLink

from .. import beside
from ..models import Move, Tool
from ..snapshot import linked_before, stage_a_ran
from ..steps import SHOWN, Finding, Row
from ..words import words_on

OTHER, NONE = "other-tools", "none"
OBJECTS = {"customers": "companies", "contacts": "contacts"}
OF = {"customers": gettext_lazy("companies"), "contacts": gettext_lazy("contacts")}


def stripe(move: Move) -> Finding:
    connections = beside.connected(beside.STRIPE)
    if not connections:
        return Finding(True, _("No Stripe connection: nothing to do."))
    return _together([_stripe(move, one) for one in connections])


def _stripe(move: Move, one: Connection) -> Finding:
    now, before = beside.linked(one).count(), linked_before(move, one.pk)
    unlinked = beside.unlinked(one)
    number = unlinked.count()
    told = {"name": one.name, "now": _n(now), "before": _n(before or 0), "number": _n(number)}
    rows = [Row(link.name or link.source_id, _("not linked to a customer"),
                beside.records(one, "customers", link.state)) for link in unlinked.order_by("name", "pk")[:SHOWN]]  # fmt: skip
    said = _("%(name)s: %(now)s customers linked, %(number)s Stripe records without one.") % told
    if before is not None:
        said += " " + _("At the snapshot: %(before)s.") % told
    if before is not None and now < before:
        return Finding(
            False, said, rows, number, _("Links were lost. Look at the records, and link them by hand where need be.")
        )
    field = beside.stripe_field(one)
    known = fields_of("customers")
    page = Row(_("Where the Stripe ID is kept"), one.name, beside.stripe_page(one))
    if field not in known:
        return Finding(
            False,
            said,
            [page, *rows],
            number + 1,
            _("Choose the field that keeps the Stripe ID: it finds customers whatever the CRM is."),
        )
    lacking = beside.without_stripe_id(one, field)
    if missing := lacking.count():
        empty = [Row(row.name, _("linked, but %(field)s is empty") % {"field": known[field].label},
                     reverse("hub:customer", args=[row.pk])) for row in lacking[:SHOWN]]  # fmt: skip
        return Finding(False, said, [page, *empty], missing, _("Let one sync of Stripe run: it fills the field."))
    told_field = _("%(field)s is filled on every linked customer.") % {"field": known[field].label}
    # No trouble of the move: how many, and where they are listed.
    by_state = unlinked.order_by("state").values_list("state").annotate(Count("pk"))
    lists = [
        Row(str(RecordLink.State(state).label), _n(n), beside.records(one, "customers", state)) for state, n in by_state
    ]
    return Finding(True, f"{said} {told_field}", lists)


def intercom_points(name: str) -> Callable[[Move], Finding]:
    """Whether the Ref ID of a data type points to where the HubSpot ID will stand."""

    def check(_move: Move) -> Finding:
        connections = beside.connected(beside.INTERCOM)
        if not connections:
            return Finding(True, _("No Intercom connection: nothing to do."))
        return _together([_points(one, name) for one in connections])

    return check


def _points(one: Connection, name: str) -> Finding:
    found = beside.attribute_of(one, name)
    page = [
        Row(_("Other IDs"), _("%(name)s, %(what)s") % {"name": one.name, "what": OF[name]}, beside.intercom_page(one))
    ]
    if found is None:
        return Finding(False, _("%(name)s: no Ref ID is mapped.") % {"name": one.name}, page, cure=_(
            "Map it even where only conversations are read: they find their customer and contacts by it."))  # fmt: skip
    told = {"name": one.name, "attribute": found.label}
    if not found.is_read:
        said = _("%(name)s: the block is disabled, so %(attribute)s is neither filled nor read.") % told
        return Finding(
            False,
            said,
            page,
            cure=_("Set it to IDs only: no field flows, and conversations still find whose they are."),
        )
    if not found.is_own:
        said = _("%(name)s: the Ref ID is %(attribute)s, which keeps the old CRM’s ID for ever.") % told
        return Finding(False, said, page, cure=_("Let the step “Other IDs” make an attribute for the HubSpot ID."))
    how = _("each sync writes it") if found.fills else _("your team fills it in Intercom")
    return Finding(True, _("%(name)s: the Ref ID is %(attribute)s; %(how)s.") % {**told, "how": how}, page)


def intercom_ids(move: Move) -> Finding:
    """Held against the IDs of here, which are HubSpot's once stage A has run."""
    connections = beside.connected(beside.INTERCOM)
    if not connections:
        return Finding(True, _("No Intercom connection: nothing to do."))
    if stage_a_ran(move) is None:
        return Finding(None, _("Waits for stage A: until then the IDs here are the old ones."))
    return _together([_held(one, name) for one in connections for name in OBJECTS])


def _held(one: Connection, name: str) -> Finding:
    attribute = beside.attribute_of(one, name)
    if attribute is not None and attribute.is_read and not attribute.fills:
        return _imported(one, name, attribute.label)
    good = bad = 0
    rows: list[Row] = []
    for held in beside.held(one, name):
        good, bad = good + held.is_same, bad + (not held.is_same)
        if not held.is_same and len(rows) < SHOWN:
            detail = _("holds %(there)s, its ID here is %(here)s")
            told = {"there": held.there or "–", "here": held.here or "–"}
            rows.append(
                Row(
                    held.link.name or held.link.source_id,
                    detail % told,
                    beside.records(one, name, RecordLink.State.LINKED),
                )
            )
    waiting = beside.unlinked(one, name).count()
    told = {"name": one.name, "good": _n(good), "all": _n(good + bad), "what": str(OF[name]), "waiting": _n(waiting)}
    said = (
        _("%(name)s: %(good)s of %(all)s linked %(what)s hold the ID of here; %(waiting)s are linked to nobody.") % told
    )
    if not good and not bad and waiting:
        page = Row(_("Records"), one.name, beside.records(one, name, RecordLink.State.EXCLUDED))
        return Finding(False, said, [page], waiting, _("Nobody was found: bring the IDs of here to Intercom."))
    if bad:
        return Finding(
            False, said, rows, bad, _("Let one sync of Intercom run: it writes the IDs. Or import them there.")
        )
    return Finding(True, said)


def _imported(one: Connection, name: str, attribute: str) -> Finding:
    rows, filled, known = beside.in_first_page(one, name)
    told = {"name": one.name, "rows": _n(rows), "filled": _n(filled), "known": _n(known), "attribute": attribute}
    said = _("%(name)s: of %(rows)s records looked at, %(filled)s hold something in %(attribute)s; IDs of here among "
             "them: %(known)s.") % told  # fmt: skip
    if known and known == filled:
        return Finding(True, said)
    cure = _("Import the HubSpot IDs into Intercom, or let the step “Other IDs” write them.")
    return Finding(
        False,
        said,
        [
            Row(
                _("Other IDs"),
                _("%(name)s, %(what)s") % {"name": one.name, "what": OF[name]},
                beside.intercom_page(one),
            )
        ],
        cure=cure,
    )


def other_tools(move: Move) -> Finding:
    tools = list(Tool.objects.filter(move=move))
    page = reverse("migration:tools", args=[move.pk])
    if not tools:
        if word := words_on(move, OTHER, NONE).first():
            return Finding(True, _("%(who)s says that no other tool used the old ID.") % {"who": word.by})
        return Finding(
            False,
            _("No tool is listed."),
            cure=_("List each tool that used the old CRM’s ID as its key, or sign that there is none."),
        )
    waiting = [one for one in tools if not one.signed_by]
    rows = [Row(one.name, _("updated by %(who)s") % {"who": one.signed_by} if one.signed_by else _("still on the old ID"), page)
            for one in [*waiting, *(one for one in tools if one.signed_by)]]  # fmt: skip
    told = {"done": _n(len(tools) - len(waiting)), "all": _n(len(tools))}
    said = _("%(done)s of %(all)s tools were updated to the HubSpot ID.") % told
    cure = _("Update the tool to the HubSpot ID before it is set up anew, then sign it.") if waiting else ""
    return Finding(not waiting, said, rows, len(rows), cure)


def _together(found: list[Finding]) -> Finding:
    """Of several connections: each says its own, and all must hold."""
    wrong = [one for one in found if not one.holds]
    shown = wrong or found
    return Finding(
        not wrong, " ".join(one.said for one in shown), [row for one in shown for row in one.rows][:SHOWN],
        sum(one.total or len(one.rows) for one in shown), " ".join(dict.fromkeys(one.cure for one in wrong if one.cure)),
    )  # fmt: skip


def _n(number: int) -> str:
    return str(intcomma(number))
