"""The guided set-up of Salesforce: its words, its steps, its proposals."""

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
from .connector import SalesforceConnector
from .defaults import default_lines
from .forms.connect import ConnectForm, Environment, SignIn
from .models import SYSTEM, SalesforceConnection
from .offers import OFFERS
from .views.step_scope import scope_step
from .ways import SalesforceWays

WORDS: dict[str, str | Promise] = {
    "system": "Salesforce",
    "account": _("account"),
    "accounts": _("accounts"),
    "Accounts": _("Accounts"),
    "revoke": _("Setup, Connected Apps OAuth Usage"),
    "new_field": _(
        "An administrator of Salesforce creates one under Setup, Object Manager, Account, Fields; then read again."
    ),
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
    "emails": _("Logged e-mails, each once, although Salesforce keeps most of them twice: as a message and as a task."),
    "meetings": _("Events in the calendar, once for all who were invited."),
    "calls": _("Closed tasks of the subtype Call. Planned ones follow once they are closed."),
    "notes": _("Notes on an account, and the comments of closed tasks that are neither a call nor an e-mail."),
}
HISTORY = _("Archived activities are read too.")
OURS: dict[str, Sentence] = {
    "view-gone": Sentence(
        say("The chosen view is gone from Salesforce, or hidden from the signed-in user."),
        say("Choose another view, or share it with that user. Nobody is churned by its absence."),
    ),
    "view-unusable": Sentence(
        say("What this view shows depends on who looks."),
        say("Choose a view that shows the same accounts to everybody."),
    ),
    "NO_APP": Sentence(
        say("No app is set up through which people could sign in."),
        say("Enter the client ID and secret of an external client app of your Salesforce."),
    ),
}


def practice(connection: Connection) -> dict[str, Any] | None:
    if not settings.REHEARSAL_SALESFORCE_URL:
        return None
    return {
        "environment": Environment.DOMAIN,
        "base_url": settings.REHEARSAL_SALESFORCE_URL,
        "sign_in": SignIn.WEB,
        "name": connection.name or free_name(ConnectForm.label),
    }


def missing_scope(connection: SalesforceConnection) -> str | Promise:
    return "" if connection.account_view else _("No account view is chosen yet: choose one in the set-up, under Scope.")


def trouble(code: str) -> Sentence | None:
    return OURS.get(code) or CAUSES.get(code)


def facts() -> dict[str, Any]:
    return {"api_version": settings.SALESFORCE_API_VERSION}


GUIDE = Guide(
    system=SYSTEM,
    namespace="salesforce",
    abilities=ABILITIES,
    words=WORDS,
    model=SalesforceConnection,
    connector=SalesforceConnector,
    steps=STEPS,
    pages={"scope": scope_step},
    ways=SalesforceWays(),
    connect_form=ConnectForm,
    practice=practice,
    organisation_column="organization_id",
    offers=OFFERS,
    interactions=INTERACTIONS,
    history=HISTORY,
    default_lines=default_lines,
    proposed_path=proposed_path,
    missing_scope=missing_scope,
    trouble=trouble,
    # What it answers about an object or a field that the signed-in user may not see.
    hidden=frozenset({"INVALID_TYPE", "INVALID_FIELD"}),
    facts=facts,
)
