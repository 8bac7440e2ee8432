"""The guided set-up of Stripe: its words, its steps, its proposals."""

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
from .connector import StripeConnector
from .defaults import default_lines
from .forms.connect import ConnectForm
from .models import SYSTEM, StripeConnection
from .offers import OFFERS
from .opening import KEY
from .views import steps
from .ways import StripeWays

WORDS: dict[str, str | Promise] = {
    "system": "Stripe",
    "account": _("customer"),
    "accounts": _("customers"),
    "Accounts": _("Customers"),
    "revoke": _("Developers, API keys"),
    "new_field": _("Add it to the metadata of a customer; then read again."),
}
STEPS = (
    Step("connect", _("Connect"), _("which key")),
    Step("customers", _("Customers"), _("who is who")),
    Step("agreements", _("Agreements"), _("what counts as MRR")),
    Step("review", _("Review"), _("preview, then turn on")),
)
PERMISSIONS = (
    (_("Customers"), _("who pays: found here by Stripe ID, name or domain")),
    (_("Subscriptions"), _("what they pay: the agreements and their MRR")),
    (_("Prices"), _("what tiered prices come to")),
    (_("Products"), _("what plans are called")),
    (_("Events"), _("what changed since the last sync")),
)


def practice(connection: Connection) -> dict[str, Any] | None:
    if not settings.REHEARSAL_STRIPE_URL:
        return None
    return {
        "base_url": settings.REHEARSAL_STRIPE_URL,
        KEY: settings.REHEARSAL_STRIPE_KEY,
        "name": connection.name or free_name(ConnectForm.label),
    }


def missing_scope(_connection: StripeConnection) -> str:
    """The whole account: there is nothing to choose."""
    return ""


def trouble(code: str) -> Sentence | None:
    return CAUSES.get(code)


def facts() -> dict[str, Any]:
    return {"permissions": PERMISSIONS, "api_version": VERSION}


GUIDE = Guide(
    system=SYSTEM,
    namespace="stripe",
    abilities=ABILITIES,
    words=WORDS,
    model=StripeConnection,
    connector=StripeConnector,
    steps=STEPS,
    pages={"customers": steps.customers, "agreements": steps.agreements},
    ways=StripeWays(),
    connect_form=ConnectForm,
    practice=practice,
    organisation_column="account_key",
    offers=OFFERS,
    interactions={},
    default_lines=default_lines,
    proposed_path=proposed_path,
    missing_scope=missing_scope,
    trouble=trouble,
    facts=facts,
)
