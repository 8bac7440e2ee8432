"""The mapping page on the practice Salesforce: live labels, samples and counts within a handful of calls."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.configuration import apply_yaml, read_yaml, save_version
from integrations.sync.models import Connection
from tests.salesforce.conftest import allow, signed_in

FILE = """
skalin-sync: 1
connection: salesforce
system: salesforce
blocks:
  customers:
    lines:
      - {hub: ref_id, crm: Id}
      - {hub: name, crm: Name}
      - {hub: domain, crm: Website}
      - {hub: csm, crm: CSM__r.Email}
      - {hub: stage, crm: Lifecycle_Stage__c}
  contacts:
    lines:
      - {hub: ref_id, crm: Id}
      - {hub: last_name, crm: LastName}
      - {hub: is_champion, crm: Role__c, transform: equals, argument: Ambassador}
"""


@pytest.fixture
def practice(tmp_path: Path, settings: Settings) -> Iterator[PracticeSalesforce]:
    with PracticeSalesforce(tmp_path) as crm:
        allow(settings, crm)
        yield crm


@pytest.fixture
def salesforce(db: None, practice: PracticeSalesforce) -> Connection:
    signed_in(practice)
    made = apply_yaml(read_yaml(FILE), None)
    practice.forget_calls()
    return made


@pytest.fixture
def admin(admin_user: User, client_as: Callable[..., Client]) -> Client:
    return client_as(admin_user)


@pytest.mark.requirement("R15", "R23", "R24", "R31")
@pytest.mark.parametrize("object_name", ["customers", "contacts"])
def test_mapping_page_shows_live_fields(admin: Client, salesforce: Connection, object_name: str) -> None:
    page = admin.get(reverse("sync:mapping", args=["salesforce", object_name]))

    mapped = [row for row in page.context["rows"] if row.form["crm"].value()]
    assert page.context["page"].metadata.trouble == ""
    assert {row.fit for row in mapped} == {"matching"}
    assert all(row.label and row.type and row.samples for row in mapped)


def test_mapping_page_says_types_in_plain_words(admin: Client, salesforce: Connection) -> None:
    page = admin.get(reverse("sync:mapping", args=["salesforce", "customers"]))

    shown = {row.form.hub_field.name: row.type for row in page.context["rows"]}
    assert {name: shown[name] for name in ("ref_id", "name", "domain", "csm", "stage")} == {
        "ref_id": "ID", "name": "text", "domain": "website", "csm": "user", "stage": "list",
    }  # fmt: skip
    html = page.content.decode()
    assert '<option value="AnnualRevenue">Annual Revenue (amount)</option>' in html
    assert '<option value="Description">Account Description (long text)</option>' in html


@pytest.mark.requirement("C13")
def test_mapping_page_counts_each_picklist_value(admin: Client, salesforce: Connection) -> None:
    address = reverse("sync:mapping", args=["salesforce", "customers"])

    page = admin.post(address, {"count": "stage", "line-stage-crm": "Lifecycle_Stage__c"})

    [stage] = [row for row in page.context["rows"] if row.form.hub_field.name == "stage"]
    assert stage.values
    assert all(value.records is not None for value in stage.values)
    assert sum(value.records for value in stage.values) > 100
    unmapped = [value for value in stage.values if not value.wanted and not value.is_known]
    assert stage.records_unmapped == sum(value.records for value in unmapped)


def test_mapping_page_costs_few_calls_once(admin: Client, salesforce: Connection, practice: PracticeSalesforce) -> None:
    address = reverse("sync:mapping", args=["salesforce", "customers"])

    admin.get(address)
    first = sum(practice.calls().values())
    admin.get(address)

    assert first <= 6
    assert sum(practice.calls().values()) == first


@pytest.fixture
def two_versions(salesforce: Connection, practice: PracticeSalesforce, admin_user: User) -> Connection:
    """Version 1 reads the view “EMEA <key> accounts”, the present one all accounts."""
    views = {view.label: view.id for view in SalesforceConnector(salesforce).views("customers")}
    for label in ("EMEA key accounts", "All Accounts"):
        SalesforceConnection.objects.filter(pk=salesforce.pk).update(
            account_view=views[label], account_view_label=label.replace("key", "<key>")
        )
        version = save_version(salesforce, admin_user)
        assert version
    practice.forget_calls()
    return salesforce


def number_of(connection: Connection, label: str) -> int:
    return next(v.number for v in connection.versions.all() if v.data["settings"]["account_view_label"] == label)


def go_back(admin: Client, connection: Connection, number: int) -> str:
    now = Connection.objects.get(pk=connection.pk).version
    address = reverse("sync:restore", args=[connection.slug, number])
    return admin.post(address, {"version": now}, follow=True).content.decode()


@pytest.mark.requirement("F36")
def test_a_restored_version_whose_view_is_gone_is_said_with_the_way_to_another(
    admin: Client, two_versions: Connection, practice: PracticeSalesforce
) -> None:
    practice.control(delete_view="EMEA key accounts")
    number = number_of(two_versions, "EMEA <key> accounts")

    page = go_back(admin, two_versions, number)

    assert "The view “EMEA &lt;key&gt; accounts” is gone from Salesforce" in page
    scope = reverse("salesforce:wizard", args=["salesforce", "scope"])
    assert f'<a href="{scope}">Choose another view</a>' in page
    assert practice.calls() == {"view": 1}
    assert SalesforceConnection.objects.get().account_view_label == "EMEA <key> accounts"


def test_a_restored_version_whose_view_is_there_is_not_warned_of(
    admin: Client, two_versions: Connection, practice: PracticeSalesforce
) -> None:
    number = number_of(two_versions, "EMEA <key> accounts")

    page = go_back(admin, two_versions, number)

    assert "Choose another view" not in page
    assert practice.calls() == {"view": 1}


def test_a_version_is_restored_though_the_crm_is_silent(
    admin: Client, two_versions: Connection, practice: PracticeSalesforce
) -> None:
    practice.control(burst=1000, burst_status=503, retry_after=600)
    number = number_of(two_versions, "EMEA <key> accounts")

    page = go_back(admin, two_versions, number)

    assert "The next sync uses it." in page
    assert SalesforceConnection.objects.get().account_view_label == "EMEA <key> accounts"
