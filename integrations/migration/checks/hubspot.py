"""Chapter 1: who carries the connection, what was moved, and the property that keeps the old ID in HubSpot."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.mapping import Kind
from integrations.hub.models import Agreement, Contact
from integrations.hubspot import census as there
from integrations.hubspot.rights import rights_of
from integrations.sync.connector import CrmField
from integrations.wire.errors import NeedsSignIn

from .. import old_id
from ..facts import to_move
from ..models import Move
from ..portal import portal_of, property_of, waiting_says_so
from ..steps import Finding, Row

TYPE = {True: "number", False: "string"}
"""HubSpot's own words."""


@waiting_says_so
def reached(move: Move) -> Finding:
    connector = portal_of(move)
    try:
        told = connector.whoami()
    except NeedsSignIn as refused:
        return Finding(False, _("HubSpot refuses the sign-in: %(why)s") % {"why": refused}, cure=_sign_in_again())
    said = {"name": connector.hubspot.name, "portal": told.organisation, "user": connector.hubspot.account}
    return Finding(True, _("“%(name)s” reaches the portal %(portal)s, signed in as %(user)s.") % said)


@waiting_says_so
def carried(move: Move) -> Finding:
    """As whom, and with which rights: losing them later raises the alert “Needs sign-in”."""
    connector = portal_of(move)
    if not move.carrier:
        return Finding(None, _("It waits for a name: type the e-mail address of the Super Admin."))
    try:
        rights = rights_of(connector)
    except NeedsSignIn as refused:
        return Finding(False, _("HubSpot refuses the sign-in: %(why)s") % {"why": refused}, cure=_sign_in_again())
    if rights.missing:
        return Finding(
            False,
            _("The sign-in lacks %(scopes)s.") % {"scopes": ", ".join(rights.missing)},
            cure=_("Let the Super Admin sign in again and allow everything that HubSpot’s page asks for."),
        )
    if not rights.user:
        text = _(
            "Signed in with a service key, which belongs to nobody: whether %(carrier)s made it, only people know."
        )
        return Finding(None, text % {"carrier": move.carrier})
    said = {"user": rights.user, "carrier": move.carrier}
    if rights.user.casefold() != move.carrier.casefold():
        return Finding(
            False,
            _("Signed in as %(user)s, not as %(carrier)s.") % said,
            cure=_("Let %(carrier)s sign in on the connection’s page, or name %(user)s here.") % said,
        )
    return Finding(True, _("Signed in as %(user)s, with every right that the syncs need.") % said)


@waiting_says_so
def moved_data(move: Move) -> Finding:
    found, customers = there.totals(portal_of(move)), to_move(move).count()
    pairs = (
        (_("Companies"), found["companies"], _("customers"), customers),
        (_("Contacts"), found["contacts"], _("contacts"), Contact.objects.count()),
        (_("Deals"), found["deals"], _("agreements"), Agreement.objects.count()),
    )
    rows = [
        Row(what, _("%(n)s there, %(here)s %(what)s here") % {"n": _number(n), "here": _number(here), "what": ours})
        for what, n, ours, here in pairs
    ]
    companies = found["companies"]
    if companies is not None and companies < customers:
        text = _("HubSpot holds %(there)s companies, fewer than the %(here)s customers that move.")
        return Finding(
            False, text % {"there": _number(companies), "here": _number(customers)}, rows,
            cure=_("Import the missing companies, or declare which customers stay behind."),
        )  # fmt: skip
    text = _("HubSpot holds at least as many companies as customers move (%(here)s).")
    return Finding(True, text % {"here": _number(customers)}, rows)


@waiting_says_so
def old_id_property(move: Move) -> Finding:
    connector, name = portal_of(move), property_of(move)
    field = connector.schema("customers").get(name)
    if field is None:
        return Finding(
            False, _("HubSpot’s companies have no property “%(name)s”.") % {"name": name},
            cure=_("Choose another property, or have it made."),
        )  # fmt: skip
    said = {"label": field.label, "name": name, "is": connector.abilities.say_type(field.type)}
    said["wanted"] = connector.abilities.say_type(TYPE[old_id.is_number(move)])
    if not fits(move, field):
        text = _("“%(label)s” (%(name)s) is of type %(is)s; the ID is a %(wanted)s in the old CRM.")
        cure = _("Choose a property of type %(wanted)s, or have one made, and copy the IDs over.")
        return Finding(False, text % said, cure=cure % said)
    return Finding(True, _("“%(label)s” (%(name)s) is there, of type %(is)s as in the old CRM.") % said)


def fits(move: Move, field: CrmField) -> bool:
    return field.type == TYPE[old_id.is_number(move)] and field.kind is not Kind.LONG_TEXT


def _sign_in_again() -> str:
    return _("Sign in again on the connection’s page; until then nothing here can be measured.")


def _number(n: int | None) -> str:
    return _("an unknown number") if n is None else f"{n:,}"


def companies_said(n: int) -> str:
    return ngettext("%(n)s company", "%(n)s companies", n) % {"n": f"{n:,}"}
