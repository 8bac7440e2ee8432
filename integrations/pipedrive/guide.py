"""The guided set-up of Pipedrive: its words, its steps, its proposals."""

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
from .connector import PipedriveConnector
from .defaults import default_lines, proposed_path
from .forms.connect import ConnectForm, SignIn
from .models import SYSTEM, PipedriveConnection
from .offers import OFFERS
from .views.step_agreements import deals_step
from .views.step_scope import scope_step
from .ways import PipedriveWays

WORDS: dict[str, str | Promise] = {
    "system": "Pipedrive",
    "account": _("organization"),
    "accounts": _("organizations"),
    "contacts": _("persons"),
    "Accounts": _("Organizations"),
    "revoke": _("Pipedrive, Tools and apps, Installed apps"),
    "new_field": _("An administrator of Pipedrive creates one under Company settings, Data fields; then read again."),
}
STEPS = (
    Step("connect", _("Connect"), _("who signs in")),
    Step("scope", _("Scope"), _("which organizations come in")),
    Step("customers", _("Customers"), _("which fields meet")),
    Step("contacts", _("Contacts"), _("who, and their roles")),
    Step("agreements", _("Agreements"), _("if you like"), is_optional=True),
    Step("interactions", _("Interactions"), _("if you like"), is_optional=True),
    Step("scores", _("Scores"), _("if you like"), is_optional=True),
    Step("review", _("Review"), _("preview, then turn on")),
)
INTERACTIONS: dict[str, str | Promise] = {
    "emails": _(
        "Done activities of the type E-mail. Pipedrive keeps no message IDs of Google and Microsoft: where a mailbox is "
        "connected to this hub, leave e-mails disabled, or each would stand here twice."
    ),
    "meetings": _("Activities of the type Meeting, planned ones too."),
    "calls": _("Activities of the type Call. Planned ones follow once they are done."),
    "notes": _("Notes on an organization, and those on its deals. Pipedrive’s notes have a text and no title."),
}


def practice(connection: Connection) -> dict[str, Any] | None:
    if not settings.REHEARSAL_PIPEDRIVE_URL:
        return None
    return {
        "base_url": settings.REHEARSAL_PIPEDRIVE_URL,
        "sign_in": SignIn.WEB,
        "name": connection.name or free_name(ConnectForm.label),
    }


def missing_scope(_connection: PipedriveConnection) -> str | Promise:
    # Whoever has won a deal comes in: nothing has to be chosen.
    return ""


def trouble(code: str) -> Sentence | None:
    return CAUSES.get(code)


def facts() -> dict[str, Any]:
    return {"api_version": "2"}


GUIDE = Guide(
    system=SYSTEM,
    namespace="pipedrive",
    abilities=ABILITIES,
    words=WORDS,
    model=PipedriveConnection,
    connector=PipedriveConnector,
    steps=STEPS,
    pages={"scope": scope_step, "agreements": deals_step},
    ways=PipedriveWays(),
    connect_form=ConnectForm,
    practice=practice,
    organisation_column="organization_id",
    offers=OFFERS,
    interactions=INTERACTIONS,
    default_lines=default_lines,
    proposed_path=proposed_path,
    missing_scope=missing_scope,
    trouble=trouble,
    # What it answers about records or fields that the signed-in user may not see.
    hidden=frozenset({"SCOPE_MISSING", "ERR_FORBIDDEN", "HTTP_403"}),
    creates_scores=True,
    facts=facts,
)
