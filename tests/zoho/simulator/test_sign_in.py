"""Consent, codes, tokens: what is given, how long it lives, and how it is refused."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.rehearsal.practice_zoho import ALL_SCOPES, PracticeZoho

from .caller import ACCOUNTS, API, Caller, ask_token, problem, tokens
from .conftest import Clock

BACK = "https://console.example/back"


def consent(zoho: PracticeZoho, session: requests.Session, server: str = ACCOUNTS, **more: str) -> dict[str, str]:
    """The person says yes; answers what the browser is sent back with."""
    form = {
        "client_id": zoho.credentials.client_id, "redirect_uri": BACK, "scope": ALL_SCOPES, "state": "s1",
        "response_type": "code", "answer": "allow", **more,
    }  # fmt: skip
    answer = session.post(f"{server}/oauth/v2/auth", data=form, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(BACK)
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def by_code(zoho: PracticeZoho, session: requests.Session, code: str, redirect: str = BACK) -> requests.Response:
    return ask_token(zoho, session, grant_type="authorization_code", code=code, redirect_uri=redirect)


def test_page_asks_for_consent_and_keeps_what_was_asked(zoho: PracticeZoho) -> None:
    query = {
        "client_id": zoho.credentials.client_id,
        "redirect_uri": BACK,
        "scope": ALL_SCOPES,
        "access_type": "offline",
    }

    page = zoho.session().get(
        f"{ACCOUNTS}/oauth/v2/auth", params={**query, "response_type": "code", "prompt": "consent"}
    )

    assert page.status_code == 200
    assert all(f'name="{key}"' in page.text for key in (*query, "prompt"))


@pytest.mark.parametrize("wrong", [
    {"client_id": "1000.NOBODY"}, {"redirect_uri": "http://elsewhere.example"},
    {"scope": "ZohoCRM.modules.ALL nonsense"},
    {"response_type": "token"},
])  # fmt: skip
def test_page_never_sends_a_wrong_question_back(zoho: PracticeZoho, wrong: dict[str, str]) -> None:
    query = {
        "client_id": zoho.credentials.client_id,
        "redirect_uri": BACK,
        "scope": ALL_SCOPES,
        "response_type": "code",
    }

    answer = zoho.session().get(f"{ACCOUNTS}/oauth/v2/auth", params={**query, **wrong}, allow_redirects=False)

    assert answer.status_code == 400


def test_redirect_names_the_data_centre(zoho: PracticeZoho) -> None:
    back = consent(zoho, zoho.session(), access_type="offline")

    assert back.keys() == {"code", "location", "accounts-server", "state"}
    assert (back["location"], back["accounts-server"], back["state"]) == ("eu", "https://accounts.zoho.eu", "s1")


def test_whoever_begins_in_another_centre_is_led_to_his_own(zoho: PracticeZoho) -> None:
    back = consent(zoho, zoho.session(), server="https://accounts.zoho.com", access_type="offline")

    assert back["accounts-server"] == "https://accounts.zoho.eu"


def test_practice_host_leads_back_to_itself(zoho: PracticeZoho) -> None:
    session, server = zoho.session(), "https://localhost:8443"
    back = consent(zoho, session, server=server, access_type="offline")
    form = {
        "grant_type": "authorization_code", "code": back["code"], "redirect_uri": BACK,
        "client_id": zoho.credentials.client_id, "client_secret": zoho.credentials.client_secret,
    }  # fmt: skip

    answer = session.post(f"{back['accounts-server']}/oauth/v2/token", data=form).json()

    assert (back["accounts-server"], answer["api_domain"]) == (server, server)
    token = {"Authorization": f"Zoho-oauthtoken {answer['access_token']}"}
    assert session.get(f"{answer['api_domain']}/crm/v8/org", headers=token).status_code == 200


def test_denial(zoho: PracticeZoho) -> None:
    assert consent(zoho, zoho.session(), answer="deny") == {"error": "access_denied", "state": "s1"}


def test_code_gives_tokens_once(zoho: PracticeZoho) -> None:
    session = zoho.session()
    code = consent(zoho, session, access_type="offline")["code"]

    first, second = by_code(zoho, session, code), by_code(zoho, session, code)

    assert first.json().keys() == {"access_token", "refresh_token", "scope", "api_domain", "token_type", "expires_in"}
    assert first.json()["api_domain"] == "https://www.zohoapis.eu"
    assert (first.json()["expires_in"], first.json()["token_type"]) == (3600, "Bearer")
    assert (second.status_code, second.json()) == (200, {"error": "invalid_code"})


def test_code_ends_after_three_minutes(zoho: PracticeZoho, clock: Clock) -> None:
    session = zoho.session()
    code = consent(zoho, session, access_type="offline")["code"]

    clock.forward(181)

    assert by_code(zoho, session, code).json() == {"error": "invalid_code"}


def test_no_refresh_token_without_offline_access(zoho: PracticeZoho) -> None:
    session = zoho.session()

    assert "refresh_token" not in by_code(zoho, session, consent(zoho, session)["code"]).json()


def test_no_second_refresh_token_unless_consent_is_asked_for_again(zoho: PracticeZoho) -> None:
    session = zoho.session()
    by_code(zoho, session, consent(zoho, session, access_type="offline")["code"])

    again = by_code(zoho, session, consent(zoho, session, access_type="offline")["code"])
    prompted = by_code(zoho, session, consent(zoho, session, access_type="offline", prompt="consent")["code"])

    assert "refresh_token" not in again.json()
    assert "refresh_token" in prompted.json()


@pytest.mark.parametrize(("form", "error"), [
    ({"client_id": "1000.NOBODY"}, "invalid_client"), ({"client_secret": "wrong"}, "invalid_client_secret"),
    ({"redirect_uri": "https://console.example/other"}, "invalid_redirect_uri"), ({"code": "1000.a.b"}, "invalid_code"),
    ({"grant_type": "password"}, "unsupported_grant_type"),
])  # fmt: skip
def test_token_errors_come_with_status_200(zoho: PracticeZoho, form: dict[str, str], error: str) -> None:
    session = zoho.session()
    right = {"grant_type": "authorization_code", "code": consent(zoho, session, access_type="offline")["code"]}

    answer = ask_token(zoho, session, **{**right, "redirect_uri": BACK, **form})

    assert (answer.status_code, answer.json()) == (200, {"error": error})


def test_token_endpoint_takes_the_query_as_well(zoho: PracticeZoho) -> None:
    query = {
        "grant_type": "authorization_code", "code": zoho.grant_code(), "client_id": zoho.credentials.client_id,
        "client_secret": zoho.credentials.client_secret,
    }  # fmt: skip

    assert "access_token" in zoho.session().post(f"{ACCOUNTS}/oauth/v2/token", params=query).json()


def test_code_is_worth_nothing_at_another_centre(zoho: PracticeZoho) -> None:
    form = {
        "grant_type": "authorization_code", "code": zoho.grant_code(), "client_id": zoho.credentials.client_id,
        "client_secret": zoho.credentials.client_secret,
    }  # fmt: skip

    assert zoho.session().post("https://accounts.zoho.com/oauth/v2/token", data=form).json() == {
        "error": "invalid_code"
    }


@pytest.mark.parametrize(
    "host", ["www.zohoapis.com", "www.zohoapis.in", "sandbox.zohoapis.eu", "developer.zohoapis.eu"]
)
def test_token_is_worth_nothing_elsewhere(api: Caller, host: str) -> None:
    answer = api.session.get(f"https://{host}/crm/v8/org")

    assert problem(answer) == (401, "INVALID_TOKEN", {})


def test_refresh_keeps_the_refresh_token(zoho: PracticeZoho) -> None:
    session = zoho.session()
    refresh = tokens(zoho, session)["refresh_token"]

    first = ask_token(zoho, session, grant_type="refresh_token", refresh_token=refresh)
    second = ask_token(zoho, session, grant_type="refresh_token", refresh_token=refresh)

    assert first.json().keys() == {"access_token", "scope", "api_domain", "token_type", "expires_in"}
    assert first.json()["access_token"] != second.json()["access_token"]


def test_wrong_refresh_token_is_an_invalid_code(zoho: PracticeZoho) -> None:
    answer = ask_token(zoho, zoho.session(), grant_type="refresh_token", refresh_token="1000.a.b")

    assert (answer.status_code, answer.json()) == (200, {"error": "invalid_code"})


def test_eleventh_token_in_ten_minutes_is_throttled(zoho: PracticeZoho, clock: Clock) -> None:
    session = zoho.session()
    refresh = tokens(zoho, session)["refresh_token"]

    answers = [ask_token(zoho, session, grant_type="refresh_token", refresh_token=refresh) for _ in range(11)]
    clock.forward(601)
    later = ask_token(zoho, session, grant_type="refresh_token", refresh_token=refresh)

    assert [one.status_code for one in answers] == [200] * 10 + [400]
    assert answers[-1].json()["error"] == "Access Denied"
    assert answers[-1].json()["status"] == "failure"
    assert "access_token" in later.json()


def test_sixteenth_living_token_ends_the_oldest(zoho: PracticeZoho) -> None:
    session = zoho.session()
    zoho.control(unlimited=True)
    granted = tokens(zoho, session)
    caller = Caller(zoho, session)

    def is_alive(token: str) -> bool:
        caller.use(token)
        return caller.get("org").status_code == 200

    made = [granted["access_token"]]
    for _ in range(15):
        more = ask_token(zoho, session, grant_type="refresh_token", refresh_token=granted["refresh_token"])
        made.append(more.json()["access_token"])

    assert [is_alive(one) for one in made] == [False] + [True] * 15


def test_twenty_first_refresh_token_ends_the_first(zoho: PracticeZoho) -> None:
    session = zoho.session()
    made = [tokens(zoho, session)["refresh_token"] for _ in range(21)]

    first = ask_token(zoho, session, grant_type="refresh_token", refresh_token=made[0])
    second = ask_token(zoho, session, grant_type="refresh_token", refresh_token=made[1])

    assert first.json() == {"error": "invalid_code"}
    assert "access_token" in second.json()


def test_revoked_grant_is_over_at_once(zoho: PracticeZoho) -> None:
    session = zoho.session()
    granted = tokens(zoho, session)
    caller = Caller(zoho, session)
    caller.use(granted["access_token"])
    before = caller.get("org").status_code

    revoked = session.post(f"{ACCOUNTS}/oauth/v2/token/revoke", params={"token": granted["refresh_token"]})

    assert revoked.json() == {"status": "success"}
    assert (before, caller.get("org").status_code) == (200, 401)
    again = ask_token(zoho, session, grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert again.json() == {"error": "invalid_code"}


def test_client_credentials_need_the_organisation(zoho: PracticeZoho) -> None:
    session = zoho.session()
    right = ask_token(
        zoho, session, grant_type="client_credentials", soid="ZohoCRM.20087742113", scope="ZohoCRM.org.READ"
    )
    wrong = ask_token(zoho, session, grant_type="client_credentials", soid="ZohoCRM.1", scope="ZohoCRM.org.READ")
    caller = Caller(zoho, session)
    caller.use(right.json()["access_token"])

    assert caller.get("org").status_code == 200
    assert "refresh_token" not in right.json()
    assert wrong.json() == {"error": "invalid_soid"}


def test_access_token_ends_after_an_hour_and_says_when(api: Caller, clock: Clock) -> None:
    answer = api.get("org")
    clock.forward(3601)

    assert answer.headers["X-ACCESSTOKEN-RESET"] == "2026-03-02T11:30:00+01:00"
    assert problem(api.get("org")) == (401, "INVALID_TOKEN", {})


def test_call_without_a_token(zoho: PracticeZoho) -> None:
    assert problem(zoho.session().get(f"{API}/crm/v8/org")) == (401, "AUTHENTICATION_FAILURE", {})


def test_bearer_is_taken_as_well(api: Caller) -> None:
    token = str(api.session.headers["Authorization"]).partition(" ")[2]

    assert api.get("org", headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize(("scope", "path", "query", "status"), [
    ("ZohoCRM.modules.accounts.READ", "Accounts", {"fields": "id"}, 200),
    ("ZohoCRM.modules.READ", "Accounts", {"fields": "id"}, 200),
    ("ZohoCRM.modules.accounts.ALL", "Accounts", {"fields": "id"}, 200),
    ("ZohoCRM.modules.contacts.READ", "Accounts", {"fields": "id"}, 401),
    ("ZohoCRM.modules.accounts.CREATE", "Accounts", {"fields": "id"}, 401),
    ("ZohoCRM.modules.ALL", "users", {}, 401), ("ZohoCRM.users.READ", "users", {}, 200),
    ("ZohoCRM.modules.ALL", "settings/fields", {"module": "Accounts"}, 401),
    ("ZohoCRM.settings.fields.READ", "settings/fields", {"module": "Accounts"}, 200),
    ("ZohoCRM.settings.ALL", "settings/custom_views", {"module": "Accounts"}, 200),
    ("ZohoCRM.modules.ALL", "Accounts/search", {"word": "ab"}, 401),
    ("ZohoCRM.modules.ALL,ZohoSearch.securesearch.READ", "Accounts/search", {"word": "zz"}, 204),
    ("ZohoCRM.modules.ALL", "Accounts/actions/count", {}, 200),
    ("ZohoCRM.modules.ALL", "Accounts/actions/count", {"word": "ab"}, 401),
])  # fmt: skip
def test_scopes(zoho: PracticeZoho, scope: str, path: str, query: dict[str, Any], status: int) -> None:
    caller = Caller.signed_in(zoho, scope)

    answer = caller.get(path, **query)

    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] == "OAUTH_SCOPE_MISMATCH"


def test_coql_needs_its_own_scope(zoho: PracticeZoho) -> None:
    query = "select id from Accounts where id is not null"

    assert Caller.signed_in(zoho, "ZohoCRM.modules.ALL").coql(query).json()["code"] == "OAUTH_SCOPE_MISMATCH"
    assert Caller.signed_in(zoho, "ZohoCRM.modules.ALL,ZohoCRM.coql.READ").coql(query).status_code == 200


def test_writing_scope_makes_and_changes_but_does_not_delete(zoho: PracticeZoho) -> None:
    caller = Caller.signed_in(zoho, "ZohoCRM.modules.accounts.WRITE")
    [made] = caller.add("Accounts", {"Account_Name": "Made"})

    assert caller.put(f"Accounts/{made}", {"data": [{"Phone": "1"}]}).status_code == 200
    assert caller.delete(f"Accounts/{made}").status_code == 401


def test_rights_of_the_profile(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(denied=["Crm_Implied_View_Contacts"])

    answer = api.get("Contacts", fields="id")

    assert problem(answer) == (403, "NO_PERMISSION", {"permissions": ["Crm_Implied_View_Contacts"]})
    assert api.get("Accounts", fields="id").status_code == 200


def test_sessions_and_grants_are_ended_by_the_control_plane(zoho: PracticeZoho) -> None:
    session = zoho.session()
    granted = tokens(zoho, session)
    caller = Caller(zoho, session)
    caller.use(granted["access_token"])

    zoho.control(expire_sessions=True)
    ended = caller.get("org").status_code
    renewed = ask_token(zoho, session, grant_type="refresh_token", refresh_token=granted["refresh_token"])
    zoho.control(revoke_grants=True)
    over = ask_token(zoho, session, grant_type="refresh_token", refresh_token=granted["refresh_token"])

    assert ended == 401
    assert "access_token" in renewed.json()
    assert over.json() == {"error": "invalid_code"}
