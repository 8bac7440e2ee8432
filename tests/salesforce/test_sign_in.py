from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.permissions import Role
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.forms.connect import ConnectForm
from integrations.salesforce.models import SalesforceConnection
from integrations.salesforce.opening import app_of, login_url, open_session
from integrations.salesforce.signin import refresh
from integrations.setup import handshake
from integrations.sync import credentials
from integrations.sync.models import Connection, ConnectionState, RecordLink
from integrations.wire.errors import NeedsSignIn

from .conftest import signed_in
from .consent import answer

START, CALLBACK = "salesforce:start", "salesforce:callback"
PRACTICE = {"practice": "1"}


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


def begin(admin: Client) -> str:
    response = admin.post(reverse(START), PRACTICE)
    assert response.status_code == 302
    return str(response.headers["Location"])


def page_of(connection: SalesforceConnection, step: str) -> str:
    return reverse("salesforce:wizard", args=[connection.slug, step])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.requirement("R2", "R3")
def test_connect_me_leads_to_salesforce_and_back_to_the_scope(admin: Client, practice: PracticeSalesforce) -> None:
    location = begin(admin)

    response = admin.get(reverse(CALLBACK), answer(location))

    connection = SalesforceConnection.objects.get()
    assert response.headers["Location"] == page_of(connection, "scope")
    assert (connection.account, connection.name, connection.state) == ("Inès Moreau", "Salesforce", "draft")
    assert (connection.organisation, connection.organization_id[:3]) == ("Aldervale Software", "00D")
    shown = texts(admin.get(page_of(connection, "connect")))
    for fact in ("Inès Moreau", connection.organization_id, "66.0", "of 100,000 used"):
        assert fact in shown
    live = ConnectionState.objects.get(pk=connection.pk)
    assert (live.health, live.quota_limit) == ("ok", 100_000)


def test_the_first_sign_in_brings_the_proposals_and_version_one(admin: Client, practice: PracticeSalesforce) -> None:
    admin.get(reverse(CALLBACK), answer(begin(admin)))

    connection = SalesforceConnection.objects.get()
    lines = {
        block.object: {line.hub_field: (line.crm_field, line.crm_label) for line in block.lines.all()}
        for block in connection.blocks.all()
    }
    assert lines == {
        "customers": {
            "ref_id": ("Id", "Account ID"), "name": ("Name", "Account Name"), "domain": ("Website", "Website"),
            "csm": ("CSM__r.Email", "CSM"),
        },
        "contacts": {
            "ref_id": ("Id", "Contact ID"), "first_name": ("FirstName", "First Name"),
            "last_name": ("LastName", "Last Name"), "email": ("Email", "Email"), "phone": ("Phone", "Business Phone"),
        },
    }  # fmt: skip
    keys = {block.object: (block.mode, block.merge_keys) for block in connection.blocks.all()}
    assert keys == {"customers": ("input", ["ref_id", "domain"]), "contacts": ("input", ["ref_id", "email"])}
    assert connection.version == 1


def test_the_way_to_salesforce_carries_state_and_pkce(admin: Client, practice: PracticeSalesforce) -> None:
    asked = parse_qs(urlsplit(begin(admin)).query)

    assert len(asked["state"][0]) >= 32
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/integrations/salesforce/callback/"]
    session = str(dict(admin.session))
    assert asked["state"][0] not in session
    assert "verifier" not in session


@pytest.mark.parametrize("state", ["", "somebody-elses"])
def test_a_foreign_state_changes_nothing_and_leaves_what_is_under_way(
    admin: Client, practice: PracticeSalesforce, state: str
) -> None:
    back = answer(begin(admin))

    refused = admin.get(reverse(CALLBACK), {**back, "state": state})
    accepted = admin.get(reverse(CALLBACK), back)

    assert refused.headers["Location"] == reverse(START)
    assert accepted.headers["Location"].endswith("/scope/")


def test_a_state_works_once(admin: Client, practice: PracticeSalesforce) -> None:
    back = answer(begin(admin))
    admin.get(reverse(CALLBACK), back)
    practice.forget_calls()

    again = admin.get(reverse(CALLBACK), back)

    assert again.headers["Location"] == reverse(START)
    assert practice.calls() == {}


def test_a_state_of_another_session_is_refused(
    admin: Client, client_as: Callable[..., Client], practice: PracticeSalesforce
) -> None:
    back = answer(begin(admin))
    practice.forget_calls()

    response = client_as(Role.ADMIN).get(reverse(CALLBACK), back)

    assert response.headers["Location"] == reverse(START)
    assert SalesforceConnection.objects.get().account == ""
    assert practice.calls() == {}


def test_a_state_ends_after_ten_minutes(
    admin: Client, practice: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "LASTS", timedelta(seconds=-1))
    back = answer(begin(admin))

    response = admin.get(reverse(CALLBACK), back)

    assert response.headers["Location"] == reverse(START)
    assert SalesforceConnection.objects.get().account == ""


def test_somebody_who_denies_access_is_told_so(admin: Client, practice: PracticeSalesforce) -> None:
    back = answer(begin(admin), "deny")

    response = admin.get(reverse(CALLBACK), back, follow=True)

    connection = SalesforceConnection.objects.get()
    assert response.redirect_chain[0][0] == page_of(connection, "connect")
    assert "The connection was refused on Salesforce" in texts(response)
    assert credentials.store_for(connection).load()[0].access_token == ""


def test_connecting_again_after_a_refusal_takes_up_the_unfinished_connection(
    admin: Client, practice: PracticeSalesforce
) -> None:
    admin.get(reverse(CALLBACK), answer(begin(admin), "deny"))

    admin.get(reverse(CALLBACK), answer(begin(admin)))

    connection = SalesforceConnection.objects.get()
    assert (connection.name, connection.account) == ("Salesforce", "Inès Moreau")


@pytest.mark.requirement("R61")
def test_without_api_access_the_page_says_so_in_plain_words(admin: Client, practice: PracticeSalesforce) -> None:
    back = answer(begin(admin))
    practice.control(api_disabled=True)

    response = admin.get(reverse(CALLBACK), back, follow=True)

    assert "This Salesforce user has no API access." in texts(response)
    connection = SalesforceConnection.objects.get()
    assert connection.account == ""
    assert ConnectionState.objects.get(pk=connection.pk).health_code == "API_DISABLED_FOR_ORG"
    # It stays on the page until something works.
    assert "API Enabled" in texts(admin.get(page_of(connection, "connect")))


def app(practice: PracticeSalesforce, **more: str) -> dict[str, str]:
    return {
        "environment": "domain", "base_url": practice.base_url, "name": "Aldervale", "sign_in": "app",
        "client_id": practice.credentials.client_id, "client_secret": practice.credentials.client_secret, **more,
    }  # fmt: skip


def by_password(practice: PracticeSalesforce, **more: str) -> dict[str, str]:
    known = practice.credentials
    return {
        "environment": "domain", "base_url": practice.base_url, "name": "Aldervale", "sign_in": "password",
        "username": known.username, "password": known.password, "security_token": known.security_token, **more,
    }  # fmt: skip


@pytest.mark.parametrize("typed", [app, by_password])
@pytest.mark.requirement("R291", "R296")
def test_the_two_ways_without_a_browser_sign_in_at_once(
    admin: Client, practice: PracticeSalesforce, typed: Callable[..., dict[str, str]]
) -> None:
    response = admin.post(reverse(START), typed(practice))

    connection = SalesforceConnection.objects.get()
    assert response.headers["Location"] == page_of(connection, "scope")
    assert connection.account == "Inès Moreau"


@pytest.mark.parametrize(
    ("typed", "wrong", "said"),
    [
        (by_password, {"password": "guessed"}, "does not accept this user name, password or security token"),
        (by_password, {"security_token": "WRONG"}, "does not accept this user name, password or security token"),
        (app, {"client_secret": "not-the-secret-of-it"}, "The consumer secret does not belong to this consumer key."),
        (app, {"client_id": "unknown-app"}, "Salesforce does not know this consumer key."),
    ],
)
def test_a_refused_sign_in_keeps_what_was_typed_but_the_secrets(
    admin: Client, practice: PracticeSalesforce, typed: Callable[..., dict[str, str]], wrong: dict[str, str], said: str
) -> None:
    response = admin.post(reverse(START), typed(practice, **wrong))

    shown = texts(response)
    assert said in shown
    assert 'value="Aldervale"' in shown
    for secret in (*wrong.values(), practice.credentials.password, practice.credentials.security_token):
        assert f'value="{secret}"' not in shown or secret == wrong.get("client_id")


def test_an_expired_password_is_named(admin: Client, practice: PracticeSalesforce) -> None:
    practice.control(password_expired=True)

    response = admin.post(reverse(START), by_password(practice))

    assert "The password of this user has expired or was reset." in texts(response)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"base_url": ""}, "base_url", "Enter the address of your Salesforce"),
        ({"base_url": "https://evil.example"}, "base_url", "does not belong to Salesforce"),
        ({"base_url": "http://169.254.169.254"}, "base_url", "does not belong to Salesforce"),
        ({"environment": "live"}, "environment", "works on your own domain only"),
        ({"client_secret": ""}, "client_secret", "Enter the client secret"),
        ({"name": ""}, "name", "required"),
    ],
)
def test_a_wrong_field_names_itself_and_its_cure(
    admin: Client, practice: PracticeSalesforce, change: dict[str, str], field: str, said: str
) -> None:
    practice.forget_calls()

    response = admin.post(reverse(START), app(practice, **change))

    assert said in str(response.context["form"].errors[field])
    assert SalesforceConnection.objects.count() == 0
    assert practice.calls() == {}


def test_secrets_are_kept_sealed_and_never_shown_again(admin: Client, practice: PracticeSalesforce) -> None:
    admin.post(reverse(START), app(practice))
    connection = SalesforceConnection.objects.get()
    sealed = bytes(ConnectionState.objects.get(pk=connection.pk).credentials or b"")

    shown = texts(admin.get(page_of(connection, "connect")))

    secret = practice.credentials.client_secret
    token = credentials.store_for(connection).load()[0].access_token
    assert token
    for hidden in (secret, token):
        assert hidden not in shown
        assert hidden.encode() not in sealed
        assert hidden not in str(list(AuditEntry.objects.values()))
        assert hidden not in str(list(connection.versions.values()))
    assert f"ends in {secret[-4:]}" in shown


def test_signing_in_again_keeps_everything(admin: Client, practice: PracticeSalesforce, db: None) -> None:
    connection = signed_in(practice, state="on", account_view="00B1")
    connection.blocks.create(object="customers", cursor="2026-11-01T00:00:00Z")
    address, secret = page_of(connection, "connect"), practice.credentials.client_secret

    response = admin.post(address, app(practice, client_secret=secret), follow=True)

    kept = SalesforceConnection.objects.get()
    assert response.redirect_chain[0][0] == reverse("sync:connection", args=[kept.slug])
    assert "What waited for the sign-in goes on with the next sync." in texts(response)
    assert (kept.account_view, kept.state, kept.account) == ("00B1", "on", "Inès Moreau")
    assert kept.blocks.get(object="customers").cursor is not None


def test_a_try_that_fails_leaves_a_live_connection_as_it_was(admin: Client, practice: PracticeSalesforce) -> None:
    admin.post(reverse(START), app(practice))
    connection = SalesforceConnection.objects.get()
    before = (credentials.load(connection), SalesforceConnection.objects.values().get())

    refused = admin.post(
        page_of(connection, "connect"), app(practice, client_secret="not-the-secret-of-it", name="New")
    )
    begun = admin.post(page_of(connection, "connect"), {**app(practice), "sign_in": "web", "environment": "sandbox"})

    assert "The consumer secret does not belong to this consumer key." in texts(refused)
    assert 'value="New"' in texts(refused)
    assert begun.headers["Location"].startswith("https://test.salesforce.com/services/oauth2/authorize?")
    assert (credentials.load(connection), SalesforceConnection.objects.values().get()) == before
    assert ConnectionState.objects.get(pk=connection.pk).health == "ok"


def test_only_the_secrets_of_the_chosen_way_are_kept(admin: Client, practice: PracticeSalesforce) -> None:
    admin.post(reverse(START), by_password(practice))
    connection = SalesforceConnection.objects.get()

    admin.post(page_of(connection, "connect"), app(practice))

    assert set(credentials.load(connection)) == {"client_secret", "tokens"}


def test_the_sign_in_button_elsewhere_begins_with_what_is_set_up(admin: Client, practice: PracticeSalesforce) -> None:
    admin.get(reverse(CALLBACK), answer(begin(admin)))
    connection = SalesforceConnection.objects.get()
    address = reverse("salesforce:connect", args=[connection.slug])

    looked, pressed = admin.get(address), admin.post(address)

    assert looked.headers["Location"] == page_of(connection, "connect")
    assert pressed.headers["Location"].startswith(f"{practice.base_url}/services/oauth2/authorize?")


def test_another_organisation_is_refused_where_records_are_linked(admin: Client, practice: PracticeSalesforce) -> None:
    connection = signed_in(practice, organization_id="00D000000000001EAA")
    RecordLink.objects.create(
        connection=connection, object="customers", source_object="Account", source_id="001A", state="linked"
    )
    before = credentials.load(connection)

    response = admin.post(page_of(connection, "connect"), app(practice))

    assert "This is another organisation of Salesforce than before." in texts(response)
    kept = SalesforceConnection.objects.get()
    assert kept.organization_id == "00D000000000001EAA"
    assert credentials.load(connection)["tokens"] == before["tokens"]


def test_disconnecting_revokes_the_access_and_pauses(admin: Client, practice: PracticeSalesforce) -> None:
    admin.get(reverse(CALLBACK), answer(begin(admin)))
    connection = SalesforceConnection.objects.get()
    Connection.objects.filter(pk=connection.pk).update(state=Connection.State.ON)
    tokens = credentials.store_for(connection).load()[0]

    admin.post(reverse("salesforce:disconnect", args=[connection.slug]))

    connection.refresh_from_db()
    assert (connection.state, connection.account) == ("paused", "")
    assert credentials.load(connection) == {}
    assert ConnectionState.objects.get(pk=connection.pk).health == "sign-in"
    assert practice.calls()["revoke"] == 1
    with pytest.raises(NeedsSignIn):
        refresh(open_session(), login_url(connection), app_of(connection, {}), tokens)


def test_disconnecting_works_though_salesforce_is_silent(admin: Client, practice: PracticeSalesforce) -> None:
    connection = signed_in(practice)
    practice.control(burst=100, burst_status=503, retry_after=60)

    response = admin.post(reverse("salesforce:disconnect", args=[connection.slug]), follow=True)

    assert credentials.load(connection) == {}
    assert "Salesforce could not be told." in texts(response)


@pytest.mark.requirement("R205", "R206")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_admin_connects(client_as: Callable[..., Client], practice: PracticeSalesforce, role: Role) -> None:
    connection = signed_in(practice)
    person = client_as(role)
    practice.forget_calls()

    answers = [
        person.post(reverse(START), PRACTICE),
        person.post(reverse("salesforce:connect", args=[connection.slug])),
        person.post(reverse("salesforce:disconnect", args=[connection.slug])),
        person.get(reverse(CALLBACK)),
        *(person.post(page_of(connection, step)) for step in ("connect", "scope", "customers", "contacts", "review")),
    ]

    assert {response.status_code for response in answers} == {403}
    assert practice.calls() == {}


@pytest.mark.requirement("R206")
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.MANAGER, 200), (Role.CSM, 200), (Role.SUPPORT, 200), (Role.RESTRICTED_CSM, 403), (Role.READ_ONLY, 403)],
)
def test_others_read_what_is_set_up_without_a_call(
    client_as: Callable[..., Client], practice: PracticeSalesforce, role: Role, status: int
) -> None:
    connection = signed_in(practice)
    person = client_as(role)

    pages = [
        person.get(reverse(START)),
        *(person.get(page_of(connection, step)) for step in ("connect", "scope", "review")),
    ]

    assert {page.status_code for page in pages} == {status}
    assert practice.calls() == {}
    if status == 200:
        assert all('<form method="post"' not in page.content.decode() for page in pages)


@pytest.mark.parametrize(("client_id", "is_asked"), [("the-same-app", False), ("another-app", True)])
@pytest.mark.django_db
def test_kept_secret_is_tried_with_its_own_app_only(client_id: str, is_asked: bool) -> None:
    connection = SalesforceConnection.objects.create(
        system="salesforce", name="Kept", slug="kept", client_id="the-same-app"
    )
    typed = {"environment": "live", "name": "Kept", "sign_in": "web", "client_id": client_id}

    form = ConnectForm(connection, {"client_secret": "kept-for-the-first-app"}, typed)

    assert ("client_secret" in form.errors) is is_asked
