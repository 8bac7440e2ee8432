"""10.1, 10.2, 1.3.6, 15.3.2: the way out to the CRM and back is tied to one session and one connection, and to the CRM's own hosts."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from requests.adapters import HTTPAdapter

from accounts.models import User
from integrations.salesforce.models import SalesforceConnection
from integrations.sync import credentials
from integrations.sync.models import ConnectionState
from tests.factories import PASSWORD
from tests.pages.factories import ConnectionFactory
from tests.salesforce.consent import answer
from tests.security.marked import MarkedSalesforce
from tests.security.syncing import CALLBACK, START, begin, by_app, by_password, sync
from tests.signed_in import SignedIn

ELSEWHERE = (
    "https://evil.example", "http://evil.my.salesforce.com", "https://salesforce.com.evil.example", "https://evilsalesforce.com",
    "https://aldervale.my.salesforce.com@evil.example", "https://aldervale.my.salesforce.com:8443", "http://169.254.169.254",
    "https://[::ffff:10.0.0.1]", "https://2130706433", "http://127.0.0.1:1", "//evil.example", "file:///etc/passwd",
    "https://evil.example\\.salesforce.com", "https://evil.example#.salesforce.com", "https://evil.example?.salesforce.com",
    "https://sälesforce.com", "javascript:alert(1)", "https://",
)  # fmt: skip


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that is about to be called, wherever it leads."""
    addresses: list[str] = []
    send: Callable[..., requests.Response] = HTTPAdapter.send

    def note(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        addresses.append(str(request.url))
        return send(self, request, *args, **more)

    monkeypatch.setattr(HTTPAdapter, "send", note)
    return addresses


def only_to(crm: MarkedSalesforce, left: list[str]) -> bool:
    return bool(left) and all(address.startswith(f"{crm.base_url}/") for address in left)


def token_answer(instance_url: str) -> Callable[[str, str], tuple[str, dict[str, str], bytes] | None]:
    body = {
        "access_token": "00DPr0000000001!canary-elsewhere", "refresh_token": "5Aepcanary-elsewhere", "instance_url": instance_url,
        "id": f"{instance_url}/id/00D/005", "token_type": "Bearer", "issued_at": "1",
    }  # fmt: skip
    reply = "200 OK", {"Content-Type": "application/json"}, json.dumps(body).encode()
    return lambda path, token: reply if path.endswith("/token") else None


@pytest.mark.parametrize("instance_url", ELSEWHERE)
def test_fresh_token_goes_to_no_host_but_salesforces(
    admin: SignedIn, crm: MarkedSalesforce, left: list[str], instance_url: str
) -> None:
    back = answer(begin(admin))
    left.clear()
    crm.border.hostile = token_answer(instance_url)

    response = admin.get(reverse(CALLBACK), back, follow=True)

    assert response.status_code == 200
    assert only_to(crm, left)
    assert credentials.load(SalesforceConnection.objects.get()) == {}


@pytest.mark.parametrize("instance_url", ELSEWHERE[:6])
def test_renewed_token_goes_to_no_host_but_salesforces(
    crm: MarkedSalesforce, connection: SalesforceConnection, left: list[str], instance_url: str
) -> None:
    before = credentials.load(connection)
    crm.control(expire_sessions=True)
    left.clear()
    crm.border.hostile = token_answer(instance_url)

    run = sync(connection, seconds=0)

    assert run.state == "failed"
    assert only_to(crm, left)
    assert credentials.load(connection) == before


def test_session_of_the_old_sign_in_goes_to_no_host_but_salesforces(
    admin: SignedIn, crm: MarkedSalesforce, left: list[str]
) -> None:
    said = (
        "<Envelope><Body><loginResponse><result><serverUrl>https://evil.example/services/Soap/u/64.0</serverUrl>"
        "<sessionId>00DPr0000000001!canary</sessionId></result></loginResponse></Body></Envelope>"
    )
    crm.border.hostile = lambda path, token: ("200 OK", {"Content-Type": "text/xml"}, said.encode())

    admin.post(reverse(START), by_password(crm))

    assert only_to(crm, left)
    assert credentials.load(SalesforceConnection.objects.get()) == {}


@pytest.mark.parametrize(
    "where", ["https://evil.example/services/data/v66.0/query/01g-2000", "//evil.example/x", "/../../x@evil"]
)
def test_next_page_elsewhere_is_not_asked_for(
    crm: MarkedSalesforce, connection: SalesforceConnection, left: list[str], where: str
) -> None:
    page = {"totalSize": 9, "done": False, "nextRecordsUrl": where, "records": []}
    reply = "200 OK", {"Content-Type": "application/json"}, json.dumps(page).encode()
    crm.border.hostile = lambda path, token: reply if path.endswith("/query") else None

    run = sync(connection, seconds=0)

    assert run.state in {"failed", "queued"}
    assert only_to(crm, left)


def test_redirect_takes_no_token_along(
    crm: MarkedSalesforce, connection: SalesforceConnection, left: list[str]
) -> None:
    crm.border.hostile = lambda path, token: (
        ("307 Moved", {"Location": "https://evil.example/"}, b"") if token else None
    )

    sync(connection, seconds=0)

    assert only_to(crm, left)


@pytest.mark.parametrize("base_url", ELSEWHERE)
def test_typed_address_elsewhere_gets_neither_secret_nor_browser(
    admin: SignedIn, crm: MarkedSalesforce, left: list[str], base_url: str
) -> None:
    for typed in (by_app(crm), by_password(crm), by_app(crm, sign_in="web")):
        response = admin.post(reverse(START), typed | {"base_url": base_url})

        assert response.status_code == 200
        assert response.context["form"].errors["base_url"]
    assert left == []


@pytest.mark.parametrize("base_url", ["https://evil.example", "http://169.254.169.254/latest"])
def test_address_from_a_file_gets_nothing_either(
    connection: SalesforceConnection, crm: MarkedSalesforce, left: list[str], base_url: str
) -> None:
    """The file's column takes any address; the door that every call goes through does not."""
    SalesforceConnection.objects.filter(pk=connection.pk).update(base_url=base_url, environment="domain", sign_in="app")
    crm.control(expire_sessions=True)

    run = sync(connection, seconds=0)

    assert run.state == "failed"
    assert only_to(crm, left)


def test_answer_for_one_connection_signs_no_other_in(
    admin: SignedIn, crm: MarkedSalesforce, connection: SalesforceConnection
) -> None:
    """Two sign-ins begun one after the other: the first one's answer is nobody's any more."""
    before = credentials.load(connection)
    sign_in = reverse("salesforce:connect", args=[connection.slug])
    for_this = answer(str(admin.post(sign_in).headers["Location"]))
    for_new = answer(begin(admin))
    crm.forget_calls()

    late = admin.get(reverse(CALLBACK), for_this)
    unchanged = credentials.load(connection) == before
    arrived = admin.get(reverse(CALLBACK), for_new)

    assert late.headers["Location"] == reverse(START)
    assert unchanged
    other = SalesforceConnection.objects.exclude(pk=connection.pk).get()
    assert f"/{other.slug}/" in arrived.headers["Location"]
    assert credentials.load(connection) == before


def test_answer_after_signing_out_is_nobodys(admin: SignedIn, admin_user: User, crm: MarkedSalesforce) -> None:
    back = answer(begin(admin))
    admin.post(reverse("account_logout"))
    anonymous = admin.get(reverse(CALLBACK), back)
    admin.force_login(admin_user)
    crm.forget_calls()

    response = admin.get(reverse(CALLBACK), back)

    assert anonymous.headers["Location"].startswith(reverse("account_login"))
    assert response.headers["Location"] == reverse(START)
    assert crm.calls() == {}


@pytest.mark.parametrize(
    "back",
    [{}, {"code": "x"}, {"state": ""}, {"state": "\0"}, {"state": "é" * 99}, {"state": "x" * 9999}, {"error": "x"}],
)
def test_answer_without_its_state_changes_nothing(
    admin: SignedIn, crm: MarkedSalesforce, connection: SalesforceConnection, back: dict[str, str]
) -> None:
    before = list(ConnectionState.objects.values())
    crm.forget_calls()

    response = admin.get(reverse(CALLBACK), back)

    assert response.headers["Location"] == reverse(START)
    assert list(ConnectionState.objects.values()) == before
    assert crm.calls() == {}


def test_code_of_another_answer_is_refused_by_its_proof(admin: SignedIn, crm: MarkedSalesforce) -> None:
    """An injected code belongs to another verifier (PKCE)."""
    stolen = answer(begin(admin))
    own = answer(begin(admin))

    response = admin.get(reverse(CALLBACK), {"state": own["state"], "code": stolen["code"]}, follow=True)

    assert response.status_code == 200
    assert credentials.load(SalesforceConnection.objects.get()) == {}


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "127.0.0.1@evil.example"])
def test_place_to_return_to_is_never_the_requests_host(
    admin: SignedIn, crm: MarkedSalesforce, settings: Any, host: str
) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    asked = admin.post(reverse(START), {"practice": "1"}, headers={"host": host})

    assert host.partition("@")[0] not in asked.headers.get("Location", "").partition("redirect_uri")[2]


AWAY = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "///evil.example",
    "javascript:alert(1)",
    "https:evil.example",
    "\t//evil.example",
)


@pytest.mark.django_db
@pytest.mark.parametrize("target", AWAY)
def test_sign_in_leads_nowhere_else(admin_user: User, target: str) -> None:
    cache.clear()
    browser = Client()

    response = browser.post(reverse("account_login"), {"login": admin_user.email, "password": PASSWORD, "next": target})

    assert response.status_code == 302
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("target", AWAY)
def test_no_button_leads_elsewhere(admin: SignedIn, target: str) -> None:
    ConnectionFactory.create(slug="paper")

    retried = admin.post(reverse("sync:retry"), {"connection": "paper", "object": "customers", "next": target})
    raw = Client().get("/raw/login/", {"next": target})
    out = admin.post(reverse("account_logout"), {"next": target})

    assert retried.headers["Location"] == reverse("sync:records", args=["paper", "customers"])
    assert raw.headers["Location"].startswith(reverse("account_login"))
    assert "evil" not in out.headers["Location"]
    assert "javascript" not in out.headers["Location"]
