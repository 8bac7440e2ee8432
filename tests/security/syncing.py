"""The whole way from nothing to a finished sync, over the console's own pages and the practice Salesforce's wire."""

from typing import Any

from django.urls import reverse

from integrations.salesforce.models import SalesforceConnection
from integrations.sync import runs
from integrations.sync.models import Run
from integrations.sync.runner.drive import drive
from tests.salesforce.consent import answer
from tests.security.marked import MarkedSalesforce
from tests.signed_in import SignedIn

START, CALLBACK = "salesforce:start", "salesforce:callback"


def connect(admin: SignedIn, crm: MarkedSalesforce) -> SalesforceConnection:
    admin.get(reverse(CALLBACK), answer(begin(admin)))
    return set_up(admin, crm)


def begin(admin: SignedIn) -> str:
    return str(admin.post(reverse(START), {"practice": "1"}).headers["Location"])


def set_up(admin: SignedIn, crm: MarkedSalesforce) -> SalesforceConnection:
    connection = SalesforceConnection.objects.get()
    everything = crm.store.one("SELECT id FROM _view WHERE label = 'All Accounts'")
    assert everything
    SalesforceConnection.objects.filter(pk=connection.pk).update(
        state="on", account_view=everything[0], account_view_label="All Accounts", every_minutes=60
    )
    connection.refresh_from_db()
    return connection


def by_app(crm: MarkedSalesforce, **more: str) -> dict[str, str]:
    return {
        "environment": "domain", "base_url": crm.base_url, "name": "Aldervale", "sign_in": "app",
        "client_id": crm.credentials.client_id, "client_secret": crm.credentials.client_secret, **more,
    }  # fmt: skip


def by_password(crm: MarkedSalesforce, **more: str) -> dict[str, str]:
    known = crm.credentials
    return {
        "environment": "domain", "base_url": crm.base_url, "name": "Aldervale", "sign_in": "password",
        "username": known.username, "password": known.password, "security_token": known.security_token, **more,
    }  # fmt: skip


def sync(connection: SalesforceConnection, kind: Any = Run.Kind.DELTA, seconds: float = 20.0) -> Run:
    connection.refresh_from_db()
    return drive(runs.request_run(connection, kind, by="Inès Moreau"), seconds)
