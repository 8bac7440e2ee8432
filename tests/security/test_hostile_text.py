"""1.2.10, CRM text is hostile: whatever Salesforce says, it is text on every page that shows it, and in every file."""

import csv
import io
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from integrations.hub.models import Contact, Customer
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.configuration import apply_yaml, read_yaml
from integrations.sync.models import Run
from integrations.sync.search.export import safe
from tests.security.crawl import body, pages
from tests.security.marked import MarkedSalesforce
from tests.security.syncing import sync
from tests.signed_in import SignedIn

TEXTS = {
    "script": "<script>canary()</script>",
    "tag": "<canary onx=1 onmouseover=canary()>",
    "quotes": "\"'><canary>",
    "attribute": '" onfocus="canary()" x="',
    "link": "javascript:canary()",
    "template": "{% load x %}{{ 7|add:7 }}{# canary #}",
    "right to left": "\u202egnp.exe\u2066",
    "entity": "&lt;canary&gt;",
    "formula": "=HYPERLINK(\"https://evil.example\",\"x\")",
    "plus": "+1+1",
    "minus": "-1+1",
    "at": "@SUM(A1)",
    "tab": "\t=1",
    "return": "\r=1",
    "huge": "<b>" * 80,
}  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
OURS = {"http", "https", "mailto", "tel", ""}
FILE = """
skalin-sync: 1
connection: salesforce
system: salesforce
custom_fields: {customers: [{name: Notes, type: STRING}]}
blocks:
  customers:
    lines:
      - {hub: ref_id, crm: Id}
      - {hub: name, crm: Name}
      - {hub: domain, crm: Website}
      - {hub: stage, crm: Type}
      - {hub: "custom: Notes", crm: Description}
  contacts:
    lines:
      - {hub: ref_id, crm: Id}
      - {hub: last_name, crm: LastName}
      - {hub: email, crm: Email}
      - {hub: is_champion, crm: Title, transform: equals, argument: "<canary>'"}
"""


class Looking(HTMLParser):
    """Notes what a browser would run: tags that are not ours, handlers, styles, and links that lead out of the web."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"canary", "b"} or (tag == "script" and not (given.get("src") or "").startswith("/")):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            # hx-sync names an element and what to do with its requests: no address.
            is_link = name in {"href", "src", "action", "formaction"} or (name.startswith("hx-") and name != "hx-sync")
            if name.startswith("on") or name == "style" or (is_link and scheme(value or "") not in OURS):
                self.found.append(f"{tag} {name}={value}")


def scheme(address: str) -> str:
    return urlsplit(address.strip()).scheme.lower()


def dangers(html: bytes) -> list[str]:
    looking = Looking()
    looking.feed(html.decode())
    return looking.found


@pytest.fixture
def hostile(crm: MarkedSalesforce, connection: SalesforceConnection) -> SalesforceConnection:
    """The corpus in every place where people of a CRM can write, and a mapping that brings it here."""
    for name, text in TEXTS.items():
        account = crm.create(
            "Account", Name=text[:255], Type=text[:40], Website=text[:255], Description=text, Phone=text[:40]
        )
        crm.create("Contact", AccountId=account, LastName=text[:80], Title=text[:80], Email=text[:80], FirstName=name)
    crm.control(add_view={"id": "00B0000000CANARY01", "sobject": "Account", "name": "canary", "label": '"><canary>'})
    apply_yaml(read_yaml(FILE), None)
    connection.refresh_from_db()
    SalesforceConnection.objects.filter(pk=connection.pk).update(
        account=TEXTS["tag"], organisation=TEXTS["quotes"], account_view_label=TEXTS["script"]
    )
    return connection


@pytest.fixture
def read(hostile: SalesforceConnection) -> tuple[Run, Run]:
    preview, first = sync(hostile, Run.Kind.PREVIEW), sync(hostile)
    assert (preview.state, first.state) == ("done", "done")
    return preview, first


def test_is_text_on_every_page(admin: SignedIn, hostile: SalesforceConnection, read: tuple[Run, Run]) -> None:
    preview, _first = read
    customer = Customer.objects.get(name=TEXTS["tag"])
    contact = Contact.objects.filter(customer=customer).first()
    assert contact
    more = [
        reverse("hub:customer-peek", args=[customer.pk]), reverse("hub:contact-peek", args=[contact.pk]),
        reverse("hub:customer", args=[customer.pk]) + "?show=changes",
        f"/customers/?peek={customer.pk}&q=%3Ccanary", "/contacts/?q=%22%27%3E%3Ccanary%3E",
        "/log/?q=%3Cscript%3Ecanary", f"/explain/?hub=customers-{customer.pk}", "/explain/?q=%3Ccanary",
        reverse("sync:preview", args=[preview.pk]) + "?show=all",
        reverse("sync:mapping", args=[hostile.slug, "customers"]), reverse("sync:mapping", args=[hostile.slug, "contacts"]),
        reverse("salesforce:wizard", args=[hostile.slug, "customers"]) + "?part=stage&stage=Type",
        reverse("salesforce:wizard", args=[hostile.slug, "scope"]) + "?part=holds&view=" + hostile.account_view,
        *(reverse("salesforce:wizard", args=[hostile.slug, step]) for step in ("connect", "scope", "customers", "contacts", "review")),
    ]  # fmt: skip
    shown = 0

    for address, page in pages(admin, *more):
        if page["Content-Type"].startswith("text/html") and not page.streaming:
            assert dangers(page.content) == [], address
            shown += b"canary" in page.content

    assert shown > 20


def test_cannot_become_a_formula_in_any_file(admin: SignedIn, read: tuple[Run, Run]) -> None:
    files = [admin.get("/log/", {"csv": "1"}), admin.get(reverse("sync:preview", args=[read[0].pk]), {"csv": "1"})]

    for file in files:
        cells = [cell for row in csv.reader(io.StringIO(body(file).decode("utf-8-sig"))) for cell in row]
        assert any("HYPERLINK" in cell for cell in cells)
        assert [cell for cell in cells if cell.startswith(FORMULA)] == []


@pytest.mark.parametrize("start", [*FORMULA, "\n=", " =", "\u00a0=", "＝", "\u200b="])
def test_spaces_before_a_formula_hide_none(start: str) -> None:
    """Spreadsheets drop leading blanks of several kinds before they look whether a cell computes."""
    assert safe(f"{start}1+1").startswith("'")


def test_text_that_no_database_holds_is_one_records_matter(
    crm: MarkedSalesforce, connection: SalesforceConnection
) -> None:
    crm.create("Account", Name="A\0NUL Works\x01\x7f", Website="nul.example")

    run = sync(connection)

    assert run.state == "done"
    assert all("\0" not in name for name in Customer.objects.values_list("name", flat=True))
    assert Customer.objects.filter(domain="nul.example").count() + refused(run) == 1


def refused(run: Run) -> int:
    return sum(number for name, number in run.counts.items() if name == "customers.refuse")


def test_forty_thousand_letters_leave_pages_readable(
    admin: SignedIn, crm: MarkedSalesforce, hostile: SalesforceConnection
) -> None:
    crm.create("Account", Name="Long Works", Description="<i>long</i> " * 3_500, Website="long.example")

    run = sync(hostile)

    assert run.state == "done"
    for path in ("/log/?q=Long+Works", "/explain/?q=Long+Works", "/customers/?q=Long+Works", f"/runs/{run.pk}/"):
        page: Any = admin.get(path)
        assert (page.status_code, dangers(page.content)) == (200, [])
        assert len(page.content) < 300_000
