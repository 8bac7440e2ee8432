"""The guided set-up of Zoho CRM: its words, its steps, its proposals."""

from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.reasons import Sentence, say
from integrations.setup.guide import Guide, Step
from integrations.setup.proposals import proposed_path
from integrations.sync.free import free_name
from integrations.sync.models import Connection

from .abilities import ABILITIES
from .causes import CAUSES
from .client import VERSION
from .connector import ZohoConnector
from .defaults import default_lines
from .forms.connect import Centre, ConnectForm, SignIn
from .models import SYSTEM, ZohoConnection
from .offers import OFFERS
from .views.step_scope import scope_step
from .ways import ZohoWays

WORDS: dict[str, str | Promise] = {
    "system": "Zoho CRM",
    "account": _("account"),
    "accounts": _("accounts"),
    "Accounts": _("Accounts"),
    "revoke": _("Zoho account, Sessions, Connected Apps"),
    "new_field": _("An administrator of Zoho creates one under Setup, Modules and Fields, Accounts; then read again."),
}
STEPS = (
    Step("connect", _("Connect"), _("who signs in")),
    Step("scope", _("Scope"), _("which accounts come in")),
    Step("customers", _("Customers"), _("which fields meet")),
    Step("contacts", _("Contacts"), _("who, and their roles")),
    Step("agreements", _("Agreements"), _("if you like"), is_optional=True),
    Step("interactions", _("Interactions"), _("if you like"), is_optional=True),
    Step("scores", _("Scores"), _("if you like"), is_optional=True),
    Step("review", _("Review"), _("preview, then turn on")),
)
INTERACTIONS: dict[str, str | Promise] = {
    "emails": _(
        "E-mails that your team types here are logged on the account. They are not read: Zoho shows them one record at a "
        "time, and tells nobody which are new."
    ),
    "meetings": _("Meetings on an account, on one of its deals, or with one of its contacts."),
    "calls": _("Calls that took place. Planned ones follow once they are completed."),
    "notes": _("Notes on an account, its contacts and its deals. Zoho lists them to administrators only."),
}
OURS: dict[str, Sentence] = {
    "view-gone": Sentence(
        say("The chosen view is gone from Zoho, or hidden from the signed-in user."),
        say("Choose another view, or share it with that user. Nobody is churned by its absence."),
    ),
    "view-unusable": Sentence(
        say("This view cannot serve: what it shows depends on who looks or on the day, or no query can say it."),
        say("Choose a view with fixed criteria that shows the same to everybody."),
    ),
    "NO_APP": Sentence(
        say("No client is set up through which people could sign in."),
        say("Enter the client ID and secret of a client from Zoho's API console."),
    ),
}


def practice(connection: Connection) -> dict[str, Any] | None:
    if not settings.REHEARSAL_ZOHO_URL:
        return None
    return {
        "data_centre": Centre.OWN,
        "base_url": settings.REHEARSAL_ZOHO_URL,
        "sign_in": SignIn.WEB,
        "name": connection.name or free_name(ConnectForm.label),
    }


def missing_scope(_connection: ZohoConnection) -> str | Promise:
    # No type chosen means all of them.
    return ""


def trouble(code: str) -> Sentence | None:
    return OURS.get(code) or CAUSES.get(code)


def facts() -> dict[str, Any]:
    return {"api_version": VERSION}


GUIDE = Guide(
    system=SYSTEM,
    namespace="zoho",
    abilities=ABILITIES,
    words=WORDS,
    model=ZohoConnection,
    connector=ZohoConnector,
    steps=STEPS,
    pages={"scope": scope_step},
    ways=ZohoWays(),
    connect_form=ConnectForm,
    practice=practice,
    organisation_column="organization_id",
    offers=OFFERS,
    interactions=INTERACTIONS,
    default_lines=default_lines,
    proposed_path=proposed_path,
    missing_scope=missing_scope,
    trouble=trouble,
    # What it answers about a module or a field that the signed-in user may not see.
    hidden=frozenset({"INVALID_MODULE", "INVALID_QUERY", "NO_PERMISSION"}),
    creates_scores=True,
    facts=facts,
)
