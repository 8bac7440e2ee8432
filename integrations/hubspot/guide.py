"""The guided set-up of HubSpot: its words, its steps, its proposals."""

from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.reasons import Sentence
from integrations.setup.guide import Guide, Step
from integrations.sync.free import free_name
from integrations.sync.models import Connection

from .abilities import ABILITIES
from .causes import CAUSES
from .client import VERSION
from .connector import HubSpotConnector
from .defaults import default_lines, proposed_path
from .forms.connect import ConnectForm, SignIn
from .models import SYSTEM, HubSpotConnection
from .offers import OFFERS
from .views.step_agreements import pipelines_step
from .views.step_scope import scope_step
from .ways import HubSpotWays

WORDS: dict[str, str | Promise] = {
    "system": "HubSpot",
    "account": _("company"),
    "accounts": _("companies"),
    "Accounts": _("Companies"),
    "revoke": _("Settings, Integrations, Connected Apps"),
    "new_field": _("A super admin creates one under Settings, Properties, Companies; then read again."),
}
INTERACTIONS: dict[str, str | Promise] = {
    "emails": _("Logged e-mails on a company, on one of its contacts or deals."),
    "meetings": _("Meetings on a company, on one of its contacts or deals. Cancelled ones and no-shows stay outside."),
    "calls": _("Calls that were made. Those that are queued, failed or were cancelled stay outside."),
    "notes": _("Notes on a company, its contacts and its deals. A first line that stands alone in bold is the title."),
}
STEPS = (
    Step("connect", _("Connect"), _("who signs in")),
    Step("scope", _("Scope"), _("which companies come in")),
    Step("customers", _("Customers"), _("which fields meet")),
    Step("contacts", _("Contacts"), _("who, and their roles")),
    Step("agreements", _("Agreements"), _("if you like"), is_optional=True),
    Step("interactions", _("Interactions"), _("if you like"), is_optional=True),
    Step("scores", _("Scores"), _("if you like"), is_optional=True),
    Step("review", _("Review"), _("preview, then turn on")),
)


def practice(connection: Connection) -> dict[str, Any] | None:
    return _practice(connection, settings.REHEARSAL_HUBSPOT_URL)


def practice_move(connection: Connection) -> dict[str, Any] | None:
    return _practice(connection, settings.REHEARSAL_HUBSPOT_MOVE_URL)


def _practice(connection: Connection, address: str) -> dict[str, Any] | None:
    if not address:
        return None
    return {
        "base_url": address,
        "sign_in": SignIn.WEB,
        "name": connection.name or free_name(ConnectForm.label),
    }


def missing_scope(connection: HubSpotConnection) -> str | Promise:
    return "" if connection.stages else _("No lifecycle stage is chosen yet: choose one in the set-up, under Scope.")


def trouble(code: str) -> Sentence | None:
    return CAUSES.get(code)


def facts() -> dict[str, Any]:
    return {"api_version": VERSION}


GUIDE = Guide(
    system=SYSTEM,
    namespace="hubspot",
    abilities=ABILITIES,
    words=WORDS,
    model=HubSpotConnection,
    connector=HubSpotConnector,
    steps=STEPS,
    pages={"scope": scope_step, "agreements": pipelines_step},
    ways=HubSpotWays(),
    connect_form=ConnectForm,
    practice=practice,
    practice_move=practice_move,
    organisation_column="portal_id",
    offers=OFFERS,
    interactions=INTERACTIONS,
    default_lines=default_lines,
    proposed_path=proposed_path,
    missing_scope=missing_scope,
    trouble=trouble,
    hidden=frozenset({"MISSING_SCOPES"}),
    creates_scores=True,
    facts=facts,
)
