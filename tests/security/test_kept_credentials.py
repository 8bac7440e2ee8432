"""11.3, 13.3: a sealed row that was changed, moved, or lost its key opens nowhere; it costs one new sign-in and nothing else."""

import base64
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from integrations.salesforce.models import SalesforceConnection
from integrations.sync import credentials
from integrations.sync.configuration import apply_yaml, read_yaml
from integrations.sync.models import Connection, ConnectionState
from integrations.wire.errors import NeedsSignIn
from tests.salesforce.consent import answer
from tests.security.marked import MarkedSalesforce
from tests.security.syncing import CALLBACK, START, begin, by_app, sync
from tests.signed_in import SignedIn

OTHER_KEY = "another-key-of-the-operator-0123456789"
SECRETS = {"client_secret": "hush", "tokens": {"access_token": "hush-too"}}


def kept(connection: Connection) -> ConnectionState:
    return ConnectionState.objects.get(pk=connection.pk)


def envelope(connection: Connection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(kept(connection).credentials or b""))
    return found


def put(connection: Connection, raw: bytes | dict[str, Any]) -> None:
    stored = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    ConnectionState.objects.filter(pk=connection.pk).update(credentials=stored)


def flipped(text: str, bit: int) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[bit // 8] ^= 1 << bit % 8
    return base64.b64encode(raw).decode()


@pytest.fixture
def plain(db: None) -> SalesforceConnection:
    made = SalesforceConnection.objects.create(system="salesforce", name="Plain", slug="plain")
    credentials.save(made, SECRETS)
    return made


@pytest.mark.parametrize("part", ["key", "data"])
def test_one_flipped_bit_anywhere_opens_nothing(plain: SalesforceConnection, part: str) -> None:
    whole = envelope(plain)
    bits = len(base64.b64decode(whole[part])) * 8

    for bit in range(0, bits, 7):
        put(plain, whole | {part: flipped(whole[part], bit)})
        with pytest.raises(NeedsSignIn):
            credentials.load(plain)


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{}", b'{"key": 1, "data": 2}', b'{"key": "!", "data": "A"}', b"\xff"]
)
def test_what_is_no_envelope_opens_nothing(plain: SalesforceConnection, raw: bytes) -> None:
    put(plain, raw)

    with pytest.raises(NeedsSignIn):
        credentials.load(plain)


def test_half_of_one_row_and_half_of_another_open_nothing(plain: SalesforceConnection) -> None:
    first = envelope(plain)
    credentials.save(plain, SECRETS)

    put(plain, envelope(plain) | {"key": first["key"]})

    with pytest.raises(NeedsSignIn):
        credentials.load(plain)


def damage(connection: Connection, settings: Any) -> None:
    whole = envelope(connection)
    put(connection, whole | {"data": flipped(whole["data"], 200)})


def move(connection: Connection, settings: Any) -> None:
    other = SalesforceConnection.objects.create(system="salesforce", name="Other", slug="other")
    put(connection, credentials.seal(other.pk, SECRETS))


def lose_key(connection: Connection, settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [OTHER_KEY]


@pytest.mark.parametrize("harm", [damage, move, lose_key])
def test_harmed_row_asks_for_a_new_sign_in_and_breaks_nothing_else(
    admin: SignedIn, crm: MarkedSalesforce, connection: SalesforceConnection, settings: Any, harm: Any
) -> None:
    harm(connection, settings)
    connect_page = reverse("salesforce:wizard", args=[connection.slug, "connect"])
    crm.forget_calls()

    refused = sync(connection, seconds=0)
    pages = {
        path: admin.get(path)
        for path in (
            "/", "/needs/", "/connections/", f"/connections/{connection.slug}/", connect_page, reverse(START),
            reverse("salesforce:wizard", args=[connection.slug, "scope"]), f"/runs/{refused.pk}/",
            reverse("sync:mapping", args=[connection.slug, "customers"]), f"/raw/sync/connectionstate/{connection.pk}/change/",
        )
    }  # fmt: skip
    again = admin.post(connect_page, by_app(crm))
    then = sync(connection)

    assert (refused.state, refused.reason_code) == ("failed", "needs-sign-in")
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(pages, 200)
    assert "does not open with the keys of this console" in pages[connect_page].content.decode()
    assert "asks for a new sign-in" in pages[f"/connections/{connection.slug}/"].content.decode()
    assert again.status_code == 302
    assert then.state == "done"


def test_harmed_row_makes_no_call(crm: MarkedSalesforce, connection: SalesforceConnection, settings: Any) -> None:
    damage(connection, settings)
    crm.forget_calls()

    sync(connection, seconds=0)

    assert crm.calls() == {}


def test_harmed_row_can_be_disconnected_and_exported(
    admin: SignedIn, connection: SalesforceConnection, settings: Any
) -> None:
    lose_key(connection, settings)

    exported = admin.get(reverse("sync:export", args=[connection.slug]))
    left = admin.post(reverse("salesforce:disconnect", args=[connection.slug]))

    assert (exported.status_code, left.status_code) == (200, 302)
    assert credentials.load(connection) == {}


def test_harmed_row_takes_credentials_from_a_file(
    connection: SalesforceConnection, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_key(connection, settings)
    monkeypatch.setenv("CRM_SECRET", "from-the-environment")
    file = (
        f"skalin-sync: 1\nconnection: {connection.slug}\nsystem: salesforce\n"
        "credentials: {client_secret: {env: CRM_SECRET}}\n"
    )

    apply_yaml(read_yaml(file), None)

    assert credentials.load(connection) == {"client_secret": "from-the-environment"}


def test_sign_in_under_way_when_the_key_is_changed_begins_anew(
    admin: SignedIn, crm: MarkedSalesforce, settings: Any
) -> None:
    back = answer(begin(admin))
    settings.CREDENTIAL_KEYS = [OTHER_KEY]
    crm.forget_calls()

    response = admin.get(reverse(CALLBACK), back)

    assert response.headers["Location"] == reverse(START)
    assert crm.calls() == {}


def test_rotating_goes_past_a_harmed_row_and_names_it(plain: SalesforceConnection, settings: Any) -> None:
    healthy = SalesforceConnection.objects.create(system="salesforce", name="Healthy", slug="healthy")
    credentials.save(healthy, SECRETS)
    damaged = envelope(plain)
    put(plain, damaged | {"key": flipped(damaged["key"], 9)})
    out = StringIO()
    settings.CREDENTIAL_KEYS = [OTHER_KEY, *settings.CREDENTIAL_KEYS]

    with pytest.raises(CommandError, match="need a new sign-in: Plain"):
        call_command("rotate_keys", stdout=out)
    settings.CREDENTIAL_KEYS = [OTHER_KEY]

    assert out.getvalue() == "1 re-wrapped.\n"
    assert credentials.load(healthy) == SECRETS
