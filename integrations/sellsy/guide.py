"""The guided set-up of Sellsy: its words, its steps, its proposals."""

from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.reasons import Sentence
from integrations.setup.guide import Guide, Step
from integrations.setup.proposals import proposed_path
from integrations.sync.free import free_name
from integrations.sync.models import Connection

from .abilities import ABILITIES
from .causes import CAUSES
from .connector import SellsyConnector
from .defaults import default_lines
from .forms.connect import ConnectForm, SignIn
from .models import SYSTEM, SellsyConnection
from .offers import OFFERS
from .views import steps
from .ways import SellsyWays

WORDS: dict[str, str | Promise] = {
    "system": "Sellsy",
    "account": _("company"),
    "accounts": _("companies"),
    "Accounts": _("Companies"),
    "revoke": _("Settings, Developer portal"),
    "new_field": _("An administrator of Sellsy creates a number field for clients; then read again."),
}
STEPS = (
    Step("connect", _("Connect"), _("who signs in")),
    Step("scope", _("Scope"), _("which clients come in")),
    Step("customers", _("Customers"), _("which fields meet")),
    Step("contacts", _("Contacts"), _("who, and their roles")),
    Step("agreements", _("Agreements"), _("if you like"), is_optional=True),
    Step("interactions", _("Interactions"), _("if you like"), is_optional=True),
    Step("scores", _("Scores"), _("if you like"), is_optional=True),
    Step("review", _("Review"), _("preview, then turn on")),
)
INTERACTIONS: dict[str, str | Promise] = {
    "emails": _("E-mails that Sellsy sent or received, each once, however often it was opened."),
    "meetings": _("Events of the calendar that name a company or a contact. Private ones stay outside."),
    "calls": _("Phone calls that took place. Planned ones follow once they did."),
    "notes": _("Comments on a company or a contact."),
}
SCOPES = (
    "companies.read companies.write contacts.read opportunities.read custom-fields.read custom-fields.write "
    "smart-tags.read staffs.read accounts.read comments.read phonecalls.read calendars.read activities.read emails.read "
    "api-v1"
)
"""What the app must be granted in Sellsy: reading, and for the scores two fields and their values."""


def practice(connection: Connection) -> dict[str, Any] | None:
    if not settings.REHEARSAL_SELLSY_URL:
        return None
    return {
        "base_url": settings.REHEARSAL_SELLSY_URL,
        "sign_in": SignIn.WEB,
        "name": connection.name or free_name(ConnectForm.label),
    }


def missing_scope(_connection: SellsyConnection) -> str:
    """All clients, unless something else is chosen: nothing is left open."""
    return ""


def trouble(code: str) -> Sentence | None:
    return CAUSES.get(code)


def facts() -> dict[str, Any]:
    return {"scopes": SCOPES.split()}


GUIDE = Guide(
    system=SYSTEM,
    namespace="sellsy",
    abilities=ABILITIES,
    words=WORDS,
    model=SellsyConnection,
    connector=SellsyConnector,
    steps=STEPS,
    pages={"scope": steps.scope, "contacts": steps.contacts, "agreements": steps.agreements},
    ways=SellsyWays(),
    connect_form=ConnectForm,
    practice=practice,
    organisation_column="account_key",
    offers=OFFERS,
    interactions=INTERACTIONS,
    default_lines=default_lines,
    proposed_path=proposed_path,
    missing_scope=missing_scope,
    trouble=trouble,
    hidden=frozenset({"FORBIDDEN"}),
    creates_scores=True,
    facts=facts,
)
