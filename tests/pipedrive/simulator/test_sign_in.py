"""Codes, tokens, scopes and the gateway's refusals."""

import pytest

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import CALLBACK, OAUTH, Caller, bearer, code_of, signed_in, token_call
from .conftest import spec


def test_a_sign_in_answers_what_a_connection_has_to_keep(practice: PracticePipedrive) -> None:
    token = signed_in(practice)

    assert set(token) == {"access_token", "token_type", "expires_in", "refresh_token", "scope", "api_domain"}
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    assert token["api_domain"] == "https://aldervale.pipedrive.com"
    assert {"base", "contacts:full", "deals:full"} <= set(token["scope"].split(","))
    me = Caller(practice, bearer(token)).data("/v1/users/me")
    assert (me["email"], me["is_admin"], me["company_domain"]) == (practice.credentials.email, 1, "aldervale")


def test_the_consent_page_names_the_person_and_the_style(practice: PracticePipedrive) -> None:
    query = {"client_id": practice.credentials.client_id, "redirect_uri": CALLBACK, "state": "x"}

    page = practice.session().get(f"{OAUTH}/oauth/authorize", params=query)

    assert (page.status_code, "Inès Moreau" in page.text) == (200, True)


def test_a_person_may_say_no(practice: PracticePipedrive) -> None:
    assert code_of(practice, answer="deny") == {"error": "user_denied", "state": "s1"}


@pytest.mark.parametrize("pinned", ["https://elsewhere.example/callback", CALLBACK])
def test_an_app_has_one_callback(practice: PracticePipedrive, pinned: str) -> None:
    practice.control(callback_url=pinned)
    query = {"client_id": practice.credentials.client_id, "redirect_uri": CALLBACK}

    page = practice.session().get(f"{OAUTH}/oauth/authorize", params=query)

    assert page.status_code == (200 if pinned == CALLBACK else 400)


def test_a_code_works_once_and_five_minutes(practice: PracticePipedrive) -> None:
    first, second = code_of(practice)["code"], code_of(practice)["code"]
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    assert token_call(practice, {**form, "code": first}).status_code == 200

    again = token_call(practice, {**form, "code": first})
    practice.control(clock_offset=301)
    late = token_call(practice, {**form, "code": second})

    for refused in (again, late):
        assert refused.status_code == 400
        assert refused.json() == {
            "success": "false", "message": "Invalid grant: authorization_code has expired", "error": "invalid_grant",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("form", "more", "message"),
    [
        ({"code": "x"}, {}, "Missing parameter: grant_type"),
        ({"grant_type": "password"}, {}, "Unsupported grant type: grant_type is invalid"),
        ({"grant_type": "refresh_token"}, {"auth": ("practice-console", "no")}, "Invalid client: client is invalid"),
        ({"grant_type": "refresh_token"}, {"auth": None}, "Invalid client: cannot retrieve client credentials"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, {}, "Invalid grant: refresh_token is invalid"),
        ({"grant_type": "authorization_code", "code": "x"}, {}, "Invalid grant: authorization_code is invalid"),
        (
            None,
            {"json": {"grant_type": "refresh_token"}},
            "Invalid request: content must be application/x-www-form-urlencoded",
        ),
    ],
)
def test_the_token_endpoint_says_what_is_wrong(
    practice: PracticePipedrive, form: dict[str, str], more: dict[str, object], message: str
) -> None:
    refused = token_call(practice, form, **more)

    assert (refused.status_code, refused.json()["message"]) == (400, message)


def test_credentials_may_stand_in_the_body(practice: PracticePipedrive) -> None:
    who, refresh = practice.credentials, signed_in(practice)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": who.client_id}

    answer = token_call(practice, {**form, "client_secret": who.client_secret}, auth=None)

    assert answer.status_code == 200


def test_the_same_refresh_token_comes_back_and_its_idle_days_start_anew(practice: PracticePipedrive) -> None:
    token = signed_in(practice)
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}

    found = []
    for day in (50, 100, 161):
        practice.control(clock_offset=day * 86_400)
        answer = token_call(practice, form)
        found.append((answer.status_code, answer.json().get("refresh_token")))

    assert found == [(200, token["refresh_token"]), (200, token["refresh_token"]), (400, None)]


def test_an_access_token_ends_after_an_hour(practice: PracticePipedrive) -> None:
    caller = Caller(practice, bearer(signed_in(practice)))
    practice.control(clock_offset=3598)
    assert caller("GET", "/v1/users/me").status_code == 200

    practice.control(clock_offset=3600)

    refused = caller("GET", "/v1/users/me")
    assert (refused.status_code, refused.headers["x-401-by-gw"]) == (401, "true")


@pytest.mark.parametrize("path", ["/v2/organizations", "/v1/users/me", "/nothing/here"])
@pytest.mark.parametrize("headers", [{}, {"x-api-token": "0" * 40}, {"Authorization": "Bearer v1u:unknown"}])
def test_the_gateway_refuses_before_it_looks_at_the_path(
    practice: PracticePipedrive, path: str, headers: dict[str, str]
) -> None:
    recorded = next(one for one in spec("recorded/errors.json") if one["status"] == 401)

    refused = Caller(practice, headers)("GET", path)

    assert (refused.status_code, refused.json()) == (401, recorded["body"])
    assert refused.headers["x-401-by-gw"] == recorded["headers"]["x-401-by-gw"]


def test_a_malformed_header_is_another_matter(practice: PracticePipedrive) -> None:
    refused = Caller(practice, {"Authorization": "Token abc"})("GET", "/v1/users/me")

    assert (refused.status_code, refused.json()["error"]) == (400, "Invalid request: malformed authorization header")


def test_a_missing_scope_is_told_in_the_gateways_words(practice: PracticePipedrive) -> None:
    recorded = next(one for one in spec("recorded/errors.json") if one["status"] == 403)
    practice.control(scopes="base,contacts:read")
    caller = Caller(practice, bearer(signed_in(practice)))
    assert caller("GET", "/v2/organizations").status_code == 200

    refused = [caller("POST", "/v2/organizations", {"name": "No"}), caller("GET", "/v2/deals")]

    assert [(one.status_code, one.json()) for one in refused] == [(403, recorded["body"])] * 2


def test_an_uninstalled_app_is_out_at_once(practice: PracticePipedrive) -> None:
    token = signed_in(practice)

    practice.control(revoke_grants=True)

    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    assert Caller(practice, bearer(token))("GET", "/v1/users/me").status_code == 401
    assert token_call(practice, form).json()["error"] == "invalid_grant"


def test_ended_sessions_can_be_refreshed(practice: PracticePipedrive) -> None:
    token = signed_in(practice)

    practice.control(expire_sessions=True)

    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    assert Caller(practice, bearer(token))("GET", "/v1/users/me").status_code == 401
    assert Caller(practice, bearer(token_call(practice, form).json()))("GET", "/v1/users/me").status_code == 200


def test_an_api_token_dies_when_it_is_made_anew(practice: PracticePipedrive, call: Caller) -> None:
    assert call("GET", "/v1/users/me").status_code == 200

    practice.control(regenerate_api_token=True)

    assert call("GET", "/v1/users/me").status_code == 401


def test_who_is_no_administrator_sees_less(practice: PracticePipedrive, call: Caller) -> None:
    hidden = call.send("POST", "/v2/organizations", {"name": "Private", "visible_to": 1})["id"]
    practice.control(connect_as="helena.costa@aldervale.example")
    other = Caller(practice, bearer(signed_in(practice)))

    seen = [row["id"] for row in other.data("/v2/organizations")]

    assert hidden not in seen
    assert len(seen) == 10
    assert other("GET", f"/v2/organizations/{hidden}").status_code == 404
    assert other.data("/v2/organizations", ids=str(hidden)) == []
    assert (
        other.send("POST", "/v2/organizationFields", {"field_name": "X", "field_type": "text"}, 403)["success"] is False
    )
