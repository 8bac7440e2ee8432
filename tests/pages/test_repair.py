"""What stands in the way is said in plain words wherever it shows; the vendor's code only stands beside it."""

from typing import Any

import pytest

from accounts.permissions import Role
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.matters import matters
from integrations.sync.models import Connection, ConnectionState, Run
from integrations.sync.situation import Situation
from tests.pages.factories import RunFactory
from tests.signed_in import ClientAs, SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C14")]
NO_ACCESS = {"system": "Salesforce", "code": "API_DISABLED_FOR_ORG", "message": "API is not enabled", "step": "prepare"}
PLAIN = "This Salesforce user has no API access."


@pytest.fixture
def salesforce() -> SalesforceConnection:
    found = SalesforceConnection.objects.create(system="salesforce", name="SF", slug="sf", state="on")
    ConnectionState.objects.create(
        connection=found, health="wrong", health_code="API_DISABLED_FOR_ORG", health_message="API is not enabled"
    )
    return found


def _failed(connection: Connection, reason: str = "misconfigured", **params: Any) -> Run:
    said = {**NO_ACCESS, **params}
    return RunFactory.create(connection=connection, state="failed", reason_code=reason, reason_params=said)


def test_run_page_speaks_plainly_and_keeps_the_code_beside_it(
    admin: SignedIn, salesforce: Connection, text: Any
) -> None:
    run = _failed(salesforce)

    page = text(admin.get(f"/runs/{run.pk}/"))

    assert f'<span class="strong">{PLAIN} The run stopped; nothing more was written.</span>' in page
    assert "Use a user with the permission “API Enabled”" in page
    assert '<small class="mono">API_DISABLED_FOR_ORG: API is not enabled</small>' in page


def test_connection_page_and_needs_you_say_the_same(admin: SignedIn, salesforce: Connection, text: Any) -> None:
    _failed(salesforce)

    pages = [text(admin.get(address)) for address in ("/connections/sf/", "/needs/", "/runs/")]

    assert [PLAIN in page for page in pages] == [True] * 3


def test_code_that_the_system_does_not_know_keeps_our_own_sentence(
    admin: SignedIn, salesforce: Connection, text: Any
) -> None:
    run = _failed(salesforce, code="SOMETHING_NEW", message="Ada")

    page = text(admin.get(f"/runs/{run.pk}/"))

    assert "Salesforce cannot be read as it is set up." in page
    assert "SOMETHING_NEW: Ada</small>" in page


@pytest.mark.parametrize(
    ("reason", "code", "label", "url"),
    [
        ("view-gone", "view-gone", "Choose another view", "/integrations/salesforce/sf/scope/"),
        ("misconfigured", "view-unusable", "Choose another view", "/integrations/salesforce/sf/scope/"),
        ("field-gone", "field-gone", "Open the mapping", "/connections/sf/mapping/contacts/"),
        ("misconfigured", "INVALID_FIELD", "Open the mapping", "/connections/sf/mapping/contacts/"),
        ("needs-sign-in", "INVALID_LOGIN", "Sign in again", "/integrations/salesforce/sf/connect/"),
    ],
)
def test_cure_is_one_click_away(
    admin: SignedIn, salesforce: Connection, text: Any, reason: str, code: str, label: str, url: str
) -> None:
    run = _failed(salesforce, reason, code=code, step="contacts.all", view="All", field="X", label="X")

    page = text(admin.get(f"/runs/{run.pk}/"))

    assert f'href="{url}">{label}</a>' in page
    assert (f'<small class="mono">{code}: ' in page) == ("-" not in code)


def test_matter_of_a_failed_run_leads_to_its_cure(salesforce: Connection) -> None:
    _failed(salesforce, "view-gone", code="view-gone", view="All")

    [_silent_workers, matter] = matters(Situation())

    assert (matter.verb, matter.url) == ("Choose another view", "/integrations/salesforce/sf/scope/")


def test_who_may_not_repair_gets_the_sentence_without_the_link(client_as: ClientAs, salesforce: Connection) -> None:
    run = _failed(salesforce)

    page = client_as(Role.SUPPORT).get(f"/runs/{run.pk}/").content.decode()

    assert PLAIN in page
    assert "Open the mapping" not in page


def test_lost_sign_in_says_why(admin: SignedIn, salesforce: Connection, text: Any) -> None:
    ConnectionState.objects.update(health="sign-in", health_code="INVALID_LOGIN", health_message="Invalid username")

    pages = [text(admin.get(address)) for address in ("/connections/sf/", "/needs/")]

    assert ["does not accept this user name, password or security token." in page for page in pages] == [True, True]
    assert '<small class="mono">INVALID_LOGIN: Invalid username</small>' in pages[0]
