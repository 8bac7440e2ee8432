"""The guided set-up of Intercom: its words, its steps, its proposals."""

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
from .client import VERSION
from .connector import IntercomConnector
from .defaults import default_lines
from .forms.connect import ConnectForm, SignIn
from .models import SYSTEM, IntercomConnection
from .offers import OFFERS
from .views import steps
from .ways import IntercomWays

WORDS: dict[str, str | Promise] = {
    "system": "Intercom",
    "account": _("company"),
    "accounts": _("companies"),
    "Accounts": _("Companies"),
    "revoke": _("Settings, Integrations, Developer Hub"),
}
STEPS = (
    Step("connect", _("Connect"), _("who signs in")),
    Step("customers", _("Companies"), _("whose they are")),
    Step("contacts", _("Contacts"), _("who they are")),
    Step("interactions", _("Conversations"), _("what comes in")),
    Step("move", _("Other IDs"), _("before the CRM changes"), is_optional=True),
    Step("review", _("Review"), _("preview, then turn on")),
)
INTERACTIONS: dict[str, str | Promise] = {
    "emails": _("Conversations that run by e-mail, each with its replies."),
    "calls": _("Phone calls that Intercom logged."),
    "notes": _("Chats of the messenger, and messages of WhatsApp, SMS and social media, each with its replies."),
}
HISTORY = _(
    "Replies take a call for each conversation: they are read of those that are new or have changed, up to the last "
    "five hundred parts of each. A conversation whose contacts belong to no company that is known here is left out, and "
    "listed."
)


def practice(connection: Connection) -> dict[str, Any] | None:
    if not settings.REHEARSAL_INTERCOM_URL:
        return None
    return {
        "base_url": settings.REHEARSAL_INTERCOM_URL,
        "sign_in": SignIn.WEB,
        "region": IntercomConnection.Region.EU,
        "name": connection.name or free_name(ConnectForm.label),
    }


def missing_scope(_connection: IntercomConnection) -> str:
    """The whole workspace is looked at: nothing is left open."""
    return ""


def trouble(code: str) -> Sentence | None:
    return CAUSES.get(code)


def facts() -> dict[str, Any]:
    return {"api_version": VERSION}


GUIDE = Guide(
    system=SYSTEM,
    namespace="intercom",
    abilities=ABILITIES,
    words=WORDS,
    model=IntercomConnection,
    connector=IntercomConnector,
    steps=STEPS,
    pages={"customers": steps.companies, "contacts": steps.contacts, "move": steps.move},
    ways=IntercomWays(),
    connect_form=ConnectForm,
    practice=practice,
    organisation_column="workspace_id",
    offers=OFFERS,
    interactions=INTERACTIONS,
    default_lines=default_lines,
    proposed_path=proposed_path,
    missing_scope=missing_scope,
    trouble=trouble,
    hidden=frozenset({"api_plan_restricted", "forbidden"}),
    history=HISTORY,
    facts=facts,
)
