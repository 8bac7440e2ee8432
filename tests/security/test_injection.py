"""1.2.4: what people type, files say or a CRM names reaches SOQL as one value or not at all."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from integrations.salesforce.models import SalesforceConnection
from integrations.sync import metadata
from integrations.sync.configuration import FileRefused, apply_yaml, read_yaml
from integrations.sync.models import FieldMapping
from tests.security.marked import MarkedSalesforce
from tests.security.syncing import sync
from tests.signed_in import SignedIn

LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'")
VALUES = (
    "x' OR Name != '",
    "\\' OR Name != '",
    "x\\",
    "'; DELETE",
    "') OR (Name != '",
    "\u2019 OR Name != \u2019",
    "%'--",
)
FIELDS = (
    "Name FROM User--", "Id, (SELECT Id FROM Contacts)", "Name)", "COUNT()", "Owner.Email, Phone", "FIELDS(ALL)", "name;", "Name\n",
    "TYPEOF Owner WHEN User THEN Email END", "../../User", "Name' OR Name != '",
)  # fmt: skip
HOSTILE = re.compile(r"\bOR Name\b|\bDELETE\b|FROM User--|FROM Contacts\b|FIELDS\(|TYPEOF|--")


def bare(asked: list[str]) -> list[str]:
    """The queries without the values in them: what is left is language."""
    return [LITERAL.sub("''", address) for address in asked]


def hostile(crm: MarkedSalesforce) -> list[str]:
    return [
        address for address in bare(crm.border.asked) if HOSTILE.search(address) or "'" in address.replace("''", "")
    ]


@pytest.fixture
def asked(crm: MarkedSalesforce, connection: SalesforceConnection) -> Iterator[list[str]]:
    crm.border.asked.clear()
    yield crm.border.asked
    assert hostile(crm) == []


@pytest.mark.parametrize("value", VALUES)
def test_value_stays_one_value(admin: SignedIn, connection: SalesforceConnection, asked: list[str], value: str) -> None:
    count = metadata.count_values(connection, "customers", "Name", [value, "another"])
    page = admin.post(
        reverse("sync:explain"), {"connection": connection.slug, "object": "customers", "source_id": value}
    )

    assert count == 0
    assert page.status_code == 200
    assert any("Name IN (" in address for address in asked)


@pytest.mark.parametrize("path", FIELDS)
def test_field_that_is_none_is_refused_by_every_form(
    admin: SignedIn, connection: SalesforceConnection, asked: list[str], path: str
) -> None:
    mapping = reverse("sync:mapping", args=[connection.slug, "customers"])
    customers = reverse("salesforce:wizard", args=[connection.slug, "customers"])
    before = list(FieldMapping.objects.values_list("block__object", "hub_field", "crm_field"))
    admin.get(mapping)

    admin.post(mapping, {"line-name-crm": path, "line-csm-crm": path})
    admin.post(mapping, {"count": "stage", "line-stage-crm": path, "line-stage-values-from": "x"})
    admin.post(customers, dict.fromkeys(("ref_id", "domain", "csm", "stage", "profile", "name"), path))
    admin.get(customers, {"part": "stage", "stage": path})
    admin.get(customers, {"part": "profile", "profile": path})

    assert list(FieldMapping.objects.values_list("block__object", "hub_field", "crm_field")) == before


@pytest.mark.parametrize("path", FIELDS)
def test_field_that_is_none_never_leaves_when_a_file_names_it(
    connection: SalesforceConnection, asked: list[str], path: str
) -> None:
    """A file is read without asking the CRM: the run looks at what the CRM describes before it asks for anything."""
    file = f"skalin-sync: 1\nconnection: {connection.slug}\nsystem: salesforce\nblocks: {{customers: {{lines: [{{hub: name, crm: {path!r}}}]}}}}"
    try:
        apply_yaml(read_yaml(file), None)
    except FileRefused:
        return

    run = sync(connection, seconds=0)

    assert run.state in {"failed", "done"}
    assert run.counts.get("customers.create", 0) == 0


@pytest.mark.parametrize(
    "view",
    ["00B' OR Name != '", "../../query/?q=SELECT Id FROM User", "00B/describe?x=", "..", "%2e%2e/%2e%2e", "\u202e"],
)
def test_view_that_is_none_is_no_way_to_another_address(
    admin: SignedIn, connection: SalesforceConnection, asked: list[str], view: str
) -> None:
    scope = reverse("salesforce:wizard", args=[connection.slug, "scope"])
    before = connection.account_view

    posted = admin.post(scope, {"account_view": view})
    looked = [admin.get(scope, {"part": part, "view": view}) for part in ("count", "holds")]
    kept = SalesforceConnection.objects.get(pk=connection.pk).account_view
    SalesforceConnection.objects.filter(pk=connection.pk).update(account_view=view[:18])
    run = sync(connection, seconds=0)

    assert posted.status_code == 200
    assert kept == before
    assert [page.status_code for page in looked] == [200, 200]
    assert run.state == "failed"
    assert not [address for address in asked if "/query" in address and "SELECT Id FROM User" in address]
    assert all(address.startswith("/services/") for address in asked)


def test_record_named_like_a_query_is_found_by_its_name(
    admin: SignedIn, crm: MarkedSalesforce, connection: SalesforceConnection, asked: list[str]
) -> None:
    names = [value[:80] for value in VALUES]
    for number, name in enumerate(names):
        crm.create("Account", Name=name, Website=f"odd{number}.example")

    run = sync(connection)
    found: dict[str, Any] = {
        name: admin.get("/customers/", {"q": name}).context["page"].paginator.count for name in names
    }

    assert run.state == "done"
    assert all(found.values())
