"""Signing in: consent, codes, tokens that end, refresh tokens that stay, scopes and static tokens."""

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .signing_in import CALLBACK, SCOPES, back, code, consent, exchange, token
from .wire import HOST, VERSION, Clock, Wire, told

AUTHORIZE = "https://app.hubspot.com/oauth/authorize"


def test_consent_page_names_the_person_and_keeps_the_question(crm: PracticeHubSpot) -> None:
    query = {
        "client_id": crm.credentials.client_id,
        "redirect_uri": CALLBACK,
        "scope": SCOPES,
        "optional_scope": "crm.lists.read",
    }

    answer = crm.session().get(AUTHORIZE, params=query)

    assert answer.status_code == 200
    assert "ines.moreau@aldervale.example" in answer.text
    assert 'name="optional_scope" value="crm.lists.read"' in answer.text


def test_consent_leads_back_with_a_code_and_the_state(crm: PracticeHubSpot) -> None:
    found = back(consent(crm))

    assert found["state"] == "s1"
    assert found["code"].startswith("eu1-")


def test_denied_consent_leads_back_with_an_error(crm: PracticeHubSpot) -> None:
    assert back(consent(crm, "deny"))["error"] == "access_denied"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": "http://console.example/callback"},
        {"scope": "crm.objects.unicorns.read"},
    ],
)
def test_wrong_question_leads_nowhere(crm: PracticeHubSpot, wrong: dict[str, str]) -> None:
    answer = consent(crm, **wrong)

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_only_a_super_admin_installs(crm: PracticeHubSpot) -> None:
    crm.control(not_super_admin=True)

    answer = consent(crm)

    assert answer.status_code == 400
    assert "super admin" in answer.text


def test_code_becomes_a_token_of_half_an_hour(crm: PracticeHubSpot) -> None:
    found = exchange(crm)

    assert found["expires_in"] == 1800
    assert found["token_type"] == "bearer"
    assert found["scopes"] == SCOPES.split()
    assert found["hub_id"] == 147_000_321
    assert set(found) == {
        "access_token", "refresh_token", "expires_in", "token_type", "hub_id", "user_id", "scopes", "token_use",
    }  # fmt: skip
    assert 150 < len(found["access_token"]) <= 300
    assert Wire(crm, found["access_token"]).page("companies").status_code == 200


def test_version_1_answers_the_first_four_only(crm: PracticeHubSpot) -> None:
    assert set(exchange(crm, "v1")) == {"token_type", "refresh_token", "access_token", "expires_in"}


def test_code_works_once(crm: PracticeHubSpot) -> None:
    once = code(crm)
    form = {"grant_type": "authorization_code", "code": once, "redirect_uri": CALLBACK}
    assert token(crm, **form).status_code == 200

    again = token(crm, **form)

    assert again.status_code == 400
    assert again.json()["status"] == "BAD_AUTH_CODE"
    assert again.json()["error"] == "invalid_grant"


def test_optional_scopes_come_where_the_account_has_them(crm: PracticeHubSpot) -> None:
    found = exchange(crm, optional_scope="crm.lists.read crm.objects.unicorns.read")

    assert found["scopes"] == [*SCOPES.split(), "crm.lists.read"]


def test_refresh_keeps_the_refresh_token(crm: PracticeHubSpot) -> None:
    first = exchange(crm)

    second = token(crm, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()

    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert second["scopes"] == first["scopes"]


def test_form_in_the_query_is_not_looked_at(crm: PracticeHubSpot) -> None:
    refresh = exchange(crm)["refresh_token"]
    client = {"client_id": crm.credentials.client_id, "client_secret": crm.credentials.client_secret}
    query = client | {"grant_type": "refresh_token", "refresh_token": refresh}

    answer = crm.session().post(f"{HOST}/oauth/{VERSION}/token", params=query)

    assert answer.json()["status"] == "BAD_GRANT_TYPE"


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"refresh_token": "gone"}, "BAD_REFRESH_TOKEN", "invalid_grant"),
        ({"client_id": "other"}, "BAD_CLIENT_ID", "invalid_client"),
        ({"client_secret": "other"}, "BAD_CLIENT_SECRET", "invalid_client"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE", "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": ""}, "BAD_REDIRECT_URI", "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK}, "BAD_AUTH_CODE", "invalid_grant"),
    ],
)
def test_refused_token_says_why(crm: PracticeHubSpot, wrong: dict[str, str], status: str, error: str) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": exchange(crm)["refresh_token"]}

    dated, old = token(crm, **(form | wrong)), token(crm, "v1", **(form | wrong))

    assert (dated.status_code, dated.json()["status"], dated.json()["error"]) == (400, status, error)
    assert set(old.json()) == {"status", "message", "correlationId"}


def test_code_of_another_callback_is_refused(crm: PracticeHubSpot) -> None:
    answer = token(crm, grant_type="authorization_code", code=code(crm), redirect_uri="https://elsewhere.example/")

    assert answer.json()["status"] == "BAD_REDIRECT_URI"


def test_token_ends_after_half_an_hour(crm: PracticeHubSpot, clock: Clock) -> None:
    mine = Wire(crm, exchange(crm)["access_token"])
    clock.pass_by(1799)
    assert mine.page("companies").status_code == 200

    clock.pass_by(76)
    answer = mine.page("companies")

    assert told(answer) == (
        401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 75 second(s) ago.",
    )  # fmt: skip
    assert answer.json()["context"] == {"expire time": ["2026-11-20T09:30:00Z"]}


def test_expired_sessions_are_renewed_by_the_refresh_token(crm: PracticeHubSpot) -> None:
    first = exchange(crm)
    crm.control(expire_sessions=True)
    assert Wire(crm, first["access_token"]).page("companies").json()["category"] == "EXPIRED_AUTHENTICATION"

    second = token(crm, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()

    assert Wire(crm, second["access_token"]).page("companies").status_code == 200


def test_revoked_grants_end_tokens_and_refresh_tokens(crm: PracticeHubSpot) -> None:
    first = exchange(crm)
    crm.control(revoke_grants=True)

    assert Wire(crm, first["access_token"]).page("companies").json()["category"] == "INVALID_AUTHENTICATION"
    refused = token(crm, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert refused.json()["message"] == "missing or invalid refresh token"
    assert Wire(crm).page("companies").status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic YTpi"])
def test_stranger_is_told_how_to_sign_in(crm: PracticeHubSpot, header: str) -> None:
    answer = Wire(crm, Authorization=header).page("companies")

    status, category, message = told(answer)
    assert (status, category) == (401, "INVALID_AUTHENTICATION")
    assert message.startswith("Authentication credentials not found. This API supports OAuth 2.0 authentication")
    assert not [name for name in answer.headers if "ratelimit" in name.lower()]


def test_malformed_static_token_ended_in_1970(crm: PracticeHubSpot) -> None:
    answer = Wire(crm, "pat-eu1-nonsense").page("companies")

    assert answer.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert answer.json()["context"] == {"expire time": ["1970-01-01T00:00:00Z"]}


def test_missing_scope_is_named(crm: PracticeHubSpot) -> None:
    mine = Wire(crm, exchange(crm)["access_token"])

    answer = mine.page("deals")

    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == [
        "crm.objects.deals.read",
        "crm.objects.deals.write",
    ]


def test_read_scope_does_not_write_and_write_scope_reads(crm: PracticeHubSpot) -> None:
    reader = Wire(crm, exchange(crm)["access_token"])
    writer = Wire(crm, exchange(crm, scope="oauth crm.objects.companies.write")["access_token"])

    assert reader.create("companies", name="X").status_code == 403
    assert writer.create("companies", name="X").status_code == 201
    assert writer.page("companies").status_code == 200


def test_activities_go_with_the_contacts(crm: PracticeHubSpot) -> None:
    mine = Wire(crm, exchange(crm, scope="oauth crm.objects.contacts.read")["access_token"])

    assert [mine.page(kind).status_code for kind in ("notes", "calls", "meetings", "tasks", "companies")] == [
        200
    ] * 4 + [403]


def test_property_needs_the_schema_scope(crm: PracticeHubSpot) -> None:
    scopes = "oauth crm.objects.companies.write crm.schemas.contacts.write"
    mine = Wire(crm, exchange(crm, scope=scopes)["access_token"])
    body = {"name": "mine", "label": "Mine", "type": "number", "fieldType": "number"}

    for_companies = mine.post(f"/crm/properties/{VERSION}/companies", body | {"groupName": "companyinformation"})
    for_contacts = mine.post(f"/crm/properties/{VERSION}/contacts", body | {"groupName": "contactinformation"})

    assert (for_companies.status_code, for_contacts.status_code) == (403, 201)


def test_withheld_scope_is_missed_by_everybody(crm: PracticeHubSpot, wire: Wire) -> None:
    crm.control(withheld_scopes=["crm.objects.owners.read"])

    assert wire.get(f"/crm/owners/{VERSION}").json()["category"] == "MISSING_SCOPES"


def test_bodies_of_mails_need_their_own_scope(crm: PracticeHubSpot) -> None:
    mail = crm.create("emails", hs_timestamp="2026-11-01T10:00:00Z", hs_email_text="Hello", hs_email_status="SENT")
    asked = {"properties": "hs_email_text,hs_email_status"}

    with_it = Wire(crm).one("emails", mail, **asked).json()["properties"]
    without = Wire(crm, exchange(crm)["access_token"]).one("emails", mail, **asked).json()["properties"]

    assert with_it["hs_email_text"] == "Hello"
    assert "hs_email_text" not in without
    assert without["hs_email_status"] == "SENT"


def test_introspection_tells_what_a_token_is(crm: PracticeHubSpot) -> None:
    found = exchange(crm)
    client = {"client_id": crm.credentials.client_id, "client_secret": crm.credentials.client_secret}
    address = f"{HOST}/oauth/{VERSION}/token/introspect"

    access = (
        crm.session()
        .post(address, data=client | {"token": found["access_token"], "token_type_hint": "access_token"})
        .json()
    )
    unknown = crm.session().post(address, data=client | {"token": "other"}).json()

    assert (access["active"], access["hub_id"], access["scopes"]) == (True, found["hub_id"], SCOPES.split())
    assert 0 < access["expires_in"] <= 1800
    assert unknown == {"active": False}


def test_revoked_refresh_token_is_of_no_use(crm: PracticeHubSpot) -> None:
    found = exchange(crm)
    client = {"client_id": crm.credentials.client_id, "client_secret": crm.credentials.client_secret}

    answer = crm.session().post(f"{HOST}/oauth/{VERSION}/token/revoke", data=client | {"token": found["refresh_token"]})

    assert answer.status_code == 200
    assert token(crm, grant_type="refresh_token", refresh_token=found["refresh_token"]).status_code == 400
    assert Wire(crm, found["access_token"]).page("companies").status_code == 401
