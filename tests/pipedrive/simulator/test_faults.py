"""What goes wrong on demand."""

import pytest
import requests

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import Caller, bearer, signed_in, token_call


def test_a_burst_is_refused_in_the_vendors_envelope(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(burst=2, retry_after=3)

    refused, again, fine = (call("GET", "/v2/organizations") for _ in range(3))

    assert [one.status_code for one in (refused, again, fine)] == [429, 429, 200]
    assert refused.headers["x-ratelimit-reset"] == "3"
    assert refused.headers["Content-Type"] == "application/json"
    assert "Retry-After" not in refused.headers


def test_maintenance_is_503(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(burst=1, burst_status=503)

    refused = call("GET", "/v2/organizations")

    assert (refused.status_code, refused.json()["success"]) == (503, False)


def test_every_so_many_calls_the_server_fails(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(fail_every=3)

    answers = [call("GET", "/v2/organizations") for _ in range(6)]

    assert [one.status_code for one in answers] == [200, 200, 500] * 2
    assert answers[2].json() == {"success": False, "error": "Internal Server Error", "code": "ERR_UNKNOWN"}


def test_a_page_for_people_is_no_json(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(html=1)

    page = call("GET", "/v2/organizations")

    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (200, "text/html")


def test_a_broken_connection_leaves_the_write_done(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(reset=1)

    with pytest.raises(requests.ConnectionError):
        call("POST", "/v2/organizations", {"name": "Made all the same"})

    assert [one["item"]["name"] for one in call.data("/v2/organizations/search", term="made all")["items"]] == [
        "Made all the same"
    ]


def test_half_an_answer_is_no_json(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(truncate=1)

    with pytest.raises(requests.JSONDecodeError):
        call("GET", "/v2/organizations").json()


def test_a_rule_of_the_account_refuses_every_second_write(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(reject_every=2)

    statuses = [call("PATCH", f"/v2/organizations/{n}", {"name": f"N{n}"}).status_code for n in (1, 2, 3, 4)]

    assert statuses == [200, 403, 200, 403]
    assert [row["name"] == f"N{row['id']}" for row in call.data("/v2/organizations", ids="1,2,3,4")] == [
        True,
        False,
    ] * 2


def test_badly_nested_fields_end_in_an_unknown_error(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(broken_nesting=1)

    assert call.send("PATCH", "/v2/organizations/1", {"name": "X"}, 500)["code"] == "ERR_UNKNOWN"
    assert call.send("PATCH", "/v2/organizations/1", {"name": "X"})["name"] == "X"


def test_a_closed_account_answers_402(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(account_closed=True)

    refused = call("GET", "/v2/organizations")

    assert (refused.status_code, refused.json()["success"]) == (402, False)


def test_a_refresh_token_may_count_as_exchanged(practice: PracticePipedrive) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": signed_in(practice)["refresh_token"]}
    practice.control(refresh_exchanged=1)

    refused, fine = token_call(practice, form), token_call(practice, form)

    assert (refused.status_code, refused.json()["error"], fine.status_code) == (400, "invalid_grant", 200)


def test_sessions_end_in_the_middle_of_a_run(practice: PracticePipedrive) -> None:
    caller = Caller(practice, bearer(signed_in(practice)))
    practice.control(expire_after=3)

    assert [caller("GET", "/v2/organizations").status_code for _ in range(4)] == [200, 200, 401, 401]


def test_an_empty_page_is_no_end(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(empty_pages=1)

    pages = list(call.pages("/v2/organizations", limit=6))

    assert [len(page) for page in pages] == [0, 6, 4]


def test_custom_fields_may_be_null_and_daily_headers_missing(practice: PracticePipedrive, call: Caller) -> None:
    practice.control(null_custom_fields=True, hide_daily_headers=True)

    answer = call("GET", "/v2/organizations/1")

    assert answer.json()["data"]["custom_fields"] is None
    assert "x-daily-ratelimit-token-remaining" not in answer.headers
    assert "x-ratelimit-remaining" in answer.headers


def test_the_retired_version_may_vanish(practice: PracticePipedrive, call: Caller) -> None:
    assert call("GET", "/v1/organizations").status_code == 200

    practice.control(retired_v1_gone=True)

    assert [call("GET", f"/v1/{one}").status_code for one in ("organizations", "deals/1", "notes", "users/me")] == [
        404,
        404,
        200,
        200,
    ]


def test_a_fault_that_does_not_exist_is_refused(practice: PracticePipedrive) -> None:
    session = requests.Session()
    session.mount("http://", practice.adapter())

    shown = session.get("http://localhost/_control").json()
    refused = session.post("http://localhost/_control", json={"brust": 1})

    assert {"burst", "index_lag", "unlimited", "retype_fields", "quota_used"} <= set(shown["known"])
    assert (refused.status_code, "brust" in refused.text) == (400, True)
