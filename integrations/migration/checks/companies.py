"""Chapter 1: the companies themselves, counted in the census: their old IDs, the filter, their lifecycle stage."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import there
from ..census import STOPPED, census_of, is_current
from ..facts import to_move
from ..models import Move
from ..portal import Waits, portal_of, property_of, scope_said, waiting_says_so
from ..rows import company_rows, old_id_rows
from ..steps import SHOWN, Finding, Row
from .hubspot import companies_said

SCOPE_COLUMNS = ("stages", "filter_field", "filter_operator", "filter_values")


@waiting_says_so
def filled_there(move: Move) -> Finding:
    _require_census(move)
    missing, twins, mistyped = there.without(move), there.twins(move), there.mistyped(move)
    lacking, doubled, wrong, total = missing.count(), twins.count(), mistyped.count(), to_move(move).count()
    rows = [
        *company_rows(move, mistyped[:SHOWN], _("%(old_id)s: nobody here has this ID; mistyped, perhaps")),
        *old_id_rows(missing.order_by("name", "pk")[:SHOWN], _("no company holds %(old_id)s")),
        *company_rows(move, twins[:SHOWN], _("%(old_id)s, and so does another company")),
    ]
    said = [
        _("%(n)s of %(total)s customers to move have a company with their old ID.")
        % {"n": f"{total - lacking:,}", "total": f"{total:,}"}
    ]
    if doubled:
        text = ngettext("%(n)s company shares its old ID.", "%(n)s companies share an old ID.", doubled)
        said.append(text % {"n": f"{doubled:,}"})
    if wrong:
        text = ngettext(
            "%(n)s company bears the name of a customer without one, and an ID that nobody here has: mistyped, perhaps.",
            "%(n)s companies bear the name of a customer without one, and an ID that nobody here has: mistyped, perhaps.",
            wrong,
        )  # fmt: skip
        said.append(text % {"n": f"{wrong:,}"})
    cure = _(
        "Type or import the ID in HubSpot, or declare that a customer stays behind; then list the companies again."
    )
    if not total:
        return Finding(None, _("No customer to move: the old connection has linked none."))
    holds = not lacking and not doubled
    return Finding(holds, " ".join(said), rows, lacking + doubled + wrong, "" if holds else cure)


@waiting_says_so
def filtered(move: Move) -> Finding:
    connector = portal_of(move)
    found = connector.count("customers").total
    rows = [Row(label, value) for label, value in scope_said(connector, SCOPE_COLUMNS)]
    if move.expected is None:
        text = _("The filter brings %(n)s. Type how many customers you expect.")
        return Finding(None, text % {"n": companies_said(found)}, rows)
    said = {"n": companies_said(found), "expected": f"{move.expected:,}"}
    if found == move.expected:
        return Finding(True, _("The filter brings %(n)s, as many as expected.") % said, rows)
    if found > move.expected:
        cure = _(
            "Too wide: partners or former customers come along. Give them a lifecycle stage of their own, or filter on a "
            "yes/no property that is set on the wanted companies only."
        )
    else:
        cure = _("Too narrow: look for companies without the lifecycle stage, or widen the filter.")
    return Finding(False, _("The filter brings %(n)s, where %(expected)s are expected.") % said, rows, cure=cure)


@waiting_says_so
def staged(move: Move) -> Finding:
    _require_census(move)
    outside = there.outside(move)
    number = outside.count()
    if not number:
        inside = there.inside(move).count()
        if not inside:
            return Finding(None, _("No company of a customer to move is known: none holds an old ID of here."))
        text = _("Every company of a customer to move is within the filter (%(n)s).")
        return Finding(True, text % {"n": companies_said(inside)})
    text = ngettext(
        "%(n)s company of a customer to move is outside the filter, and would not come in.",
        "%(n)s companies of customers to move are outside the filter, and would not come in.",
        number,
    )  # fmt: skip
    rows = company_rows(move, outside[:SHOWN], _("%(stage)s, old ID %(old_id)s"))
    cure = _("Set their lifecycle stage in HubSpot, then list the companies again.")
    return Finding(False, text % {"n": f"{number:,}"}, rows, number, cure)


def _require_census(move: Move) -> None:
    portal_of(move)
    property_of(move)
    standing = census_of(move)
    if standing.is_running:
        raise Waits(_("It waits for the listing of HubSpot’s companies, which is under way."))
    if standing.state == STOPPED:
        raise Waits(_("The listing of HubSpot’s companies stopped: %(why)s") % {"why": standing.trouble})
    if not is_current(move):
        raise Waits(_("It waits for a listing of HubSpot’s companies with this property and this filter."))
